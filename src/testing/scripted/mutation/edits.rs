//! Small changes of a policy's text, each of which ought to be noticed by some test.
//!
//! One constant, comparison, boolean operator, arithmetic operator or branch at a time, at its place
//! in the text. Tests and settings of the allocation are left alone.

use crate::language::Hook;
use crate::policy::{Policy, walk};
use crate::syntax::ast::{
    BinaryOperator, Block, Expr, ExprKind, PatternKind, StatementKind, UnaryOperator,
};
use crate::syntax::{Source, Span};

use super::MutationKind;

/// A change of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) kind: MutationKind,
    pub(super) span: Span,
    pub(super) after: String,
    /// The function or the constant that it is in.
    pub(super) within: String,
}

/// What an absent number is taken for instead: further up than any border.
const FAR: f64 = 1e9;

struct Edits<'a> {
    source: &'a Source,
    within: String,
    edits: Vec<Edit>,
}

/// All changes of a policy, in the order of the text.
pub(super) fn edits(policy: &Policy, source: &Source) -> Vec<Edit> {
    let compiled = policy.compiled();
    let mut all = Edits {
        source,
        within: String::new(),
        edits: Vec::new(),
    };
    for constant in &compiled.script.constants {
        if &*constant.name.text == "ALLOCATION" {
            continue;
        }
        all.within = constant.name.text.to_string();
        walk::expression(&constant.value, &mut |expr| all.constant(expr));
    }
    for function in &compiled.script.functions {
        let name = &function.name.text;
        let callable = &compiled.tests.callable;
        if Hook::named(name).is_some() || callable.iter().any(|(known, _)| known == name) {
            all.within = name.to_string();
            all.block(&function.body);
            walk::expressions(&function.body, &mut |expr| all.expression(expr));
        }
    }
    let mut edits = all.edits;
    edits.sort_by(|a, b| (a.span, a.kind, &a.after).cmp(&(b.span, b.kind, &b.after)));
    edits.dedup();
    edits
}

