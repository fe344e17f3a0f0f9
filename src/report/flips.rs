//! Counterfactuals: the smallest change of one field that would put a customer in another tier.
//!
//! Every claim is checked by asking the hook with the changed field. Along a number the hook is
//! asked at the numbers that the policy names, at its cuts and at powers of ten away from the
//! present value; between two that give different tiers the border is found by halving, to the
//! neighbouring float, int or microsecond. So a border that the policy states is exact, also under
//! the relative epsilon of its comparisons; what happens only within a gap between all of those
//! numbers can be missed. A field costs some hundred askings at most.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::language::edge::{rank, unrank};
use crate::language::{Hook, Kind, Side, Source, Time, Value};
use crate::model::{Book, Field, FieldIx};
use crate::plan::Plan;
use crate::policy::{Answering, answer};
use crate::tiering::{Row, TierRule, place};
use crate::trace::Unobserved;

use super::explanation::ExplainError;
use super::hook_trace::Seen;
use super::literals::{self, Literals};
use super::tracing::Question;

/// A change of one field that would put a customer in another tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierFlip {
    /// The field of the customer.
    pub field: String,
    /// What it holds.
    pub from: Seen,
    /// The nearest value that would do; for tags, all of them.
    pub to: Seen,
    /// The tier that it would give.
    pub tier: String,
}

impl Plan {
    /// For each field that the customer's tier can depend on and each other tier: the smallest
    /// change of that field alone that would give it. By tier, then by field in the order of the
    /// schema; for a number or a moment the nearer of up and down.
    ///
    /// Values keep what the schema allows. Nothing is told where tiers are shares of the book
    /// (they depend on everybody), where the host grades by native code, or where the hook fails.
    ///
    /// ```
    /// use bookwright::{Book, Customer, PlanOptions, Policy, Records, Schema};
    /// let records = Records {
    ///     customers: vec![Customer::new("c1").set("annual_revenue", 480_000.0)],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    /// fn tier(customer) {
    ///     if (customer.annual_revenue ?? 0.0) >= 500_000.0 { return "A"; }
    ///     if customer.stage == "active" { "B" } else { "C" }
    /// }"#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let flips: Vec<String> = plan.tier_flips(&book, "c1")?.iter().map(|flip| flip.to_string()).collect();
    /// assert_eq!(flips, [
    ///     "tier A with annual_revenue from 480,000 to 500,000",
    ///     "tier B with stage from \"lead\" to \"active\"",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExplainError`] where the plan cannot look behind itself or there is no such customer.
    pub fn tier_flips(&self, book: &Book, customer: &str) -> Result<Vec<TierFlip>, ExplainError> {
        let question = Question::new(self, book)?.customer(customer)?;
        Ok(Flipping::new(question).map_or_else(Vec::new, |flipping| flipping.all()))
    }
}

/// A customer whose tier is asked again and again.
struct Flipping<'p> {
    question: Question<'p>,
    hook: Hook,
    names: Vec<&'p str>,
    /// Where tiers go by a number.
    current: Option<u16>,
    today: u16,
    literals: Literals,
}

impl<'p> Flipping<'p> {
    fn new(question: Question<'p>) -> Option<Self> {
        let scene = &question.origin.scene;
        let policy = scene.compiled();
        let hook = match (&policy.hooks.tier, &policy.hooks.value, &policy.tiers) {
            (Some(_), _, _) => Hook::Tier,
            (None, Some(_), TierRule::Cuts(cuts)) if cuts.iter().all(|cut| cut.top.is_none()) => {
                Hook::Value
            }
            _ => return None,
        };
        let Answering::Script(_) = policy.answering(hook) else {
            return None;
        };
        let names = policy.tiers.names();
        let customer = scene.view.customer(question.asked.customer?, None);
        let current = (customer.text("current_tier"))
            .and_then(|current| names.iter().position(|name| *name == current));
        let mut literals = literals::of(&policy.script, hook.name());
        literals.take(scene.view.params().values());
        for constant in &literals.names.clone() {
            literals.take(policy.constants.get(constant.as_str()));
        }
        if let TierRule::Cuts(cuts) = &policy.tiers {
            for cut in cuts {
                literals.numbers.extend(cut.at_least);
                literals
                    .numbers
                    .extend(cut.at_least.map(|at| at - at.abs() * cut.keep_within));
            }
        }
        let mut flipping = Self {
            question,
            hook,
            names,
            current: current.map(|tier| tier as u16),
            today: 0,
            literals,
        };
        flipping.today = flipping.tier(None)?;
        Some(flipping)
    }

