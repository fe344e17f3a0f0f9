//! What hooks answer: on every way through, and in the words that the plan knows.

use std::sync::Arc;

use crate::language::{Answer, Hook};
use crate::syntax::ast::{Expr, ExprKind, FunctionItem};
use crate::syntax::{Diagnostic, Span, nearest};

use super::comparisons::unknown_text;
use super::ty::{Interval, Kinds, Ty};
use super::{Checker, Missing, Outcome};
use crate::policy::check::{fold, walk};

impl<'a> Checker<'a> {
    /// Reports answers of a hook that the plan cannot use.
    pub(super) fn answers(
        &mut self,
        hook: Hook,
        function: &'a FunctionItem,
        outcomes: &[Outcome<'a>],
    ) {
        for outcome in outcomes {
            if let Some(missing) = outcome.missing {
                self.no_answer(hook, outcome.span, missing);
            } else {
                self.answer(hook, &outcome.ty, outcome.span, outcome.expr);
            }
        }
        match hook {
            Hook::Tier => self.unused_tiers(outcomes),
            Hook::Value => self.unreached_cuts(outcomes),
            Hook::Eligible => self.never_eligible(function, outcomes),
            _ => {}
        }
    }

    fn no_answer(&mut self, hook: Hook, span: Span, missing: Missing) {
        let (message, help) = match missing {
            Missing::Else => (
                format!("`{hook}` answers nothing where no condition of this `if` holds"),
                "add `else { … }`, or a value behind it",
            ),
            Missing::Default => (
                format!("`{hook}` answers nothing where no arm of this `switch` matches"),
                "add `_ => …` at the end",
            ),
            Missing::Value => (
                format!("`{hook}` answers nothing here"),
                "end with the answer, or `return` it",
            ),
        };
        self.report(Diagnostic::error("missing-result", span, message).with_help(help));
    }

    fn answer(&mut self, hook: Hook, ty: &Ty, span: Span, expr: Option<&Expr>) {
        if ty.kinds.is_any() || ty.kinds.is_empty() {
            return;
        }
        let (wanted, words) = match hook.spec().answer {
            Answer::TierName => (Kinds::TEXT, "the name of a tier"),
            Answer::Number => (Kinds::NUMBER, "a number"),
            Answer::PositiveNumber => (Kinds::NUMBER, "a number above zero"),
            Answer::Text => (Kinds::TEXT, "a text"),
            Answer::RoleNames => (Kinds::ARRAY, "an array of roles"),
            Answer::Capacity => (Kinds::NUMBER.or(Kinds::MAP), "a number or a map"),
            Answer::Verdict => (
                Kinds::BOOL.or(Kinds::TEXT),
                "`true`, `false` or the reason as text",
            ),
        };
        if !ty.kinds.within(wanted) {
            let wrong = ty.kinds.without(wanted);
            let finding = if wrong == Kinds::UNIT && ty.kinds != Kinds::UNIT {
                Diagnostic::error(
                    "wrong-result",
                    span,
                    format!("`{hook}` must answer {words}, but this may be absent"),
                )
                .with_help("give a default: `… ?? …`")
            } else {
                Diagnostic::error(
                    "wrong-result",
                    span,
                    format!("`{hook}` must answer {words}, not {}", wrong.describe()),
                )
            };
            self.report(finding);
            return;
        }
        match hook.spec().answer {
            Answer::TierName => self.tier_names(ty, span),
            Answer::PositiveNumber => self.positive(hook, ty, span),
            Answer::RoleNames => self.role_names(ty, span, expr),
            Answer::Capacity => self.capacity(ty, span, expr),
            _ => {}
        }
    }

    /// Reports a number that is not above zero, or need not be.
    fn positive(&mut self, hook: Hook, ty: &Ty, span: Span) {
        let Interval { low, high, .. } = ty.interval;
        if high <= 0.0 {
            self.report(Diagnostic::error(
                "wrong-result",
                span,
                format!("`{hook}` must answer a number above zero"),
            ));
        } else if low.is_finite() && ty.interval.has_zero() && ty.varies {
            self.report(
                Diagnostic::warning(
                    "not-positive",
                    span,
                    format!("this may be zero, and `{hook}` must answer a number above zero"),
                )
                .with_help("take at least a small number: `max(…, 1)`"),
            );
        }
    }

    /// Tiers whose cut no way through `value` reaches.
    fn unreached_cuts(&mut self, outcomes: &[Outcome<'a>]) {
        let Some(tiers) = self.script.constant("TIERS") else {
            return;
        };
        if self.world.given_tiers().is_some() {
            return;
        }
        let Some(all) = outcomes
            .iter()
            .map(|outcome| outcome.ty.clone())
            .reduce(Ty::join)
        else {
            return;
        };
        if all.kinds.is_empty() || !all.kinds.within(Kinds::NUMBER) || !all.varies {
            return;
        }
        let ExprKind::Array(entries) = &fold::resolved(self.script, &tiers.value).kind else {
            return;
        };
        for entry in entries {
            let ExprKind::Map(fields) = &entry.kind else {
                continue;
            };
            let field = |wanted: &str| fields.iter().find(|(key, _)| &*key.text == wanted);
            let (Some((_, name)), Some((_, cut))) = (field("tier"), field("at_least")) else {
                continue;
            };
            let Some(cut) = fold::number(self.script, cut) else {
                continue;
            };
            if all.interval.high < cut {
                let high = all.interval.high;
                self.report(
                    Diagnostic::warning(
                        "unused-tier",
                        name.span,
                        format!("no customer gets this tier: `value` never reaches {cut}"),
                    )
                    .with_help(format!("it is at most {}", nice(high))),
                );
            }
        }
    }

    /// The tiers that the host, the policy or the schema names, and where `TIERS` does.
    pub(super) fn tier_list(&self) -> Option<Vec<(Arc<str>, Option<Span>)>> {
        let unplaced = |name: &str| (Arc::from(name), None);
        if let Some(given) = self.world.given_tiers() {
            return Some(given.names().into_iter().map(unplaced).collect());
        }
        if let Some(tiers) = self.script.constant("TIERS") {
            let ExprKind::Array(entries) = &fold::resolved(self.script, &tiers.value).kind else {
                return None;
            };
            return entries
                .iter()
                .map(|entry| match &entry.kind {
                    ExprKind::Text(name) => Some((Arc::clone(name), Some(entry.span))),
                    ExprKind::Map(fields) => {
                        let (_, name) = fields.iter().find(|(key, _)| &*key.text == "tier")?;
                        match &name.kind {
                            ExprKind::Text(text) => Some((Arc::clone(text), Some(name.span))),
                            _ => None,
                        }
                    }
                    _ => None,
                })
                .collect();
        }
        let names: Vec<&str> = if self.world.tiers().is_empty() {
            vec!["A", "B", "C"]
        } else {
            self.world.tiers().iter().map(String::as_str).collect()
        };
        Some(names.into_iter().map(unplaced).collect())
    }

    fn tier_names(&mut self, ty: &Ty, span: Span) {
        let (Some(texts), Some(list)) = (&ty.texts, self.tier_list()) else {
            return;
        };
        for text in texts.set.iter() {
            if list.iter().any(|(known, _)| known == text) {
                continue;
            }
            let literal = self.literal(text);
            let span = literal.unwrap_or(span);
            let finding = Diagnostic::error(
                "unknown-tier",
                span,
                format!("there is no tier `{}`", crate::syntax::clipped(text)),
            );
            let all: Vec<String> = list.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.report(match nearest(text, list.iter().map(|(name, _)| &**name)) {
                Some(near) => meant(finding, near, literal),
                None if self.world.given_tiers().is_some() => {
                    finding.with_help(format!("the host gives {}", all.join(", ")))
                }
                None => finding.with_help(format!(
                    "there are {}; other tiers stand in `const TIERS = […];`",
                    all.join(", ")
                )),
            });
            return;
        }
    }

    /// Where the policy writes a text, if it does so once.
    pub(super) fn literal(&self, text: &str) -> Option<Span> {
        let mut found: Vec<Span> = Vec::new();
        for function in &self.script.functions {
            walk::expressions(&function.body, &mut |expr| {
                if matches!(&expr.kind, ExprKind::Text(written) if &**written == text) {
                    found.push(expr.span);
                }
            });
        }
        match found[..] {
            [once] => Some(once),
            _ => None,
        }
    }

    /// Tiers that `TIERS` names and no way through `tier` answers.
    fn unused_tiers(&mut self, outcomes: &[Outcome<'a>]) {
        if self.script.function("value").is_some() {
            return;
        }
        let Some(list) = self.tier_list() else { return };
        let mut answered: Vec<Arc<str>> = Vec::new();
        for outcome in outcomes {
            match &outcome.ty.texts {
                Some(texts) if outcome.ty.kinds == Kinds::TEXT => {
                    answered.extend(texts.set.iter().cloned());
                }
                _ => return,
            }
        }
        for (name, span) in list {
            if let Some(span) = span
                && !answered.contains(&name)
            {
                self.report(
                    Diagnostic::warning(
                        "unused-tier",
                        span,
                        format!(
                            "no way through `tier` answers `{}`",
                            crate::syntax::clipped(&name)
                        ),
                    )
                    .with_help("remove it, or answer it somewhere"),
                );
            }
        }
    }

    fn role_names(&mut self, ty: &Ty, span: Span, expr: Option<&Expr>) {
        let Some(element) = &ty.element else { return };
        if element.kinds.is_any() || element.kinds.is_empty() {
            return;
        }
        if !element.kinds.within(Kinds::TEXT) {
            self.report(Diagnostic::error(
                "wrong-result",
                span,
                format!(
                    "roles are texts, not {}",
                    element.kinds.without(Kinds::TEXT).describe()
                ),
            ));
            return;
        }
        let Some(texts) = &element.texts else { return };
        for text in texts.set.iter() {
            let literal = written(expr, text).or_else(|| self.literal(text));
            let span = literal.unwrap_or(span);
            let role = self.world.role(text);
            let finding = match role {
                Some(true) => continue,
                Some(false) => Diagnostic::error(
                    "unknown-role",
                    span,
                    format!("the role `{text}` owns no customers"),
                ),
                None => {
                    let finding = Diagnostic::error(
                        "unknown-role",
                        span,
                        format!("there is no role `{}`", crate::syntax::clipped(text)),
                    );
                    match nearest(text, self.world.roles()) {
                        Some(near) => meant(finding, near, literal),
                        None => finding,
                    }
                }
            };
            self.report(finding);
        }
    }

    fn capacity(&mut self, ty: &Ty, span: Span, expr: Option<&Expr>) {
        const KEYS: [&str; 3] = ["workload", "customers", "tiers"];
        if ty.kinds.within(Kinds::NUMBER) {
            return self.not_negative("a capacity", ty, span);
        }
        let Some(entries) = ty.entries.as_ref().filter(|_| ty.kinds == Kinds::MAP) else {
            return;
        };
        for (key, value) in entries.iter() {
            let span = written(expr, key).unwrap_or(span);
            if !KEYS.contains(&&**key) {
                let finding = Diagnostic::error(
                    "unknown-key",
                    span,
                    format!("a capacity has no `{}`", crate::syntax::clipped(key)),
                );
                self.report(match nearest(key, KEYS.into_iter()) {
                    Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                    None => finding.with_help("there are `workload`, `customers`, `tiers`"),
                });
                continue;
            }
            let wanted = match &**key {
                "workload" => Kinds::NUMBER,
                "customers" => Kinds::INT,
                _ => Kinds::MAP,
            };
            if !value.kinds.is_any() && !value.kinds.within(wanted) {
                self.report(Diagnostic::error(
                    "wrong-result",
                    span,
                    format!(
                        "`{key}` of a capacity is {}, not {}",
                        wanted.describe(),
                        value.kinds.without(wanted).describe()
                    ),
                ));
            } else if &**key == "tiers" {
                self.tier_capacities(value, span, expr);
            } else {
                self.not_negative(&format!("`{key}` of a capacity"), value, span);
            }
        }
    }

    /// The tiers that a capacity has limits for.
    fn tier_capacities(&mut self, limits: &Ty, span: Span, expr: Option<&Expr>) {
        let (Some(entries), Some(list)) = (&limits.entries, self.tier_list()) else {
            return;
        };
        let inner = expr.and_then(|expr| match &expr.kind {
            ExprKind::Map(entries) => {
                let (_, value) = entries.iter().find(|(key, _)| &*key.text == "tiers")?;
                Some(value)
            }
            _ => None,
        });
        for (tier, limit) in entries.iter() {
            let span = written(inner, tier).unwrap_or(span);
            if !list.iter().any(|(known, _)| known == tier) {
                let all: Vec<Arc<str>> = list.iter().map(|(name, _)| Arc::clone(name)).collect();
                let finding = unknown_text("tier", tier, &all, span);
                self.report(Diagnostic {
                    fix: None,
                    ..finding
                });
            } else if !limit.kinds.is_any() && !limit.kinds.within(Kinds::INT) {
                self.report(Diagnostic::error(
                    "wrong-result",
                    span,
                    format!(
                        "the limit of a tier is an int, not {}",
                        limit.kinds.without(Kinds::INT).describe()
                    ),
                ));
            } else {
                self.not_negative("the limit of a tier", limit, span);
            }
        }
    }

    /// Reports a limit that is below zero whatever comes.
    fn not_negative(&mut self, what: &str, limit: &Ty, span: Span) {
        if limit.kinds.within(Kinds::NUMBER) && limit.interval.high < 0.0 {
            self.report(Diagnostic::error(
                "wrong-result",
                span,
                format!("{what} is at least 0"),
            ));
        }
    }

    fn never_eligible(&mut self, function: &FunctionItem, outcomes: &[Outcome<'a>]) {
        let never = |ty: &Ty| {
            ty.kinds.within(Kinds::TEXT.or(Kinds::BOOL))
                && !ty.kinds.is_empty()
                && (!ty.kinds.has(Kinds::BOOL) || ty.truth == Some(false))
        };
        if !outcomes.is_empty() && outcomes.iter().all(|outcome| never(&outcome.ty)) {
            self.report(
                Diagnostic::warning(
                    "never-eligible",
                    function.name.span,
                    "`eligible` never answers `true`: nobody would get a customer",
                )
                .with_help("answer `true` where the rep may have the customer"),
            );
        }
    }
}

/// The finding with the text that was meant; the fix where the wrong one is written out.
fn meant(finding: Diagnostic, near: &str, literal: Option<Span>) -> Diagnostic {
    let finding = finding.with_help(format!("did you mean `{near}`?"));
    match literal {
        Some(span) => finding.with_fix(span, format!("\"{near}\"")),
        None => finding,
    }
}

/// A bound without what rounding added to it.
fn nice(bound: f64) -> f64 {
    let whole = bound.round();
    if (bound - whole).abs() <= whole.abs() * 1e-6 {
        whole
    } else {
        bound
    }
}

/// Where an array has that text written out, or a map that key.
fn written(expr: Option<&Expr>, text: &str) -> Option<Span> {
    match &expr?.kind {
        ExprKind::Array(elements) => elements
            .iter()
            .find(|element| matches!(&element.kind, ExprKind::Text(found) if &**found == text))
            .map(|element| element.span),
        ExprKind::Map(entries) => entries
            .iter()
            .find(|(key, _)| &*key.text == text)
            .map(|(key, _)| key.span),
        _ => None,
    }
}
