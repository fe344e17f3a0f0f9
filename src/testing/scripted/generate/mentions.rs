//! The numbers and texts that a policy compares each field with: where its borders are.
//!
//! A literal counts for a field where both stand in one comparison, call, `??` or `switch`; more
//! than is meant is no harm. Parameters count by their value in `PARAMS`.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::walk;
use crate::syntax::ast::{Expr, ExprKind, PatternKind, Script};

/// By name of the field, whichever side it is of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mentions {
    numbers: BTreeMap<String, Vec<f64>>,
    texts: BTreeMap<String, BTreeSet<String>>,
}

/// What stands in one expression.
#[derive(Default)]
struct Within {
    fields: BTreeSet<String>,
    numbers: Vec<f64>,
    texts: BTreeSet<String>,
}

impl Mentions {
    /// All that a script says about fields.
    pub(crate) fn of(script: &Script) -> Self {
        let mut mentions = Self::default();
        for function in &script.functions {
            walk::expressions(&function.body, &mut |expr| {
                let together = matches!(
                    expr.kind,
                    ExprKind::Binary { .. } | ExprKind::Call { .. } | ExprKind::Switch { .. }
                );
                if together {
                    mentions.add(Within::of(script, expr));
                }
            });
        }
        // The cuts of `TIERS` are borders of whatever the value is made from.
        if let Some(tiers) = script.constant("TIERS") {
            let mut within = Within::default();
            walk::expression(&tiers.value, &mut |expr| within.literal(expr));
            for field in ["annual_revenue", "potential"] {
                mentions
                    .numbers
                    .entry(field.to_owned())
                    .or_default()
                    .extend(&within.numbers);
            }
        }
        for numbers in mentions.numbers.values_mut() {
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
        }
        mentions
    }

    /// The numbers that a field is compared with, rising.
    pub(crate) fn numbers(&self, field: &str) -> &[f64] {
        self.numbers.get(field).map_or(&[], Vec::as_slice)
    }

    /// The texts that a field is compared with.
    pub(crate) fn texts(&self, field: &str) -> impl Iterator<Item = &str> {
        self.texts
            .get(field)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    fn add(&mut self, within: Within) {
        for field in within.fields {
            self.numbers
                .entry(field.clone())
                .or_default()
                .extend(&within.numbers);
            self.texts
                .entry(field)
                .or_default()
                .extend(within.texts.iter().cloned());
        }
    }
}

impl Within {
    fn of(script: &Script, expr: &Expr) -> Self {
        let mut within = Self::default();
        let mut visit = |inner: &Expr| within.node(script, inner);
        if let ExprKind::Switch { subject, arms, .. } = &expr.kind {
            // The bodies are about something else.
            walk::expression(subject, &mut visit);
            for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                match &pattern.kind {
                    PatternKind::Int(int) => within.numbers.push(*int as f64),
                    PatternKind::Float(float) => within.numbers.push(*float),
                    PatternKind::Range { start, end, .. } => {
                        within.numbers.extend([*start as f64, *end as f64]);
                    }
                    PatternKind::Text(text) => {
                        within.texts.insert(text.to_string());
                    }
                    PatternKind::Unit | PatternKind::Bool(_) => {}
                }
            }
        } else {
            walk::expression(expr, &mut visit);
        }
        within
    }

    fn node(&mut self, script: &Script, expr: &Expr) {
        match &expr.kind {
            ExprKind::Field { receiver, name, .. } => {
                if matches!(&receiver.kind, ExprKind::Variable(root) if &**root == "params") {
                    if let Some(value) = param(script, &name.text) {
                        walk::expression(value, &mut |expr| self.literal(expr));
                    }
                } else {
                    self.fields.insert(name.text.to_string());
                }
            }
            ExprKind::Variable(name) => {
                if let Some(constant) = script.constant(name) {
                    walk::expression(&constant.value, &mut |expr| self.literal(expr));
                }
            }
            _ => self.literal(expr),
        }
    }

    fn literal(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(int) => self.numbers.push(*int as f64),
            ExprKind::Float(float) if float.is_finite() => self.numbers.push(*float),
            ExprKind::Text(text) => {
                self.texts.insert(text.to_string());
            }
            ExprKind::Map(entries) => {
                let keys = entries.iter().map(|(key, _)| key.text.to_string());
                self.texts.extend(keys);
            }
            _ => {}
        }
    }
}

fn param<'a>(script: &'a Script, name: &str) -> Option<&'a Expr> {
    let ExprKind::Map(entries) = &script.constant("PARAMS")?.value.kind else {
        return None;
    };
    let (_, value) = entries.iter().find(|(key, _)| &*key.text == name)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Limits;
    use crate::syntax::parse;

    #[test]
    fn literals_count_for_the_fields_beside_them() {
        let text = r#"
            const PARAMS = #{ senior_from: 3 };
            const VIP = ["gold", "vip"];
            fn tier(c) { if (c.annual_revenue ?? 0.0) >= 5e5 { "A" } else { "B" } }
            fn score(c, r) {
                let near = switch c.region { "east" => 10.0, _ => 0.0 };
                if r.level >= params.senior_from && c.tags.has_any(VIP) { near + 7.0 } else { near }
            }
        "#;
        let mentions = Mentions::of(&parse(text, &Limits::default()).script);
        assert_eq!(mentions.numbers("annual_revenue"), [0.0, 5e5]);
        assert!(mentions.numbers("level").contains(&3.0));
        assert_eq!(mentions.texts("region").collect::<Vec<_>>(), ["east"]);
        assert_eq!(mentions.texts("tags").collect::<Vec<_>>(), ["gold", "vip"]);
        assert_eq!(mentions.texts("name").count(), 0);
    }
}