    /// The tier with one field changed; nothing where the hook fails.
    fn tier(&self, change: Option<(FieldIx, &Value)>) -> Option<u16> {
        let scene = &self.question.origin.scene;
        let (policy, asked) = (scene.compiled(), self.question.asked);
        let answer = match change {
            None => policy.observe(self.hook, &scene.view, asked, &mut Unobserved),
            Some(change) => {
                policy.observe_changed(self.hook, &scene.view, asked, change, &mut Unobserved)
            }
        };
        let value = answer?.ok()?;
        match &policy.tiers {
            TierRule::Cuts(cuts) if self.hook == Hook::Value => {
                let row = Row {
                    value: Some(answer::number(&value).ok()?),
                    current: self.current,
                    segment: 0,
                };
                Some(place(cuts, &[row]).first()?.tier)
            }
            _ => answer::tier(&value, &self.names).ok(),
        }
    }

    fn all(&self) -> Vec<TierFlip> {
        let scene = &self.question.origin.scene;
        let schema = scene.book().schema();
        let Some(row) = self.question.asked.customer else {
            return Vec::new();
        };
        let mut found: Vec<(u16, usize, TierFlip)> = Vec::new();
        for (at, field) in schema.fields(Side::Customer).iter().enumerate() {
            if !self.literals.fields.contains(field.name.as_str()) || !is_changed_by_hand(field) {
                continue;
            }
            let number = FieldIx(at as u16);
            let from = scene.view.value(Side::Customer, row, number, None);
            let seen = |value: Value| match field.sensitive {
                true => Seen::Hidden,
                false => Seen::Value(value),
            };
            for (tier, to) in self.field(field, number, &from) {
                let flip = TierFlip {
                    field: field.name.clone(),
                    from: seen(from.clone()),
                    to: seen(to),
                    tier: self.names[tier as usize].to_owned(),
                };
                found.push((tier, at, flip));
            }
        }
        found.sort_by_key(|(tier, at, _)| (*tier, *at));
        found.into_iter().map(|(_, _, flip)| flip).collect()
    }

    /// The nearest value of a field for each other tier.
    fn field(&self, field: &Field, number: FieldIx, from: &Value) -> BTreeMap<u16, Value> {
        match field.kind {
            Kind::Int | Kind::Float | Kind::Time => {
                let axis = Axis::new(field, self.question.origin.scene.view.now());
                self.along(&axis, number, from)
            }
            Kind::Bool => self.among(number, [Value::Bool(true), Value::Bool(false)], from),
            Kind::Text if !field.allowed.is_empty() => self.among(
                number,
                field.allowed.iter().map(|text| text.as_str().into()),
                from,
            ),
            Kind::Text => self.among(
                number,
                self.literals.texts.iter().map(|text| text.as_str().into()),
                from,
            ),
            Kind::Tags => self.among(number, self.tags(field, from), from),
        }
    }

    /// The first of some values for each other tier.
    fn among(
        &self,
        number: FieldIx,
        values: impl IntoIterator<Item = Value>,
        from: &Value,
    ) -> BTreeMap<u16, Value> {
        let mut found = BTreeMap::new();
        for value in values {
            if value == *from {
                continue;
            }
            if let Some(tier) = self
                .tier(Some((number, &value)))
                .filter(|&it| it != self.today)
            {
                found.entry(tier).or_insert(value);
            }
        }
        found
    }

    /// The tags with one more that the policy or the schema names, or with one fewer.
    fn tags(&self, field: &Field, from: &Value) -> Vec<Value> {
        let present: BTreeSet<&str> = match from {
            Value::Array(tags) => tags.iter().filter_map(Value::as_text).collect(),
            _ => BTreeSet::new(),
        };
        let named: BTreeSet<&str> = match field.allowed.as_slice() {
            [] => self.literals.texts.iter().map(String::as_str).collect(),
            allowed => allowed.iter().map(String::as_str).collect(),
        };
        let list = |tags: BTreeSet<&str>| Value::Array(tags.into_iter().map(Value::from).collect());
        let more = named.difference(&present).map(|tag| {
            let mut tags = present.clone();
            tags.insert(tag);
            list(tags)
        });
        let fewer = present.iter().map(|tag| {
            let mut tags = present.clone();
            tags.remove(tag);
            list(tags)
        });
        more.chain(fewer).collect()
    }

    /// The nearest value on an axis for each other tier.
    fn along(&self, axis: &Axis, number: FieldIx, from: &Value) -> BTreeMap<u16, Value> {
        let here = axis.place(from);
        let tier = |place: i64| self.tier(Some((number, &axis.value(place))));
        let mut probes = axis.probes(&self.literals, here);
        if let Some(here) = here {
            probes.insert(here);
        }
        let mut best: BTreeMap<u16, i64> = BTreeMap::new();
        let distance = |to: i64| axis.distance(here, to);
        let mut nearer = |tier: u16, to: i64| {
            let slot = best.entry(tier).or_insert(to);
            if distance(to) < distance(*slot) {
                *slot = to;
            }
        };
        let start = here.unwrap_or(axis.low);
        let up: Vec<i64> = probes.range(start..).copied().collect();
        let down: Vec<i64> = probes.range(..=start).rev().copied().collect();
        for way in [up, down] {
            let mut seen = BTreeSet::from([self.today]);
            let mut last: Option<(i64, Option<u16>)> = None;
            for place in way {
                let given = if Some(place) == here {
                    Some(self.today)
                } else {
                    tier(place)
                };
                if let Some(wanted) = given.filter(|tier| !seen.contains(tier)) {
                    // Between the two there may be tiers of which no probe knows.
                    let mut end = (place, wanted);
                    loop {
                        seen.insert(end.1);
                        let first = match last {
                            Some((before, _)) => {
                                border(before, end.0, |at| tier(at) == Some(end.1))
                            }
                            None => end.0,
                        };
                        nearer(end.1, first);
                        let Some((before, before_tier)) = last else {
                            break;
                        };
                        let next = if first > before { first - 1 } else { first + 1 };
                        if next == before {
                            break;
                        }
                        match tier(next).filter(|it| !seen.contains(it) && Some(*it) != before_tier)
                        {
                            Some(between) => end = (next, between),
                            None => break,
                        }
                    }
                }
                last = Some((place, given));
            }
        }
        best.into_iter()
            .map(|(tier, to)| (tier, axis.value(to)))
            .collect()
    }
}

