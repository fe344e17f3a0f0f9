//! What one call of a hook may cost at worst, in the operations that Rhai counts.
//!
//! Rhai counts one operation for a statement, an expression, an argument, a pass of a loop; here
//! each node counts at least that. Of branches the dearest counts, of calls the callee's whole
//! cost, of a loop its body times its longest run: the length of a literal, the distance of a
//! range's ends, and [`Limits::array_length`] for everything else. Without recursion and without
//! `while` the sum is finite; it saturates. Time is linear in the tree.

use crate::language::{FunctionSpec, Hook, Limits, Signature, Type};
use crate::script::most_work;
use crate::syntax::ast::{BinaryOperator, Block, Expr, ExprKind, Piece, Script, StatementKind};
use crate::syntax::{Diagnostic, Span};

use super::calls::Calls;
use super::{fold, walk};

/// What any node costs: itself, and what Rhai counts around it.
const NODE: u64 = 2;
/// What a statement costs beside its expressions.
const STATEMENT: u64 = 2;
/// What a pass of a loop costs beside its body.
const PASS: u64 = 3;
/// What a host function costs beside reading its arguments.
const HOST: u64 = 8;
/// What a text costs to read.
const TEXT: u64 = 1;
/// What `count_in` costs beside: it may compare each of one array with each of the other.
const PAIRS: u64 = 1024;

struct Costs<'a> {
    script: &'a Script,
    longest: usize,
    /// What the largest array or map costs to read.
    value: u64,
    functions: Vec<u64>,
}

/// Reports ranges without known ends, and hooks that cost more than the limit.
pub(super) fn check(
    script: &Script,
    calls: &Calls,
    limits: &Limits,
    findings: &mut Vec<Diagnostic>,
) {
    let before = findings.len();
    for function in &script.functions {
        unknown_ranges(script, &function.body, findings);
    }
    if calls.is_recursive() || findings.len() > before {
        return;
    }
    let costs = costs(script, calls, limits);
    for (index, function) in script.functions.iter().enumerate() {
        let Some(hook) = Hook::named(&function.name.text) else {
            continue;
        };
        let cost = costs.functions[index];
        if cost > limits.operations {
            let (span, part) = costs.dearest(&function.body);
            findings.push(
                Diagnostic::error(
                    "too-expensive",
                    span,
                    format!(
                        "one call of `{hook}` may take {} operations, at most {} are allowed; {} of them here",
                        counted(cost), limits.operations, counted(part)
                    ),
                )
                .with_help("loop over fewer elements, or use a host function such as `has_any`, `count_in`, `sum_of`"),
            );
        }
    }
}

fn costs<'a>(script: &'a Script, calls: &Calls, limits: &Limits) -> Costs<'a> {
    let mut costs = Costs {
        script,
        longest: limits.array_length,
        value: most_work(limits),
        functions: vec![0; script.functions.len()],
    };
    for &function in &calls.order {
        costs.functions[function] = costs.block(&script.functions[function].body);
    }
    costs
}

fn counted(cost: u64) -> String {
    if cost == u64::MAX {
        "countless".into()
    } else {
        cost.to_string()
    }
}

fn unknown_ranges(script: &Script, block: &Block, findings: &mut Vec<Diagnostic>) {
    loops(block, &mut |over, _| {
        if fold::length(script, over, 0).is_none() {
            findings.push(
                Diagnostic::error(
                    "unbounded-range",
                    over.span,
                    "how long this loop runs is not known when the policy is compiled",
                )
                .with_help(
                    "give literals or constants as ends; to loop over an array with a counter, write `for (x, i) in array`",
                ),
            );
        }
    });
}

/// Calls `visit` with what each loop goes over and its body.
fn loops<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a Expr, &'a Block)) {
    for statement in &block.statements {
        if let StatementKind::For { over, body, .. } = &statement.kind {
            visit(over, body);
            loops(body, visit);
        }
        let mut inner: Vec<&Block> = Vec::new();
        blocks_in(&statement.kind, &mut inner);
        for block in inner {
            loops(block, visit);
        }
    }
}

