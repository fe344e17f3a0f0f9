//! Which functions of a script belong to its tests, and the text of the policy without them.
//!
//! Tests and invariants go by their names; a function that only they call is theirs too, and the
//! plan knows none of them. Time is linear in the calls.

use std::collections::BTreeMap;

use crate::language::{Hook, RESERVED_FUNCTION_PREFIXES};
use crate::syntax::ast::{ExprKind, FunctionItem, Script};
use crate::syntax::{Diagnostic, Span};

use super::walk;

/// What a function that belongs to tests is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestKind {
    /// `test_…()`.
    Test,
    /// `invariant_…(plan)`.
    Invariant,
}

impl TestKind {
    /// What a function of that name is.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let at = (RESERVED_FUNCTION_PREFIXES.iter()).position(|prefix| name.starts_with(prefix))?;
        Some(if at == 0 { Self::Test } else { Self::Invariant })
    }
}

/// Which functions of a script belong to its tests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suite {
    /// By place in the script.
    mine: Vec<bool>,
    /// Tests that hooks can reach, and where one is called.
    reached: Vec<(usize, Span)>,
}

impl Suite {
    pub(crate) fn of(script: &Script) -> Self {
        let kind = |function: &FunctionItem| TestKind::of(&function.name.text);
        if script
            .functions
            .iter()
            .all(|function| kind(function).is_none())
        {
            return Self {
                mine: vec![false; script.functions.len()],
                reached: Vec::new(),
            };
        }
        let calls = calls(script);
        let roots = places(script, |function| kind(function).is_some());
        let of_tests = reachable(&calls, roots);
        let others: Vec<usize> = (0..script.functions.len())
            .filter(|&at| {
                let function = &script.functions[at];
                kind(function).is_none()
                    && (Hook::named(&function.name.text).is_some() || !of_tests[at])
            })
            .collect();
        let of_plan = reachable(&calls, others);
        let mut reached = Vec::new();
        for (caller, callees) in calls.iter().enumerate() {
            if of_plan[caller] && kind(&script.functions[caller]).is_none() {
                let tests = callees
                    .iter()
                    .filter(|(at, _)| kind(&script.functions[*at]).is_some());
                reached.extend(tests);
            }
        }
        let mine = (0..script.functions.len())
            .map(|at| kind(&script.functions[at]).is_some() || (of_tests[at] && !of_plan[at]))
            .collect();
        Self { mine, reached }
    }

    /// Whether the function at that place belongs to tests.
    pub(crate) fn has(&self, function: usize) -> bool {
        self.mine.get(function).copied().unwrap_or(false)
    }

    /// Whether no function belongs to tests.
    pub(crate) fn is_empty(&self) -> bool {
        !self.mine.contains(&true)
    }

    /// The text with the functions blanked for which that holds, every line in its place; with
    /// `keep_bytes` every byte too.
    pub(crate) fn blanked(
        text: &str,
        script: &Script,
        keep_bytes: bool,
        blank: impl Fn(usize) -> bool,
    ) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (at, function) in script.functions.iter().enumerate() {
            let (start, end) = (function.span.start as usize, function.span.end as usize);
            if !blank(at) || start < from {
                continue;
            }
            out.push_str(text.get(from..start).unwrap_or(""));
            let gone = text.get(start..end).unwrap_or("").bytes();
            out.extend(gone.filter_map(|byte| match byte {
                b'\n' => Some('\n'),
                _ => keep_bytes.then_some(' '),
            }));
            from = end;
        }
        out.push_str(text.get(from..).unwrap_or(""));
        out
    }

    /// Everything of the text that means something for a plan, comments between functions and
    /// tests left out.
    pub(crate) fn meaning(&self, text: &str, script: &Script) -> String {
        let constants = script.constants.iter().map(|constant| constant.span);
        let functions = script.functions.iter().enumerate();
        let mut spans: Vec<Span> = functions
            .filter(|(at, _)| !self.has(*at))
            .map(|(_, function)| function.span)
            .chain(constants)
            .collect();
        spans.sort_by_key(|span| span.start);
        let parts: Vec<&str> = (spans.into_iter())
            .filter_map(|span| text.get(span.range()))
            .collect();
        parts.join("\n")
    }

    /// Reports tests with a wrong parameter list, and those that the plan would call.
    pub(super) fn check(&self, script: &Script, findings: &mut Vec<Diagnostic>) {
        for function in &script.functions {
            match TestKind::of(&function.name.text) {
                Some(kind) => signature(kind, function, findings),
                None => continue,
            }
        }
        for &(test, span) in &self.reached {
            let name = &script.functions[test].name.text;
            let message = format!("`{name}` is a test: a hook cannot call it");
            let finding = Diagnostic::error("calls-test", span, message);
            findings.push(finding.with_help("move what both need into a function of another name"));
        }
    }
}