/// Fields that a person could change; not those that the plan or ownership fills.
fn is_changed_by_hand(field: &Field) -> bool {
    matches!(field.source, Source::Record) && !matches!(field.name.as_str(), "id" | "current_tier")
}

/// From `from`, where it does not hold, to `to`, where it does: the nearest to `from` at which it
/// does and before which it does not.
fn border(from: i64, to: i64, holds: impl Fn(i64) -> bool) -> i64 {
    let (mut bad, mut good) = (from, to);
    while bad.abs_diff(good) > 1 {
        let middle = i64::midpoint(bad, good);
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// The values of a field in order, as ints: floats by their place among all floats.
struct Axis {
    kind: Kind,
    low: i64,
    high: i64,
    now: Time,
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

impl Axis {
    fn new(field: &Field, now: Time) -> Self {
        let (low, high) = match field.kind {
            Kind::Int => {
                // Floats beyond the range of ints become its ends.
                let low = field.min.map_or(-(1_i64 << 62), |min| min.ceil() as i64);
                let high = field.max.map_or(1_i64 << 62, |max| max.floor() as i64);
                let above = field.open_below && field.min == Some(low as f64);
                (low + i64::from(above), high)
            }
            Kind::Time => {
                let century = 36_525 * DAY;
                (now.micros() - century, now.micros() + century)
            }
            _ => {
                let low = rank(field.min.unwrap_or(-1e300));
                let above = field.open_below && field.min.is_some();
                (low + i64::from(above), rank(field.max.unwrap_or(1e300)))
            }
        };
        Self {
            kind: field.kind,
            low,
            high,
            now,
        }
    }

    fn value(&self, place: i64) -> Value {
        match self.kind {
            Kind::Int => Value::Int(place),
            Kind::Time => Time::from_micros(place).map_or(Value::Unit, Value::Time),
            _ => Value::Float(unrank(place)),
        }
    }

    fn place(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Int(int) => Some(*int),
            Value::Float(float) => Some(rank(*float)),
            Value::Time(time) => Some(time.micros()),
            _ => None,
        }
    }

    fn distance(&self, from: Option<i64>, to: i64) -> f64 {
        match (self.kind, from) {
            (Kind::Float, Some(from)) => (unrank(to) - unrank(from)).abs(),
            (Kind::Float, None) => unrank(to).abs(),
            (Kind::Time, None) => to.abs_diff(self.now.micros()) as f64,
            (_, from) => to.abs_diff(from.unwrap_or(0)) as f64,
        }
    }

    /// The numbers at which a hook is asked.
    fn probes(&self, literals: &Literals, here: Option<i64>) -> BTreeSet<i64> {
        let mut numbers: Vec<f64> = vec![0.0];
        numbers.extend(&literals.numbers);
        numbers.extend(literals.numbers.iter().map(|number| -number));
        let from = match here.map(|here| self.value(here)) {
            Some(Value::Time(_)) | None => 0.0,
            Some(value) => value.as_number().unwrap_or(0.0),
        };
        for power in -3..=12 {
            let step = 10_f64.powi(power);
            numbers.extend([from + step, from - step, step, -step]);
        }
        let mut probes = BTreeSet::from([self.low, self.high]);
        for number in numbers.into_iter().filter(|number| number.is_finite()) {
            // Casts of what is out of range end at the ends.
            match self.kind {
                Kind::Int => {
                    let int = number.floor() as i64;
                    probes.extend([int.saturating_sub(1), int, int.saturating_add(1)]);
                }
                Kind::Time => {
                    let days = (number.clamp(-40_000.0, 40_000.0) * DAY as f64) as i64;
                    probes.extend([self.now.micros() + days, self.now.micros() - days]);
                    probes.extend(here.map(|here| here.saturating_add(days)));
                }
                _ => {
                    let at = rank(number);
                    probes.extend([at - 1, at, at + 1]);
                }
            }
        }
        probes.retain(|probe| (self.low..=self.high).contains(probe));
        probes
    }
}
