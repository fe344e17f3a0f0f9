//! The observer that makes a [`HookTrace`](super::HookTrace) of an evaluation.
//!
//! It remembers the last value of each node and the decisions so far. What is added to a local is
//! remembered with the local, so that a score that was gathered bit by bit comes apart again.

use std::collections::BTreeMap;

use crate::language::{FunctionSpec, Side, Type, Value};
use crate::policy::Compiled;
use crate::syntax::ast::{
    Arm, BinaryOperator, Expr, ExprKind, FunctionItem, Name, NodeId, Statement, StatementKind,
    UnaryOperator,
};
use crate::syntax::{Source, Span};
use crate::trace::{Observer, Taken};

use super::hook_trace::{FieldRead, Seen, Term, Test, TracedCondition, Under};

/// The most conditions of one call: loops may look at more.
const CONDITIONS: usize = 256;

/// What is remembered of a call.
pub(super) struct Recorder<'a> {
    policy: &'a Compiled,
    source: &'a Source,
    frames: Vec<Frame>,
    pub(super) reads: Vec<FieldRead>,
    pub(super) conditions: Vec<TracedCondition>,
    pub(super) terms: Vec<Term>,
    /// What gave the answer of the call.
    pub(super) producer: Option<(Span, NodeId)>,
}

/// One function under way.
#[derive(Default)]
struct Frame {
    values: BTreeMap<NodeId, Value>,
    /// Each `if` and `switch` that decided: what it spans, and what was decided.
    decisions: Vec<(Span, Under)>,
    /// By name: what the local is the sum of.
    sums: BTreeMap<String, Vec<Term>>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(policy: &'a Compiled) -> Self {
        Self {
            policy,
            source: policy.code().source,
            frames: Vec::new(),
            reads: Vec::new(),
            conditions: Vec::new(),
            terms: Vec::new(),
            producer: None,
        }
    }

    pub(super) fn text(&self, span: Span) -> String {
        self.source.slice(span).to_owned()
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        self.source.position(span.start).line
    }