fn signature(kind: TestKind, function: &FunctionItem, findings: &mut Vec<Diagnostic>) {
    let name = &function.name.text;
    let (wanted, what, form) = match kind {
        TestKind::Test => (0, "a test takes no parameters", format!("fn {name}()")),
        TestKind::Invariant => (
            1,
            "an invariant takes the plan and nothing else",
            format!("fn {name}(plan)"),
        ),
    };
    if function.parameters.len() != wanted {
        let extra = function.parameters.get(wanted);
        let span = extra.map_or(function.name.span, |parameter| parameter.span);
        let finding = Diagnostic::error("test-parameters", span, what);
        findings.push(finding.with_help(format!(
            "write `{form}`; for a table of cases, `for row in cases([…])`"
        )));
    }
    if function.private {
        findings.push(
            Diagnostic::error(
                "private-hook",
                function.span,
                format!("`{name}` cannot be `private`: whoever runs the tests calls it"),
            )
            .with_help("remove `private`"),
        );
    }
}

/// Whom each function calls, and where.
fn calls(script: &Script) -> Vec<Vec<(usize, Span)>> {
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, function) in script.functions.iter().enumerate() {
        at.entry(&function.name.text).or_insert(index);
    }
    (script.functions.iter())
        .map(|function| {
            let mut callees = Vec::new();
            walk::expressions(&function.body, &mut |expr| {
                if let ExprKind::Call { name, .. } = &expr.kind
                    && let Some(&callee) = at.get(&*name.text)
                {
                    callees.push((callee, name.span));
                }
            });
            callees
        })
        .collect()
}

fn places(script: &Script, wanted: impl Fn(&FunctionItem) -> bool) -> Vec<usize> {
    (0..script.functions.len())
        .filter(|&at| wanted(&script.functions[at]))
        .collect()
}

/// Those and all that they call, directly or through others.
fn reachable(calls: &[Vec<(usize, Span)>], mut waiting: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; calls.len()];
    while let Some(function) = waiting.pop() {
        if !std::mem::replace(&mut reached[function], true) {
            waiting.extend(calls[function].iter().map(|(callee, _)| *callee));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Limits;
    use crate::syntax::parse;

    #[test]
    fn what_only_tests_call_is_theirs() {
        let text = "fn shared(x) { x }\nfn made(n) { shared(n) }\nfn score(c, r) { shared(1) }\n\
                    fn test_a() {\n made(1);\n score(1, 2); }\nfn unused() { 1 }\n";
        let script = parse(text, &Limits::default()).script;
        let suite = Suite::of(&script);
        let mine: Vec<bool> = (0..5).map(|at| suite.has(at)).collect();
        assert_eq!(mine, [false, true, false, true, false]);
        assert_eq!(
            Suite::blanked(text, &script, false, |at| suite.has(at)),
            "fn shared(x) { x }\n\nfn score(c, r) { shared(1) }\n\n\n\nfn unused() { 1 }\n"
        );
        let kept = Suite::blanked(text, &script, true, |at| suite.has(at));
        assert_eq!(kept.len(), text.len());
        assert_eq!(
            suite.meaning(text, &script),
            "fn shared(x) { x }\nfn score(c, r) { shared(1) }\nfn unused() { 1 }"
        );
    }
}
