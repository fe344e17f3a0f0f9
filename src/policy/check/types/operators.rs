//! What operators take and give, as Rhai has it: kinds, absence and arithmetic. Comparisons have a
//! file of their own.

use std::rc::Rc;

use crate::syntax::ast::BinaryOperator;
use crate::syntax::{Diagnostic, Span};

use super::Checker;
use super::ty::{Interval, Kinds, Ty};

/// An operand and its place.
pub(super) type Side<'t> = (&'t Ty, Span);

impl<'a> Checker<'a> {
    /// Reports a value that may be absent where that is an error or always false.
    pub(super) fn absent(&mut self, ty: &Ty, span: Span, how: &str) {
        let finding = if ty.kinds == Kinds::UNIT {
            Diagnostic::error(
                "always-absent",
                span,
                format!("this is always absent, but is {how} here"),
            )
        } else {
            let default = if ty.kinds.has(Kinds::NUMBER) {
                if ty.kinds.has(Kinds::FLOAT) {
                    "0.0"
                } else {
                    "0"
                }
            } else if ty.kinds.has(Kinds::TEXT) {
                "\"\""
            } else if ty.kinds.has(Kinds::BOOL) {
                "false"
            } else if ty.kinds.has(Kinds::TIME) {
                "now"
            } else {
                "…"
            };
            Diagnostic::error(
                "maybe-absent",
                span,
                format!("this may be absent, but is {how} here"),
            )
            .with_help(format!(
                "give a default, `(… ?? {default})`, or test `!= ()` before"
            ))
        };
        self.report(finding);
    }

    pub(super) fn must_be_bool(&mut self, ty: &Ty, span: Span) {
        if ty.kinds.is_any() || ty.kinds.is_empty() || ty.kinds == Kinds::BOOL {
            return;
        }
        if !ty.kinds.has(Kinds::BOOL) {
            self.report(
                Diagnostic::error(
                    "not-a-condition",
                    span,
                    format!("a condition must be a bool, not {}", ty.kinds.describe()),
                )
                .with_help("compare it: `x > 0`, `x != ()`, `x == \"A\"`"),
            );
        } else if ty.kinds.may_be_absent() {
            self.absent(ty, span, "used as a condition");
        }
    }

    /// The kinds of number that it can be; reports what is no number, and gives nothing for it.
    pub(super) fn must_be_number(&mut self, ty: &Ty, span: Span) -> Option<Kinds> {
        if ty.kinds.is_any() || ty.kinds.is_empty() {
            return Some(Kinds::NUMBER);
        }
        if ty.kinds.may_be_absent() {
            self.absent(ty, span, "computed with");
        } else if !ty.kinds.has(Kinds::NUMBER) {
            self.report(Diagnostic::error(
                "not-a-number",
                span,
                format!("arithmetic needs a number, not {}", ty.kinds.describe()),
            ));
            return None;
        }
        let kinds = ty.kinds.and(Kinds::NUMBER);
        Some(if kinds.is_empty() {
            Kinds::NUMBER
        } else {
            kinds
        })
    }