    /// The value of an expression, where it may be shown.
    pub(super) fn seen(&self, expr: &Expr, value: &Value) -> Seen {
        if self.policy.hidden.hides(expr.id) {
            Seen::Hidden
        } else {
            Seen::Value(value.clone())
        }
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    fn decided(&mut self, span: Span, condition: Span, source: String, held: bool) {
        let under = Under {
            source,
            line: self.line(condition),
            held,
        };
        if let Some(frame) = self.frame() {
            frame.decisions.push((span, under));
        }
    }

    /// The innermost decision around a place.
    fn under(&self, span: Span) -> Option<Under> {
        let around = |decided: &Span| decided.start <= span.start && span.end <= decided.end;
        let decisions = &self.frames.last()?.decisions;
        (decisions.iter().rev())
            .filter(|(decided, _)| around(decided))
            .min_by_key(|(decided, _)| decided.end - decided.start)
            .map(|(_, under)| under.clone())
    }

    fn condition(&mut self, span: Span, test: Test, holds: bool) {
        if self.conditions.len() < CONDITIONS {
            self.conditions.push(TracedCondition {
                source: self.text(span),
                line: self.line(span),
                test,
                holds,
            });
        }
    }

    /// A bool that nothing else tells of.
    fn plain(&mut self, expr: &Expr, holds: bool) {
        if tells_by_itself(expr) {
            return;
        }
        self.condition(expr.span, Test::Plain, holds);
    }

    /// The terms of a value, or the value as its only term; each with its sign.
    fn terms_of(&self, expr: &Expr, negative: bool, out: &mut Vec<Term>) {
        match &expr.kind {
            ExprKind::Binary {
                operator: operator @ (BinaryOperator::Add | BinaryOperator::Subtract),
                left,
                right,
                ..
            } if self
                .value_of(expr)
                .is_some_and(|value| value.as_number().is_some()) =>
            {
                let subtracts = *operator == BinaryOperator::Subtract;
                self.terms_of(left, negative, out);
                self.terms_of(right, negative != subtracts, out);
            }
            ExprKind::Variable(name) => {
                match self.frames.last().and_then(|f| f.sums.get(&**name)) {
                    Some(sum) if sum.len() > 1 => {
                        out.extend(sum.iter().cloned().map(|term| signed(term, negative)));
                    }
                    _ => self.single(expr, negative, out),
                }
            }
            ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => {
                match self.giver(expr) {
                    Some(inner) => self.terms_of(inner, negative, out),
                    None => self.single(expr, negative, out),
                }
            }
            _ => self.single(expr, negative, out),
        }
    }

    /// The expression that gave the value of an `if`, a `switch` or a block.
    fn giver<'e>(&self, expr: &'e Expr) -> Option<&'e Expr> {
        let last = |statements: &'e [Statement]| match &statements.last()?.kind {
            StatementKind::Expr { expr, .. } => Some(expr),
            _ => None,
        };
        match &expr.kind {
            ExprKind::Block(block) => last(&block.statements),
            ExprKind::If {
                then, otherwise, ..
            } => {
                let decisions = &self.frames.last()?.decisions;
                let decided = decisions
                    .iter()
                    .rev()
                    .find(|(span, _)| *span == expr.span)?;
                if decided.1.held {
                    last(&then.statements)
                } else {
                    otherwise.as_deref()
                }
            }
            ExprKind::Switch { arms, default, .. } => {
                let decisions = &self.frames.last()?.decisions;
                let (_, under) = decisions
                    .iter()
                    .rev()
                    .find(|(span, _)| *span == expr.span)?;
                let arm = arms.iter().find(|arm| self.text(arm.span) == under.source);
                arm.map(|arm| &arm.body).or(default.as_deref())
            }
            _ => None,
        }
    }

    fn single(&self, expr: &Expr, negative: bool, out: &mut Vec<Term>) {
        let Some(value) = self.value_of(expr) else {
            return;
        };
        let term = Term {
            source: self.text(expr.span),
            line: self.line(expr.span),
            value: self.seen(expr, &value),
            under: self.under(expr.span),
        };
        out.push(signed(term, negative));
    }

    /// The last value of an expression of the function at hand.
    fn value_of(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Int(int) => Some(Value::Int(*int)),
            ExprKind::Float(float) => Some(Value::Float(*float)),
            _ => self.frames.last()?.values.get(&expr.id).cloned(),
        }
    }

    /// What a local is the sum of after an assignment.
    fn summed(&self, statement: &Statement, operator: Option<BinaryOperator>) -> Vec<Term> {
        let mut terms = Vec::new();
        let (name, value) = match &statement.kind {
            StatementKind::Let {
                name,
                value: Some(value),
                ..
            }
            | StatementKind::Assign { name, value, .. } => (name, value),
            _ => return terms,
        };
        match operator {
            None => {
                self.terms_of(value, false, &mut terms);
                // What a sum begins with adds nothing.
                terms.retain(|term| {
                    !matches!(value.kind, ExprKind::Int(0)) && !is_zero(&term.value, value)
                });
            }
            Some(BinaryOperator::Add | BinaryOperator::Subtract) => {
                let before = self
                    .frames
                    .last()
                    .and_then(|frame| frame.sums.get(&*name.text));
                terms.extend(before.into_iter().flatten().cloned());
                let mut added = Vec::new();
                self.terms_of(
                    value,
                    operator == Some(BinaryOperator::Subtract),
                    &mut added,
                );
                for term in &mut added {
                    if term.under.is_none() {
                        term.under = self.under(statement.span);
                    }
                }
                terms.extend(added);
            }
            Some(_) => {}
        }
        terms
    }
}

/// Whether a term is the literal zero that a sum begins with.
fn is_zero(value: &Seen, expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Float(_))
        && matches!(value, Seen::Value(value) if value.as_number() == Some(0.0))
}

fn signed(mut term: Term, negative: bool) -> Term {
    if negative {
        match &mut term.value {
            Seen::Value(Value::Int(int)) => *int = int.wrapping_neg(),
            Seen::Value(Value::Float(float)) => *float = -*float,
            _ => {}
        }
    }
    term
}

/// Whether an expression that decides is told of when it is evaluated.
fn tells_by_itself(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Binary { operator, .. } => *operator != BinaryOperator::Coalesce,
        ExprKind::Call { name, .. } => answers_bool(&name.text),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => tells_by_itself(operand),
        ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => true,
        _ => false,
    }
}

fn answers_bool(name: &str) -> bool {
    FunctionSpec::named(name).is_some_and(|function| {
        (function.signatures.iter()).all(|signature| signature.result == Type::Bool)
    })
}

