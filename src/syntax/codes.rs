#![doc = include_str!("codes.md")]

use std::fmt;

use serde::Serialize;

/// The page that is the documentation of this module.
const PAGE: &str = include_str!("codes.md");

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Code {
    /// The code, as in [`Diagnostic::code`](super::Diagnostic::code).
    pub code: &'static str,
    /// What it is about: `Names`, `Settings` …
    pub group: &'static str,
    /// What is found, and why it matters, in Markdown.
    pub meaning: &'static str,
    /// A policy with just that; none for notes.
    pub example: Option<&'static str>,
    /// The policy put right.
    pub instead: Option<&'static str>,
}

impl fmt::Display for Code {
    /// The entry as the page has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n\n{}", self.code, self.meaning)?;
        for (title, policy) in [("For example", self.example), ("Instead", self.instead)] {
            if let Some(policy) = policy {
                writeln!(f, "\n{title}:\n")?;
                for line in policy.lines() {
                    writeln!(f, "    {line}")?;
                }
            }
        }
        Ok(())
    }
}

/// What a code means; `None` where there is no such code.
///
/// ```
/// use bookwright::syntax::codes::explain;
///
/// let code = explain("int-division").unwrap();
/// assert_eq!(code.group, "Kinds of values, and absent ones");
/// assert!(code.meaning.starts_with("Both sides are ints"));
/// assert!(code.example.unwrap().contains("customer.tags.len / 2"));
/// assert!(explain("nothing").is_none());
/// ```
#[must_use]
pub fn explain(code: &str) -> Option<Code> {
    all().find(|known| known.code == code)
}

/// All codes, in the order of the page.
pub fn all() -> impl Iterator<Item = Code> {
    let groups = PAGE.split("\n## ").skip(1);
    groups.flat_map(|group| {
        let (name, entries) = group.split_once('\n').unwrap_or((group, ""));
        let entries = entries.split("\n### `").skip(1);
        entries.filter_map(move |entry| read(name.trim(), entry))
    })
}

/// One entry: the code, its meaning, its policies.
fn read(group: &'static str, entry: &'static str) -> Option<Code> {
    let (code, rest) = entry.split_once('`')?;
    let mut parts = rest.split("```text\n");
    let meaning = parts.next()?;
    let mut policies = parts.filter_map(|part| Some(part.split_once("\n```")?.0));
    Some(Code {
        code,
        group,
        meaning: meaning.trim(),
        example: policies.next(),
        instead: policies.next(),
    })
}
