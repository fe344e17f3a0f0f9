//! What a policy's text means: our syntax tree, evaluated by the small evaluator below, against
//! Rhai's interpreter in its sandbox, on functions made at random from a grammar of the subset.
//!
//! The evaluator is written for reading: it says what each construct means and has no tricks. It
//! holds the tree, too: a construct that our parser took for another would come out differently.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use bookwright::syntax::ast::{
    BinaryOperator as Op, Block, Expr, ExprKind, FunctionItem, PatternKind, Piece, Script,
    StatementKind, UnaryOperator,
};
use bookwright::syntax::{self, Severity};
use bookwright::{Limits, Sandbox, SandboxFacts, Side, Value};
use proptest::prelude::*;

/// Why a call has no value: a message is the interpreter's affair, that it fails is the meaning.
#[derive(Debug, Clone, PartialEq)]
struct Failed;

/// How a statement ends.
enum Flow {
    Next(Value),
    Return(Value),
    Break,
    Continue,
}

type Outcome = Result<Value, Failed>;

/// One call of a function: its locals, the innermost last.
struct Frame<'s> {
    script: &'s Script,
    constants: &'s BTreeMap<Arc<str>, Value>,
    customer: &'s BTreeMap<String, Value>,
    locals: Vec<(Arc<str>, Value)>,
}

/// An expression's value, or a `return` inside one of its blocks.
enum Left {
    Failed,
    Return(Value),
    Break,
    Continue,
}

impl From<Failed> for Left {
    fn from(_: Failed) -> Self {
        Self::Failed
    }
}

type Eval = Result<Value, Left>;

impl<'s> Frame<'s> {
    fn call(&self, function: &'s FunctionItem, arguments: Vec<Value>) -> Outcome {
        let names = function.parameters.iter().map(|name| name.text.clone());
        let mut frame = Frame {
            locals: names.zip(arguments).collect(),
            ..*self
        };
        match frame.block(&function.body) {
            Ok(Flow::Next(value) | Flow::Return(value)) => Ok(value),
            _ => Err(Failed),
        }
    }

    /// The value of the last statement; locals of the block end with it.
    fn block(&mut self, block: &'s Block) -> Result<Flow, Failed> {
        let outer = self.locals.len();
        let mut last = Value::Unit;
        for statement in &block.statements {
            match self.statement(&statement.kind) {
                Ok(value) => last = value,
                Err(left) => {
                    self.locals.truncate(outer);
                    return match left {
                        Left::Failed => Err(Failed),
                        Left::Return(value) => Ok(Flow::Return(value)),
                        Left::Break => Ok(Flow::Break),
                        Left::Continue => Ok(Flow::Continue),
                    };
                }
            }
        }
        self.locals.truncate(outer);
        Ok(Flow::Next(last))
    }

    /// A block inside an expression: a `return` in it leaves the whole function.
    fn inner(&mut self, block: &'s Block) -> Eval {
        match self.block(block)? {
            Flow::Next(value) => Ok(value),
            Flow::Return(value) => Err(Left::Return(value)),
            Flow::Break => Err(Left::Break),
            Flow::Continue => Err(Left::Continue),
        }
    }

