//! What is left of a value by a comparison that holds.

use std::rc::Rc;
use std::sync::Arc;

use crate::syntax::ast::BinaryOperator;

use super::ty::{Interval, Kinds, Texts, Ty};

/// The value where `value operator bound` holds; `None` where that tells nothing.
pub(super) fn by(mut ty: Ty, operator: BinaryOperator, bound: &Ty) -> Option<Ty> {
    let number = bound.kinds.within(Kinds::NUMBER) && !bound.kinds.is_empty();
    match operator {
        BinaryOperator::Equal => {
            if bound.kinds == Kinds::UNIT {
                ty = ty.only(Kinds::UNIT);
            } else if !bound.kinds.has(Kinds::UNIT) {
                ty = ty.present();
            }
            if number {
                ty.interval = ty.interval.meet(bound.interval);
            }
            if let Some(text) = bound.known_text() {
                ty = ty.one_of_texts(&[Arc::clone(text)]);
            }
        }
        BinaryOperator::NotEqual => {
            if bound.kinds == Kinds::UNIT {
                ty = ty.present();
            }
            if bound.known_number() == Some(0.0) {
                ty.interval.not_zero = true;
            }
            if let Some(text) = bound.known_text() {
                ty = ty.without_texts(&[Arc::clone(text)]);
            }
        }
        BinaryOperator::Less | BinaryOperator::LessOrEqual if number => {
            ty.interval = ty.interval.meet(Interval {
                high: bound.interval.high,
                high_open: operator == BinaryOperator::Less || bound.interval.high_open,
                ..Interval::ALL
            });
        }
        BinaryOperator::Greater | BinaryOperator::GreaterOrEqual if number => {
            ty.interval = ty.interval.meet(Interval {
                low: bound.interval.low,
                low_open: operator == BinaryOperator::Greater || bound.interval.low_open,
                ..Interval::ALL
            });
        }
        BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual => {}
        _ => return None,
    }
    if ty.interval.is_empty() {
        // The branch is never taken; the condition says so itself.
        ty.interval = Interval::ALL;
    }
    Some(ty)
}

impl Ty {
    /// The value where it is one of these texts.
    pub(super) fn one_of_texts(mut self, list: &[Arc<str>]) -> Self {
        let known = match &self.texts {
            Some(known) => {
                let set: Rc<[Arc<str>]> = (known.set.iter())
                    .filter(|text| list.contains(text))
                    .cloned()
                    .collect();
                (!set.is_empty()).then(|| Texts {
                    set,
                    ..known.clone()
                })
            }
            None => Some(Texts {
                set: list.into(),
                declared: None,
            }),
        };
        // Where nothing is left the branch is never taken, and the condition says so itself.
        if let Some(known) = known {
            self.texts = Some(known);
        }
        self
    }

    /// The value where it is none of these texts.
    pub(super) fn without_texts(mut self, gone: &[Arc<str>]) -> Self {
        match &mut self.texts {
            Some(texts) => {
                texts.set = (texts.set.iter())
                    .filter(|text| !gone.contains(text))
                    .cloned()
                    .collect();
            }
            None => {
                let known = self.never.iter().flat_map(|never| never.iter());
                self.never = Some(known.chain(gone).cloned().collect());
            }
        }
        self
    }
}

/// The operator that holds where this one does not, for values that are both there.
pub(super) const fn negated(operator: BinaryOperator) -> Option<BinaryOperator> {
    Some(match operator {
        BinaryOperator::Equal => BinaryOperator::NotEqual,
        BinaryOperator::NotEqual => BinaryOperator::Equal,
        BinaryOperator::Less => BinaryOperator::GreaterOrEqual,
        BinaryOperator::LessOrEqual => BinaryOperator::Greater,
        BinaryOperator::Greater => BinaryOperator::LessOrEqual,
        BinaryOperator::GreaterOrEqual => BinaryOperator::Less,
        _ => return None,
    })
}

/// The operator with its sides exchanged.
pub(super) const fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessOrEqual => BinaryOperator::GreaterOrEqual,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::LessOrEqual,
        other => other,
    }
}
