//! What each name stands for: locals, parameters, constants, `params`, `now`, functions.
//!
//! Finds unknown names with the nearest known one, names that hide what must not be hidden, wrong
//! numbers of arguments, and locals that nobody reads. Fields are for the types to check.

use crate::language::{FUNCTIONS, FunctionSpec, Hook, TEST_FUNCTIONS};
use crate::syntax::ast::{
    Block, Expr, ExprKind, FunctionItem, Name, Piece, Script, Statement, StatementKind,
};
use crate::syntax::{Diagnostic, Span, nearest};

use super::calls::Calls;
use super::suite::Suite;

/// Functions whose result depends on the plan: not for constants, which are computed before.
const OF_THE_PLAN: &[&str] = &["days_between", "days_since", "lookup", "parse_time"];

/// The constants with a meaning of their own.
pub(in crate::policy) const SETTINGS: &[&str] = &["PARAMS", "TIERS", "ALLOCATION"];

/// A local in scope.
struct Local<'a> {
    name: &'a Name,
    constant: bool,
    parameter: bool,
    read: bool,
    /// Whether it is assigned to, so that a new name alone would not do.
    assigned: bool,
}

struct Names<'a, 'f> {
    script: &'a Script,
    findings: &'f mut Vec<Diagnostic>,
    locals: Vec<Local<'a>>,
    /// Constants that a constant's value may use; all in functions.
    visible: usize,
    in_constant: bool,
    /// Whether the function at hand belongs to tests.
    in_test: bool,
    read: Vec<bool>,
}

/// Reports what is wrong with names; `misnamed` functions may be meant as hooks.
pub(super) fn check(
    script: &Script,
    calls: &Calls,
    suite: &Suite,
    misnamed: &[bool],
    findings: &mut Vec<Diagnostic>,
) {
    let mut names = Names {
        script,
        findings,
        locals: Vec::new(),
        visible: 0,
        in_constant: true,
        in_test: false,
        read: vec![false; script.constants.len()],
    };
    for (index, constant) in script.constants.iter().enumerate() {
        names.constant_name(index);
        names.visible = index;
        names.expression(&constant.value);
    }
    names.in_constant = false;
    names.visible = script.constants.len();
    for (index, function) in script.functions.iter().enumerate() {
        names.in_test = suite.has(index);
        names.function(function, misnamed[index] || !calls.is_called(index));
    }
    names.unread_constants();
}

