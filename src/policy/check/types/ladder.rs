//! Ladders of thresholds, and the gaps in them.
//!
//! A ladder is a row of conditions on one value, each an interval of it: the branches of an `if`,
//! `if`s that return, the ranges of a `switch`. What no step takes falls to what comes last. That
//! is right for both ends, and for the middle of `x < 10`, `x > 90`; between two steps one of which
//! is bounded on both sides it is a bound that was forgotten.

use std::cmp::Ordering;

use crate::syntax::ast::{
    Arm, BinaryOperator, Block, Expr, ExprKind, PatternKind, Statement, StatementKind,
};
use crate::syntax::{Diagnostic, Span};

use super::super::effects;
use super::state::Place;
use super::ty::{Interval, Kinds};
use super::{Checker, State};

/// An end of an interval: the number, and whether it lies behind it rather than before.
type End = (f64, bool);

/// One condition of a ladder.
#[derive(Debug, Clone, Copy)]
struct Step {
    low: End,
    high: End,
    span: Span,
}

impl Step {
    fn of(interval: Interval, ints: bool, span: Span) -> Self {
        let (mut low, mut high) = (
            (interval.low, interval.low_open),
            (interval.high, !interval.high_open),
        );
        if ints {
            // From the first int up to before the one behind the last.
            low = (
                low.0.floor() + f64::from(low.1 || low.0.fract() != 0.0),
                false,
            );
            high = (
                high.0.floor() + f64::from(high.1 || high.0.fract() != 0.0),
                false,
            );
        }
        Self { low, high, span }
    }

    /// Whether it is bounded on both sides.
    fn is_band(&self) -> bool {
        self.low.0.is_finite() && self.high.0.is_finite()
    }
}

/// What lies between two steps.
struct Gap {
    low: End,
    high: End,
    /// The steps next to it, in order of the text.
    first: Step,
    second: Step,
}

fn compare(a: End, b: End) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// The gaps between steps, and in how many parts the rest lies within `all`.
fn gaps(steps: &[Step], all: Step) -> (Vec<Gap>, usize) {
    let mut sorted: Vec<(usize, Step)> = steps.iter().copied().enumerate().collect();
    sorted.retain(|(_, step)| compare(step.low, step.high).is_lt());
    sorted.sort_by(|(_, a), (_, b)| compare(a.low, b.low).then(compare(a.high, b.high)));
    let Some(&(_, lowest)) = sorted.first() else {
        return (Vec::new(), 1);
    };
    let mut parts = usize::from(compare(all.low, lowest.low).is_lt());
    let mut gaps = Vec::new();
    let mut reached = sorted[0];
    for &next in &sorted[1..] {
        if compare(reached.1.high, next.1.low).is_lt() {
            parts += 1;
            let (first, second) = if reached.0 < next.0 {
                (reached.1, next.1)
            } else {
                (next.1, reached.1)
            };
            gaps.push(Gap {
                low: reached.1.high,
                high: next.1.low,
                first,
                second,
            });
        }
        if compare(reached.1.high, next.1.high).is_lt() {
            reached = next;
        }
    }
    parts += usize::from(compare(reached.1.high, all.high).is_lt());
    (gaps, parts)
}

impl<'a> Checker<'a> {
    /// Looks at the ladder of an `if` and its `else if`s.
    pub(super) fn ladder_of_branches(&mut self, expr: &'a Expr, state: &State) {
        let mut conditions = Vec::new();
        if self.silent == 0 && !state.dead && self.branches(expr, &mut conditions).is_some() {
            self.ladder(&conditions, state);
        }
    }

    /// Looks at the ladder that begins with the first statement: `if`s that return.
    pub(super) fn ladder_of_returns(&mut self, statements: &'a [Statement], state: &State) {
        if self.silent > 0 || state.dead {
            return;
        }
        let mut conditions = Vec::new();
        for statement in statements {
            let StatementKind::Expr { expr, .. } = &statement.kind else {
                break;
            };
            match self.branches(expr, &mut conditions) {
                Some(true) => {}
                Some(false) => break,
                None if conditions.is_empty() => return,
                None => break,
            }
        }
        self.ladder(&conditions, state);
    }

    /// Collects the conditions of an `if`, once; gives whether what follows is one more step of
    /// the ladder: there is no `else`, and every branch leaves.
    fn branches(&mut self, expr: &'a Expr, conditions: &mut Vec<&'a Expr>) -> Option<bool> {
        let ExprKind::If { .. } = &expr.kind else {
            return None;
        };
        if self.climbed.contains(&expr.id) {
            return None;
        }
        let mut leave = true;
        let mut at = expr;
        while let ExprKind::If {
            condition,
            then,
            otherwise,
        } = &at.kind
        {
            self.climbed.push(at.id);
            conditions.push(condition);
            leave &= leaves(then);
            match otherwise {
                Some(otherwise) => at = otherwise,
                None => return Some(leave),
            }
        }
        Some(false)
    }

