//! Checks a policy as a program before it ever runs: names, hooks, settings, types, recursion,
//! cost.
//!
//! Reads the syntax tree and the schema, needs no book and runs nothing. All checks run, also on a
//! tree with broken parts, and each finding stands once, at its exact place. Time is linear in the
//! tree but for the comparison of names.

mod calls;
mod consequences;
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
use crate::syntax::{Diagnostic, Parsed};
use crate::tiering::TierRule;

use calls::Calls;
pub(super) use names::SETTINGS;
pub(crate) use suite::{Suite, TestKind};
use world::World;

/// Checks what the parser read against a schema and the tiers that the host gives, if it does:
/// everything that is wrong or doubtful with it, at once, the parser's own findings first.
pub(crate) fn check(
    parsed: &Parsed,
    schema: &Schema,
    given: Option<&TierRule>,
    limits: &Limits,
) -> Vec<Diagnostic> {
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
    let world = World::of(schema, given);
    let calls = Calls::of(script);
    let misnamed = hooks::check(script, &calls, &suite, world, &mut findings);
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
    consequences::drop_all(script, &mut findings);
    if parsed.has_errors() {
        consequences::of_broken_parts(&mut findings);
    }
    findings
}

#[cfg(test)]
mod tests;
