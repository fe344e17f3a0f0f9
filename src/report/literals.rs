//! What a function of a script names, with all that it calls: fields, numbers, texts, constants.

use std::collections::BTreeSet;

use crate::language::Value;
use crate::syntax::ast::{
    Block, Expr, ExprKind, NodeId, PatternKind, Piece, Script, StatementKind,
};

/// What is named.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// Names after a point or in brackets.
    pub(super) fields: BTreeSet<String>,
    /// Numbers; twice where they stand twice.
    pub(super) numbers: Vec<f64>,
    /// Texts.
    pub(super) texts: BTreeSet<String>,
    /// Variables, constants among them.
    pub(super) names: BTreeSet<String>,
    functions: BTreeSet<String>,
    seen: BTreeSet<NodeId>,
}

/// What the function of that name and those that it calls name.
pub(super) fn of(script: &Script, function: &str) -> Literals {
    let mut literals = Literals::default();
    let mut left = vec![function.to_owned()];
    while let Some(name) = left.pop() {
        for function in script.functions.iter().filter(|it| *it.name.text == *name) {
            let before = literals.functions.clone();
            literals.block(&function.body);
            left.extend(literals.functions.difference(&before).cloned());
        }
    }
    literals.numbers.sort_by(f64::total_cmp);
    literals.numbers.dedup();
    literals
}

impl Literals {
    /// Adds the numbers and texts of values.
    pub(super) fn take<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        for value in values {
            match value {
                Value::Int(_) | Value::Float(_) => self.numbers.extend(value.as_number()),
                Value::Text(text) => {
                    self.texts.insert(text.to_string());
                }
                Value::Array(values) => self.take(values.iter()),
                Value::Map(map) => {
                    self.texts.extend(map.keys().map(ToString::to_string));
                    self.take(map.values());
                }
                _ => {}
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Let { value, .. } | StatementKind::Return(value) => {
                    value.iter().for_each(|value| self.expression(value));
                }
                StatementKind::Assign { value, .. } => self.expression(value),
                StatementKind::For { over, body, .. } => {
                    self.expression(over);
                    self.block(body);
                }
                StatementKind::Expr { expr, .. } => self.expression(expr),
                StatementKind::Break | StatementKind::Continue | StatementKind::Broken => {}
            }
        }
    }

    fn all<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) {
        parts.into_iter().for_each(|part| self.expression(part));
    }

    fn expression(&mut self, expr: &Expr) {
        if !self.seen.insert(expr.id) {
            return;
        }
        match &expr.kind {
            ExprKind::Int(int) => self.numbers.push(*int as f64),
            ExprKind::Float(float) => self.numbers.push(*float),
            ExprKind::Text(text) => {
                self.texts.insert(text.to_string());
            }
            ExprKind::Variable(name) => {
                self.names.insert(name.to_string());
            }
            ExprKind::Interpolated(pieces) => {
                self.all(pieces.iter().filter_map(|piece| match piece {
                    Piece::Expr(expr) => Some(expr),
                    Piece::Text(_) => None,
                }))
            }
            ExprKind::Array(items) => self.all(items),
            ExprKind::Map(entries) => {
                self.texts
                    .extend(entries.iter().map(|(key, _)| key.text.to_string()));
                self.all(entries.iter().map(|(_, value)| value));
            }
            ExprKind::Unary { operand, .. } => self.expression(operand),
            ExprKind::Binary { left, right, .. } => self.all([&**left, &**right]),
            ExprKind::Range { start, end, .. } => self.all([&**start, &**end]),
            ExprKind::Field { receiver, name, .. } => {
                self.fields.insert(name.text.to_string());
                self.expression(receiver);
            }
            ExprKind::Index {
                receiver, index, ..
            } => self.all([&**receiver, &**index]),
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } => {
                self.functions.insert(name.text.to_string());
                self.all(receiver.as_deref().into_iter().chain(arguments));
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition);
                self.block(then);
                self.all(otherwise.as_deref());
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                self.expression(subject);
                for arm in arms {
                    for pattern in &arm.patterns {
                        self.pattern(&pattern.kind);
                    }
                    self.all(arm.guard.iter().chain([&arm.body]));
                }
                self.all(default.as_deref());
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Unit | ExprKind::Bool(_) | ExprKind::Broken => {}
        }
    }

    fn pattern(&mut self, pattern: &PatternKind) {
        match pattern {
            PatternKind::Int(int) => self.numbers.push(*int as f64),
            PatternKind::Float(float) => self.numbers.push(*float),
            PatternKind::Text(text) => {
                self.texts.insert(text.to_string());
            }
            PatternKind::Range { start, end, .. } => {
                self.numbers.extend([*start as f64, *end as f64]);
            }
            PatternKind::Unit | PatternKind::Bool(_) => {}
        }
    }
}