    fn statement(&mut self, statement: &'s StatementKind) -> Eval {
        match statement {
            StatementKind::Let { name, value, .. } => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => Value::Unit,
                };
                self.locals.push((name.text.clone(), value));
                Ok(Value::Unit)
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => {
                let mut value = self.eval(value)?;
                if let Some(operator) = operator {
                    let before = self.local(&name.text).ok_or(Failed)?;
                    value = match (operator, &before, value) {
                        // Only here an array takes a single element.
                        (Op::Add, Value::Array(elements), value)
                            if !matches!(value, Value::Array(_)) =>
                        {
                            Value::Array(elements.iter().cloned().chain([value]).collect())
                        }
                        (_, _, value) => binary(*operator, &before, &value)?,
                    };
                }
                let slot = self
                    .locals
                    .iter_mut()
                    .rev()
                    .find(|(known, _)| *known == name.text);
                slot.ok_or(Failed)?.1 = value;
                Ok(Value::Unit)
            }
            StatementKind::For {
                variable,
                counter,
                over,
                body,
            } => {
                let elements: Vec<Value> = match &over.kind {
                    ExprKind::Range {
                        start,
                        end,
                        inclusive,
                    } => {
                        let (Value::Int(start), Value::Int(end)) =
                            (self.eval(start)?, self.eval(end)?)
                        else {
                            return Err(Left::Failed);
                        };
                        let end = if *inclusive { end + 1 } else { end };
                        (start..end).map(Value::Int).collect()
                    }
                    _ => match self.eval(over)? {
                        Value::Array(elements) => elements.to_vec(),
                        _ => return Err(Left::Failed),
                    },
                };
                for (at, element) in elements.into_iter().enumerate() {
                    let outer = self.locals.len();
                    if let Some(counter) = counter {
                        self.locals
                            .push((counter.text.clone(), Value::Int(at as i64)));
                    }
                    self.locals.push((variable.text.clone(), element));
                    let flow = self.block(body);
                    self.locals.truncate(outer);
                    match flow? {
                        Flow::Next(_) | Flow::Continue => {}
                        Flow::Break => break,
                        Flow::Return(value) => return Err(Left::Return(value)),
                    }
                }
                Ok(Value::Unit)
            }
            StatementKind::Return(value) => {
                let value = value
                    .as_ref()
                    .map_or(Ok(Value::Unit), |value| self.eval(value))?;
                Err(Left::Return(value))
            }
            StatementKind::Break => Err(Left::Break),
            StatementKind::Continue => Err(Left::Continue),
            StatementKind::Expr { expr, semicolon } => {
                let value = self.eval(expr)?;
                Ok(if *semicolon { Value::Unit } else { value })
            }
            StatementKind::Broken => unreachable!("the text has no errors"),
        }
    }

    fn local(&self, name: &str) -> Option<Value> {
        let known = self.locals.iter().rev().find(|(known, _)| &**known == name);
        known.map(|(_, value)| value.clone())
    }

    fn eval(&mut self, expr: &'s Expr) -> Eval {
        Ok(match &expr.kind {
            ExprKind::Unit => Value::Unit,
            ExprKind::Bool(bool) => Value::Bool(*bool),
            ExprKind::Int(int) => Value::Int(*int),
            ExprKind::Float(float) => Value::Float(*float),
            ExprKind::Text(text) => Value::Text(text.clone()),
            ExprKind::Interpolated(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(piece) => text.push_str(piece),
                        Piece::Expr(expr) => text.push_str(&written(&self.eval(expr)?)?),
                    }
                }
                Value::from(text.as_str())
            }
            ExprKind::Array(elements) => {
                let mut values = Vec::new();
                for element in elements {
                    values.push(self.eval(element)?);
                }
                Value::Array(values.into())
            }
            ExprKind::Map(entries) => {
                let mut map = BTreeMap::new();
                for (name, value) in entries {
                    map.insert(name.text.clone(), self.eval(value)?);
                }
                Value::Map(Arc::new(map))
            }
            ExprKind::Variable(name) => {
                let known = self
                    .local(name)
                    .or_else(|| self.constants.get(name).cloned());
                known.ok_or(Failed)?
            }
            ExprKind::Unary { operator, operand } => unary(*operator, &self.eval(operand)?)?,
            ExprKind::Binary {
                operator,
                left,
                right,
                ..
            } => self.operator(*operator, left, right)?,
            ExprKind::Range { .. } => unreachable!("a range stands after `in` only"),
            ExprKind::Field {
                receiver,
                name,
                optional,
                ..
            } => match self.eval(receiver)? {
                Value::Record(Side::Customer, _) => {
                    self.customer.get(&*name.text).cloned().ok_or(Failed)?
                }
                Value::Map(map) => map.get(&name.text).cloned().unwrap_or(Value::Unit),
                Value::Unit if *optional => Value::Unit,
                value if &*name.text == "len" => length(&value)?,
                _ => return Err(Left::Failed),
            },
            ExprKind::Index {
                receiver,
                index,
                optional,
            } => {
                let receiver = self.eval(receiver)?;
                if *optional && receiver == Value::Unit {
                    return Ok(Value::Unit);
                }
                let (Value::Array(elements), Value::Int(index)) = (receiver, self.eval(index)?)
                else {
                    return Err(Left::Failed);
                };
                let from_end = if index < 0 { elements.len() as i64 } else { 0 };
                let at = usize::try_from(index.checked_add(from_end).ok_or(Failed)?).ok();
                at.and_then(|at| elements.get(at).cloned()).ok_or(Failed)?
            }
            ExprKind::Call {
                name,
                receiver,
                optional,
                arguments,
            } => {
                let mut values = Vec::new();
                if let Some(receiver) = receiver {
                    values.push(self.eval(receiver)?);
                    if *optional && values[0] == Value::Unit {
                        return Ok(Value::Unit);
                    }
                }
                for argument in arguments {
                    values.push(self.eval(argument)?);
                }
                match self.script.function(&name.text) {
                    Some(function) => self.call(function, values)?,
                    None => host(&name.text, &values)?,
                }
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                if truth(&self.eval(condition)?)? {
                    self.inner(then)?
                } else if let Some(otherwise) = otherwise {
                    self.eval(otherwise)?
                } else {
                    Value::Unit
                }
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                let subject = self.eval(subject)?;
                for arm in arms {
                    if !arm.patterns.iter().any(|it| matches(&it.kind, &subject)) {
                        continue;
                    }
                    let open = match &arm.guard {
                        Some(guard) => truth(&self.eval(guard)?)?,
                        None => true,
                    };
                    if open {
                        return self.eval(&arm.body);
                    }
                }
                match default {
                    Some(default) => self.eval(default)?,
                    None => Value::Unit,
                }
            }
            ExprKind::Block(block) => self.inner(block)?,
            ExprKind::Broken => unreachable!("the text has no errors"),
        })
    }

    fn operator(&mut self, operator: Op, left: &'s Expr, right: &'s Expr) -> Eval {
        let x = self.eval(left)?;
        Ok(match operator {
            Op::And => Value::Bool(truth(&x)? && truth(&self.eval(right)?)?),
            Op::Or => Value::Bool(truth(&x)? || truth(&self.eval(right)?)?),
            Op::Coalesce if x == Value::Unit => self.eval(right)?,
            Op::Coalesce => x,
            Op::In | Op::NotIn => {
                let found = match &right.kind {
                    ExprKind::Range {
                        start,
                        end,
                        inclusive,
                    } => {
                        let (Value::Int(x), Value::Int(start), Value::Int(end)) =
                            (x, self.eval(start)?, self.eval(end)?)
                        else {
                            return Err(Left::Failed);
                        };
                        x >= start && (x < end || *inclusive && x == end)
                    }
                    _ => within(&x, &self.eval(right)?)?,
                };
                Value::Bool(found == (operator == Op::In))
            }
            _ => binary(operator, &x, &self.eval(right)?)?,
        })
    }
}

