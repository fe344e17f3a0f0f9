//! Checks a policy as a program before it ever runs: names, hooks, settings, recursion, cost.
//!
//! Reads the syntax tree and the schema, needs no book and runs nothing. All checks run, also on a
//! tree with broken parts, and each finding stands once, at its exact place. Time is linear in the
//! tree but for the comparison of names.

mod calls;
mod cost;
mod fold;
mod hooks;
mod names;
mod settings;
mod walk;
mod world;

use crate::language::Limits;
use crate::model::Schema;
use crate::syntax::{Diagnostic, Parsed, Report, ast, parse};

use calls::Calls;
use world::World;

/// Checks a policy's text against a schema: everything that is wrong or doubtful with it, at once.
///
/// ```
/// use bookwright::Schema;
///
/// let report = bookwright::check("fn teir(customer) { \"A\" }", &Schema::default());
/// assert_eq!(report.to_string(), "\
/// error[misspelt-hook]: `teir` is no hook, and nobody calls it
///  --> policy:1:4
///   |
/// 1 | fn teir(customer) { \"A\" }
///   |    ^^^^
///   = help: did you mean `tier`?
/// ");
/// ```
#[must_use]
pub fn check(text: &str, schema: &Schema) -> Report {
    let limits = Limits::default();
    let (_, findings) = check_parsed(parse(text, &limits), schema, &limits);
    Report::new(text, findings)
}

/// Checks what the parser read; gives the tree back with the parser's and its own findings.
pub(crate) fn check_parsed(
    parsed: Parsed,
    schema: &Schema,
    limits: &Limits,
) -> (ast::Script, Vec<Diagnostic>) {
    let Parsed {
        script,
        diagnostics: mut findings,
    } = parsed;
    // A text that is too large by far is refused already; looking closer would only take time.
    if script.functions.len() > limits.functions || script.constants.len() > limits.functions {
        return (script, findings);
    }
    let world = World::of(schema);
    let calls = Calls::of(&script);
    let broken = findings
        .iter()
        .any(|finding| finding.severity == crate::syntax::Severity::Error);
    let misnamed = hooks::check(&script, &calls, &mut findings);
    names::check(&script, &calls, &misnamed, &mut findings);
    settings::check(&script, world, &mut findings);
    calls.recursion(&script, &mut findings);
    calls.depth(&script, limits, &mut findings);
    cost::check(&script, &calls, limits, &mut findings);
    calls.unused(&script, &misnamed, &mut findings);
    if broken {
        // What is doubtful in a tree with broken parts may be fine in the whole one.
        findings.retain(|finding| finding.severity != crate::syntax::Severity::Warning);
    }
    (script, findings)
}

#[cfg(test)]
mod tests;
