//! forge's format and tests, and whether the committed artifacts are what the sources compile to.

use super::report::Report;
use crate::tools::Tools;
use crate::{artifacts, shell};
use anyhow::Result;
use std::process::Command;

pub(crate) fn format(tools: &Tools, report: &mut Report) -> Result<()> {
    report.check("forge fmt", || shell::succeeds(&mut forge(tools, &["fmt", "--check"])))
}

pub(crate) fn artifacts(tools: &Tools, report: &mut Report) -> Result<()> {
    report.check("contracts/artifacts equal a fresh compile", || artifacts::compile(tools, true))
}

pub(crate) fn tests(tools: &Tools, filter: Option<&str>, report: &mut Report) -> Result<()> {
    report.tests("forge test", |report| {
        // The tests deploy Uniswap's own oracle library, which is compiled here and never committed.
        let mut uniswap = forge(tools, &["build", "--quiet"]);
        if !shell::succeeds(uniswap.env("FOUNDRY_PROFILE", "uniswap"))? {
            return Ok(false);
        }
        let mut command = forge(tools, &["test"]);
        if let Some(filter) = filter {
            command.args(["--match-test", filter]);
        }
        shell::lines(&mut command, |line| {
            println!("{line}");
            if let Some((passed, failed, skipped)) = totals(line) {
                report.count(passed, failed);
                (0..skipped).for_each(|_| report.skip("skipped: a forge test (see above)"));
            }
        })
    })
}

fn forge(tools: &Tools, args: &[&str]) -> Command {
    let mut command = Command::new(&tools.forge);
    command.args(args).current_dir(artifacts::contracts()).envs(tools.env());
    command
}

/// "Ran 5 test suites in 3.1s (5.0s CPU time): 40 tests passed, 1 failed, 2 skipped (43 total tests)".
fn totals(line: &str) -> Option<(usize, usize, usize)> {
    if !line.starts_with("Ran ") || !line.contains(" total tests)") {
        return None;
    }
    let count = |word: &str| line.split(word).next()?.rsplit(' ').next()?.parse().ok();
    Some((count(" tests passed")?, count(" failed")?, count(" skipped")?))
}

#[cfg(test)]
mod tests {
    use super::totals;

    #[test]
    fn totals_are_read() {
        let line = "Ran 5 test suites in 3.1s (5.0s CPU time): 40 tests passed, 1 failed, 2 skipped (43 total tests)";
        assert_eq!(totals(line), Some((40, 1, 2)));
        assert_eq!(totals("Ran 3 tests for test/A.t.sol:A"), None);
        assert_eq!(totals("Suite result: ok. 3 passed; 0 failed; 0 skipped"), None);
    }
}