impl<'a> Names<'a, '_> {
    fn constant_name(&mut self, index: usize) {
        let name = &self.script.constants[index].name;
        if matches!(&*name.text, "params" | "now") {
            self.findings.push(
                Diagnostic::error(
                    "shadows-constant",
                    name.span,
                    format!("`{}` is given by the host and cannot be defined", name.text),
                )
                .with_help("choose another name; parameters are defined in `const PARAMS`"),
            );
        }
        if let Some(earlier) = self.script.constants[..index]
            .iter()
            .find(|earlier| earlier.name.text == name.text)
        {
            self.read[index] = true;
            self.findings.push(
                Diagnostic::error(
                    "duplicate-constant",
                    name.span,
                    format!("the constant `{}` is defined twice", name.text),
                )
                .with_related(earlier.name.span, "first here"),
            );
        } else if let Some(near) = meant_setting(&name.text) {
            // Only a constant that nobody reads is taken for a misspelt setting.
            if !self.is_read_anywhere(&name.text) {
                self.read[index] = true;
                self.findings.push(
                    Diagnostic::error(
                        "misspelt-setting",
                        name.span,
                        format!("`{}` is no setting, and nobody reads it", name.text),
                    )
                    .with_suggestion(Some(near)),
                );
            }
        }
    }

    fn is_read_anywhere(&self, name: &str) -> bool {
        let mut read = false;
        let mut look = |expr: &Expr| {
            if let ExprKind::Variable(found) = &expr.kind {
                read |= &**found == name;
            }
        };
        for constant in &self.script.constants {
            super::walk::expression(&constant.value, &mut look);
        }
        for function in &self.script.functions {
            super::walk::expressions(&function.body, &mut look);
        }
        read
    }

    fn unread_constants(&mut self) {
        for (constant, read) in self.script.constants.iter().zip(&self.read) {
            let name = &constant.name;
            if !read
                && !SETTINGS.contains(&&*name.text)
                && !name.text.starts_with('_')
                && !matches!(&*name.text, "params" | "now")
            {
                self.findings.push(
                    Diagnostic::warning(
                        "unused-constant",
                        name.span,
                        format!("nobody reads the constant `{}`", name.text),
                    )
                    .with_help("remove it"),
                );
            }
        }
    }

    fn function(&mut self, function: &'a FunctionItem, of_plan: bool) {
        for name in &function.parameters {
            self.bind(name, false, true);
        }
        self.block(&function.body);
        // The plan decides what a hook is given, not its author.
        self.leave(0, of_plan || Hook::named(&function.name.text).is_some());
    }

    fn bind(&mut self, name: &'a Name, constant: bool, parameter: bool) {
        let before = self.findings.len();
        if matches!(&*name.text, "params" | "now") {
            self.findings.push(
                Diagnostic::error(
                    "shadows-constant",
                    name.span,
                    format!("`{}` is given by the host and cannot be hidden", name.text),
                )
                .with_help("choose another name"),
            );
        } else if let Some(hidden) = self.script.constant(&name.text) {
            // Whoever hides it meant to read it.
            if let Some(read) = self
                .known_constant(&name.text)
                .and_then(|at| self.read.get_mut(at))
            {
                *read = true;
            }
            self.findings.push(
                Diagnostic::error(
                    "shadows-constant",
                    name.span,
                    format!("`{}` would hide the constant of that name", name.text),
                )
                .with_related(hidden.name.span, "the constant is here")
                .with_help("choose another name"),
            );
        }
        self.locals.push(Local {
            name,
            constant,
            parameter,
            // One message for one name.
            read: self.findings.len() > before,
            assigned: false,
        });
    }

    /// Drops the locals from place `from` on, and reports those that nobody reads.
    fn leave(&mut self, from: usize, hook: bool) {
        for local in self.locals.drain(from..) {
            let name = &local.name.text;
            if local.read || name.starts_with('_') || (local.parameter && hook) {
                continue;
            }
            let what = if local.parameter {
                "parameter"
            } else {
                "local"
            };
            let finding = Diagnostic::warning(
                "unused-local",
                local.name.span,
                format!("nobody reads the {what} `{name}`"),
            )
            .with_help(format!("remove it, or call it `_{name}`"));
            self.findings.push(if local.assigned {
                finding
            } else {
                finding.with_fix(local.name.span, format!("_{name}"))
            });
        }
    }

    fn block(&mut self, block: &'a Block) {
        let from = self.locals.len();
        for statement in &block.statements {
            self.statement(statement);
        }
        self.leave(from, false);
    }

    fn statement(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Let {
                name,
                value,
                constant,
            } => {
                if let Some(value) = value {
                    self.expression(value);
                }
                self.bind(name, *constant, false);
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => {
                self.expression(value);
                self.assign(name, operator.is_some());
            }
            StatementKind::For {
                variable,
                counter,
                over,
                body,
            } => {
                self.expression(over);
                let from = self.locals.len();
                self.bind(variable, false, false);
                if let Some(counter) = counter {
                    self.bind(counter, false, false);
                }
                self.block(body);
                // Loops that only count are fine.
                for local in &mut self.locals[from..] {
                    local.read = true;
                }
                self.leave(from, false);
            }
            StatementKind::Return(Some(value)) => self.expression(value),
            StatementKind::Expr { expr, .. } => self.expression(expr),
            StatementKind::Return(None)
            | StatementKind::Break
            | StatementKind::Continue
            | StatementKind::Broken => {}
        }
    }

    fn assign(&mut self, name: &'a Name, compound: bool) {
        if let Some(local) = self
            .locals
            .iter_mut()
            .rev()
            .find(|local| local.name.text == name.text)
        {
            local.read |= compound && local.read;
            local.assigned = true;
            if local.constant {
                let finding = Diagnostic::error(
                    "assign-to-constant",
                    name.span,
                    format!("`{}` is a constant and cannot be assigned to", name.text),
                )
                .with_related(local.name.span, "defined here")
                .with_help("define it with `let`");
                self.findings.push(finding);
            }
        } else if let Some(constant) = self.known_constant(&name.text) {
            if let Some(read) = self.read.get_mut(constant) {
                *read = true;
            }
            self.findings.push(
                Diagnostic::error(
                    "assign-to-constant",
                    name.span,
                    format!("`{}` is a constant and cannot be assigned to", name.text),
                )
                .with_help("copy it into a local: `let x = …;`"),
            );
        } else {
            self.unknown_variable(&name.text, name.span);
        }
    }

    /// The place of a constant; one beyond the last for `params` and `now`.
    fn known_constant(&self, name: &str) -> Option<usize> {
        let constants = &self.script.constants;
        if matches!(name, "params" | "now") {
            return Some(constants.len());
        }
        constants
            .iter()
            .position(|constant| &*constant.name.text == name)
    }

    fn variable(&mut self, name: &str, span: Span) {
        if let Some(local) = self
            .locals
            .iter_mut()
            .rev()
            .find(|local| &*local.name.text == name)
        {
            local.read = true;
            return;
        }
        if let Some(index) = self
            .script
            .constants
            .iter()
            .position(|constant| &*constant.name.text == name)
        {
            self.read[index] = true;
            if index >= self.visible {
                self.findings.push(
                    Diagnostic::error(
                        "constant-order",
                        span,
                        format!("`{name}` is defined further down"),
                    )
                    .with_related(self.script.constants[index].name.span, "defined here")
                    .with_help("define constants before they are used"),
                );
            }
            return;
        }
        if matches!(name, "params" | "now") {
            if self.in_constant {
                self.findings.push(
                    Diagnostic::error(
                        "not-constant",
                        span,
                        format!("`{name}` is known only when a plan runs, not in a constant"),
                    )
                    .with_help("move it into a function"),
                );
            }
            return;
        }
        self.unknown_variable(name, span);
    }

    fn unknown_variable(&mut self, name: &str, span: Span) {
        let finding = Diagnostic::error(
            "unknown-variable",
            span,
            format!("there is no variable `{}`", crate::syntax::clipped(name)),
        );
        let finding = if self.script.function(name).is_some() || FunctionSpec::named(name).is_some()
        {
            finding.with_help(format!("`{name}` is a function: call it, `{name}(…)`"))
        } else if matches!(name, "customer" | "rep" | "role") && !self.in_constant {
            finding.with_help(format!(
                "a function sees only what it is given: add the parameter `{name}`"
            ))
        } else {
            let constants = self.script.constants[..self.visible]
                .iter()
                .map(|constant| &*constant.name.text);
            let near = nearest(
                name,
                (self.locals.iter().rev().map(|local| &*local.name.text))
                    .chain(constants)
                    .chain(["params", "now"].into_iter().filter(|_| !self.in_constant)),
            );
            finding.with_suggestion(near)
        };
        self.findings.push(finding);
    }

    fn call(
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

    fn expression(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Variable(name) => self.variable(name, expr.span),
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } => {
                if let Some(receiver) = receiver {
                    self.expression(receiver);
                }
                for argument in arguments {
                    self.expression(argument);
                }
                self.call(name, receiver.as_deref(), arguments, expr.span);
            }
            ExprKind::Interpolated(pieces) => {
                for piece in pieces {
                    if let Piece::Expr(inner) = piece {
                        self.expression(inner);
                    }
                }
            }
            ExprKind::Array(elements) => {
                for element in elements {
                    self.expression(element);
                }
            }
            ExprKind::Map(entries) => {
                for (_, value) in entries {
                    self.expression(value);
                }
            }
            ExprKind::Unary { operand, .. } => self.expression(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            ExprKind::Range { start, end, .. } => {
                self.expression(start);
                self.expression(end);
            }
            ExprKind::Field { receiver, .. } => self.expression(receiver),
            ExprKind::Index {
                receiver, index, ..
            } => {
                self.expression(receiver);
                self.expression(index);
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition);
                self.block(then);
                if let Some(otherwise) = otherwise {
                    self.expression(otherwise);
                }
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                self.expression(subject);
                for arm in arms {
                    if let Some(guard) = &arm.guard {
                        self.expression(guard);
                    }
                    self.expression(&arm.body);
                }
                if let Some(default) = default {
                    self.expression(default);
                }
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Broken => {}
        }
    }
}

/// The setting that a constant of that name may be meant to be.
fn meant_setting(name: &str) -> Option<&'static str> {
    let upper = name.to_uppercase();
    let near = match SETTINGS.iter().find(|setting| **setting == upper) {
        Some(setting) => setting,
        None if upper == name => nearest(name, SETTINGS.iter().copied())?,
        None => return None,
    };
    (near != name).then_some(near)
}

/// Whether it is a function of Rhai's that takes a closure.
fn takes_function(name: &str) -> bool {
    matches!(
        name,
        "map" | "filter" | "reduce" | "some" | "all" | "find" | "sort" | "for_each"
    )
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
        .map(|parameter| super::hooks::parameter_name(*parameter))
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
