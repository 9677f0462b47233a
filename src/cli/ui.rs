//! What the user sees: results on stdout, everything else on stderr, and nothing that moves where
//! there is no terminal.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{json, Value};

use super::{CliError, Global};

/// A command's result: for people and for programs.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    text: String,
    json: Value,
    refused: bool,
}

impl Outcome {
    /// A result in both forms.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, refused: false }
    }

    /// A result that is a "no" (a proof that does not verify, a hedge that failed): exit code 1.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }
}

/// The terminal, or what stands in for it.
#[derive(Clone, Debug)]
pub struct Ui {
    json: bool,
    quiet: bool,
    verbose: u8,
    colour: bool,
    lively: bool,
}

impl Ui {
    /// As the global options and the environment (NO_COLOR, a terminal on stderr) say.
    pub fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            colour: terminal && !plain,
            lively: terminal && !global.quiet,
        }
    }

    /// Whether `--json` was given.
    pub fn json(&self) -> bool {
        self.json
    }

    /// How often `-v` was given.
    pub fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// A remark for people.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.write(text.as_ref());
        }
    }

    /// A remark for those who asked for more (`-v`).
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            self.write(text.as_ref());
        }
    }

    /// Something to be careful about; shown even with `-q`.
    pub fn warn(&self, text: impl AsRef<str>) {
        let label = self.paint("33", "warning");
        self.write(&format!("{label}: {}", text.as_ref()));
    }

    fn write(&self, text: &str) {
        // A closed stderr is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Something under way; shown with a moving sign on a terminal, by name with `-v` elsewhere.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        let bar = ProgressBar::new_spinner().with_message(what.to_string());
        if !self.lively {
            bar.set_draw_target(ProgressDrawTarget::hidden());
            self.detail(what);
            return bar;
        }
        let style = if self.colour { "{spinner:.cyan} {msg}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    /// A bar over `length` steps; hidden without a terminal.
    pub fn bar(&self, what: &str, length: u64) -> ProgressBar {
        let bar = ProgressBar::new(length).with_message(what.to_string());
        if !self.lively {
            bar.set_draw_target(ProgressDrawTarget::hidden());
            return bar;
        }
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}") {
            bar.set_style(style);
        }
        bar
    }

    /// Whether somebody can be asked.
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question; anything but yes is no.
    ///
    /// # Errors
    /// A usage error where there is nobody to ask.
    pub fn confirm(&self, question: &str) -> Result<bool, CliError> {
        if !self.can_ask() {
            return Err(CliError::usage(format!(
                "{question} Expected an answer, got no terminal to ask on"
            ))
            .advise("add --yes to go on without being asked"));
        }
        let _ = write!(std::io::stderr(), "{question} [y/N] ");
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(|e| CliError::refused(format!("no answer could be read: {e}")))?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Prints a result.
    pub fn finish(&self, outcome: &Outcome) -> ExitCode {
        let text = if self.json { format!("{:#}", outcome.json) } else { outcome.text.clone() };
        if !text.is_empty() {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            if let Err(error) = write!(std::io::stdout(), "{text}{end}") {
                // A reader that has seen enough (`| head`) is no failure.
                if error.kind() != std::io::ErrorKind::BrokenPipe {
                    self.write(&format!("error: stdout: {error}"));
                    return ExitCode::from(1);
                }
            }
        }
        ExitCode::from(u8::from(outcome.refused))
    }

    /// Prints an error.
    pub fn fail(&self, error: &CliError) -> ExitCode {
        self.write(&format!("{}: {error}", self.paint("31", "error")));
        if let Some(advice) = error.advice() {
            self.write(&format!("  what to do: {advice}"));
        }
        if self.json {
            let object = json!({
                "error": error.to_string(),
                "advice": error.advice(),
                "exit_code": error.exit_code(),
            });
            let _ = writeln!(std::io::stdout(), "{object:#}");
        }
        ExitCode::from(error.exit_code())
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[1;{code}m{text}\x1b[0m")
        } else {
            text.into()
        }
    }
}
