//! `ALLOCATION`: one map, or one per role; strategies, prices, bands and coupled roles.

use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::{Diagnostic, Span, nearest};

use super::super::fold;
use super::{Settings, listed, literal};

/// The names of the strategies.
const STRATEGIES: &[&str] = &[
    "best_score",
    "round_robin",
    "weighted_round_robin",
    "least_loaded",
    "optimal",
];

/// The keys of `ALLOCATION`.
const ALLOCATION_KEYS: &[&str] = &[
    "strategy",
    "keep_owners",
    "unassigned_price",
    "move_price",
    "max_moves",
    "balance",
    "min_load",
    "max_load",
    "same_rep",
    "different_rep",
];

/// The keys that only the strategy `optimal` looks at.
const OF_OPTIMAL: &[&str] = &[
    "unassigned_price",
    "move_price",
    "max_moves",
    "balance",
    "min_load",
    "max_load",
];

impl<'a> Settings<'a, '_> {
    pub(super) fn allocation(&mut self, value: &'a Expr) {
        let value = fold::resolved(self.script, value);
        let ExprKind::Map(entries) = &value.kind else {
            if let Some(what) = literal(value) {
                self.advise(
                    "wrong-setting",
                    value.span,
                    format!("`ALLOCATION` must be a map, not {what}"),
                    "write `const ALLOCATION = #{ strategy: \"best_score\" };`",
                );
            }
            return;
        };
        let is_map =
            |value: &Expr| matches!(fold::resolved(self.script, value).kind, ExprKind::Map(_));
        let per_role = !entries.is_empty() && entries.iter().all(|(_, value)| is_map(value));
        if !per_role {
            return self.allocating(entries);
        }
        for (role, value) in entries {
            if ALLOCATION_KEYS.contains(&&*role.text) {
                self.wrong_kind(role, fold::resolved(self.script, value), "no map");
                continue;
            }
            self.role(&role.text, role.span);
            if let ExprKind::Map(settings) = &fold::resolved(self.script, value).kind {
                self.allocating(settings);
            }
        }
    }

    fn role(&mut self, name: &str, span: Span) {
        if self.world.roles().any(|role| role == name) {
            return;
        }
        let finding = Diagnostic::error(
            "unknown-role",
            span,
            format!("there is no role `{}`", crate::syntax::clipped(name)),
        );
        self.findings.push(match nearest(name, self.world.roles()) {
            Some(near) => finding.with_help(format!("did you mean `{near}`?")),
            None => {
                let all: Vec<&str> = self.world.roles().collect();
                finding.with_help(format!("there are {}", listed(&all)))
            }
        });
    }

    fn allocating(&mut self, entries: &'a [(Name, Expr)]) {
        let (mut least, mut most) = (None, None);
        let (mut strategy, mut keep) = (Some("best_score"), true);
        let mut together: Vec<(&Name, Span, Vec<&str>)> = Vec::new();
        for (key, value) in entries {
            let value = fold::resolved(self.script, value);
            match &*key.text {
                "strategy" => strategy = self.strategy(key, value),
                "keep_owners" => {
                    keep = matches!(value.kind, ExprKind::Bool(true));
                    if literal(value).is_some() && !matches!(value.kind, ExprKind::Bool(_)) {
                        self.wrong_kind(key, value, "`true` or `false`");
                    }
                }
                "max_moves" => {
                    if matches!(value.kind, ExprKind::Float(_)) {
                        self.wrong_kind(key, value, "an int");
                    } else {
                        self.not_negative(key, value);
                    }
                }
                "balance" => match &value.kind {
                    ExprKind::Text(text) if &**text == "leximin" => {}
                    ExprKind::Text(_) => self.error(
                        "wrong-setting",
                        value.span,
                        "`balance` is a price or `\"leximin\"`".into(),
                    ),
                    _ => {
                        self.not_negative(key, value);
                    }
                },
                "unassigned_price" => {
                    self.number(key, value);
                }
                "move_price" => {
                    self.not_negative(key, value);
                }
                "min_load" => least = self.not_negative(key, value).map(|load| (load, value.span)),
                "max_load" => most = self.not_negative(key, value).map(|load| (load, value.span)),
                "same_rep" | "different_rep" => {
                    let named = self.roles(key, value);
                    together.push((key, value.span, named));
                }
                _ => self.unknown_key(key, ALLOCATION_KEYS, "`ALLOCATION`"),
            }
        }
        if let [(first, at, one), (second, place, other)] = together.as_slice() {
            let both: Vec<&&str> = one.iter().filter(|role| other.contains(*role)).collect();
            if first.text != second.text && both.len() > 1 {
                self.findings.push(
                    Diagnostic::error(
                        "wrong-setting",
                        *place,
                        format!(
                            "`{}` and `{}` both name {}: nobody can have them",
                            first.text,
                            second.text,
                            listed(&both)
                        ),
                    )
                    .with_related(*at, format!("`{}` is here", first.text)),
                );
            }
        }
        if let (Some((least, at)), Some((most, other))) = (least, most)
            && least > most
        {
            self.findings.push(
                Diagnostic::error(
                    "out-of-range",
                    at,
                    format!("`min_load` {least} is above `max_load` {most}"),
                )
                .with_related(other, "`max_load` is here"),
            );
        }
        let named = |name: &str| entries.iter().find(|(key, _)| &*key.text == name);
        let evens = |value: &Expr| matches!(&fold::resolved(self.script, value).kind, ExprKind::Text(text) if &**text == "leximin");
        if let (Some((price, _)), Some((balance, _))) = (
            named("unassigned_price"),
            named("balance").filter(|(_, value)| evens(value)),
        ) {
            self.findings.push(
                Diagnostic::warning(
                    "unused-setting",
                    price.span,
                    "`unassigned_price` decides nothing beside `balance: \"leximin\"`: load shares come first, and the least are those of serving nobody",
                )
                .with_related(balance.span, "`balance` is here")
                .with_help("give `balance` a price"),
            );
        }
        if let Some(strategy) = strategy.filter(|name| *name != "optimal")
            && let Some((key, _)) = entries
                .iter()
                .find(|(key, _)| OF_OPTIMAL.contains(&&*key.text))
        {
            self.findings.push(
                Diagnostic::warning(
                    "unused-setting",
                    key.span,
                    format!("the strategy `{strategy}` does not look at `{}`", key.text),
                )
                .with_help("add `strategy: \"optimal\"`"),
            );
        }
        let moves = |(key, value): &&(Name, Expr)| {
            matches!(&*key.text, "move_price" | "max_moves")
                && fold::number(self.script, value).is_none_or(|number| number >= 0.0)
        };
        if strategy == Some("optimal")
            && keep
            && let Some((key, _)) = entries.iter().find(moves)
        {
            self.findings.push(
                Diagnostic::warning(
                    "unused-setting",
                    key.span,
                    format!("owners who may stay do, whatever `{}` says", key.text),
                )
                .with_help("add `keep_owners: false` to let them move"),
            );
        }
    }

    /// The strategy's name, where it is known and there is one of that name.
    fn strategy(&mut self, key: &Name, value: &'a Expr) -> Option<&'a str> {
        let ExprKind::Text(name) = &value.kind else {
            self.wrong_kind(key, value, "a text");
            return None;
        };
        if STRATEGIES.contains(&&**name) {
            return Some(name);
        }
        let finding = Diagnostic::error(
            "unknown-strategy",
            value.span,
            format!("there is no strategy `{}`", crate::syntax::clipped(name)),
        );
        self.findings
            .push(match nearest(name, STRATEGIES.iter().copied()) {
                Some(near) => finding
                    .with_help(format!("did you mean `{near}`?"))
                    .with_fix(value.span, format!("\"{near}\"")),
                None => finding.with_help(format!("there are {}", listed(STRATEGIES))),
            });
        None
    }

    /// The roles that a setting names, each once.
    fn roles(&mut self, key: &Name, value: &'a Expr) -> Vec<&'a str> {
        let mut roles: Vec<&str> = Vec::new();
        let ExprKind::Array(names) = &value.kind else {
            self.wrong_kind(key, value, "an array of roles");
            return roles;
        };
        let mut others = 0;
        for name in names {
            let name = fold::resolved(self.script, name);
            match &name.kind {
                ExprKind::Text(role) => {
                    self.role(role, name.span);
                    if !roles.contains(&&**role) {
                        roles.push(role);
                    }
                }
                _ => {
                    self.wrong_kind(key, name, "an array of roles");
                    others += 1;
                }
            }
        }
        if roles.len() + others < 2 {
            self.error(
                "wrong-setting",
                value.span,
                format!("`{}` needs at least two roles", key.text),
            );
        }
        roles
    }
}