/// The outermost blocks in a statement's expressions.
fn blocks_in<'a>(kind: &'a StatementKind, into: &mut Vec<&'a Block>) {
    match kind {
        StatementKind::Let { value, .. } | StatementKind::Return(value) => {
            if let Some(value) = value {
                blocks_of(value, into);
            }
        }
        StatementKind::Assign { value, .. } => blocks_of(value, into),
        StatementKind::For { over, .. } => blocks_of(over, into),
        StatementKind::Expr { expr, .. } => blocks_of(expr, into),
        StatementKind::Break | StatementKind::Continue | StatementKind::Broken => {}
    }
}

fn blocks_of<'a>(expr: &'a Expr, into: &mut Vec<&'a Block>) {
    let mut outer: Option<Span> = None;
    walk::expression(expr, &mut |inner| {
        let block = match &inner.kind {
            ExprKind::Block(block) => block,
            ExprKind::If { then, .. } => then,
            _ => return,
        };
        // Outer blocks come first, right before those in them, which are looked at later.
        if !outer
            .is_some_and(|outer| outer.start <= block.span.start && block.span.end <= outer.end)
        {
            outer = Some(block.span);
            into.push(block);
        }
    });
}

impl Costs<'_> {
    fn block(&self, block: &Block) -> u64 {
        let mut cost = NODE;
        for statement in &block.statements {
            cost = cost.saturating_add(self.statement(&statement.kind));
        }
        cost
    }

    fn statement(&self, kind: &StatementKind) -> u64 {
        let inner = match kind {
            StatementKind::Let { value, .. } | StatementKind::Return(value) => {
                value.as_ref().map_or(NODE, |value| self.expression(value))
            }
            // A compound assignment calls an operator too.
            StatementKind::Assign { value, .. } => self.expression(value).saturating_add(NODE),
            StatementKind::For { over, body, .. } => self.run(over, body),
            StatementKind::Expr { expr, .. } => self.expression(expr),
            StatementKind::Break | StatementKind::Continue | StatementKind::Broken => NODE,
        };
        inner.saturating_add(STATEMENT)
    }

    fn run(&self, over: &Expr, body: &Block) -> u64 {
        let times = fold::length(self.script, over, self.longest).unwrap_or(u64::MAX);
        let pass = self.block(body).saturating_add(PASS);
        self.expression(over)
            .saturating_add(times.saturating_mul(pass))
    }

    fn sum<'e>(&self, parts: impl IntoIterator<Item = &'e Expr>) -> u64 {
        parts.into_iter().fold(NODE, |cost, part| {
            cost.saturating_add(self.expression(part))
        })
    }

    fn expression(&self, expr: &Expr) -> u64 {
        match &expr.kind {
            ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Variable(_)
            | ExprKind::Broken => NODE,
            ExprKind::Interpolated(pieces) => pieces.iter().fold(NODE, |cost, piece| {
                cost.saturating_add(match piece {
                    Piece::Text(_) => NODE,
                    Piece::Expr(inner) => self.expression(inner).saturating_add(2 * NODE),
                })
            }),
            ExprKind::Array(elements) => self.sum(elements),
            ExprKind::Map(entries) => self.sum(entries.iter().map(|(_, value)| value)),
            ExprKind::Unary { operand, .. } => self.sum([&**operand]),
            // One more for the `!` of `!in`.
            ExprKind::Binary {
                left,
                operator,
                right,
                ..
            } => (self.sum([&**left, &**right]))
                .saturating_add(NODE)
                .saturating_add(self.comparing(*operator, left, right)),
            ExprKind::Range { start, end, .. } => self.sum([&**start, &**end]),
            ExprKind::Field { receiver, name, .. } => (self.sum([&**receiver]))
                .saturating_add(NODE)
                .saturating_add(self.property(&name.text)),
            ExprKind::Index {
                receiver, index, ..
            } => self.sum([&**receiver, &**index]).saturating_add(NODE),
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } => {
                let own = (self.script.functions.iter())
                    .position(|function| function.name.text == name.text);
                let callee = match own {
                    Some(function) => self.functions[function],
                    None => self.host(&name.text),
                };
                self.sum(receiver.as_deref().into_iter().chain(arguments))
                    .saturating_add(callee)
                    .saturating_add(2 * NODE)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let other = otherwise.as_ref().map_or(0, |expr| self.expression(expr));
                self.sum([&**condition])
                    .saturating_add(self.block(then).max(other))
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                let guards = arms.iter().filter_map(|arm| arm.guard.as_ref());
                let dearest = (arms.iter().map(|arm| &arm.body))
                    .chain(default.as_deref())
                    .map(|body| self.expression(body).saturating_add(STATEMENT))
                    .max()
                    .unwrap_or(0);
                self.sum([&**subject])
                    .saturating_add(self.sum(guards))
                    .saturating_add(dearest)
            }
            ExprKind::Block(block) => self.block(block).saturating_add(NODE),
        }
    }

    /// What a host function costs: itself and the largest values that it may have to read.
    fn host(&self, name: &str) -> u64 {
        let signatures = FunctionSpec::named(name).map_or(&[][..], |function| function.signatures);
        let read = |signature: &Signature| {
            let kinds = signature.parameters.iter();
            kinds.map(|kind| self.reading(*kind)).sum::<u64>()
        };
        let pairs = if name == "count_in" { PAIRS } else { 0 };
        HOST + pairs + signatures.iter().map(read).max().unwrap_or(0)
    }

    /// A field costs nothing beside; some host functions read like one: `tags.len`.
    fn property(&self, name: &str) -> u64 {
        let function = FunctionSpec::named(name).filter(|function| function.property);
        function.map_or(0, |_| self.host(name))
    }

    const fn reading(&self, kind: Type) -> u64 {
        match kind {
            Type::Bool
            | Type::Int
            | Type::Float
            | Type::Number
            | Type::Time
            | Type::Customer
            | Type::Rep => 0,
            Type::Text => TEXT,
            Type::Texts | Type::Array | Type::Map | Type::Any | Type::Same | Type::Found => {
                self.value
            }
        }
    }

    /// What an operator costs that may have to read arrays: `in` one of them, `==` both.
    fn comparing(&self, operator: BinaryOperator, left: &Expr, right: &Expr) -> u64 {
        let scalar = |expr: &Expr| {
            matches!(
                expr.kind,
                ExprKind::Unit
                    | ExprKind::Bool(_)
                    | ExprKind::Int(_)
                    | ExprKind::Float(_)
                    | ExprKind::Text(_)
                    | ExprKind::Interpolated(_)
            )
        };
        match operator {
            BinaryOperator::In | BinaryOperator::NotIn => self.host("contains"),
            // Values of two kinds are not read.
            BinaryOperator::Equal | BinaryOperator::NotEqual if !scalar(left) && !scalar(right) => {
                2 * self.value
            }
            _ => 0,
        }
    }

    /// The loop or the call that costs most, and how much; the whole block where there is none.
    fn dearest(&self, block: &Block) -> (Span, u64) {
        let mut dearest = (block.span, 0);
        loops(block, &mut |over, body| {
            let cost = self.run(over, body);
            if cost > dearest.1 {
                dearest = (over.span, cost);
            }
        });
        walk::expressions(block, &mut |expr| {
            if let ExprKind::Call { name, .. } = &expr.kind {
                let cost = self.expression(expr);
                if cost > dearest.1 {
                    dearest = (name.span, cost);
                }
            }
        });
        if dearest.1 == 0 {
            dearest.1 = self.block(block);
        }
        dearest
    }
}

#[cfg(test)]
mod tests;
