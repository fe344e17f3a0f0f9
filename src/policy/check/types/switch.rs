//! `switch`: arms that never match, arms that stand twice, what is left without a default.

use std::sync::Arc;

use crate::syntax::ast::{Arm, Expr, Pattern, PatternKind};
use crate::syntax::{Diagnostic, Span};

use super::comparisons::unknown_text;
use super::ty::{Interval, Kinds, Texts, Ty};
use super::{Checker, Missing, State};

impl<'a> Checker<'a> {
    pub(super) fn switch(
        &mut self,
        expr: &'a Expr,
        subject: &'a Expr,
        arms: &'a [Arm],
        default: Option<&'a Expr>,
        state: &mut State,
        tail: bool,
    ) -> Ty {
        let ty = self.expression(subject, state);
        let place = state.place_of(subject);
        self.repeated(arms);
        if !state.dead {
            self.ladder_of_arms(arms, ty.kinds);
        }
        let mut left = ty.clone();
        let mut value = Ty::of(Kinds::NONE);
        let mut after: Option<State> = None;
        for arm in arms {
            let mut inside = state.clone();
            for pattern in &arm.patterns {
                self.pattern(pattern, &ty);
            }
            if let (Some(place), Some(told)) = (&place, told(&arm.patterns, &ty)) {
                inside.learn(place.clone(), told);
            }
            if let Some(guard) = &arm.guard {
                inside = self.condition(guard, &inside).0;
            } else {
                for pattern in &arm.patterns {
                    left = remove(left, &pattern.kind);
                }
            }
            let given = self.tail(&arm.body, &mut inside, tail);
            if !inside.dead {
                value = value.join(given);
            }
            after = Some(match after {
                Some(after) => after.join(inside),
                None => inside,
            });
        }
        let complete = left.kinds.is_empty();
        let mut rest = state.clone();
        if let Some(place) = place
            && !complete
        {
            rest.learn(place, left.clone());
        }
        match default {
            Some(default) => {
                let given = self.tail(default, &mut rest, tail);
                if !rest.dead && !complete {
                    value = value.join(given);
                }
            }
            None if complete => rest.dead = true,
            None => {
                if tail {
                    let keyword = Span::new(expr.span.start, expr.span.start + 6);
                    self.nothing(keyword, Missing::Default, &rest);
                }
                value = value.join(Ty::literal(Kinds::UNIT));
            }
        }
        *state = match after {
            Some(after) => after.join(rest),
            None => rest,
        };
        if value.kinds.is_empty() && !state.dead {
            return Ty::any();
        }
        value
    }

    /// Reports arms that an earlier one without guard takes already.
    fn repeated(&mut self, arms: &[Arm]) {
        let mut seen: Vec<&Pattern> = Vec::new();
        for arm in arms {
            for pattern in &arm.patterns {
                if let Some(earlier) = seen
                    .iter()
                    .find(|earlier| covers(&earlier.kind, &pattern.kind))
                {
                    let same = earlier.kind == pattern.kind;
                    let finding = Diagnostic::warning(
                        if same {
                            "repeated-arm"
                        } else {
                            "unreachable-arm"
                        },
                        pattern.span,
                        if same {
                            "this arm stands twice; the first one counts"
                        } else {
                            "an earlier arm takes all of this"
                        },
                    )
                    .with_related(earlier.span, "the earlier arm")
                    .with_help("remove one of them");
                    self.report(finding);
                }
            }
            if arm.guard.is_none() && seen.len() < 1024 {
                seen.extend(&arm.patterns);
            }
        }
    }

    /// Reports a pattern that the subject can never be.
    fn pattern(&mut self, pattern: &Pattern, ty: &Ty) {
        if numbers(&pattern.kind).is_some_and(|numbers| numbers.is_empty()) {
            self.report(
                Diagnostic::warning("unreachable-arm", pattern.span, "this range is empty")
                    .with_help(
                        "the lower end comes first; `1..=3` has its last number, `1..3` not",
                    ),
            );
            return;
        }
        if ty.kinds.is_any() || ty.kinds.is_empty() {
            return;
        }
        let kinds = match &pattern.kind {
            PatternKind::Unit => Kinds::UNIT,
            PatternKind::Bool(_) => Kinds::BOOL,
            PatternKind::Int(_) => Kinds::INT,
            PatternKind::Float(_) => Kinds::FLOAT,
            PatternKind::Text(_) => Kinds::TEXT,
            PatternKind::Range { .. } => Kinds::NUMBER,
        };
        if !ty.kinds.has(kinds) {
            let finding = if kinds == Kinds::UNIT {
                Diagnostic::warning("never-absent", pattern.span, "this is never absent")
                    .with_help("remove the arm")
            } else {
                let finding = Diagnostic::error(
                    "unlike-types",
                    pattern.span,
                    format!(
                        "this arm never matches: the `switch` is over {}, not {}",
                        ty.kinds.describe(),
                        kinds.describe()
                    ),
                );
                if kinds == Kinds::INT && ty.kinds.has(Kinds::FLOAT) {
                    finding
                        .with_help("`switch` matches exactly: write a range, or compare with `if`")
                } else {
                    finding
                }
            };
            self.report(finding);
            return;
        }
        if let (PatternKind::Text(text), Some(never)) = (&pattern.kind, &ty.never)
            && never.contains(text)
        {
            self.report(Diagnostic::warning(
                "unreachable-arm",
                pattern.span,
                "an earlier condition rules this out",
            ));
        }
        if let (PatternKind::Text(text), Some(texts)) = (&pattern.kind, &ty.texts) {
            if let Some((declared, all)) = &texts.declared
                && !all.contains(text)
            {
                let finding = unknown_text(declared, text, all, pattern.span);
                self.report(finding);
            } else if !texts.set.contains(text) && texts.declared.is_some() {
                self.report(Diagnostic::warning(
                    "unreachable-arm",
                    pattern.span,
                    "an earlier condition rules this out",
                ));
            }
        }
        if let Some(numbers) = numbers(&pattern.kind)
            && ty.kinds.has(Kinds::NUMBER)
            && ty.interval.meet(numbers).is_empty()
        {
            self.report(
                Diagnostic::warning("unreachable-arm", pattern.span, "no value is in this arm")
                    .with_help("a range of the schema or an earlier condition decides it already"),
            );
        }
    }
}

