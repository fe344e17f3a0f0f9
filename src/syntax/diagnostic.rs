//! What is wrong with a policy, as data.
//!
//! A finding has a stable code, a severity, a place, a message and, where there is one, advice
//! and a fix that a machine can apply. Prose with excerpts is made by [`Report`](super::Report).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policy is refused.
    Error,
    /// The policy works, but probably not as meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A change of the text that a machine can apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced; empty where something is inserted.
    pub span: Span,
    /// What stands there instead.
    pub replacement: String,
}

impl Fix {
    /// The text with the change; the text as it is where the place is none of its.
    ///
    /// ```
    /// use bookwright::syntax::{Fix, Span};
    ///
    /// let fix = Fix { span: Span::new(4, 7), replacement: "level".into() };
    /// assert_eq!(fix.apply("rep.lvl"), "rep.level");
    /// ```
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let range = self.span.range();
        match (text.get(..range.start), text.get(range.end..)) {
            (Some(before), Some(after)) if range.start <= range.end => {
                format!("{before}{}{after}", self.replacement)
            }
            _ => text.to_owned(),
        }
    }
}

/// One finding.
///
/// ```
/// use bookwright::syntax::{Diagnostic, Severity, Span};
///
/// let finding = Diagnostic::error("unknown-field", Span::new(9, 12), "a rep has no field `lvl`")
///     .with_help("did you mean `level`?")
///     .with_fix(Span::new(9, 12), "level");
/// assert_eq!(finding.severity, Severity::Error);
/// assert_eq!(finding.to_string(), "error[unknown-field]: a rep has no field `lvl`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Which kind of finding; stable, in words joined by `-`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// Other places that belong to it, each with what it shows.
    pub related: Vec<(Span, String)>,
    /// What is wrong, in one sentence without a final period. Names and texts of the script stand in
    /// it as they are: `Display`, here and of a report, escapes what does not print.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The change that puts it right, where there is exactly one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding of any severity.
    #[must_use]
    pub fn new(
        severity: Severity,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            span,
            related: Vec::new(),
            message: message.into(),
            help: None,
            fix: None,
        }
    }

    /// The policy is refused.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// The policy works, but probably not as meant.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// Good to know.
    #[must_use]
    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, span, message)
    }

    /// With what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place, and what it shows.
    #[must_use]
    pub fn with_related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// With the change that puts it right.
    #[must_use]
    pub fn with_fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
        });
        self
    }

    /// With the advice `did you mean …`, and the name as the fix, where there is a near one.
    #[must_use]
    pub(crate) fn with_suggestion(self, near: Option<&str>) -> Self {
        match near {
            Some(name) => {
                let span = self.span;
                self.with_help(format!("did you mean `{name}`?"))
                    .with_fix(span, name)
            }
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    /// One line without the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: ", self.severity, self.code)?;
        super::render::escaped(f, &self.message)
    }
}
