//! Calls: which function a name stands for, and whether it takes what it is given.

use crate::language::{FUNCTIONS, FunctionSpec, Hook, TEST_FUNCTIONS};
use crate::syntax::ast::{Expr, ExprKind, FunctionItem, Name};
use crate::syntax::{Diagnostic, Span, nearest};

use super::{Names, OF_THE_PLAN};

impl<'a> Names<'a, '_> {
    pub(super) fn call(
        &mut self,
        name: &Name,
        receiver: Option<&'a Expr>,
        arguments: &'a [Expr],
        whole: Span,
    ) {
        let broken = arguments
            .iter()
            .any(|argument| matches!(argument.kind, ExprKind::Broken));
        let count = arguments.len() + usize::from(receiver.is_some());
        if let Some(function) = self.script.function(&name.text) {
            self.script_call(function, name, receiver, arguments.len(), broken);
        } else if self.in_test && self.test_call(name, receiver, arguments.len(), broken, whole) {
            // A function that only tests call, or a hook that Rust may give.
        } else if let Some(spec) = FunctionSpec::named(&name.text) {
            if self.in_constant && OF_THE_PLAN.contains(&spec.name) {
                self.findings.push(
                    Diagnostic::error(
                        "not-constant",
                        name.span,
                        format!(
                            "`{}` needs a running plan and cannot stand in a constant",
                            spec.name
                        ),
                    )
                    .with_help("move it into a function"),
                );
            }
            if !broken && !spec.takes(count) {
                let finding = wrong_count(spec, receiver.is_some(), arguments.len(), whole);
                self.findings.push(finding);
            }
        } else if !(broken && takes_function(&name.text)) {
            // With a closure in it, that one says what to write.
            let known = (self
                .script
                .functions
                .iter()
                .map(|function| &*function.name.text))
            .chain(FUNCTIONS.iter().map(|spec| spec.name))
            .chain((TEST_FUNCTIONS.iter().map(|spec| spec.name)).filter(|_| self.in_test));
            let near = nearest(&name.text, known);
            let finding = Diagnostic::error(
                "unknown-function",
                name.span,
                format!(
                    "there is no function `{}`",
                    crate::syntax::clipped(&name.text)
                ),
            );
            self.findings.push(match advice(&name.text) {
                Some(help) if near.is_none() || FunctionSpec::of_tests(&name.text).is_some() => {
                    finding.with_help(help)
                }
                _ => finding.with_suggestion(near),
            });
        }
    }

    /// A call that only tests can make; whether it is one.
    fn test_call(
        &mut self,
        name: &Name,
        receiver: Option<&'a Expr>,
        given: usize,
        broken: bool,
        whole: Span,
    ) -> bool {
        let method = receiver.is_some();
        if let Some(spec) = FunctionSpec::of_tests(&name.text) {
            if !broken && !spec.takes(given + usize::from(method)) {
                self.findings.push(wrong_count(spec, method, given, whole));
            }
            return true;
        }
        let Some(hook) = Hook::named(&name.text) else {
            return false;
        };
        if method {
            self.findings.push(method_of_script(name));
        } else if !broken && !(hook.spec().least..=hook.spec().parameters.len()).contains(&given) {
            self.findings.push(hook_count(hook, given, whole));
        }
        true
    }

    fn script_call(
        &mut self,
        function: &FunctionItem,
        name: &Name,
        receiver: Option<&'a Expr>,
        given: usize,
        broken: bool,
    ) {
        let wanted = function.parameters.len();
        if self.in_constant {
            self.findings.push(
                Diagnostic::error(
                    "not-constant",
                    name.span,
                    format!(
                        "the constant cannot call `{}`: constants come before functions",
                        name.text
                    ),
                )
                .with_help("write the value itself, or compute it in a function"),
            );
        } else if receiver.is_some() {
            self.findings.push(method_of_script(name));
        } else if self.in_test
            && let Some(hook) = Hook::named(&name.text)
        {
            // A test may say at the end which role is at hand, whether the hook looks at it or not.
            if !broken && !(wanted..=hook.spec().parameters.len().max(wanted)).contains(&given) {
                self.findings.push(hook_count(hook, given, name.span));
            }
        } else if !broken && wanted != given {
            let parameters: Vec<&str> = function.parameters.iter().map(|p| &*p.text).collect();
            self.findings.push(
                Diagnostic::error(
                    "wrong-argument-count",
                    name.span,
                    format!(
                        "`{}` takes {wanted} {}, not {given}",
                        name.text,
                        if wanted == 1 { "argument" } else { "arguments" }
                    ),
                )
                .with_related(
                    function.name.span,
                    format!("defined as `{}({})`", name.text, parameters.join(", ")),
                ),
            );
        }
    }
}

fn method_of_script(name: &Name) -> Diagnostic {
    Diagnostic::error(
        "method-of-script",
        name.span,
        format!("`{}` is a function of this policy, not a method", name.text),
    )
    .with_help(format!(
        "pass the thing as the first argument: `{}(x, …)`",
        name.text
    ))
}

fn wrong_count(spec: &FunctionSpec, method: bool, given: usize, whole: Span) -> Diagnostic {
    let takes: Vec<String> = (spec.arities().iter())
        .filter(|arity| **arity >= usize::from(method))
        .map(|arity| (arity - usize::from(method)).to_string())
        .collect();
    Diagnostic::error(
        "wrong-argument-count",
        whole,
        format!(
            "`{}` takes {} {}, not {given}",
            spec.name,
            takes.join(" or "),
            if takes == ["1"] {
                "argument"
            } else {
                "arguments"
            },
        ),
    )
    .with_help(format!("for example: `{}`", spec.example))
}

fn hook_count(hook: Hook, given: usize, span: Span) -> Diagnostic {
    let spec = hook.spec();
    let names: Vec<&str> = (spec.parameters.iter())
        .map(|parameter| super::super::hooks::parameter_name(*parameter))
        .collect();
    let forms: Vec<String> = (spec.least..=names.len())
        .map(|count| format!("`{hook}({})`", names[..count].join(", ")))
        .collect();
    Diagnostic::error(
        "wrong-argument-count",
        span,
        format!("the hook `{hook}` is not called with {given} arguments"),
    )
    .with_help(format!("write {}", forms.join(" or ")))
}

/// What to write instead of functions that Rhai has, or that people expect.
fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        _ if takes_function(name) => {
            "functions are no values: use `has_any`, `has_all`, `count_in`, `best_of`, `sum_of`, or a `for` loop"
        }
        "push" | "pop" | "insert" | "remove" | "append" | "shift" | "clear" => {
            "arrays and maps are read-only; `a + b` joins two arrays"
        }
        "timestamp" | "today" | "date" | "time" => "the time of the plan is the variable `now`",
        "sleep" | "exit" | "take" | "parse_json" => {
            "a policy only computes; there is no such function"
        }
        "rand" | "random" => "a policy gives the same answer for the same book: nothing is random",
        "pow" => "write `a ** b`",
        "range" => "write `0..10`",
        "length" | "size" | "count" => "did you mean `len`?",
        "is_unit" | "is_null" | "is_none" | "is_some" => "write `x == ()`",
        name if FunctionSpec::of_tests(name).is_some() => {
            "only tests can call it: functions named `test_…` and `invariant_…`"
        }
        _ => return None,
    })
}

/// Whether it is a function of Rhai's that takes a closure.
fn takes_function(name: &str) -> bool {
    matches!(
        name,
        "map" | "filter" | "reduce" | "some" | "all" | "find" | "sort" | "for_each"
    )
}