/// The numbers that a pattern takes.
fn numbers(pattern: &PatternKind) -> Option<Interval> {
    match pattern {
        PatternKind::Int(int) => Some(Interval::closed(*int as f64, *int as f64)),
        PatternKind::Float(float) => Some(Interval::closed(*float, *float)),
        PatternKind::Range {
            start,
            end,
            inclusive,
        } => Some(Interval {
            high_open: !inclusive,
            ..Interval::closed(*start as f64, *end as f64)
        }),
        _ => None,
    }
}

/// Whether the first takes all that the second takes.
fn covers(first: &PatternKind, second: &PatternKind) -> bool {
    if first == second {
        return true;
    }
    let (PatternKind::Range { .. }, Some(outer), Some(inner)) =
        (first, numbers(first), numbers(second))
    else {
        return false;
    };
    !inner.is_empty() && outer.meet(inner) == inner
}

/// What the subject is known to be within an arm.
fn told(patterns: &[Pattern], ty: &Ty) -> Option<Ty> {
    let mut texts: Vec<Arc<str>> = Vec::new();
    let mut range: Option<Interval> = None;
    let mut kinds = Kinds::NONE;
    for pattern in patterns {
        match &pattern.kind {
            PatternKind::Text(text) => {
                texts.push(Arc::clone(text));
                kinds = kinds.or(Kinds::TEXT);
            }
            PatternKind::Unit => kinds = kinds.or(Kinds::UNIT),
            PatternKind::Bool(_) => kinds = kinds.or(Kinds::BOOL),
            other => {
                let numbers = numbers(other)?;
                range = Some(range.map_or(numbers, |range| range.join(numbers)));
                kinds = kinds.or(Kinds::NUMBER);
            }
        }
    }
    let mut told = ty.clone();
    told.kinds = if ty.kinds.is_any() {
        kinds
    } else {
        ty.kinds.and(kinds)
    };
    if told.kinds.is_empty() {
        return None;
    }
    if !texts.is_empty() {
        told.texts = Some(Texts {
            set: texts.into(),
            declared: ty.texts.as_ref().and_then(|texts| texts.declared.clone()),
        });
    }
    if let Some(range) = range {
        let meet = ty.interval.meet(range);
        told.interval = if meet.is_empty() { Interval::ALL } else { meet };
    }
    Some(told)
}

/// What is left of the subject behind an arm without guard.
fn remove(mut ty: Ty, pattern: &PatternKind) -> Ty {
    if ty.kinds.is_any() {
        return ty;
    }
    match pattern {
        PatternKind::Unit => ty.kinds = ty.kinds.without(Kinds::UNIT),
        PatternKind::Text(text) => {
            if let Some(texts) = &ty.texts {
                let set: Vec<Arc<str>> = (texts.set.iter())
                    .filter(|known| *known != text)
                    .cloned()
                    .collect();
                if set.is_empty() {
                    ty.kinds = ty.kinds.without(Kinds::TEXT);
                }
                ty.texts = Some(Texts {
                    set: set.into(),
                    declared: texts.declared.clone(),
                });
            } else {
                ty = ty.without_texts(&[Arc::clone(text)]);
            }
        }
        PatternKind::Bool(truth) => {
            if ty.truth == Some(*truth) {
                ty.kinds = ty.kinds.without(Kinds::BOOL);
            } else {
                ty.truth = Some(!truth);
            }
        }
        PatternKind::Range { .. } => {
            if let Some(range) = numbers(pattern)
                && !ty.interval.is_empty()
                && range.meet(ty.interval) == ty.interval
            {
                ty.kinds = ty.kinds.without(Kinds::NUMBER);
            }
        }
        PatternKind::Int(_) | PatternKind::Float(_) => {}
    }
    ty
}
