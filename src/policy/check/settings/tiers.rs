//! `TIERS`: names, or cuts with their shares and thresholds in order.

use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::{Diagnostic, Span, nearest};

use super::super::fold;
use super::{Settings, listed, literal};

/// The keys of an entry of `TIERS`.
const TIER_KEYS: &[&str] = &["tier", "at_least", "top", "per", "keep_within"];

/// One entry of `TIERS`, as far as it is known.
struct Cut<'a> {
    name: Option<(&'a str, Span)>,
    /// Its key, the value's place, and the value where it is known.
    cut: Option<(&'a str, Span, Option<f64>)>,
    /// Whether a key is unknown, so that one may be missing.
    misspelt: bool,
    span: Span,
}

impl<'a> Settings<'a, '_> {
    pub(super) fn tiers(&mut self, value: &'a Expr) {
        let value = fold::resolved(self.script, value);
        let ExprKind::Array(entries) = &value.kind else {
            if let Some(what) = literal(value) {
                self.advise(
                    "wrong-setting",
                    value.span,
                    format!("`TIERS` must be an array of tiers, not {what}"),
                    "write `const TIERS = [\"A\", \"B\", \"C\"];`, or maps with cuts",
                );
            }
            return;
        };
        if entries.is_empty() {
            return self.error("wrong-setting", value.span, "`TIERS` has no tier".into());
        }
        let mut cuts = Vec::new();
        for entry in entries {
            let entry = fold::resolved(self.script, entry);
            match &entry.kind {
                ExprKind::Text(name) => cuts.push(Cut {
                    name: Some((name, entry.span)),
                    cut: None,
                    misspelt: false,
                    span: entry.span,
                }),
                ExprKind::Map(fields) => {
                    let cut = self.tier(fields, entry.span);
                    cuts.push(cut);
                }
                _ => match literal(entry) {
                    Some(what) => self.error(
                        "wrong-setting",
                        entry.span,
                        format!("a tier is a text or a map, not {what}"),
                    ),
                    None => return,
                },
            }
        }
        self.names(&cuts);
        let is_map =
            |entry: &&Expr| matches!(fold::resolved(self.script, entry).kind, ExprKind::Map(_));
        let maps = entries.iter().filter(is_map).count();
        if maps == 0 {
            if let Some(function) = self.script.function("value")
                && self.world.given_tiers().is_none()
            {
                self.advise(
                    "value-without-tiers",
                    function.name.span,
                    "`value` needs cuts, and `TIERS` has only names".into(),
                    "write `#{ tier: \"A\", at_least: 100.0 }` in `TIERS`, or a hook `tier`",
                );
            }
            return;
        }
        if maps < entries.len() {
            return self.error(
                "wrong-setting",
                value.span,
                "`TIERS` mixes names and maps".into(),
            );
        }
        self.cuts(&cuts);
        if let Some(function) = self.script.function("tier")
            && self.script.function("value").is_none()
            && self.world.given_tiers().is_none()
        {
            self.findings.push(
                Diagnostic::warning(
                    "unused-cuts",
                    value.span,
                    "the cuts in `TIERS` are not used: the hook `tier` names the tier itself",
                )
                .with_related(function.name.span, "the hook is here")
                .with_help("write only the names, or a hook `value` instead of `tier`"),
            );
        }
    }

    fn tier(&mut self, fields: &'a [(Name, Expr)], span: Span) -> Cut<'a> {
        let mut cut = Cut {
            name: None,
            cut: None,
            misspelt: false,
            span,
        };
        for (key, value) in fields {
            let value = fold::resolved(self.script, value);
            match &*key.text {
                "tier" => match &value.kind {
                    ExprKind::Text(name) => cut.name = Some((name, value.span)),
                    _ => self.wrong_kind(key, value, "a text"),
                },
                "at_least" | "top" => {
                    let number = self.number(key, value);
                    if let Some((other, _, _)) = cut.cut {
                        self.error(
                            "mixed-cuts",
                            key.span,
                            format!(
                                "a tier has either `top` or `at_least`; this has `{other}` too"
                            ),
                        );
                    }
                    cut.cut = Some((&key.text, value.span, number));
                    if &*key.text == "top"
                        && let Some(share) = number
                        && !(share > 0.0 && share <= 1.0)
                    {
                        self.advise(
                            "out-of-range",
                            value.span,
                            format!("`top` is a share above 0 and at most 1, not {share}"),
                            "the best tenth is `0.1`",
                        );
                    }
                }
                "per" => match &value.kind {
                    ExprKind::Text(per) if matches!(&**per, "segment" | "book") => {}
                    ExprKind::Text(_) => self.error(
                        "wrong-setting",
                        value.span,
                        "`per` is `\"segment\"` or `\"book\"`".into(),
                    ),
                    _ => self.wrong_kind(key, value, "a text"),
                },
                "keep_within" => {
                    if let Some(share) = self.number(key, value)
                        && !(0.0..=1.0).contains(&share)
                    {
                        self.error(
                            "out-of-range",
                            value.span,
                            format!("`keep_within` is a share from 0 to 1, not {share}"),
                        );
                    }
                }
                _ => {
                    cut.misspelt = true;
                    self.unknown_key(key, TIER_KEYS, "a tier");
                }
            }
        }
        if !cut.misspelt && !fields.iter().any(|(key, _)| &*key.text == "tier") {
            self.advise(
                "wrong-setting",
                span,
                "this tier has no name".into(),
                "write `tier: \"A\"`",
            );
        }
        cut
    }

    fn names(&mut self, cuts: &[Cut<'_>]) {
        for (index, cut) in cuts.iter().enumerate() {
            let Some((name, span)) = cut.name else {
                continue;
            };
            let earlier = cuts[..index]
                .iter()
                .filter_map(|earlier| earlier.name)
                .find(|(earlier, _)| *earlier == name);
            if name.is_empty() {
                self.error("wrong-setting", span, "the name of a tier is empty".into());
            } else if let Some((_, first)) = earlier {
                self.findings.push(
                    Diagnostic::error(
                        "duplicate-tier",
                        span,
                        format!("the tier `{}` stands twice", crate::syntax::clipped(name)),
                    )
                    .with_related(first, "first here"),
                );
            } else if !self.world.tiers().is_empty()
                && !self.world.tiers().iter().any(|known| known == name)
            {
                let near = nearest(name, self.world.tiers().iter().map(String::as_str));
                self.findings.push(
                    Diagnostic::error(
                        "unknown-tier",
                        span,
                        format!("the schema has no tier `{}`", crate::syntax::clipped(name)),
                    )
                    .with_help(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("there are {}", listed(self.world.tiers())),
                    }),
                );
            }
        }
    }

    fn cuts(&mut self, cuts: &[Cut<'_>]) {
        let mut before: Option<(&str, f64, Span)> = None;
        for (index, tier) in cuts.iter().enumerate() {
            let last = index + 1 == cuts.len();
            let Some((key, span, value)) = tier.cut else {
                if !last && !tier.misspelt {
                    self.advise(
                        "tier-without-cut",
                        tier.span,
                        "this tier has neither `at_least` nor `top`, but is not the last".into(),
                        "only the last tier, which takes the rest, has no cut",
                    );
                }
                continue;
            };
            if last {
                self.advise(
                    "no-floor",
                    tier.span,
                    "the last tier has a cut: customers below it would have no tier".into(),
                    "add a last tier without cut: `#{ tier: \"C\" }`",
                );
            }
            let Some(value) = value else { continue };
            if let Some((other, earlier, place)) = before {
                if other != key {
                    self.findings.push(
                        Diagnostic::error(
                            "mixed-cuts",
                            span,
                            format!(
                                "`TIERS` mixes `{other}` and `{key}`: cut all tiers the same way"
                            ),
                        )
                        .with_related(place, format!("`{other}` is here")),
                    );
                    continue;
                }
                let (falls, help) = if key == "top" {
                    (
                        value <= earlier,
                        "shares count from the top and rise: 0.1, then 0.4",
                    )
                } else {
                    (
                        value >= earlier,
                        "the highest tier comes first, and its cut is the greatest",
                    )
                };
                if falls {
                    self.findings.push(
                        Diagnostic::error(
                            "cuts-out-of-order",
                            span,
                            format!(
                                "the cut {value} does not come after {earlier} of the tier above"
                            ),
                        )
                        .with_related(place, "the tier above")
                        .with_help(help),
                    );
                }
            }
            before = Some((key, value, span));
        }
    }
}
