//! What comparisons and membership tell: order, equality and `in`, as Rhai has them.

use std::sync::Arc;

use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use crate::syntax::{Diagnostic, Span, nearest};

use super::super::fold;
use super::operators::Side;
use super::ty::{Interval, Kinds, Ty};
use super::{Checker, State};

impl<'a> Checker<'a> {
    pub(super) fn order(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: Side<'_>,
        right: Side<'_>,
    ) -> Ty {
        let mut bool = Ty::of(Kinds::BOOL);
        bool.varies = left.0.varies || right.0.varies;
        if !self.comparable(at, left, right, true) {
            return bool;
        }
        for (ty, span) in [left, right] {
            if ty.kinds.may_be_absent() {
                self.absent(ty, span, "compared");
                return bool;
            }
            if !ty.kinds.is_any()
                && ty.kinds.within(
                    Kinds::ARRAY
                        .or(Kinds::MAP)
                        .or(Kinds::CUSTOMER)
                        .or(Kinds::REP),
                )
            {
                self.report(Diagnostic::error(
                    "unlike-types",
                    at,
                    format!("{} has no order", ty.kinds.describe()),
                ));
                return bool;
            }
        }
        bool.truth = decided(operator, left.0, right.0);
        bool
    }

    pub(super) fn equality(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: Side<'_>,
        right: Side<'_>,
    ) -> Ty {
        let mut bool = Ty::of(Kinds::BOOL);
        bool.varies = left.0.varies || right.0.varies;
        if self.comparable(at, left, right, false) {
            self.listed(left.0, right);
            self.listed(right.0, left);
            if left.0.kinds.within(Kinds::NUMBER) && right.0.kinds.within(Kinds::NUMBER) {
                bool.truth = decided(operator, left.0, right.0);
            } else if disjoint(left.0, right.0) {
                bool.truth = Some(operator == BinaryOperator::NotEqual);
            }
        } else {
            bool.truth = Some(operator == BinaryOperator::NotEqual);
            // It was said already.
            bool.varies = false;
        }
        bool
    }

    /// Whether the sides have a kind in common; reports where not.
    pub(super) fn comparable(
        &mut self,
        at: Span,
        left: Side<'_>,
        right: Side<'_>,
        order: bool,
    ) -> bool {
        let (a, b) = (left.0.kinds, right.0.kinds);
        if a.is_any() || b.is_any() || a.is_empty() || b.is_empty() {
            return true;
        }
        let widened = |kinds: Kinds| {
            if kinds.has(Kinds::NUMBER) {
                kinds.or(Kinds::NUMBER)
            } else {
                kinds
            }
        };
        let common = widened(a).and(widened(b));
        let common = if order {
            common.without(Kinds::UNIT)
        } else {
            common
        };
        if !common.is_empty() {
            return true;
        }
        let finding = if a == Kinds::UNIT || b == Kinds::UNIT {
            let (ty, _) = if a == Kinds::UNIT { right } else { left };
            if order {
                let (gone, span) = if a == Kinds::UNIT { left } else { right };
                if gone.varies {
                    self.absent(gone, span, "compared");
                    return false;
                }
                Diagnostic::error(
                    "unlike-types",
                    at,
                    "`()` has no order: this is always false",
                )
            } else {
                return self.never_absent(at, ty);
            }
        } else {
            let always = "this is the same for every value";
            let finding = Diagnostic::error(
                "unlike-types",
                at,
                format!(
                    "{} is compared with {}: {always}",
                    a.describe(),
                    b.describe()
                ),
            );
            match (a.has(Kinds::TIME), b.has(Kinds::TIME)) {
                (true, _) | (_, true) => {
                    finding.with_help("compare days: `days_since(time) > 30`, or times with times")
                }
                _ => finding.with_help("compare values of one kind"),
            }
        };
        self.report(finding);
        false
    }

    /// `x == ()` for what is always there.
    fn never_absent(&mut self, at: Span, ty: &Ty) -> bool {
        if ty.varies {
            self.report(
                Diagnostic::warning("never-absent", at, "this is never absent")
                    .with_help("remove the test"),
            );
        }
        false
    }

    /// Reports a text that the other side can never be.
    pub(super) fn listed(&mut self, list: &Ty, value: Side<'_>) {
        let (Some(texts), Some(text)) = (&list.texts, value.0.known_text()) else {
            return;
        };
        if let Some((declared, all)) = &texts.declared
            && !value.0.varies
            && !all.contains(text)
        {
            let finding = unknown_text(declared, text, all, value.1);
            self.report(finding);
        }
    }

