//! All findings about one text.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Diagnostic, Severity, Source, Span, render};

/// The findings about one policy, in order of place.
///
/// Serialises as the array that `plan --check` prints: severity, code, message, the place (line and
/// column of begin and end from 1 in characters, first byte and the byte after the last), and where
/// there is some `help`, the places `related` to it, each with its message, and the `fix`: a place
/// and its `replacement`. Displays as text with source excerpts.
///
/// ```
/// use bookwright::syntax::{Diagnostic, Report, Source, Span};
///
/// let source = Source::new("fn tier(customer) {\n    customer.lvl\n}");
/// let report = Report::new(
///     source,
///     vec![Diagnostic::error("unknown-field", Span::new(33, 36), "no field `lvl`")],
/// );
/// assert!(report.has_errors());
/// assert_eq!(report.to_string(), "\
/// error[unknown-field]: no field `lvl`
///  --> policy:2:14
///   |
/// 2 |     customer.lvl
///   |              ^^^
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Findings about a text; exact repetitions are dropped.
    #[must_use]
    pub fn new(source: impl Into<Source>, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by(|a, b| {
            (a.span.start, a.severity, a.span.end, a.code, &a.message).cmp(&(
                b.span.start,
                b.severity,
                b.span.end,
                b.code,
                &b.message,
            ))
        });
        diagnostics.dedup();
        Self {
            source: source.into(),
            diagnostics,
        }
    }

    /// The text.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.diagnostics.len()
    }

    /// Whether the policy is refused.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// All findings, in order of place.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// The errors, in order of place.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of(Severity::Error)
    }

    /// The warnings, in order of place.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of(Severity::Warning)
    }

    /// The notes, in order of place.
    pub fn notes(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of(Severity::Note)
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        self.iter()
            .filter(move |diagnostic| diagnostic.severity == severity)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            render::finding(f, &self.source, diagnostic)?;
        }
        Ok(())
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.diagnostics.iter().map(|diagnostic| Row {
            source: &self.source,
            diagnostic,
        }))
    }
}

struct Row<'a> {
    source: &'a Source,
    diagnostic: &'a Diagnostic,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { source, diagnostic } = self;
        let mut row = serializer.serialize_struct("Diagnostic", 12)?;
        row.serialize_field("severity", &diagnostic.severity)?;
        row.serialize_field("code", diagnostic.code)?;
        row.serialize_field("message", &diagnostic.message)?;
        place(&mut row, source, diagnostic.span)?;
        match &diagnostic.help {
            Some(help) => row.serialize_field("help", help)?,
            None => row.skip_field("help")?,
        }
        if diagnostic.related.is_empty() {
            row.skip_field("related")?;
        } else {
            let related = diagnostic.related.iter();
            let related: Vec<Labelled<'_>> = related
                .map(|(span, text)| Labelled {
                    source,
                    span: *span,
                    key: "message",
                    text,
                })
                .collect();
            row.serialize_field("related", &related)?;
        }
        match &diagnostic.fix {
            Some(fix) => {
                let fix = Labelled {
                    source,
                    span: fix.span,
                    key: "replacement",
                    text: &fix.replacement,
                };
                row.serialize_field("fix", &fix)?;
            }
            None => row.skip_field("fix")?,
        }
        row.end()
    }
}

/// A place with a text of its own.
struct Labelled<'a> {
    source: &'a Source,
    span: Span,
    key: &'static str,
    text: &'a str,
}

impl Serialize for Labelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Place", 7)?;
        place(&mut row, self.source, self.span)?;
        row.serialize_field(self.key, self.text)?;
        row.end()
    }
}

fn place<R: SerializeStruct>(row: &mut R, source: &Source, span: Span) -> Result<(), R::Error> {
    let end = span.end.max(span.start);
    let (from, to) = (source.position(span.start), source.position(end));
    row.serialize_field("line", &from.line)?;
    row.serialize_field("column", &from.column)?;
    row.serialize_field("end_line", &to.line)?;
    row.serialize_field("end_column", &to.column)?;
    row.serialize_field("start", &span.start)?;
    row.serialize_field("end", &end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_come_in_order_of_place_and_once() {
        let finding = |at, message: &str| Diagnostic::error("a", Span::new(at, at + 1), message);
        let report = Report::new(
            Source::new("abc"),
            vec![finding(2, "x"), finding(0, "y"), finding(2, "x")],
        );
        let places: Vec<u32> = report.iter().map(|finding| finding.span.start).collect();
        assert_eq!(places, [0, 2]);
    }

    #[test]
    fn the_json_is_what_check_prints() {
        let report = Report::new(
            Source::new("名=\n1"),
            vec![
                Diagnostic::warning("w", Span::new(3, 6), "m").with_help("h"),
                Diagnostic::error("e", Span::new(5, 6), "n")
                    .with_related(Span::new(0, 3), "here")
                    .with_fix(Span::new(5, 6), "2"),
            ],
        );
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            concat!(
                r#"[{"severity":"warning","code":"w","message":"m","line":1,"column":2,"#,
                r#""end_line":2,"end_column":2,"start":3,"end":6,"help":"h"},"#,
                r#"{"severity":"error","code":"e","message":"n","line":2,"column":1,"#,
                r#""end_line":2,"end_column":2,"start":5,"end":6,"related":[{"line":1,"column":1,"#,
                r#""end_line":1,"end_column":2,"start":0,"end":3,"message":"here"}],"#,
                r#""fix":{"line":2,"column":1,"end_line":2,"end_column":2,"start":5,"end":6,"#,
                r#""replacement":"2"}}]"#
            )
        );
    }
}
