//! The shapes of `PARAMS`, `TIERS` and `ALLOCATION`, where they are written out.
//!
//! A value that is computed is left to the reading of the constants after they ran.

use crate::syntax::ast::{Expr, ExprKind, Name, Script};
use crate::syntax::{Diagnostic, Span, nearest};

use super::fold;
use super::world::World;

/// The names of the strategies.
const STRATEGIES: &[&str] = &[
    "best_score",
    "round_robin",
    "weighted_round_robin",
    "least_loaded",
    "optimal",
];

/// The keys of an entry of `TIERS`.
const TIER_KEYS: &[&str] = &["tier", "at_least", "top", "per", "keep_within"];

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

struct Settings<'a, 'f> {
    script: &'a Script,
    world: World<'a>,
    findings: &'f mut Vec<Diagnostic>,
}

/// Reports settings that make no sense.
pub(super) fn check(script: &Script, world: World<'_>, findings: &mut Vec<Diagnostic>) {
    let mut settings = Settings {
        script,
        world,
        findings,
    };
    if let Some(params) = script.constant("PARAMS") {
        settings.params(&params.value);
    }
    if let Some(tiers) = script.constant("TIERS") {
        settings.tiers(&tiers.value);
    }
    if let Some(allocation) = script.constant("ALLOCATION") {
        settings.allocation(&allocation.value);
    }
}

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
    fn error(&mut self, code: &'static str, span: Span, message: String) {
        self.findings.push(Diagnostic::error(code, span, message));
    }

    fn advise(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.findings
            .push(Diagnostic::error(code, span, message).with_help(help));
    }

    fn params(&mut self, value: &'a Expr) {
        let value = fold::resolved(self.script, value);
        if let Some(what) = literal(value)
            && !matches!(value.kind, ExprKind::Map(_))
        {
            self.advise(
                "wrong-setting",
                value.span,
                format!("`PARAMS` must be a map, not {what}"),
                "write `const PARAMS = #{ bonus: 30.0 };`",
            );
        }
    }

    fn unknown_key(&mut self, key: &Name, known: &'static [&'static str], what: &str) {
        let finding = Diagnostic::error(
            "unknown-key",
            key.span,
            format!(
                "{what} has no setting `{}`",
                crate::syntax::clipped(&key.text)
            ),
        );
        self.findings
            .push(match nearest(&key.text, known.iter().copied()) {
                Some(near) => finding.with_suggestion(Some(near)),
                None => finding.with_help(format!("there are {}", listed(known))),
            });
    }

    fn tiers(&mut self, value: &'a Expr) {
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
            if let Some(function) = self.script.function("value") {
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

    fn allocation(&mut self, value: &'a Expr) {
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

    fn not_negative(&mut self, key: &Name, value: &Expr) -> Option<f64> {
        let number = self.number(key, value)?;
        if number < 0.0 {
            self.error(
                "out-of-range",
                value.span,
                format!("`{}` is at least 0, not {number}", key.text),
            );
        }
        Some(number)
    }

    fn number(&mut self, key: &Name, value: &Expr) -> Option<f64> {
        let number = fold::number(self.script, value);
        if number.is_none() {
            self.wrong_kind(key, value, "a number");
        }
        number
    }

    /// Reports a literal of the wrong kind; what is computed may be right.
    fn wrong_kind(&mut self, key: &Name, value: &Expr, wanted: &str) {
        if let Some(what) = literal(value) {
            self.error(
                "wrong-setting",
                value.span,
                format!("`{}` is {wanted}, not {what}", key.text),
            );
        }
    }
}

/// What a literal is; `None` for what is computed.
fn literal(expr: &Expr) -> Option<&'static str> {
    Some(match expr.kind {
        ExprKind::Unit => "`()`",
        ExprKind::Bool(_) => "a bool",
        ExprKind::Int(_) => "an int",
        ExprKind::Float(_) => "a float",
        ExprKind::Text(_) | ExprKind::Interpolated(_) => "a text",
        ExprKind::Array(_) => "an array",
        ExprKind::Map(_) => "a map",
        _ => return None,
    })
}

/// Names for a message: `a`, `b`, `c`.
fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", crate::syntax::clipped(name.as_ref())))
        .collect();
    quoted.join(", ")
}
