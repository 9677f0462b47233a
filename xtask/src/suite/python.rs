//! The tests of models/training, where a Python with its requirements is at hand.

use super::report::Report;
use crate::shell;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Fails where the folder's requirements.txt has not been installed.
const PROBE: &str = "import xgboost, pandas";

pub(crate) fn tests(filter: Option<&str>, report: &mut Report) -> Result<()> {
    let folder = shell::root().join("models").join("training");
    if !has_tests(&folder) {
        return Ok(());
    }
    let python = interpreter();
    let mut probe = Command::new(&python);
    probe.args(["-c", PROBE]).stdout(Stdio::null()).stderr(Stdio::null());
    if !shell::succeeds(&mut probe).unwrap_or(false) {
        report.skip(
            "skipped: tests of models/training (needs Python 3 with models/training/requirements.txt)",
        );
        return Ok(());
    }
    let mut command = Command::new(&python);
    // unittest reports on standard error, which only a shell can turn round.
    command.args(["-c", REDIRECTED]).args(filter.map(|text| format!("-k{text}")));
    command.current_dir(&folder);
    report.tests("python unittest", |report| {
        let (mut ran, mut bad, mut skipped) = (0, 0, 0);
        let success = shell::lines(&mut command, |line| {
            println!("{line}");
            ran += line.strip_prefix("Ran ").and_then(first_number).unwrap_or(0);
            bad += after(line, "failures=") + after(line, "errors=");
            skipped += after(line, "skipped=");
        })?;
        report.count(ran.saturating_sub(bad + skipped), bad);
        (0..skipped).for_each(|_| report.skip("skipped: a test of models/training (see above)"));
        Ok(success)
    })
}

const REDIRECTED: &str = "\
import sys, unittest
runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
unittest.main(module=None, argv=['unittest', 'discover', *sys.argv[1:]], testRunner=runner)
";

fn has_tests(folder: &Path) -> bool {
    let is_test = |name: &str| name.starts_with("test") && name.ends_with(".py");
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| is_test(&entry.file_name().to_string_lossy()))
    })
}

/// VERACAST_PYTHON, else the virtual environment in the tree, else the system's.
fn interpreter() -> PathBuf {
    let local = shell::root().join(".venv").join("bin").join("python");
    match std::env::var_os("VERACAST_PYTHON") {
        Some(path) => path.into(),
        None if local.is_file() => local,
        None => "python3".into(),
    }
}

fn first_number(text: &str) -> Option<usize> {
    text.split(' ').next()?.parse().ok()
}

/// The number after "failures=" in "FAILED (failures=2, errors=1)".
fn after(line: &str, key: &str) -> usize {
    let digits = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let tail = line.starts_with("FAILED (") || line.starts_with("OK (");
    line.split_once(key).filter(|_| tail).and_then(|(_, rest)| digits(rest)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{after, first_number};

    #[test]
    fn unittest_is_read() {
        let line = "FAILED (failures=2, errors=10, skipped=3)";
        assert_eq!(
            (after(line, "failures="), after(line, "errors="), after(line, "skipped=")),
            (2, 10, 3)
        );
        assert_eq!(after("test_errors=3 ... ok", "errors="), 0);
        assert_eq!(first_number("12 tests in 0.1s"), Some(12));
    }
}
