//! What a policy says and nobody hears: values that are dropped, statements behind a `return`,
//! branches that are alike, a side of a pair that a hook does not look at, parameters that nobody
//! reads.
//!
//! Looks at the tree alone. Time is linear in it.

use std::collections::BTreeMap;

use crate::language::Hook;
use crate::syntax::ast::{
    BinaryOperator, Block, Expr, ExprKind, FunctionItem, Name, Script, Statement, StatementKind,
};
use crate::syntax::{Diagnostic, Span};

use super::suite::Suite;
use super::{fold, shape, walk};

/// Reports what has no effect.
pub(super) fn check(
    script: &Script,
    suite: &Suite,
    misnamed: &[bool],
    findings: &mut Vec<Diagnostic>,
) {
    let mut effects = Effects {
        script,
        findings,
        in_test: false,
    };
    for (index, function) in script.functions.iter().enumerate() {
        effects.in_test = suite.has(index);
        effects.block(&function.body, true);
        if !misnamed[index] {
            effects.one_side(function);
        }
    }
    effects.unread_params();
}

struct Effects<'a, 'f> {
    script: &'a Script,
    findings: &'f mut Vec<Diagnostic>,
    /// Whether the function at hand belongs to tests, whose calls assert something.
    in_test: bool,
}

impl<'a> Effects<'a, '_> {
    /// A block; `used` where its value is.
    fn block(&mut self, block: &'a Block, used: bool) {
        let last = block.statements.len().wrapping_sub(1);
        let mut told = false;
        for (index, statement) in block.statements.iter().enumerate() {
            // Of what never runs nothing more is said.
            if !told {
                self.statement(statement, used && index == last);
            }
            if let Some(next) = block.statements.get(index + 1)
                && !told
                && leaves(statement)
            {
                told = true;
                self.findings.push(
                    Diagnostic::warning(
                        "unreachable-code",
                        next.span,
                        "nothing comes here: the statement before always leaves",
                    )
                    .with_related(statement.span, "leaves here")
                    .with_help("remove what is never run, or put it before"),
                );
            }
        }
    }

    fn statement(&mut self, statement: &'a Statement, used: bool) {
        match &statement.kind {
            StatementKind::Let { value, .. } | StatementKind::Return(value) => {
                if let Some(value) = value {
                    self.value(value, true);
                }
            }
            StatementKind::Assign { value, .. } => self.value(value, true),
            StatementKind::For { over, body, .. } => {
                self.value(over, true);
                self.block(body, false);
            }
            StatementKind::Expr { expr, .. } => self.value(expr, used),
            StatementKind::Break | StatementKind::Continue | StatementKind::Broken => {}
        }
    }

    /// An expression; `used` where its value is.
    fn value(&mut self, expr: &'a Expr, used: bool) {
        match &expr.kind {
            ExprKind::If { .. } => self.steps(expr, used, &mut BTreeMap::new()),
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                self.value(subject, true);
                for arm in arms {
                    if let Some(guard) = &arm.guard {
                        self.value(guard, true);
                    }
                    self.value(&arm.body, used);
                }
                if let Some(default) = default {
                    self.value(default, used);
                }
            }
            ExprKind::Block(block) => self.block(block, used),
            _ => {
                if !used {
                    self.dropped(expr);
                }
                walk::operands(expr, &mut |inner| self.value(inner, true));
            }
        }
    }

    /// An `if` with what is behind its `else`; `before` has the conditions of the steps above.
    fn steps(&mut self, expr: &'a Expr, used: bool, before: &mut BTreeMap<String, Span>) {
        let ExprKind::If {
            condition,
            then,
            otherwise,
        } = &expr.kind
        else {
            return self.value(expr, used);
        };
        self.value(condition, true);
        if let Some(shape) = shape::of(condition, &|name| Some(name.to_owned())) {
            match before.get(&shape) {
                Some(earlier) => self.never_again(condition.span, *earlier),
                None => {
                    before.insert(shape, condition.span);
                }
            }
        }
        self.alike(expr.span, then, otherwise.as_deref());
        self.block(then, used);
        if let Some(otherwise) = otherwise {
            self.steps(otherwise, used, before);
        }
    }

    /// Reports a condition that stands above in the same ladder, where nobody else has.
    fn never_again(&mut self, condition: Span, earlier: Span) {
        let said = |it: &Diagnostic| it.code == "constant-condition" && condition.holds(it.span);
        if !self.findings.iter().any(said) {
            self.findings.push(
                Diagnostic::warning("constant-condition", condition, "this is always false here")
                    .with_related(earlier, "the same is asked here before"),
            );
        }
    }

    /// Reports a value that nobody takes.
    fn dropped(&mut self, expr: &'a Expr) {
        if matches!(expr.kind, ExprKind::Unit | ExprKind::Broken) || may_leave(expr) {
            return;
        }
        if self.in_test && matches!(expr.kind, ExprKind::Call { .. }) {
            return;
        }
        let finding = Diagnostic::warning(
            "unused-value",
            expr.span,
            "this value goes nowhere: nothing is done with it",
        );
        let finding = match &expr.kind {
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                ..
            } => match (&left.kind, operator) {
                (ExprKind::Variable(name), BinaryOperator::Equal) => finding
                    .with_help(format!("to assign, write `{name} = …`"))
                    .with_fix(*operator_span, "="),
                (
                    ExprKind::Variable(name),
                    BinaryOperator::Add
                    | BinaryOperator::Subtract
                    | BinaryOperator::Multiply
                    | BinaryOperator::Divide,
                ) => {
                    let assign = format!("{}=", operator.text());
                    finding
                        .with_help(format!("to change the local, write `{name} {assign} …`"))
                        .with_fix(*operator_span, assign)
                }
                _ => finding.with_help("assign it, or answer it with `return`"),
            },
            _ => finding
                .with_help("to answer it, write `return` before it")
                .with_fix(Span::new(expr.span.start, expr.span.start), "return "),
        };
        self.findings.push(finding);
    }

    /// Reports an `if` whose branches all say the same.
    fn alike(&mut self, span: Span, then: &Block, otherwise: Option<&Expr>) {
        let Some(first) = shape::of_block(then).filter(|_| !then.statements.is_empty()) else {
            return;
        };
        let mut otherwise = otherwise;
        loop {
            match otherwise.map(|expr| &expr.kind) {
                Some(ExprKind::If {
                    then,
                    otherwise: next,
                    ..
                }) if shape::of_block(then).as_ref() == Some(&first) => {
                    otherwise = next.as_deref();
                }
                Some(ExprKind::Block(last)) if shape::of_block(last).as_ref() == Some(&first) => {
                    break;
                }
                _ => return,
            }
        }
        self.findings.push(
            Diagnostic::warning(
                "same-branches",
                Span::new(span.start, span.start + 2),
                "all branches of this `if` are the same",
            )
            .with_help("change one of them, or write it without the `if`"),
        );
    }

    /// Reports a side that a pair hook does not look at.
    fn one_side(&mut self, function: &FunctionItem) {
        let name = &*function.name.text;
        if !matches!(Hook::named(name), Some(Hook::Eligible | Hook::Score)) {
            return;
        }
        let mut read = [false; 2];
        walk::expressions(&function.body, &mut |expr| {
            if let ExprKind::Variable(found) = &expr.kind {
                for (at, parameter) in function.parameters.iter().take(2).enumerate() {
                    read[at] |= parameter.text == *found;
                }
            }
        });
        let (at, sides) = match read {
            [true, false] => (1, "reps"),
            [false, true] => (0, "customers"),
            // A constant is a default; both sides are what is wanted.
            _ => return,
        };
        let Some(parameter) = function.parameters.get(at) else {
            return;
        };
        if parameter.text.starts_with('_') {
            return;
        }
        let ignored = &parameter.text;
        self.findings.push(
            Diagnostic::warning(
                "one-sided-hook",
                parameter.span,
                format!("`{name}` never looks at `{ignored}`: it answers the same for all {sides}"),
            )
            .with_help(format!(
                "compare both sides; if that is meant, call it `_{ignored}`"
            ))
            .with_fix(parameter.span, format!("_{ignored}")),
        );
    }

    /// Reports entries of `PARAMS` that nobody reads.
    fn unread_params(&mut self) {
        let Some(params) = self.script.constant("PARAMS") else {
            return;
        };
        let ExprKind::Map(entries) = &fold::resolved(self.script, &params.value).kind else {
            return;
        };
        let mut uses = Uses::default();
        for function in &self.script.functions {
            walk::expressions(&function.body, &mut |expr| uses.note(expr));
        }
        for constant in &self.script.constants {
            walk::expression(&constant.value, &mut |expr| {
                if matches!(&expr.kind, ExprKind::Variable(name) if &**name == "PARAMS") {
                    uses.note(expr);
                }
            });
        }
        self.unread_entries(entries, &mut Vec::new(), &uses);
    }

    fn unread_entries(
        &mut self,
        entries: &'a [(Name, Expr)],
        path: &mut Vec<&'a str>,
        uses: &Uses<'a>,
    ) {
        if uses.whole(path) {
            return; // who knows what is read
        }
        for (key, value) in entries {
            if key.text.starts_with('_') {
                continue;
            }
            path.push(&key.text);
            if !uses.read.contains_key(path.as_slice()) {
                let shown = crate::syntax::clipped(&path.join("."));
                self.findings.push(
                    Diagnostic::warning(
                        "unused-param",
                        key.span,
                        format!("nobody reads the parameter `{shown}`"),
                    )
                    .with_help(format!("remove it, or read it: `params.{shown}`")),
                );
            } else if let ExprKind::Map(inner) = &fold::resolved(self.script, value).kind {
                self.unread_entries(inner, path, uses);
            }
            path.pop();
        }
    }
}

