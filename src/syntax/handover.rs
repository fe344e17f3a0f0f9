//! Findings for those who show diagnostics with `miette`: the feature of that name.
//!
//! Nothing here renders; how findings look is up to the handler of the host.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic as Shown, LabeledSpan, NamedSource, SourceCode};

use super::{Diagnostic, Report, Severity, Span};

/// A [`Report`] as an error that `miette` shows, one diagnostic for each finding.
#[derive(Debug)]
pub struct MietteReport {
    findings: Vec<MietteFinding>,
    errors: usize,
}

/// One finding of a [`MietteReport`], with the text that it is about.
#[derive(Debug)]
pub struct MietteFinding {
    source: Arc<NamedSource<Arc<str>>>,
    finding: Diagnostic,
}

impl Report {
    /// The findings as an error that `miette` shows.
    ///
    /// ```
    /// use bookwright::{Policy, Schema};
    ///
    /// fn compile(text: &str) -> miette::Result<Policy> {
    ///     Policy::compile(text, &Schema::default())
    ///         .map_err(|error| error.report().to_miette().into())
    /// }
    /// let error = compile("fn tier(customer) { customer.nme }").unwrap_err();
    /// assert_eq!(error.to_string(), "the policy has 1 error");
    /// let finding = error.related().unwrap().next().unwrap();
    /// assert_eq!(finding.code().unwrap().to_string(), "unknown-field");
    /// ```
    #[must_use]
    pub fn to_miette(&self) -> MietteReport {
        let source = self.source();
        let text: Arc<str> = source.text().into();
        let source = Arc::new(NamedSource::new(source.name(), text).with_language("Rust"));
        MietteReport {
            findings: (self.iter())
                .map(|finding| MietteFinding {
                    source: Arc::clone(&source),
                    finding: finding.clone(),
                })
                .collect(),
            errors: self.errors().count(),
        }
    }
}

impl MietteReport {
    /// The findings, in order of place.
    #[must_use]
    pub fn findings(&self) -> &[MietteFinding] {
        &self.findings
    }
}

impl fmt::Display for MietteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.errors, self.findings.len()) {
            (0, 1) => write!(f, "of the policy there is 1 thing to say"),
            (0, others) => write!(f, "of the policy there are {others} things to say"),
            (1, _) => write!(f, "the policy has 1 error"),
            (errors, _) => write!(f, "the policy has {errors} errors"),
        }
    }
}

impl std::error::Error for MietteReport {}

impl Shown for MietteReport {
    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.errors > 0 {
            miette::Severity::Error
        } else {
            miette::Severity::Advice
        })
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Shown> + 'a>> {
        Some(Box::new(
            self.findings.iter().map(|finding| finding as &dyn Shown),
        ))
    }
}

impl fmt::Display for MietteFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::render::escaped(f, &self.finding.message)
    }
}

impl std::error::Error for MietteFinding {}

impl Shown for MietteFinding {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.finding.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let size = |span: Span| span.end.saturating_sub(span.start) as usize;
        let first = self.finding.span;
        let first = LabeledSpan::new_primary_with_span(None, (first.start as usize, size(first)));
        let others = self.finding.related.iter().map(move |(span, text)| {
            LabeledSpan::new(Some(text.clone()), span.start as usize, size(*span))
        });
        Some(Box::new(std::iter::once(first).chain(others)))
    }
}
