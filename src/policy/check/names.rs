//! What each name stands for: locals, parameters, constants, `params`, `now`, functions.
//!
//! Finds unknown names with the nearest known one, names that hide what must not be hidden, wrong
//! numbers of arguments, and locals that nobody reads. Fields are for the types to check.

use crate::language::{FunctionSpec, Hook};
use crate::syntax::ast::{
    Block, Expr, ExprKind, FunctionItem, Name, Piece, Script, Statement, StatementKind,
};
use crate::syntax::{Diagnostic, Span, nearest};

use super::calls::Calls;
use super::suite::Suite;

mod called;

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