/// How parameters are read: how often each path through `params` stands somewhere, and how often
/// only to be read from.
#[derive(Default)]
struct Uses<'a> {
    read: BTreeMap<Vec<&'a str>, usize>,
    read_from: BTreeMap<Vec<&'a str>, usize>,
}

impl<'a> Uses<'a> {
    fn note(&mut self, expr: &'a Expr) {
        if let Some(path) = path(expr) {
            *self.read.entry(path).or_default() += 1;
        }
        if let ExprKind::Field { receiver, .. } = &expr.kind
            && let Some(path) = path(receiver)
        {
            *self.read_from.entry(path).or_default() += 1;
        }
    }

    /// Whether what is there is handed on as a whole.
    fn whole(&self, path: &[&'a str]) -> bool {
        self.read.get(path) > self.read_from.get(path)
    }
}

/// The way through `params` that an expression is.
fn path(expr: &Expr) -> Option<Vec<&str>> {
    match &expr.kind {
        ExprKind::Variable(name) if matches!(&**name, "params" | "PARAMS") => Some(Vec::new()),
        ExprKind::Field { receiver, name, .. } => {
            let mut path = path(receiver)?;
            path.push(&name.text);
            Some(path)
        }
        _ => None,
    }
}

/// Whether a statement never ends without leaving its block.
pub(super) fn leaves(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Return(_) | StatementKind::Break | StatementKind::Continue => true,
        StatementKind::Expr { expr, .. } => value_leaves(expr),
        _ => false,
    }
}

fn value_leaves(expr: &Expr) -> bool {
    let block = |block: &Block| block.statements.iter().any(leaves);
    match &expr.kind {
        ExprKind::If {
            then,
            otherwise: Some(otherwise),
            ..
        } => block(then) && value_leaves(otherwise),
        ExprKind::Switch {
            arms,
            default: Some(default),
            ..
        } => arms.iter().all(|arm| value_leaves(&arm.body)) && value_leaves(default),
        ExprKind::Block(inner) => block(inner),
        _ => false,
    }
}

/// Whether there is a `return` somewhere in it: `x ?? return 0`.
fn may_leave(expr: &Expr) -> bool {
    let mut found = false;
    walk::expression(expr, &mut |inner| {
        if let ExprKind::Block(block) = &inner.kind {
            found |= block.statements.iter().any(leaves);
        }
    });
    found
}
