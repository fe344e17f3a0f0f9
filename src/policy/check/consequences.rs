//! What is said only because of something else that is said: a guard on a field that does not exist
//! guards nothing, a function that answers nothing has locals that nobody reads.
//!
//! One defect is one finding: whoever mends it is not to wade through what comes of it. Nothing is
//! dropped that would be there without the other finding, as far as the findings and the names in
//! the tree tell. Time is `O(n log n)` in the tree and the findings.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::ast::{ExprKind, Script};
use crate::syntax::{Diagnostic, Severity, Span};

use super::walk;

/// Drops what follows from other findings.
pub(super) fn drop_all(script: &Script, findings: &mut Vec<Diagnostic>) {
    let told = Told::new(script, findings);
    findings.retain(|finding| !told.explains(finding));
}

/// What the findings say, to look things up in.
struct Told {
    /// Where each function begins and ends, in order, with what is said in it.
    functions: Vec<(Span, OfFunction)>,
    /// Where unknown names stand, in order.
    unknown: Vec<u32>,
    /// Where functions are called that do not exist, or that only run as tests.
    no_calls: Vec<u32>,
    /// Names that others were meant to be.
    meant: BTreeSet<String>,
    /// Functions that are defined again.
    twice: BTreeSet<u32>,
    unknown_tier: bool,
    /// Where what stands before is an assignment that was none.
    assigned: BTreeSet<u32>,
    /// The field that each expression reads, by its place.
    fields: BTreeMap<(u32, u32), String>,
}

/// What is said in one function.
#[derive(Default)]
struct OfFunction {
    /// Some way through it has no result.
    unanswered: bool,
    /// Fields that misspelt ones were meant to be.
    fields: BTreeSet<String>,
    /// Variables that do not exist.
    sought: BTreeSet<String>,
    /// A field is read from the side that has none of that name.
    other_side: bool,
    /// Where the first unknown name stands.
    unknown: Option<u32>,
    /// Where the first value stands with which nothing is done.
    dropped: Option<u32>,
}

impl Told {
    fn new(script: &Script, findings: &[Diagnostic]) -> Self {
        let functions = script.functions.iter();
        let mut told = Self {
            functions: functions
                .map(|function| (function.span, OfFunction::default()))
                .collect(),
            unknown: Vec::new(),
            no_calls: Vec::new(),
            meant: BTreeSet::new(),
            twice: BTreeSet::new(),
            unknown_tier: false,
            assigned: BTreeSet::new(),
            fields: BTreeMap::new(),
        };
        let mut read_of: BTreeMap<(u32, u32), String> = BTreeMap::new();
        for function in &script.functions {
            walk::expressions(&function.body, &mut |expr| {
                if let ExprKind::Field { receiver, name, .. } = &expr.kind {
                    told.fields.insert(ends(expr.span), name.text.to_string());
                    read_of.insert(ends(receiver.span), name.text.to_string());
                }
            });
        }
        for finding in findings {
            told.note(finding, read_of.get(&ends(finding.span)));
        }
        told.unknown.sort_unstable();
        told.no_calls.sort_unstable();
        told
    }

    fn note(&mut self, finding: &Diagnostic, read: Option<&String>) {
        let at = finding.span.start;
        if finding.code.starts_with("unknown-") {
            self.unknown.push(at);
            let fix = finding.fix.as_ref();
            (self.meant).extend(fix.map(|fix| fix.replacement.trim_matches('"').to_owned()));
        }
        match finding.code {
            "unknown-function" | "calls-test" => self.no_calls.push(at),
            "unknown-tier" => self.unknown_tier = true,
            "duplicate-function" => {
                (self.twice).extend(finding.related.iter().map(|(span, _)| span.start));
            }
            "invalid-assignment" | "no-field-assignment" | "expected-semicolon" => {
                // A space or two behind the sign.
                self.assigned.extend(finding.span.end..finding.span.end + 4);
            }
            _ => {}
        }
        let Some(of) = self.function_mut(finding.span) else {
            return;
        };
        if finding.code.starts_with("unknown-") {
            of.unknown = Some(of.unknown.map_or(at, |before| before.min(at)));
        }
        match finding.code {
            "missing-result" => of.unanswered = true,
            "unused-value" => of.dropped = Some(of.dropped.map_or(at, |before| before.min(at))),
            "unknown-field" => {
                let near = finding.fix.as_ref().map(|fix| fix.replacement.clone());
                of.fields.extend(near);
                let help = finding.help.as_deref().unwrap_or_default();
                of.other_side |= help.contains("is a field of a");
            }
            "unknown-variable" => {
                let name = quoted(&finding.message).next().unwrap_or_default();
                of.other_side |= matches!(name, "customer" | "rep");
                of.sought.insert(name.to_owned());
                of.fields.extend(read.cloned());
            }
            _ => {}
        }
    }

