//! Chains of fields, elements and methods: `a.b[i].c(d)`.
//!
//! The interpreter takes a chain as a whole, with brackets around a part of it or without: first
//! all indices and arguments from left to right, then what the chain begins with, then step by
//! step; and where a `?.` meets an absent value, the whole rest of the chain is absent.

use std::collections::VecDeque;

use crate::language::{CUSTOMER_FIELDS, FunctionSpec, REP_FIELDS, Side, Value};
use crate::script::builtins::with_article;
use crate::syntax::ast::{Expr, ExprKind, Name};

use super::evaluator::{Eval, Evaluator, fail};
use super::observer::Observer;
use super::places;

impl<'a, O: Observer> Evaluator<'a, '_, O> {
    /// The value of a chain, by its last step.
    pub(super) fn chain(&mut self, last: &'a Expr) -> Eval {
        // The commonest: one field of a name.
        if let ExprKind::Field { receiver, .. } = &last.kind
            && receiver.step().is_none()
        {
            let value = self.expression(receiver)?;
            return self.link(last, value, &mut VecDeque::new());
        }
        let (mut steps, mut base) = (Vec::new(), last);
        while let Some((receiver, _)) = base.step() {
            steps.push(base);
            base = receiver;
        }
        steps.reverse();
        let mut given = self.given(&steps)?;
        let mut value = self.expression(base)?;
        for step in steps {
            let (_, optional) = step.step().unwrap_or((step, false));
            if optional && matches!(value, Value::Unit) {
                self.observer.optional(step, true);
                return Ok(Value::Unit);
            }
            value = self.link(step, value, &mut given)?;
            if step.id != last.id {
                self.observer.value(step, &value);
            }
        }
        Ok(value)
    }

    /// The indices and arguments of all steps, in their order.
    fn given(&mut self, steps: &[&'a Expr]) -> Eval<VecDeque<Value>> {
        let mut given = VecDeque::new();
        for step in steps {
            match &step.kind {
                ExprKind::Index { index, .. } => given.push_back(self.expression(index)?),
                ExprKind::Call { arguments, .. } => {
                    for argument in arguments {
                        given.push_back(self.expression(argument)?);
                    }
                }
                _ => {}
            }
        }
        Ok(given)
    }

    fn link(&mut self, step: &'a Expr, value: Value, given: &mut VecDeque<Value>) -> Eval {
        if let Some((_, true)) = step.step() {
            let absent = matches!(value, Value::Unit);
            self.observer.optional(step, absent);
            if absent {
                return Ok(Value::Unit);
            }
        }
        match &step.kind {
            ExprKind::Field {
                name,
                bracket: false,
                ..
            } => self.field(step, &value, name),
            ExprKind::Field { name, .. } => {
                let place = name.span.start;
                self.element(
                    step,
                    value,
                    Value::Text(name.text.clone()),
                    Some(name),
                    place,
                )
            }
            ExprKind::Index { index, .. } => {
                let at = given.pop_front().unwrap_or(Value::Unit);
                let place = places::start(self.code.source, index);
                self.element(step, value, at, None, place)
            }
            ExprKind::Call {
                name, arguments, ..
            } => {
                let arguments = given.drain(..arguments.len().min(given.len())).collect();
                self.method(step, name, value, arguments)
            }
            _ => Ok(value),
        }
    }

    /// `value.name`
    fn field(&mut self, step: &Expr, value: &Value, name: &Name) -> Eval {
        match value {
            Value::Map(map) => Ok(map.get(&name.text).cloned().unwrap_or(Value::Unit)),
            Value::Record(side, row) => self.record_field(step, *side, *row, name),
            _ => {
                let property = FunctionSpec::named(&name.text).filter(|spec| {
                    spec.property && crate::script::takes(spec, &[with_article(value)])
                });
                match property {
                    Some(_) => self.host_function(step, name, std::slice::from_ref(value)),
                    None => fail(
                        name.span.start,
                        format!("{} has no `{}`", with_article(value), name.text),
                    ),
                }
            }
        }
    }

    fn record_field(&mut self, step: &Expr, side: Side, row: u32, name: &Name) -> Eval {
        let Some(field) = self.facts.field(side, &name.text) else {
            let message = format!("`{}` is not a field of a {}", name.text, side.name());
            return fail(self.place_of_field(step, side, name), message);
        };
        let value = self.facts.value(side, row, field);
        if let Some(refused) = super::sizes::Sizes::of(&value).refused(self.code.limits) {
            return fail(self.place_of_field(step, side, name), refused);
        }
        self.observer.field(step, side, row, name, &value);
        Ok(value)
    }

    /// Built-in fields are properties to the interpreter, the others elements.
    fn place_of_field(&self, step: &Expr, side: Side, name: &Name) -> u32 {
        let built_in = match side {
            Side::Customer => CUSTOMER_FIELDS,
            Side::Rep => REP_FIELDS,
        };
        let by_point = matches!(step.kind, ExprKind::Field { bracket: false, .. });
        if by_point && built_in.iter().any(|field| field.name == &*name.text) {
            name.span.start
        } else {
            self.sign_before(step)
        }
    }

    /// `value[at]`; `place` is where the index begins, `name` what it is where it is literal.
    fn element(
        &mut self,
        step: &'a Expr,
        value: Value,
        at: Value,
        name: Option<&Name>,
        place: u32,
    ) -> Eval {
        let needed = |what: &str| {
            fail(
                place,
                format!("{what} is needed here, not {}", with_article(&at)),
            )
        };
        match (&value, &at) {
            (Value::Array(values), Value::Int(at)) => match offset(values.len(), *at) {
                Some(offset) => Ok(values[offset].clone()),
                None => {
                    let length = values.len();
                    fail(
                        place,
                        format!("there is no element {at} in an array of {length}"),
                    )
                }
            },
            (Value::Text(text), Value::Int(at)) => {
                let length = text.chars().count();
                match offset(length, *at).and_then(|at| text.chars().nth(at)) {
                    Some(char) => Ok(Value::from(&*char.encode_utf8(&mut [0; 4]))),
                    None => fail(
                        place,
                        format!("there is no character {at} in a text of {length}"),
                    ),
                }
            }
            (Value::Int(int), Value::Int(at)) => match offset(64, *at) {
                Some(bit) => Ok(Value::Bool(int >> bit & 1 == 1)),
                None => fail(place, format!("there is no bit {at} in an int")),
            },
            (Value::Array(_) | Value::Text(_) | Value::Int(_), _) => needed("an int"),
            (Value::Map(map), Value::Text(key)) => Ok(map.get(key).cloned().unwrap_or(Value::Unit)),
            (Value::Map(_), _) => needed("a text"),
            (Value::Record(side, row), Value::Text(key)) => {
                let read = Name {
                    text: key.clone(),
                    span: name.map_or(step.span, |name| name.span),
                };
                self.record_field(step, *side, *row, &read)
            }
            _ => {
                let sign = self.sign_before(step);
                fail(
                    sign,
                    format!("{} has no such element", with_article(&value)),
                )
            }
        }
    }

    /// The `[` of a step.
    fn sign_before(&self, step: &Expr) -> u32 {
        let end = step
            .step()
            .map_or(step.span.start, |(receiver, _)| receiver.span.end);
        places::sign_after(self.code.source, end)
    }

    /// `value.name(arguments)`. A function of the script is called without the value: the
    /// interpreter has it as `this`, which is not in the language.
    fn method(
        &mut self,
        step: &'a Expr,
        name: &'a Name,
        value: Value,
        mut arguments: Vec<Value>,
    ) -> Eval {
        let own = (self.code.script.functions.iter()).find(|function| {
            function.name.text == name.text && function.parameters.len() == arguments.len()
        });
        if let Some(function) = own {
            return self.own_function(function, arguments, name.span.start);
        }
        arguments.insert(0, value);
        self.host_function(step, name, &arguments)
    }
}

/// Where an element is, negative places counted from the end.
fn offset(length: usize, at: i64) -> Option<usize> {
    let size = usize::try_from(at.unsigned_abs()).ok()?;
    if at < 0 {
        length.checked_sub(size)
    } else {
        Some(size).filter(|&size| size < length)
    }
}