    /// Looks at the conditions at the end of a row that are steps on one value.
    fn ladder(&mut self, conditions: &[&'a Expr], state: &State) {
        let mut run: Option<(Place, &'a Expr)> = None;
        let mut steps: Vec<(Interval, Span)> = Vec::new();
        for condition in conditions {
            let step = self.step(condition, state);
            let Some((subject, place, interval)) = step else {
                (run, steps) = (None, Vec::new());
                continue;
            };
            if run.as_ref().is_none_or(|(known, _)| *known != place) {
                steps.clear();
                run = Some((place, subject));
            }
            steps.push((interval, condition.span));
        }
        let Some((_, subject)) = run.filter(|_| steps.len() > 1) else {
            return;
        };
        let ty = self.in_silence(subject, state);
        let ints = ty.kinds.without(Kinds::UNIT) == Kinds::INT;
        let all = Step::of(ty.interval, ints, subject.span);
        let steps: Vec<Step> = (steps.into_iter())
            .map(|(interval, span)| Step::of(interval, ints, span))
            .collect();
        let (gaps, parts) = gaps(&steps, all);
        for gap in gaps {
            let point = !ints && gap.low.0 == gap.high.0;
            if parts > 1 || point || gap.first.is_band() || gap.second.is_band() {
                self.gap(&gap, ints);
            }
        }
    }

    /// The value, and the interval of it that a condition takes.
    fn step(&mut self, expr: &'a Expr, state: &State) -> Option<(&'a Expr, Place, Interval)> {
        match &expr.kind {
            ExprKind::Binary {
                operator: BinaryOperator::And,
                left,
                right,
                ..
            } => {
                let (subject, place, a) = self.step(left, state)?;
                let (_, other, b) = self.step(right, state)?;
                (place == other).then(|| (subject, place, a.meet(b)))
            }
            ExprKind::Binary {
                operator,
                left,
                right,
                ..
            } => {
                if let Some(bound) = self.known(right, state).and_then(|ty| ty.known_number()) {
                    return Some((left, state.place_of(left)?, half(*operator, bound)?));
                }
                let bound = self.known(left, state)?.known_number()?;
                let operator = super::narrow::mirrored(*operator);
                Some((right, state.place_of(right)?, half(operator, bound)?))
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } if &*name.text == "between" => {
                let all: Vec<&'a Expr> = receiver.as_deref().into_iter().chain(arguments).collect();
                let [subject, low, high] = all[..] else {
                    return None;
                };
                let low = self.known(low, state)?.known_number()?;
                let high = self.known(high, state)?.known_number()?;
                Some((
                    subject,
                    state.place_of(subject)?,
                    Interval::closed(low, high),
                ))
            }
            _ => None,
        }
    }

    /// Looks at the ranges of a `switch`. Ranges that lie apart are a table, not a ladder: only
    /// where two nearly meet a bound was forgotten.
    pub(super) fn ladder_of_arms(&mut self, arms: &[Arm], kinds: Kinds) {
        if self.silent > 0 || !kinds.has(Kinds::NUMBER) {
            return;
        }
        let ints = kinds.without(Kinds::UNIT) == Kinds::INT;
        let mut steps = Vec::new();
        for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
            let interval = match pattern.kind {
                PatternKind::Int(int) => Interval::closed(int as f64, int as f64),
                PatternKind::Range {
                    start,
                    end,
                    inclusive,
                } => Interval {
                    high_open: !inclusive,
                    ..Interval::closed(start as f64, end as f64)
                },
                _ => continue,
            };
            steps.push(Step::of(interval, ints, pattern.span));
        }
        let all = Step::of(Interval::ALL, ints, Span::default());
        for gap in gaps(&steps, all).0 {
            let width = |low: End, high: End| high.0 - low.0;
            let least =
                width(gap.first.low, gap.first.high).min(width(gap.second.low, gap.second.high));
            let small = width(gap.low, gap.high) <= (least / 10.0).max(1.0);
            if least > 1.0 && small {
                self.gap(&gap, ints);
            }
        }
    }

    fn gap(&mut self, gap: &Gap, ints: bool) {
        let (low, high) = (gap.low.0, gap.high.0);
        let what = if ints && low == high - 1.0 {
            format!("{low}")
        } else if ints {
            format!("{low} to {}", high - 1.0)
        } else if low == high {
            format!("exactly {low}")
        } else {
            format!("values between {low} and {high}")
        };
        self.report(
            Diagnostic::warning(
                "ladder-gap",
                gap.second.span,
                format!("no step of this ladder takes {what}"),
            )
            .with_related(gap.first.span, "the step on the other side of the gap")
            .with_help("what no step takes falls to what comes last; let the bounds meet"),
        );
    }
}

/// The numbers for which `x operator bound` holds.
fn half(operator: BinaryOperator, bound: f64) -> Option<Interval> {
    let above = |low_open| Interval {
        low: bound,
        low_open,
        ..Interval::ALL
    };
    let below = |high_open| Interval {
        high: bound,
        high_open,
        ..Interval::ALL
    };
    Some(match operator {
        BinaryOperator::Greater => above(true),
        BinaryOperator::GreaterOrEqual => above(false),
        BinaryOperator::Less => below(true),
        BinaryOperator::LessOrEqual => below(false),
        _ => return None,
    })
}

/// Whether a branch leaves the function.
fn leaves(block: &Block) -> bool {
    block.statements.iter().any(effects::leaves)
}
