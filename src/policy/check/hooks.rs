//! Which functions are hooks: names, parameter lists, what excludes what.

use crate::language::{FunctionSpec, Hook, Parameter, RESERVED_HOOKS};
use crate::syntax::ast::{FunctionItem, Script};
use crate::syntax::{Diagnostic, Span, distance};

use super::calls::Calls;
use super::suite::Suite;
use super::world::World;

/// How a parameter of that kind is called in examples.
pub(super) const fn parameter_name(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Customer => "customer",
        Parameter::Rep => "rep",
        Parameter::Role => "role",
    }
}

/// Reports what is wrong with the functions as such. Gives which have a wrong name, by their place:
/// that nobody calls them needs no saying then.
pub(super) fn check(
    script: &Script,
    calls: &Calls,
    suite: &Suite,
    world: World<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<bool> {
    let mut misnamed = vec![false; script.functions.len()];
    for (index, function) in script.functions.iter().enumerate() {
        let name = &*function.name.text;
        if let Some(earlier) = script.functions[..index]
            .iter()
            .find(|earlier| earlier.name.text == function.name.text)
        {
            findings.push(
                Diagnostic::error(
                    "duplicate-function",
                    function.name.span,
                    format!("the function `{name}` is defined twice"),
                )
                .with_related(earlier.name.span, "first here"),
            );
            misnamed[index] = true;
            continue;
        }
        if let Some(finding) = forbidden_name(script, suite, function) {
            misnamed[index] = true;
            findings.push(finding);
        } else if let Some(hook) = Hook::named(name) {
            parameters(hook, function, findings);
        } else if (!calls.is_called(index) || suite.has(index))
            && let Some(hook) = misspelt_hook(name)
            // What only tests call may be meant as a hook, but not beside that hook.
            && (!suite.has(index) || script.function(hook.name()).is_none())
        {
            misnamed[index] = true;
            findings.push(
                Diagnostic::error(
                    "misspelt-hook",
                    function.name.span,
                    format!("`{name}` is no hook, and nobody calls it"),
                )
                .with_help(format!("did you mean `{hook}`?"))
                .with_fix(function.name.span, hook.name()),
            );
        }
    }
    exclusive(script, world, findings);
    misnamed
}

fn forbidden_name(script: &Script, suite: &Suite, function: &FunctionItem) -> Option<Diagnostic> {
    let name = &*function.name.text;
    let span = function.name.span;
    if FunctionSpec::named(name).is_some() {
        return Some(
            Diagnostic::error(
                "shadows-host-function",
                span,
                format!("`{name}` is a function of the language and cannot be defined anew"),
            )
            .with_help("choose another name"),
        );
    }
    if matches!(name, "params" | "now") {
        return Some(
            Diagnostic::error(
                "shadows-constant",
                span,
                format!("`{name}` is given by the host and cannot be defined"),
            )
            .with_help("choose another name"),
        );
    }
    if let Some(constant) = script.constant(name) {
        return Some(
            Diagnostic::error(
                "shadows-constant",
                span,
                format!("`{name}` is already a constant"),
            )
            .with_related(constant.name.span, "defined here"),
        );
    }
    if RESERVED_HOOKS.contains(&name) {
        return Some(
            Diagnostic::error(
                "reserved-hook",
                span,
                format!("`{name}` is reserved for a hook to come"),
            )
            .with_help(format!("choose another name: `{name}_of`")),
        );
    }
    if !suite.is_empty() && FunctionSpec::of_tests(name).is_some() {
        return Some(
            Diagnostic::error(
                "shadows-host-function",
                span,
                format!("`{name}` is a function that the tests of this policy call"),
            )
            .with_help("choose another name"),
        );
    }
    None
}

/// The hook that a function which nobody calls was meant to be: within two letters, within one for
/// names of up to five.
fn misspelt_hook(name: &str) -> Option<Hook> {
    let short = name.chars().count();
    Hook::ALL
        .into_iter()
        .filter_map(|hook| {
            let most = if short.min(hook.name().len()) <= 5 {
                1
            } else {
                2
            };
            distance(name, hook.name(), most)
                .or_else(|| name.eq_ignore_ascii_case(hook.name()).then_some(0))
                .map(|edits| (edits, hook))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, hook)| hook)
}

fn parameters(hook: Hook, function: &FunctionItem, findings: &mut Vec<Diagnostic>) {
    let spec = hook.spec();
    let wanted: Vec<&str> = spec.parameters.iter().map(|p| parameter_name(*p)).collect();
    let list = |names: &[&str]| format!("`{hook}({})`", names.join(", "));
    let forms: Vec<String> = (spec.least..=wanted.len())
        .map(|count| list(&wanted[..count]))
        .collect();
    let help = format!("write {}", forms.join(" or "));
    let given = function.parameters.len();
    if given < spec.least || given > wanted.len() {
        let span = function
            .parameters
            .get(wanted.len())
            .map_or(function.name.span, |extra| extra.span);
        findings.push(
            Diagnostic::error(
                "hook-parameters",
                span,
                format!(
                    "the hook `{hook}` takes {}, not {given} parameters",
                    forms.join(" or ")
                ),
            )
            .with_help(help),
        );
    } else if let Some((at, swapped)) = function.parameters.iter().enumerate().find(|(at, name)| {
        ["customer", "rep", "role"].contains(&&*name.text)
            && wanted[*at] != &*name.text
            && !function.parameters[..*at]
                .iter()
                .any(|earlier| earlier.text == name.text)
    }) {
        findings.push(
            Diagnostic::error(
                "hook-parameters",
                swapped.span,
                format!(
                    "the parameter `{}` stands where `{hook}` is given the {}",
                    swapped.text, wanted[at]
                ),
            )
            .with_help(help),
        );
    }
    if function.private {
        findings.push(
            Diagnostic::error(
                "private-hook",
                function.span,
                format!("the hook `{hook}` cannot be `private`: the plan calls it"),
            )
            .with_help("remove `private`")
            .with_fix(Span::new(function.span.start, function.span.start + 7), ""),
        );
    }
}

fn exclusive(script: &Script, world: World<'_>, findings: &mut Vec<Diagnostic>) {
    let (tier, value) = (script.function("tier"), script.function("value"));
    if let (Some(tier), Some(value)) = (tier, value) {
        let (first, second) = if tier.name.span.start < value.name.span.start {
            (tier, value)
        } else {
            (value, tier)
        };
        findings.push(
            Diagnostic::error(
                "tier-and-value",
                second.name.span,
                "a policy has either `tier` or `value`, not both",
            )
            .with_related(first.name.span, "the other is here")
            .with_help("`value` with cuts in `TIERS`, or `tier` with the names themselves"),
        );
    } else if let Some(value) = value
        && script.constant("TIERS").is_none()
        && world.given_tiers().is_none()
    {
        findings.push(
            Diagnostic::error(
                "value-without-tiers",
                value.name.span,
                "`value` needs `TIERS` to turn its numbers into tiers",
            )
            .with_help(
                "add `const TIERS = [#{ tier: \"A\", at_least: 100.0 }, #{ tier: \"B\" }];`",
            ),
        );
    }
}
