//! Links between the pages of the repository: a page that has moved leaves a reader nowhere.

use super::report::Report;
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn links(report: &mut Report) -> Result<()> {
    report.check("links in Markdown files", || {
        let mut whole = true;
        for page in pages()? {
            let text = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
            let folder = page.parent().unwrap_or(Path::new("."));
            for target in targets(&text).filter(|target| !folder.join(target).exists()) {
                eprintln!("{}: expected a file at {target}, got none", page.display());
                whole = false;
            }
        }
        Ok(whole)
    })
}

/// The Markdown files that git knows, and those not yet added.
fn pages() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "*.md"]);
    let mut pages = Vec::new();
    shell::lines(git.current_dir(shell::root()), |line| pages.push(shell::root().join(line)))?;
    pages.retain(|page| page.exists());
    Ok(pages)
}

/// What `[text](target)` points to within the repository, outside code blocks.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    let links = prose.flat_map(|part| part.split("](").skip(1));
    links.filter_map(|rest| rest.split([')', '#', ' ']).next()).filter(|target| {
        !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
    })
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn links_within_the_repository_are_found() {
        let text = "[a](b.md) and [c](https://d.e/f.md), [g](h.md#part) [i](#here)\n```\n[j](k.md)\n```\n![l](m.png)";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["b.md", "h.md", "m.png"]);
    }
}