fn truth(value: &Value) -> Result<bool, Failed> {
    match value {
        Value::Bool(bool) => Ok(*bool),
        _ => Err(Failed),
    }
}

fn within(x: &Value, whole: &Value) -> Result<bool, Failed> {
    match (x, whole) {
        (x, Value::Array(elements)) => Ok(elements.iter().any(|element| equal(x, element))),
        (Value::Text(x), Value::Text(whole)) => Ok(whole.contains(&**x)),
        _ => Err(Failed),
    }
}

/// A pattern matches by kind and value; a range takes the floats between, too.
fn matches(pattern: &PatternKind, value: &Value) -> bool {
    match (pattern, value) {
        (PatternKind::Unit, Value::Unit) => true,
        (PatternKind::Bool(x), Value::Bool(y)) => x == y,
        (PatternKind::Int(x), Value::Int(y)) => x == y,
        (PatternKind::Float(x), Value::Float(y)) => x.to_bits() == y.to_bits(),
        (PatternKind::Text(x), Value::Text(y)) => x == y,
        (
            PatternKind::Range {
                start,
                end,
                inclusive,
            },
            Value::Int(y),
        ) => start <= y && (y < end || *inclusive && y == end),
        (
            PatternKind::Range {
                start,
                end,
                inclusive,
            },
            Value::Float(y),
        ) => {
            let (start, end) = (*start as f64, *end as f64);
            start <= *y && (*y < end || *inclusive && *y == end)
        }
        _ => false,
    }
}