    /// Reports the texts of an array that the value looked for, or each of those, can never be.
    ///
    /// `of`: what is looked for.
    pub(super) fn listed_among(
        &mut self,
        (value, of): (&Ty, Option<&Expr>),
        array: &'a Expr,
        ty: &Ty,
    ) {
        if let ExprKind::Array(elements) = &fold::resolved(self.script, array).kind {
            for element in elements {
                let written = fold::resolved(self.script, element);
                if let ExprKind::Text(text) = &written.kind {
                    self.listed(value, (&Ty::text(text), written.span));
                    if let Some(of) = of {
                        self.other_case(of, text, written.span);
                    }
                }
            }
        } else if let Some(ExprKind::Array(elements)) = self.default_of(array).map(|it| &it.kind) {
            elements
                .iter()
                .for_each(|it| self.default_listed(value, it));
        } else if let Some(element) = ty.element.as_ref().filter(|_| !ty.varies)
            && let Some(texts) = &element.texts
            && let Some((_, all)) = value.texts.as_ref().and_then(|it| it.declared.clone())
        {
            for text in texts.set.iter().filter(|text| !all.contains(text)) {
                let span = self.literal(text).unwrap_or(array.span);
                self.listed(value, (&Ty::text(text), span));
            }
        }
    }

    /// Reports a text that is compared with one in the other case: `x.to_lower() == "VIP"`.
    pub(super) fn other_case(&mut self, of: &Expr, text: &str, span: Span) {
        let ExprKind::Call { name, .. } = &of.kind else {
            return;
        };
        let (case, right) = match &*name.text {
            "to_lower" => ("lower", text.to_lowercase()),
            "to_upper" => ("upper", text.to_uppercase()),
            _ => return,
        };
        if right != text && self.script.function(&name.text).is_none() {
            let shown = crate::syntax::clipped(text);
            self.report(
                Diagnostic::error(
                    "unknown-value",
                    span,
                    format!("a text in {case} case is never `{shown}`"),
                )
                .with_help(format!("write it in {case} case"))
                .with_fix(span, format!("{right:?}")),
            );
        }
    }

    /// Reports the default of a parameter that is nearly one of a list: the host may give others,
    /// and one that is far from all may stand for none.
    pub(super) fn default_listed(&mut self, list: &Ty, default: &Expr) {
        if let ExprKind::Text(text) = &default.kind
            && let Some((_, all)) = list.texts.as_ref().and_then(|it| it.declared.as_ref())
            && nearest(text, all.iter().map(|text| &**text)).is_some()
        {
            self.listed(list, (&Ty::text(text), default.span));
        }
    }

    /// `left in right`; gives whether that always or never holds.
    pub(super) fn membership(
        &mut self,
        left: &'a Expr,
        right: &'a Expr,
        state: &mut State,
    ) -> Option<bool> {
        if let ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } = &left.kind
            && !self.in_silence(operand, state).kinds.has(Kinds::BOOL)
        {
            self.report(
                Diagnostic::error(
                    "not-a-condition",
                    operand.span,
                    "`!` belongs to this alone, not to the whole `in`",
                )
                .with_help("write `x !in list`, or `!(x in list)`"),
            );
            self.expression(operand, state);
            self.expression(right, state);
            return None;
        }
        let ty = self.expression(left, state);
        if let ExprKind::Range { start, end, .. } = &right.kind {
            let mut ends = vec![self.expression(start, state)];
            ends.push(self.expression(end, state));
            if ty.kinds.may_be_absent() {
                self.absent(&ty, left.span, "looked for in a range");
            } else if !ty.kinds.is_any() && !ty.kinds.has(Kinds::INT) && !ty.kinds.is_empty() {
                let finding = Diagnostic::error(
                    "not-in-range",
                    left.span,
                    format!("a range holds ints, not {}", ty.kinds.describe()),
                );
                self.report(if ty.kinds.has(Kinds::FLOAT) {
                    finding.with_help("write `between(x, 1, 1000)`, or two comparisons")
                } else {
                    finding
                });
            }
            return None;
        }
        let container = self.expression(right, state);
        if container.kinds.is_any() || container.kinds.is_empty() {
            return None;
        }
        if container.kinds.may_be_absent() {
            self.absent(&container, right.span, "searched");
            return None;
        }
        if container.kinds == Kinds::TEXT {
            if ty.kinds.may_be_absent() {
                self.absent(&ty, left.span, "looked for in a text");
            } else if !ty.kinds.is_any() && !ty.kinds.has(Kinds::TEXT) && !ty.kinds.is_empty() {
                self.report(Diagnostic::error(
                    "unlike-types",
                    left.span,
                    format!("a text has texts in it, not {}", ty.kinds.describe()),
                ));
            }
            return None;
        }
        if !container
            .kinds
            .has(Kinds::ARRAY.or(Kinds::MAP).or(Kinds::TEXT))
        {
            self.report(Diagnostic::error(
                "unlike-types",
                right.span,
                format!(
                    "`in` looks into arrays, maps, texts and ranges, not into {}",
                    container.kinds.describe()
                ),
            ));
            return None;
        }
        self.listed_among((&ty, Some(left)), right, &container);
        if container.kinds == Kinds::ARRAY
            && let Some(element) = &container.element
            && !element.kinds.is_empty()
        {
            self.listed(element, (&ty, left.span));
            let one = element.kinds;
            let (a, b) = (ty.kinds.without(Kinds::UNIT), one.without(Kinds::UNIT));
            let numbers = a.has(Kinds::NUMBER) && b.has(Kinds::NUMBER);
            if !ty.kinds.is_any() && !one.is_any() && !a.is_empty() && !a.has(b) && !numbers {
                self.report(Diagnostic::error(
                    "unlike-types",
                    left.span,
                    format!(
                        "{} is looked for among values of another kind: {}",
                        a.describe(),
                        b.describe()
                    ),
                ));
            }
            return contained(&ty, element);
        }
        None
    }
}

