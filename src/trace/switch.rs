//! `switch`: exact values first, then ranges, each in the order of the arms.

use crate::language::Value;
use crate::syntax::ast::{Arm, Expr, PatternKind};

use super::evaluator::{Eval, Evaluator};
use super::observer::{Observer, Taken};

impl<'a, O: Observer> Evaluator<'a, '_, O> {
    pub(super) fn switch(
        &mut self,
        expr: &'a Expr,
        subject: &'a Expr,
        arms: &'a [Arm],
        default: Option<&'a Expr>,
    ) -> Eval {
        let subject = self.expression(subject)?;
        for ranges in [false, true] {
            for arm in arms {
                if !arm
                    .patterns
                    .iter()
                    .any(|pattern| matches(&subject, &pattern.kind, ranges))
                {
                    continue;
                }
                if let Some(guard) = &arm.guard {
                    let holds = self.condition(guard)?;
                    self.observer.guard(arm, guard, holds);
                    if !holds {
                        continue;
                    }
                }
                self.observer.switch(expr, &subject, Taken::Arm(arm));
                return self.expression(&arm.body);
            }
        }
        match default {
            Some(default) => {
                self.observer
                    .switch(expr, &subject, Taken::Default(default));
                self.expression(default)
            }
            None => {
                self.observer.switch(expr, &subject, Taken::Nothing);
                self.producer = Some(expr);
                Ok(Value::Unit)
            }
        }
    }
}

/// Whether a pattern matches: by kind and value, but ranges of ints take floats too.
fn matches(subject: &Value, pattern: &PatternKind, ranges: bool) -> bool {
    match (subject, pattern) {
        (_, PatternKind::Range { .. }) if !ranges => false,
        (
            Value::Int(x),
            PatternKind::Range {
                start,
                end,
                inclusive,
            },
        ) => x >= start && (x < end || (*inclusive && x == end)),
        (
            Value::Float(x),
            PatternKind::Range {
                start,
                end,
                inclusive,
            },
        ) => {
            let (low, high) = (*start as f64, *end as f64);
            // An empty range matches nothing, though its ends as floats may be one.
            (start < end || (*inclusive && start == end))
                && *x >= low
                && (*x < high || (*inclusive && *x == high))
        }
        _ if ranges => false,
        (Value::Unit, PatternKind::Unit) => true,
        (Value::Bool(x), PatternKind::Bool(y)) => x == y,
        (Value::Int(x), PatternKind::Int(y)) => x == y,
        (Value::Float(x), PatternKind::Float(y)) => x.to_bits() == y.to_bits(),
        (Value::Text(x), PatternKind::Text(y)) => x == y,
        _ => false,
    }
}