fn unary(operator: UnaryOperator, value: &Value) -> Outcome {
    match (operator, value) {
        (UnaryOperator::Minus, Value::Int(int)) => int.checked_neg().map(Value::Int).ok_or(Failed),
        (UnaryOperator::Minus, Value::Float(float)) => Ok(Value::Float(-float)),
        (UnaryOperator::Plus, Value::Int(_) | Value::Float(_)) => Ok(value.clone()),
        (UnaryOperator::Not, Value::Bool(bool)) => Ok(Value::Bool(!bool)),
        _ => Err(Failed),
    }
}

fn binary(operator: Op, x: &Value, y: &Value) -> Outcome {
    match operator {
        Op::Equal => return Ok(Value::Bool(equal(x, y))),
        Op::NotEqual => return Ok(Value::Bool(unequal(x, y))),
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
            return match (x, y) {
                (Value::Array(_), Value::Array(_)) | (Value::Map(_), Value::Map(_)) => Err(Failed),
                _ => Ok(Value::Bool(ordered(operator, x, y))),
            };
        }
        _ => {}
    }
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => ints(operator, *x, *y),
        (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
            floats(operator, x.as_number().unwrap(), y.as_number().unwrap())
        }
        (Value::Bool(x), Value::Bool(y)) => match operator {
            Op::BitAnd => Ok(Value::Bool(x & y)),
            Op::BitOr => Ok(Value::Bool(x | y)),
            Op::BitXor => Ok(Value::Bool(x ^ y)),
            _ => Err(Failed),
        },
        (Value::Array(x), Value::Array(y)) if operator == Op::Add => {
            Ok(Value::Array(x.iter().chain(y.iter()).cloned().collect()))
        }
        (Value::Text(x), y) if operator == Op::Add => {
            Ok(Value::from(format!("{x}{}", written(y)?).as_str()))
        }
        (x, Value::Text(y)) if operator == Op::Add => {
            Ok(Value::from(format!("{}{y}", written(x)?).as_str()))
        }
        _ => Err(Failed),
    }
}

fn ints(operator: Op, x: i64, y: i64) -> Outcome {
    let result = match operator {
        Op::Add => x.checked_add(y),
        Op::Subtract => x.checked_sub(y),
        Op::Multiply => x.checked_mul(y),
        Op::Divide => x.checked_div(y),
        Op::Modulo => x.checked_rem(y),
        Op::Power => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        Op::BitAnd => Some(x & y),
        Op::BitOr => Some(x | y),
        Op::BitXor => Some(x ^ y),
        _ => None,
    };
    result.map(Value::Int).ok_or(Failed)
}

fn floats(operator: Op, x: f64, y: f64) -> Outcome {
    let result = match operator {
        Op::Add => x + y,
        Op::Subtract => x - y,
        Op::Multiply => x * y,
        Op::Divide => x / y,
        Op::Modulo => x % y,
        Op::Power => x.powf(y),
        _ => return Err(Failed),
    };
    Ok(Value::Float(result))
}

/// How far apart two floats are for a comparison: relative to the greater one, or absolutely
/// where their product is 0. Against a NaN the greater one is the other: 0 equals NaN.
fn apart(x: f64, y: f64) -> f64 {
    let scale = if x * y == 0.0 {
        1.0
    } else {
        x.abs().max(y.abs())
    };
    if scale == 0.0 { 0.0 } else { (x - y) / scale }
}

fn numbers(x: &Value, y: &Value) -> Option<(f64, f64)> {
    Some((x.as_number()?, y.as_number()?))
}

fn equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| equal(x, y))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len()
                && x.iter()
                    .zip(y.iter())
                    .all(|((k, x), (l, y))| k == l && equal(x, y))
        }
        _ => match numbers(x, y) {
            Some((x, y)) => apart(x, y).abs() <= f64::EPSILON,
            None => x == y,
        },
    }
}

/// Not the contrary of [`equal`]: infinite floats are neither.
fn unequal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => x != y,
        _ => match numbers(x, y) {
            Some((x, y)) => apart(x, y).abs() > f64::EPSILON,
            None => !equal(x, y),
        },
    }
}