    /// The same for two sides; what is said of the left is not said of the right again.
    fn both_must_be_numbers(&mut self, left: Side<'_>, right: Side<'_>) -> Option<Kinds> {
        let a = self.must_be_number(left.0, left.1)?;
        let b = self.must_be_number(right.0, right.1)?;
        Some(numbers(a, b))
    }

    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: Side<'_>,
        right: Side<'_>,
    ) -> Ty {
        use BinaryOperator as B;
        match operator {
            B::Add if !both_numbers(left.0, right.0) => self.add(left, right),
            B::Add | B::Subtract | B::Multiply | B::Divide | B::Modulo | B::Power => {
                self.arithmetic(operator, at, left, right)
            }
            B::Equal | B::NotEqual => self.equality(operator, at, left, right),
            B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual => {
                self.order(operator, at, left, right)
            }
            B::BitAnd | B::BitOr | B::BitXor => {
                let kinds = left.0.kinds.or(right.0.kinds);
                if kinds.within(Kinds::BOOL.or(Kinds::INT)) {
                    Ty::of(kinds)
                } else {
                    Ty::any()
                }
            }
            B::ShiftLeft | B::ShiftRight => Ty::of(Kinds::INT),
            B::And | B::Or | B::In | B::NotIn => Ty::of(Kinds::BOOL),
            B::Coalesce => left.0.clone().present().join(right.0.clone()),
        }
    }

    /// `+` of what are not two numbers: a text joins with anything, arrays and maps with their like.
    fn add(&mut self, left: Side<'_>, right: Side<'_>) -> Ty {
        let (a, b) = (left.0.kinds, right.0.kinds);
        if a.is_any() || b.is_any() || a.is_empty() || b.is_empty() {
            return if a == Kinds::TEXT || b == Kinds::TEXT {
                Ty::of(Kinds::TEXT)
            } else {
                Ty::any()
            };
        }
        if a.has(Kinds::TEXT) || b.has(Kinds::TEXT) {
            return if a == Kinds::TEXT || b == Kinds::TEXT {
                Ty::of(Kinds::TEXT)
            } else {
                Ty::any()
            };
        }
        if a == Kinds::ARRAY && b == Kinds::ARRAY {
            let element = match (&left.0.element, &right.0.element) {
                (Some(a), Some(b)) => Some(Rc::new((**a).clone().join((**b).clone()))),
                _ => None,
            };
            return Ty {
                element,
                ..Ty::of(Kinds::ARRAY)
            };
        }
        for kinds in [Kinds::ARRAY, Kinds::MAP] {
            if a.has(kinds) && b.has(kinds) {
                return Ty::of(kinds);
            }
        }
        if a.has(Kinds::ARRAY) || b.has(Kinds::ARRAY) {
            return Ty::any();
        }
        (self.both_must_be_numbers(left, right)).map_or_else(Ty::any, Ty::of)
    }

    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: Side<'_>,
        right: Side<'_>,
    ) -> Ty {
        let time = |ty: &Ty| ty.kinds.has(Kinds::TIME) && !ty.kinds.is_any();
        if time(left.0) && time(right.0) {
            self.report(
                Diagnostic::error(
                    "not-a-number",
                    left.1.to(right.1),
                    format!("there is no arithmetic of times: `{}`", operator.text()),
                )
                .with_help("the days between two times are `days_between(from, to)`"),
            );
            return Ty::any();
        }
        let Some(kinds) = self.both_must_be_numbers(left, right) else {
            return Ty::any();
        };
        let mut ty = Ty::of(kinds);
        ty.varies = left.0.varies || right.0.varies;
        if matches!(operator, BinaryOperator::Divide | BinaryOperator::Modulo) {
            self.division(operator, at, left.0, right);
            if operator == BinaryOperator::Divide
                && left.0.kinds == Kinds::INT
                && right.0.kinds == Kinds::INT
                && loses_a_fraction(left.0, right.0)
            {
                self.report(
                    Diagnostic::warning(
                        "int-division",
                        at,
                        "both sides are ints, so the fraction is cut off",
                    )
                    .with_help("make one a float: `x / 100.0`, or `to_float(x)`"),
                );
            }
        }
        let (x, y) = (left.0.interval, right.0.interval);
        if left.0.kinds.within(Kinds::NUMBER) && right.0.kinds.within(Kinds::NUMBER) {
            ty.interval = match operator {
                BinaryOperator::Add => spread([x.low + y.low, x.high + y.high]),
                BinaryOperator::Subtract => spread([x.low - y.high, x.high - y.low]),
                BinaryOperator::Multiply => spread([
                    x.low * y.low,
                    x.low * y.high,
                    x.high * y.low,
                    x.high * y.high,
                ]),
                BinaryOperator::Modulo => remainder(left.0, right.0),
                _ => Interval::ALL,
            };
        }
        ty
    }

    fn division(&mut self, operator: BinaryOperator, at: Span, left: &Ty, right: Side<'_>) {
        let (ty, span) = right;
        if !ty.kinds.within(Kinds::NUMBER) || ty.kinds.is_empty() {
            return;
        }
        if ty.known_number() == Some(0.0) {
            self.report(Diagnostic::warning(
                "division-by-zero",
                span,
                "this divides by zero",
            ));
            return;
        }
        // Only where zero is a border or a value that is known to be possible.
        let known = ty.interval != Interval::ALL;
        if known && ty.interval.has_zero() && ty.varies {
            let ints = left.kinds == Kinds::INT && ty.kinds == Kinds::INT;
            let what = if ints { "fails" } else { "is infinite" };
            let sign = operator.text();
            self.report(
                Diagnostic::warning(
                    "division-by-zero",
                    at,
                    format!("this may divide by zero, and then {what}"),
                )
                .with_help(format!(
                    "test before, `if y > 0 {{ x {sign} y }}`, or divide by `max(y, 1)`"
                )),
            );
        }
    }
}

/// Whether a division of ints has a fraction, or may have one.
fn loses_a_fraction(left: &Ty, right: &Ty) -> bool {
    match (left.known_number(), right.known_number()) {
        (_, Some(1.0 | -1.0 | 0.0)) => false,
        (Some(left), Some(right)) => left % right != 0.0,
        _ => left.varies || right.varies,
    }
}

fn both_numbers(a: &Ty, b: &Ty) -> bool {
    let number =
        |ty: &Ty| !ty.kinds.is_empty() && ty.kinds.without(Kinds::UNIT).within(Kinds::NUMBER);
    number(a) && number(b) && a.kinds != Kinds::UNIT && b.kinds != Kinds::UNIT
}

/// The kinds that arithmetic gives.
fn numbers(a: Kinds, b: Kinds) -> Kinds {
    if a == Kinds::FLOAT || b == Kinds::FLOAT {
        Kinds::FLOAT
    } else if a == Kinds::INT && b == Kinds::INT {
        Kinds::INT
    } else {
        Kinds::NUMBER
    }
}

/// The interval of these ends, a little wider, since floats round.
fn spread<const N: usize>(ends: [f64; N]) -> Interval {
    if ends.iter().any(|end| end.is_nan()) {
        return Interval::ALL;
    }
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wider = |end: f64| {
        if end.is_finite() {
            end.abs() * 1e-9
        } else {
            0.0
        }
    };
    Interval::closed(low - wider(low), high + wider(high))
}

/// The remainder of a division by what is known: it has the sign of what is divided.
fn remainder(left: &Ty, right: &Ty) -> Interval {
    let Some(by) = right.known_number().map(f64::abs).filter(|by| *by > 0.0) else {
        return Interval::ALL;
    };
    let ints = left.kinds == Kinds::INT && right.kinds == Kinds::INT;
    let (most, open) = if ints { (by - 1.0, false) } else { (by, true) };
    Interval {
        low: if left.interval.low >= 0.0 { 0.0 } else { -most },
        low_open: open && left.interval.low < 0.0,
        high: if left.interval.high <= 0.0 { 0.0 } else { most },
        high_open: open && left.interval.high > 0.0,
        not_zero: false,
    }
}