impl Edits<'_> {
    fn add(&mut self, kind: MutationKind, span: Span, after: impl Into<String>) {
        let after = after.into();
        if self.source.slice(span) != after && !after.contains('\n') {
            self.edits.push(Edit {
                kind,
                span,
                after,
                within: self.within.clone(),
            });
        }
    }

    /// A literal of a constant: names of tiers stay, they are what tests compare with.
    fn constant(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) => self.literal(expr),
            ExprKind::Text(_) if self.within != "TIERS" => self.literal(expr),
            _ => {}
        }
    }

    /// Assignments that compute: their operator stands between name and value.
    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Assign {
                    name,
                    operator: Some(operator),
                    value,
                } => {
                    let between = Span::new(name.span.end, value.span.start);
                    let text = self.source.slice(between);
                    let Some(other) = arithmetic(*operator) else {
                        continue;
                    };
                    if let Some(at) = text.find(operator.text()) {
                        let start = between.start + at as u32;
                        let span = Span::new(start, start + operator.text().len() as u32);
                        self.add(MutationKind::Arithmetic, span, other);
                    }
                }
                StatementKind::For { body, .. } => self.block(body),
                _ => {}
            }
        }
    }

    fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) => self.literal(expr),
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                right,
            } => self.binary(*operator, *operator_span, left, right),
            ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                let operand = self.source.slice(operand.span).to_owned();
                self.add(MutationKind::Boolean, expr.span, operand);
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.block(then);
                for always in ["true", "false"] {
                    self.add(MutationKind::Branch, condition.span, always);
                }
                let _ = otherwise; // its blocks are visited as expressions
            }
            ExprKind::Switch { arms, default, .. } => {
                let default = default
                    .as_ref()
                    .map(|default| self.source.slice(default.span));
                let default = default.map(str::to_owned);
                for arm in arms {
                    if let Some(default) = &default {
                        self.add(MutationKind::Branch, arm.body.span, default.clone());
                    }
                    if let Some(guard) = &arm.guard {
                        self.add(MutationKind::Branch, guard.span, "true");
                        self.add(MutationKind::Branch, guard.span, "false");
                    }
                    for pattern in &arm.patterns {
                        self.pattern(&pattern.kind, pattern.span);
                    }
                }
            }
            ExprKind::Call { arguments, .. } => {
                for argument in arguments {
                    self.text(argument);
                }
            }
            ExprKind::Array(elements) => {
                for element in elements {
                    self.text(element);
                }
            }
            ExprKind::Block(block) => self.block(block),
            _ => {}
        }
    }

    fn binary(&mut self, operator: BinaryOperator, place: Span, left: &Expr, right: &Expr) {
        use BinaryOperator as B;
        let (kind, other) = match operator {
            B::Less => (MutationKind::Comparison, "<="),
            B::LessOrEqual => (MutationKind::Comparison, "<"),
            B::Greater => (MutationKind::Comparison, ">="),
            B::GreaterOrEqual => (MutationKind::Comparison, ">"),
            B::Equal => (MutationKind::Comparison, "!="),
            B::NotEqual => (MutationKind::Comparison, "=="),
            B::In => (MutationKind::Comparison, "!in"),
            B::NotIn => (MutationKind::Comparison, "in"),
            B::And => (MutationKind::Boolean, "||"),
            B::Or => (MutationKind::Boolean, "&&"),
            B::Coalesce => {
                self.otherwise(right);
                return;
            }
            other => match arithmetic(other) {
                Some(other) => (MutationKind::Arithmetic, other),
                None => return,
            },
        };
        self.add(kind, place, other);
        if kind == MutationKind::Comparison {
            self.text(left);
            self.text(right);
        }
    }

    /// What stands for an absent value: something quite different, since a little more or less is
    /// often the same.
    fn otherwise(&mut self, default: &Expr) {
        self.edits.retain(|edit| edit.span != default.span);
        match &default.kind {
            ExprKind::Int(_) => self.add(MutationKind::Constant, default.span, "1000000000"),
            ExprKind::Float(_) => {
                self.add(MutationKind::Constant, default.span, format!("{FAR:?}"))
            }
            _ => self.text(default),
        }
    }

    fn literal(&mut self, expr: &Expr) {
        let known = |edit: &Edit| edit.span == expr.span && edit.kind == MutationKind::Constant;
        if self.edits.iter().any(known) {
            return; // what stands for an absent value
        }
        match &expr.kind {
            ExprKind::Int(int) => {
                for other in [int.checked_add(1), int.checked_sub(1)]
                    .into_iter()
                    .flatten()
                {
                    self.add(MutationKind::Constant, expr.span, signed(other.to_string()));
                }
            }
            ExprKind::Float(float) => {
                let step = if float.abs() >= 2.0 { 1.0 } else { 0.1 };
                for other in [float + step, float - step] {
                    // Not 0.30000000000000004.
                    let short: f64 = format!("{other:.6}").parse().unwrap_or(other);
                    self.add(
                        MutationKind::Constant,
                        expr.span,
                        signed(format!("{short:?}")),
                    );
                }
            }
            ExprKind::Bool(bool) => {
                self.add(MutationKind::Constant, expr.span, (!bool).to_string());
            }
            ExprKind::Text(_) => self.text(expr),
            _ => {}
        }
    }

    /// A text that something is compared with.
    fn text(&mut self, expr: &Expr) {
        if let ExprKind::Text(_) = &expr.kind {
            self.other_text(expr.span);
        }
    }

    fn other_text(&mut self, span: Span) {
        let written = self.source.slice(span);
        if let Some(inner) = written
            .strip_suffix('"')
            .filter(|inner| inner.starts_with('"'))
        {
            let other = format!("{inner}_\"");
            self.add(MutationKind::Constant, span, other);
        }
    }

    fn pattern(&mut self, pattern: &PatternKind, span: Span) {
        match pattern {
            PatternKind::Text(_) => self.other_text(span),
            PatternKind::Int(int) => {
                if let Some(other) = int.checked_add(1) {
                    self.add(MutationKind::Constant, span, other.to_string());
                }
            }
            PatternKind::Range {
                start,
                end,
                inclusive,
            } => {
                let dots = if *inclusive { "..=" } else { ".." };
                for (start, end) in [
                    (start.checked_add(1), Some(*end)),
                    (Some(*start), end.checked_sub(1)),
                ] {
                    if let (Some(start), Some(end)) = (start, end) {
                        self.add(MutationKind::Constant, span, format!("{start}{dots}{end}"));
                    }
                }
            }
            PatternKind::Bool(bool) => self.add(MutationKind::Constant, span, (!bool).to_string()),
            PatternKind::Float(_) | PatternKind::Unit => {}
        }
    }
}

/// A negative number in brackets: `x -1` would be something else.
fn signed(number: String) -> String {
    if number.starts_with('-') {
        format!("({number})")
    } else {
        number
    }
}

const fn arithmetic(operator: BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::Add => "-",
        BinaryOperator::Subtract => "+",
        BinaryOperator::Multiply => "/",
        BinaryOperator::Divide => "*",
        BinaryOperator::Modulo => "*",
        BinaryOperator::Power => "*",
        _ => return None,
    })
}