/// Unlike kinds are in no order; two arrays or maps never come here.
fn ordered(operator: Op, x: &Value, y: &Value) -> bool {
    let kept = |order: std::cmp::Ordering| match operator {
        Op::Less => order.is_lt(),
        Op::LessOrEqual => order.is_le(),
        Op::Greater => order.is_gt(),
        _ => order.is_ge(),
    };
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => kept(x.cmp(y)),
        (Value::Text(x), Value::Text(y)) => kept(x.cmp(y)),
        (Value::Bool(x), Value::Bool(y)) => kept(x.cmp(y)),
        _ => numbers(x, y).is_some_and(|(x, y)| match operator {
            Op::Less => apart(y, x) > f64::EPSILON,
            Op::LessOrEqual => apart(y, x) > -f64::EPSILON,
            Op::Greater => apart(x, y) > f64::EPSILON,
            _ => apart(x, y) > -f64::EPSILON,
        }),
    }
}

/// A value that becomes part of a text.
fn written(value: &Value) -> Result<String, Failed> {
    Ok(match value {
        Value::Unit => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Float(float) => match float.abs() {
            0.0 => "0.0".to_owned(),
            size if size > 1e13 || size < f64::from(1e-13_f32) => format!("{float:e}"),
            size if size.fract() == 0.0 => format!("{float}.0"),
            _ => float.to_string(),
        },
        _ => quoted(value),
    })
}

/// A value inside an array or a map that becomes part of a text.
fn quoted(value: &Value) -> String {
    match value {
        Value::Unit => "()".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Text(text) => format!("{text:?}"),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(quoted).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Map(map) => {
            let entry = |(key, value): (&Arc<str>, &Value)| format!("{key:?}: {}", quoted(value));
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("#{{{}}}", entries.join(", "))
        }
        Value::Time(time) => time.to_string(),
        Value::Record(side, _) => side.name().to_owned(),
    }
}

fn length(value: &Value) -> Outcome {
    Ok(Value::Int(match value {
        Value::Text(text) => text.chars().count() as i64,
        Value::Array(elements) => elements.len() as i64,
        Value::Map(map) => map.len() as i64,
        _ => return Err(Failed),
    }))
}

/// The few host functions of the grammar.
fn host(name: &str, values: &[Value]) -> Outcome {
    match (name, values) {
        ("len", [value]) => length(value),
        ("abs", [Value::Int(int)]) => int.checked_abs().map(Value::Int).ok_or(Failed),
        ("abs", [Value::Float(float)]) => Ok(Value::Float(float.abs())),
        ("has", [Value::Array(elements), x]) => Ok(Value::Bool(
            elements.iter().any(|element| equal(x, element)),
        )),
        ("to_float", [value]) => value.as_number().map(Value::Float).ok_or(Failed),
        _ => Err(Failed),
    }
}

/// Strategies for texts of expressions of each kind, up to one depth.
#[derive(Clone)]
struct Level {
    int: BoxedStrategy<String>,
    float: BoxedStrategy<String>,
    bool: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
    array: BoxedStrategy<String>,
    /// What can stand in a text.
    plain: BoxedStrategy<String>,
    any: BoxedStrategy<String>,
}

fn one_of(texts: &[&str]) -> BoxedStrategy<String> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    prop::sample::select(texts).boxed()
}

/// A template whose `$` stand for the given strategies, in order.
fn fill(template: &'static str, parts: Vec<&BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let parts: Vec<BoxedStrategy<String>> = parts.into_iter().cloned().collect();
    parts
        .prop_map(move |parts| {
            let mut text = String::new();
            let mut parts = parts.iter();
            for piece in template.split_inclusive('§') {
                text.push_str(piece.trim_end_matches('§'));
                if piece.ends_with('§') {
                    text.push_str(parts.next().unwrap());
                }
            }
            text
        })
        .boxed()
}

