//! rustfmt, clippy, cargo-deny and cargo test.

use super::report::Report;
use crate::shell;
use crate::tools::Tools;
use anyhow::Result;
use std::process::Stdio;

pub(crate) fn format(report: &mut Report) -> Result<()> {
    if !present("fmt") {
        report
            .skip("skipped: format of the Rust code (needs rustfmt: rustup component add rustfmt)");
        return Ok(());
    }
    report.check("cargo fmt", || shell::succeeds(&mut shell::cargo(&["fmt", "--all", "--check"])))
}

pub(crate) fn lint(report: &mut Report) -> Result<()> {
    if !present("clippy") {
        report.skip("skipped: lints (needs clippy: rustup component add clippy)");
        return Ok(());
    }
    let args =
        ["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-Dwarnings"];
    report.check("cargo clippy", || shell::succeeds(&mut shell::cargo(&args)))
}

/// Bans, licences and sources, from the crates at hand.
pub(crate) fn dependencies(report: &mut Report) -> Result<()> {
    if !present("deny") {
        report.skip("skipped: licences and sources of dependencies (needs cargo-deny 0.20)");
        return Ok(());
    }
    report.check("cargo deny", || {
        // cargo-deny looks at crates of other platforms too, which a build does not fetch.
        Ok(shell::succeeds(&mut shell::cargo(&["fetch", "--quiet", "--locked"]))?
            && shell::succeeds(&mut shell::cargo(&[
                "deny",
                "--offline",
                "--locked",
                "check",
                "bans",
                "licenses",
                "sources",
            ]))?)
    })
}

pub(crate) fn tests(tools: &Tools, filter: Option<&str>, report: &mut Report) -> Result<()> {
    let mut command = shell::cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
    command.args(filter).args(["--", "--show-output"]).envs(tools.env());
    report.tests("cargo test", |report| {
        let mut output = Output::default();
        shell::lines(&mut command, |line| {
            if output.read(line, report) {
                println!("{line}");
            }
        })
    })
}

fn present(subcommand: &str) -> bool {
    let mut command = shell::cargo(&[subcommand, "--version"]);
    shell::succeeds(command.stdout(Stdio::null()).stderr(Stdio::null())).unwrap_or(false)
}

/// Reads what libtest prints with `--show-output`, which is the only way to see what passing tests said.
#[derive(Debug, Default)]
struct Output {
    in_successes: bool,
    /// passing tests of this binary that said that they were skipped
    skipped: usize,
    /// whether the test whose talk is being read is among them
    counted: bool,
}

impl Output {
    /// Counts a line; false if it is the talk of a passing test and need not be shown.
    fn read(&mut self, line: &str, report: &mut Report) -> bool {
        match line {
            "successes:" => self.in_successes = true,
            "failures:" => self.in_successes = false,
            _ => {}
        }
        if line.starts_with("---- ") {
            self.counted = false;
        }
        if self.in_successes && line.starts_with("skipped: ") && !self.counted {
            self.counted = true;
            self.skipped += 1;
            report.skip(line);
        }
        if let Some((passed, failed, ignored)) = totals(line) {
            report.count(passed.saturating_sub(self.skipped), failed);
            if ignored > 0 {
                report
                    .skip(&format!("skipped: {ignored} tests marked #[ignore] (needs --ignored)"));
            }
            *self = Self::default();
        }
        !self.in_successes
    }
}

/// "test result: ok. 3 passed; 1 failed; 0 ignored; ...".
fn totals(line: &str) -> Option<(usize, usize, usize)> {
    let line = line.strip_prefix("test result: ")?;
    let count = |word: &str| {
        let before = line.split(word).next()?;
        before.trim_end().rsplit(' ').next()?.parse().ok()
    };
    Some((count("passed")?, count("failed;")?, count("ignored")?))
}

#[cfg(test)]
mod tests {
    use super::{totals, Output, Report};

    #[test]
    fn totals_are_read() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 5 filtered out";
        assert_eq!(totals(line), Some((12, 3, 1)));
        assert_eq!(totals("test a ... ok"), None);
    }

    #[test]
    fn a_passing_test_is_quiet_but_its_skip_counts() {
        let text = "running 2 tests\ntest a ... ok\nsuccesses:\n---- a stdout ----\nhello\n\
                    skipped: reference data not found (x)\nskipped: and again\nfailures:\n\
                    ---- b stdout ----\npanicked\n\
                    test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured";
        let (mut output, mut report) = (Output::default(), Report::default());
        let shown: Vec<&str> = text.lines().filter(|line| output.read(line, &mut report)).collect();
        assert!(shown.contains(&"panicked") && !shown.contains(&"hello"));
        let mut expected = Report::default();
        expected.skip("skipped: reference data not found (x)");
        expected.count(2, 1);
        assert_eq!(report, expected);
    }
}
