//! Checks a policy as a program before it ever runs: names, hooks, settings, types, recursion,
//! cost.
//!
//! Reads the syntax tree and the schema, needs no book and runs nothing. All checks run, also on a
//! tree with broken parts, and each finding stands once, at its exact place. Time is linear in the
//! tree but for the comparison of names.

mod calls;
mod cost;
mod effects;
mod fold;
mod hooks;
mod names;
mod settings;
mod shape;
mod suite;
mod types;
pub(crate) mod walk;
mod world;

use crate::language::Limits;
use crate::model::Schema;
use crate::syntax::ast::Script;
use crate::syntax::{Diagnostic, Parsed, Severity, Span};

use calls::Calls;
pub(super) use names::SETTINGS;
pub(crate) use suite::{Suite, TestKind};
use world::World;

/// Checks what the parser read against a schema: everything that is wrong or doubtful with it, at
/// once, the parser's own findings first.
pub(crate) fn check(parsed: &Parsed, schema: &Schema, limits: &Limits) -> Vec<Diagnostic> {
    let script = &parsed.script;
    let mut findings = parsed.diagnostics.clone();
    // A text that is too large by far is refused already; looking closer would only take time.
    let suite = Suite::of(script);
    let most = if suite.is_empty() {
        limits.functions
    } else {
        limits.functions.max(Limits::tests().functions)
    };
    if script.functions.len() > most || script.constants.len() > limits.functions {
        return findings;
    }
    let world = World::of(schema);
    let calls = Calls::of(script);
    let misnamed = hooks::check(script, &calls, &suite, &mut findings);
    suite.check(script, &mut findings);
    names::check(script, &calls, &suite, &misnamed, &mut findings);
    settings::check(script, world, &mut findings);
    let mark = findings.len();
    types::check(script, &calls, &suite, &misnamed, world, &mut findings);
    if parsed.has_errors() {
        // Names are wrong wherever they stand; other findings may come from the broken parts.
        let types = findings.split_off(mark);
        findings.extend(
            types
                .into_iter()
                .filter(|finding| finding.code.starts_with("unknown-")),
        );
    }
    effects::check(script, &suite, &misnamed, &mut findings);
    calls.recursion(script, &mut findings);
    calls.depth(script, limits, &mut findings);
    cost::check(script, &calls, limits, &mut findings);
    calls.unused(script, &suite, &misnamed, &mut findings);
    without_consequences(script, &mut findings);
    if parsed.has_errors() {
        // What is doubtful in a tree with broken parts may be fine in the whole one.
        findings.retain(|finding| finding.severity != Severity::Warning);
    }
    findings
}

/// Drops what is said only because of something else that is said: a function that answers
/// nothing has locals that nobody reads.
fn without_consequences(script: &Script, findings: &mut Vec<Diagnostic>) {
    let silent: Vec<Span> = (script.functions.iter().map(|function| function.span))
        .filter(|function| {
            (findings.iter()).any(|f| f.code == "missing-result" && function.holds(f.span))
        })
        .collect();
    let tests: Vec<Span> = (findings.iter())
        .filter(|finding| finding.code == "calls-test")
        .map(|finding| finding.span)
        .collect();
    let of = |code: &str| -> Vec<&Diagnostic> {
        let found = findings.iter().filter(|finding| finding.code == code);
        found.collect()
    };
    // A call of what there is not may have been meant to do something.
    let unknown: Vec<Span> = of("unknown-function").iter().map(|it| it.span).collect();
    // A local of a block that is over is what its reader was looking for.
    let sought: Vec<(Span, String)> = (script.functions.iter())
        .flat_map(|function| {
            let missed = of("unknown-variable").into_iter();
            let missed = missed.filter(|it| function.span.holds(it.span));
            missed.map(|it| {
                (
                    function.span,
                    it.message.replace("there is no variable ", ""),
                )
            })
        })
        .collect();
    let twice: Vec<Span> = (of("duplicate-function").iter())
        .flat_map(|it| it.related.iter().map(|(span, _)| *span))
        .collect();
    // A name that something else was meant to be is not unused.
    let meant: Vec<String> = (findings.iter())
        .filter(|finding| finding.code.starts_with("unknown-"))
        .filter_map(|finding| Some(format!("`{}`", finding.fix.as_ref()?.replacement)))
        .collect();
    findings.retain(|finding| {
        let unused = finding.code.starts_with("unused-");
        let unanswered = matches!(finding.code, "unused-local" | "unused-value")
            && silent.iter().any(|function| function.holds(finding.span));
        let misspelt = unused && meant.iter().any(|name| finding.message.contains(name));
        let called = finding.code == "unused-value"
            && (tests.iter().chain(&unknown)).any(|it| finding.span.holds(*it));
        let found = finding.code == "unused-local"
            && (sought.iter()).any(|(within, name)| {
                within.holds(finding.span) && finding.message.ends_with(name)
            });
        let counted = finding.code == "wrong-argument-count"
            && finding.related.iter().any(|(span, _)| twice.contains(span));
        !(unanswered || misspelt || called || found || counted)
    });
}

#[cfg(test)]
mod tests;