impl Level {
    fn leaves() -> Self {
        let int = one_of(&[
            "0",
            "1",
            "2",
            "7",
            "-3",
            "0x10",
            "1_000",
            "9223372036854775807",
            "a",
            "i",
            "K",
            "c.employees",
            "xs[0]",
        ]);
        let float = one_of(&[
            "0.0",
            "0.5",
            "1.0",
            "2.5",
            "-1.5",
            "1e3",
            "0.1",
            "1e-17",
            "b",
            "x",
            "c.potential",
        ]);
        let bool = one_of(&["true", "false", "p", "c.vip"]);
        let text = one_of(&[
            "\"\"",
            "\"a\"",
            "\"east\"",
            "\"公司\"",
            "'",
            "t",
            "s",
            "c.region",
        ])
        .prop_map(|text| {
            if text == "'" {
                "\"it's \\\"so\\\"\\n\"".to_owned()
            } else {
                text
            }
        })
        .boxed();
        let array = one_of(&["[]", "xs", "[1, 2, 7]", "[0.5, 1, \"a\"]", "c.tags", "[()]"]);
        let unit = one_of(&["()", "c.industry", "u", "M.none"]);
        let plain =
            prop_oneof![3 => int.clone(), 1 => bool.clone(), 2 => text.clone(), 1 => unit.clone()]
                .boxed();
        let any = prop_oneof![4 => plain.clone(), 2 => float.clone(), 1 => array.clone(), 1 => one_of(&["M.k", "M[\"l\"]", "#{ k: 1 }", "M"])].boxed();
        Self {
            int,
            float,
            bool,
            text,
            array,
            plain,
            any,
        }
    }

    fn next(&self) -> Self {
        let Self {
            int,
            float,
            bool,
            text,
            array,
            plain,
            any,
        } = self;
        let arithmetic = |of: &'static [&'static str]| prop::sample::select(of.to_vec());
        let infix = |left: &BoxedStrategy<String>,
                     operators: &'static [&'static str],
                     right: &BoxedStrategy<String>| {
            (
                left.clone(),
                arithmetic(operators),
                right.clone(),
                any_parentheses(),
            )
                .prop_map(|(left, operator, right, parentheses)| match parentheses {
                    0 => format!("({left} {operator} {right})"),
                    1 => format!("({left}) {operator} ({right})"),
                    _ => format!("{left} {operator} {right}"),
                })
                .boxed()
        };
        let choice = |of: &BoxedStrategy<String>| {
            prop_oneof![
                fill("if § { § } else { § }", vec![bool, of, of]).prop_map(in_parentheses),
                fill(
                    "if § { let i = 5; § } else if § { § } else { § }",
                    vec![bool, of, bool, of, of]
                )
                .prop_map(in_parentheses),
                fill(
                    "switch § { 1 | 2 => §, 7 => §, 0..10 => §, _ => § }",
                    vec![any, of, of, of, of]
                )
                .prop_map(in_parentheses),
                fill(
                    "switch § { 3 if § => §, 2.5 => §, 2..=7 => §, _ => § }",
                    vec![any, bool, of, of, of, of]
                )
                .prop_map(in_parentheses),
                fill(
                    "switch § { \"a\" | \"east\" => §, true => § , () => { § } , _ => § }",
                    vec![any, of, of, of, of]
                )
                .prop_map(in_parentheses),
                fill("§ ?? §", vec![any, of]).prop_map(in_parentheses),
                fill("{ let q = §; let i = q; i }", vec![of]).prop_map(in_parentheses),
                fill("same(§)", vec![of]),
            ]
            .boxed()
        };
        let int = prop_oneof![
            4 => int.clone(),
            6 => infix(int, &["+", "-", "*", "/", "%", "&", "|", "^"], int),
            1 => infix(int, &["**"], &one_of(&["0", "2", "3", "-1", "64"])).prop_map(in_parentheses),
            1 => fill("-(§)", vec![int]),
            1 => fill("abs(§)", vec![int]),
            1 => fill("len(§)", vec![text]),
            1 => fill("(§).len", vec![array]),
            1 => fill("(§)[§]", vec![array, int]),
            1 => fill("less(§, §)", vec![int, any]),
            2 => choice(int),
        ].boxed();
        let float = prop_oneof![
            3 => float.clone(),
            4 => infix(float, &["+", "-", "*", "/", "%"], float),
            2 => infix(float, &["+", "-", "*", "/"], &self.int),
            2 => infix(&self.int, &["+", "-", "*", "/"], float),
            1 => fill("-(§)", vec![float]),
            1 => fill("to_float(§)", vec![&self.int]),
            2 => choice(float),
        ]
        .boxed();
        let compared: &'static [&'static str] = &["==", "!=", "<", "<=", ">", ">="];
        let bool = prop_oneof![
            2 => bool.clone(),
            3 => infix(&self.int, compared, &self.int),
            3 => infix(&self.float, compared, &self.float),
            2 => infix(&self.int, compared, &self.float),
            2 => infix(text, compared, text),
            2 => infix(any, &["==", "!=", "<", ">="], any),
            3 => infix(bool, &["&&", "||", "&", "|", "^"], bool),
            1 => fill("!(§)", vec![bool]),
            1 => fill("(§ in §)", vec![any, array]),
            1 => fill("(§ !in §)", vec![any, array]),
            1 => fill("(§ in §)", vec![text, text]),
            1 => fill("((§) in 0..5)", vec![&self.int]),
            1 => fill("((§) in -3..=7)", vec![&self.int]),
            1 => fill("c.tags.has(§)", vec![text]),
            2 => choice(bool),
        ]
        .boxed();
        let text = prop_oneof![
            3 => text.clone(),
            2 => infix(text, &["+"], plain).prop_map(in_parentheses),
            1 => fill("(§ + (§))", vec![plain, text]),
            2 => fill("`<${§}|${§}>`", vec![plain, plain]),
            1 => fill("`${ let q = §; q }`", vec![plain]),
            1 => choice(text),
        ]
        .boxed();
        let array = prop_oneof![
            3 => array.clone(),
            2 => fill("[§, §]", vec![any, any]),
            1 => fill("(§ + §)", vec![array, array]),
            1 => choice(array),
        ]
        .boxed();
        let plain = prop_oneof![2 => int.clone(), 1 => bool.clone(), 2 => text.clone(), 1 => plain.clone(), 1 => one_of(&["u?.k", "(())?.len", "c?.region"])].boxed();
        let any = prop_oneof![3 => plain.clone(), 2 => float.clone(), 1 => array.clone(), 1 => any.clone(), 1 => choice(any),
            1 => fill("(if § { § })", vec![&bool, any]), 1 => fill("#{ k: §, \"l\": § }.k", vec![any, any])].boxed();
        Self {
            int,
            float,
            bool,
            text,
            array,
            plain,
            any,
        }
    }
}

