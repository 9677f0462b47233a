//! The count of what passed, failed and was skipped.

use anyhow::Result;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

/// A skip for this reason is not a failure even under `--require-all`: the data is not ours to publish.
const EXCUSED: &str = "skipped: reference data not found";

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
    skipped: usize,
    failures: Vec<String>,
    skips: BTreeSet<String>,
}

impl Report {
    /// Announces a check that passes or fails as a whole, and runs it.
    pub(crate) fn check(&mut self, name: &str, run: impl FnOnce() -> Result<bool>) -> Result<()> {
        let start = announce(name);
        let passed = run()?;
        eprintln!("== {name}: {} in {:.0?}", if passed { "ok" } else { "FAILED" }, start.elapsed());
        if passed {
            self.passed += 1;
        } else {
            self.fail(name);
        }
        Ok(())
    }

    /// Announces a run of tests that counts for itself; `run` tells whether its program exited with 0.
    pub(crate) fn tests(
        &mut self,
        name: &str,
        run: impl FnOnce(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        let start = announce(name);
        let failed = self.failed;
        let success = run(self)?;
        if self.failed > failed {
            self.failures.push(name.into());
        } else if !success {
            // A compile error or a crash: no test was counted as failed.
            self.fail(name);
        }
        eprintln!(
            "== {name}: {} in {:.0?}",
            if success { "ok" } else { "FAILED" },
            start.elapsed()
        );
        Ok(())
    }

    pub(crate) fn count(&mut self, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed += failed;
    }

    /// A test, or a whole part, that this machine cannot run.
    pub(crate) fn skip(&mut self, line: &str) {
        self.skipped += 1;
        self.skips.insert(line.into());
    }

    /// Whether no test was found at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed + self.failed + self.skipped == 0
    }

    fn fail(&mut self, name: &str) {
        self.failed += 1;
        self.failures.push(name.into());
    }

    /// Prints each reason for a skip once, each failure, and the count last.
    pub(crate) fn close(mut self, require_all: bool) -> ExitCode {
        if require_all {
            self.refuse_skips();
        }
        println!();
        for line in &self.skips {
            println!("{line}");
        }
        for name in &self.failures {
            println!("FAILED: {name}");
        }
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
        if self.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn refuse_skips(&mut self) {
        let refused: Vec<String> =
            self.skips.iter().filter(|line| !line.starts_with(EXCUSED)).cloned().collect();
        for line in refused {
            self.fail(&format!("not allowed under --require-all: {line}"));
        }
    }
}

fn announce(name: &str) -> Instant {
    eprintln!("== {name}");
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::Report;

    fn report(skips: &[&str]) -> Report {
        let mut report = Report::default();
        report.count(5, 0);
        skips.iter().for_each(|line| report.skip(line));
        report
    }

    #[test]
    fn skips_are_counted_and_named_once() {
        let report = report(&["skipped: a (needs b)", "skipped: a (needs b)"]);
        assert_eq!((report.passed, report.skipped, report.skips.len()), (5, 2, 1));
    }

    #[test]
    fn only_missing_reference_data_is_excused() {
        let excused = "skipped: reference data not found (aidala-models)";
        let refused = |skips: &[&str]| {
            let mut report = report(skips);
            report.refuse_skips();
            report.failed
        };
        assert_eq!(refused(&[excused]), 0);
        assert_eq!(refused(&[excused, "skipped: x (needs Chromium)"]), 1);
    }

    #[test]
    fn a_crash_without_a_failed_test_is_a_failure() {
        let mut report = Report::default();
        report.tests("crash", |_| Ok(false)).unwrap_or_default();
        assert_eq!(report.failed, 1);
        report
            .tests("counted", |report| {
                report.count(1, 2);
                Ok(false)
            })
            .unwrap_or_default();
        assert_eq!((report.passed, report.failed, report.failures.len()), (1, 3, 2));
    }
}