impl Observer for Recorder<'_> {
    fn enters(&mut self, _: &FunctionItem, _: &[Value]) {
        self.frames.push(Frame::default());
    }

    fn leaves(&mut self, _: &FunctionItem, value: &Value, producer: Option<&Expr>) {
        if let [_] = self.frames.as_slice() {
            self.producer = producer.map(|expr| (expr.span, expr.id));
            if let (Some(producer), Some(_)) = (producer, value.as_number()) {
                let mut terms = Vec::new();
                self.terms_of(producer, false, &mut terms);
                if terms.len() > 1 {
                    self.terms = terms;
                }
            }
        }
        self.frames.pop();
    }

    fn value(&mut self, expr: &Expr, value: &Value) {
        if let Some(frame) = self.frames.last_mut() {
            frame.values.insert(expr.id, value.clone());
        }
        // The right side of `&&` and `||`, where it decided.
        if let ExprKind::Binary {
            operator: BinaryOperator::And | BinaryOperator::Or,
            right,
            ..
        } = &expr.kind
            && let Value::Bool(holds) = value
            && !tells_by_itself(right)
            && self.value_of(right).is_some()
        {
            self.plain(right, *holds);
        }
    }

    fn field(&mut self, expr: &Expr, side: Side, _: u32, name: &Name, value: &Value) {
        let known = (self.reads.iter()).any(|read| read.side == side && read.field == *name.text);
        if !known {
            let read = FieldRead {
                side,
                field: name.text.to_string(),
                value: self.seen(expr, value),
                line: self.line(name.span),
            };
            self.reads.push(read);
        }
    }

    fn operation(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
        value: &Value,
    ) {
        let (
            Value::Bool(holds),
            ExprKind::Binary {
                left: x, right: y, ..
            },
        ) = (value, &expr.kind)
        else {
            return;
        };
        let test = Test::Compared {
            left: self.seen(x, left),
            operator: operator.text().to_owned(),
            right: self.seen(y, right),
        };
        self.condition(expr.span, test, *holds);
    }

    fn sides(&mut self, expr: &Expr, operator: BinaryOperator, left: &Value, right: bool) {
        // What an earlier round of a loop left of a side that is skipped now.
        if let (ExprKind::Binary { right: side, .. }, false) = (&expr.kind, right)
            && let Some(frame) = self.frames.last_mut()
        {
            frame.values.remove(&side.id);
        }
        if let (ExprKind::Binary { left: x, .. }, Value::Bool(holds)) = (&expr.kind, left)
            && operator != BinaryOperator::Coalesce
        {
            self.plain(x, *holds);
        }
    }

    fn branch(&mut self, expr: &Expr, condition: &Expr, holds: bool) {
        self.plain(condition, holds);
        self.decided(expr.span, condition.span, self.text(condition.span), holds);
    }

    fn guard(&mut self, _: &Arm, guard: &Expr, holds: bool) {
        self.plain(guard, holds);
    }

    fn switch(&mut self, expr: &Expr, subject: &Value, taken: Taken<'_>) {
        let ExprKind::Switch { subject: of, .. } = &expr.kind else {
            return;
        };
        let (span, matched) = match taken {
            Taken::Arm(arm) => (arm.span, true),
            Taken::Default(default) => (default.span, false),
            Taken::Nothing => (of.span, false),
        };
        let test = Test::Switched {
            subject: self.seen(of, subject),
        };
        self.condition(span, test, matched);
        let under = match taken {
            Taken::Arm(_) => self.text(span),
            Taken::Default(_) => format!("_ => {}", self.text(span)),
            Taken::Nothing => return,
        };
        self.decided(expr.span, span, under, true);
    }

    fn called(&mut self, expr: &Expr, name: &Name, arguments: &[Value], value: &Value) {
        let (Value::Bool(holds), true) = (value, answers_bool(&name.text)) else {
            return;
        };
        let ExprKind::Call {
            receiver,
            arguments: given,
            ..
        } = &expr.kind
        else {
            return;
        };
        let given = receiver.as_deref().into_iter().chain(given);
        let arguments = (given.zip(arguments))
            .map(|(expr, value)| self.seen(expr, value))
            .collect();
        self.condition(expr.span, Test::Called { arguments }, *holds);
    }

    fn assigns(
        &mut self,
        statement: &Statement,
        name: &Name,
        operator: Option<BinaryOperator>,
        _: &Value,
        after: &Value,
    ) {
        if after.as_number().is_none() {
            return;
        }
        let terms = self.summed(statement, operator);
        if let Some(frame) = self.frame() {
            frame.sums.insert(name.text.to_string(), terms);
        }
    }
}