fn any_parentheses() -> impl Strategy<Value = u8> {
    0..3u8
}

fn in_parentheses(text: String) -> String {
    format!("({text})")
}

/// Statements over the locals `i`, `x`, `s`, `p`, `r`.
fn statements(level: &Level, depth: u32) -> BoxedStrategy<String> {
    let Level {
        int,
        float,
        bool,
        text,
        array,
        any,
        ..
    } = level;
    let simple = prop_oneof![
        3 => fill("i = §;", vec![int]),
        2 => fill("i += §;", vec![int]),
        1 => fill("i *= §;", vec![int]),
        1 => fill("i -= §;", vec![any]),
        2 => fill("x = §;", vec![float]),
        1 => fill("x += §;", vec![any]),
        1 => fill("x /= §;", vec![float]),
        2 => fill("s += §;", vec![&level.plain]),
        2 => fill("p = §;", vec![bool]),
        2 => fill("r = §;", vec![array]),
        1 => fill("let i = §;", vec![int]),
        1 => fill("const z = §;", vec![any]),
        1 => fill("§;", vec![any]),
        1 => fill("if § { return §; }", vec![bool, any]),
        1 => fill("s = §;", vec![text]),
    ]
    .boxed();
    if depth == 0 {
        return simple;
    }
    let inner = prop::collection::vec(statements(level, depth - 1), 0..3)
        .prop_map(|lines| lines.join(" "))
        .boxed();
    let leave = one_of(&["", "break;", "continue;"]);
    prop_oneof![
        4 => simple,
        1 => fill("if § { § } else { § }", vec![bool, &inner, &inner]),
        1 => fill("if § { § } else if § { § }", vec![bool, &inner, bool, &inner]),
        1 => fill("for v in § { § if § { § } i += 1; }", vec![array, &inner, bool, &leave]),
        1 => fill("for v in 0..3 { § if § { § } i += v; }", vec![&inner, bool, &leave]),
        1 => fill("for (v, k) in § { i += k; if § { § } § }", vec![array, bool, &leave, &inner]),
        1 => fill("for k in -1..=§ { § }", vec![&one_of(&["1", "-5", "len(xs)", "2"]), &inner]),
        1 => fill("{ § }", vec![&inner]),
        1 => fill("switch § { 1 => { § } 2 if § => { § } _ => { § } }", vec![any, &inner, bool, &inner, &inner]),
    ]
    .boxed()
}