    fn function(&self, at: Span) -> Option<&OfFunction> {
        let after = (self.functions).partition_point(|(span, _)| span.start <= at.start);
        let (span, of) = self.functions.get(after.checked_sub(1)?)?;
        span.holds(at).then_some(of)
    }

    fn function_mut(&mut self, at: Span) -> Option<&mut OfFunction> {
        let after = (self.functions).partition_point(|(span, _)| span.start <= at.start);
        let (span, of) = self.functions.get_mut(after.checked_sub(1)?)?;
        span.holds(at).then_some(of)
    }

    /// Whether another finding is the reason for this one.
    fn explains(&self, finding: &Diagnostic) -> bool {
        let unused = finding.code.starts_with("unused-");
        if unused && quoted(&finding.message).any(|name| self.meant.contains(name)) {
            return true;
        }
        let within = |places: &[u32]| {
            let first = places.partition_point(|at| *at < finding.span.start);
            places.get(first).is_some_and(|at| *at < finding.span.end)
        };
        match finding.code {
            "unused-value" if within(&self.no_calls) => return true,
            "unused-tier" if self.unknown_tier => return true,
            "not-a-condition" if self.assigned.contains(&finding.span.start) => return true,
            "wrong-argument-count" => {
                return (finding.related.iter()).any(|(span, _)| self.twice.contains(&span.start));
            }
            _ => {}
        }
        let Some(of) = self.function(finding.span) else {
            return false;
        };
        let after = |place: Option<u32>| place.is_some_and(|place| place < finding.span.start);
        match finding.code {
            "unused-value" => of.unanswered,
            "unused-local" => {
                let name = quoted(&finding.message).next().unwrap_or_default();
                let side = of.other_side && matches!(name, "customer" | "rep");
                of.unanswered || side || of.sought.contains(name)
            }
            "one-sided-hook" => of.other_side || !of.fields.is_empty(),
            "maybe-absent" | "always-absent" | "wrong-result" => {
                let absent = finding.message.contains("absent");
                let field = self.fields.get(&ends(finding.span));
                let meant = field.is_some_and(|field| of.fields.contains(field));
                absent && (meant || within(&self.unknown) || after(of.dropped))
            }
            "division-by-zero" | "ladder-gap" => after(of.unknown) || after(of.dropped),
            "never-eligible" => of.dropped.is_some(),
            "missing-result" => finding.message.contains("`switch`") && of.unknown.is_some(),
            _ => false,
        }
    }
}

const fn ends(span: Span) -> (u32, u32) {
    (span.start, span.end)
}

/// What stands in backticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// Drops warnings about a tree with broken parts: what is doubtful there may be fine in the whole.
pub(super) fn of_broken_parts(findings: &mut Vec<Diagnostic>) {
    // A text that never ends has swallowed the brace that would close what is open before it.
    let endless = (findings
        .iter()
        .filter(|it| it.code.starts_with("unterminated-")))
    .map(|it| it.span.start)
    .max();
    let swallowed = |finding: &Diagnostic| {
        finding.code.starts_with("unclosed-") && Some(finding.span.start) < endless
    };
    findings.retain(|finding| finding.severity != Severity::Warning && !swallowed(finding));
}