/// Whether a text is always or never among those of an array that is written out.
fn contained(ty: &Ty, element: &Ty) -> Option<bool> {
    let list = element.texts.as_ref().filter(|_| !element.is_of_list())?;
    if let Some(texts) = &ty.texts {
        if !texts.set.iter().any(|text| list.set.contains(text)) {
            return Some(false);
        }
        let all = ty.kinds == Kinds::TEXT && texts.set.iter().all(|text| list.set.contains(text));
        return all.then_some(true);
    }
    let never = ty.never.as_ref()?;
    (ty.kinds.has(Kinds::TEXT) && list.set.iter().all(|text| never.contains(text))).then_some(false)
}

/// The finding for a text that a field or the roles do not list.
pub(super) fn unknown_text(declared: &str, text: &str, all: &[Arc<str>], span: Span) -> Diagnostic {
    let shown = crate::syntax::clipped(text);
    let (code, message) = match declared {
        "role" => ("unknown-role", format!("there is no role `{shown}`")),
        "tier" => ("unknown-tier", format!("there is no tier `{shown}`")),
        _ => ("unknown-value", format!("`{declared}` is never `{shown}`")),
    };
    let finding = Diagnostic::error(code, span, message);
    match nearest(text, all.iter().map(|text| &**text)) {
        Some(near) => finding
            .with_help(format!("did you mean `{near}`?"))
            .with_fix(span, format!("\"{near}\"")),
        None => {
            let some: Vec<String> = (all.iter().take(12))
                .map(|text| format!("`{}`", crate::syntax::clipped(text)))
                .collect();
            finding.with_help(format!("it is one of {}", some.join(", ")))
        }
    }
}

/// Whether the sides are texts that have none in common, though the list behind them has.
fn disjoint(a: &Ty, b: &Ty) -> bool {
    let text = Kinds::TEXT.or(Kinds::UNIT);
    let like = |ty: &Ty| ty.kinds.within(text) && ty.kinds.has(Kinds::TEXT);
    if !like(a) || !like(b) || (a.kinds.has(Kinds::UNIT) && b.kinds.has(Kinds::UNIT)) {
        return false;
    }
    let excluded = |a: &Ty, b: &Ty| {
        let (Some(never), Some(texts)) = (&a.never, &b.texts) else {
            return false;
        };
        texts.set.iter().all(|text| never.contains(text))
    };
    match (&a.texts, &b.texts) {
        (Some(x), Some(y)) => !x.set.iter().any(|text| y.set.contains(text)),
        _ => excluded(a, b) || excluded(b, a),
    }
}

/// What a comparison of numbers gives for all values of both sides, where that is one thing.
pub(super) fn decided(operator: BinaryOperator, left: &Ty, right: &Ty) -> Option<bool> {
    let number = |ty: &Ty| ty.kinds.within(Kinds::NUMBER) && !ty.kinds.is_empty();
    if !number(left) || !number(right) {
        return None;
    }
    let (a, b) = (left.interval, right.interval);
    let below = a.high < b.low || (a.high == b.low && (a.high_open || b.low_open));
    let above = a.low > b.high || (a.low == b.high && (a.low_open || b.high_open));
    let (not_above, not_below) = (a.high <= b.low, a.low >= b.high);
    let zero = Interval::closed(0.0, 0.0);
    let apart = below || above || (a.not_zero && b == zero) || (b.not_zero && a == zero);
    match operator {
        BinaryOperator::Less if below => Some(true),
        BinaryOperator::Less if not_below => Some(false),
        BinaryOperator::LessOrEqual if not_above => Some(true),
        BinaryOperator::LessOrEqual if above => Some(false),
        BinaryOperator::Greater if above => Some(true),
        BinaryOperator::Greater if not_above => Some(false),
        BinaryOperator::GreaterOrEqual if not_below => Some(true),
        BinaryOperator::GreaterOrEqual if below => Some(false),
        BinaryOperator::Equal if apart => Some(false),
        BinaryOperator::NotEqual if apart => Some(true),
        _ => None,
    }
}