fn policies() -> BoxedStrategy<String> {
    let one = Level::leaves().next();
    let two = one.next();
    let lines = prop::collection::vec(statements(&one, 2), 0..5)
        .prop_map(|lines| lines.join("\n    "))
        .boxed();
    let ending = prop_oneof![
        fill("[i, x, s, p, r, §]", vec![&two.any]),
        fill("return [i, x, s, p, r, §];", vec![&two.any]),
        two.any.clone()
    ]
    .boxed();
    fill(
        "const K = 12; const M = #{ k: 1, \"l\": \"text\" };
fn same(value) { value }
fn less(n, m) { if m == 3 { return 0 - n; } n - 1 }
fn f(c, a, b, t, xs, u) {
    let i = §; let x = §; let s = \"\"; let p = §; let r = [];
    §
    §
}",
        vec![&one.int, &one.float, &one.bool, &lines, &ending],
    )
}

fn customer() -> BTreeMap<String, Value> {
    let tags: Arc<[Value]> = ["vip", "warm"].map(Value::from).into();
    [
        ("employees", Value::Int(12)),
        ("potential", Value::Float(2.5)),
        ("vip", Value::Bool(true)),
        ("region", Value::from("east")),
        ("industry", Value::Unit),
        ("tags", Value::Array(tags)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Floats to the bit, but for how a NaN came about.
fn same(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Float(x), Value::Float(y)) => {
            x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| same(x, y))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len()
                && x.iter()
                    .zip(y.iter())
                    .all(|((k, x), (l, y))| k == l && same(x, y))
        }
        _ => x == y,
    }
}

/// Both meanings of a text; nothing where a limit of the sandbox is in the way.
fn meanings(text: &str, arguments: &[Value]) -> Option<(Outcome, Result<Value, String>)> {
    let limits = Limits::default();
    let parsed = syntax::parse(text, &limits);
    let errors: Vec<String> = (parsed.diagnostics.iter())
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{}: {}", found.code, found.message))
        .collect();
    if errors.iter().any(|error| error.contains("deep")) {
        return None;
    }
    assert_eq!(errors, Vec::<String>::new(), "\n{text}");
    let facts = SandboxFacts {
        customer: customer(),
        ..SandboxFacts::default()
    };
    let mut sandbox =
        Sandbox::compile(text, &limits, &facts).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let interpreted = match sandbox.call("f", arguments) {
        Err(error) if error.kind != "failed" || error.message.contains("more than") => return None,
        outcome => outcome.map_err(|error| error.message),
    };
    let constants = sandbox.constants();
    let customer = customer();
    let frame = Frame {
        script: &parsed.script,
        constants: &constants,
        customer: &customer,
        locals: Vec::new(),
    };
    let function = parsed.script.function("f").unwrap();
    Some((frame.call(function, arguments.to_vec()), interpreted))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_text_means_the_same_to_our_tree_and_to_rhai(
        text in policies(),
        a in prop::sample::select(vec![0i64, 1, 2, 3, 7, -4, i64::MAX, i64::MIN]),
        b in prop::sample::select(vec![0.0, -0.0, 0.1, 0.3, 2.5, 1e-200, 1e300, f64::INFINITY, f64::NAN]),
        t in prop::sample::select(vec!["", "a", "east", "华东"]),
        xs in prop::sample::select(vec![vec![], vec![1i64], vec![3, 1, 2]]),
        u in prop::sample::select(vec![Value::Unit, Value::Int(3), Value::from("a")]),
    ) {
        let xs = Value::Array(xs.into_iter().map(Value::Int).collect());
        let arguments = [Value::Record(Side::Customer, 0), Value::Int(a), Value::Float(b), Value::from(t), xs, u];
        if let Some((ours, rhais)) = meanings(&text, &arguments) {
            let agree = match (&ours, &rhais) {
                (Ok(ours), Ok(rhais)) => same(ours, rhais),
                (ours, rhais) => ours.is_err() && rhais.is_err(),
            };
            prop_assert!(agree, "{}\nours: {:?}\nRhai's: {:?}", text, ours, rhais);
        }
    }
}
