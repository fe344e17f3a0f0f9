//! The constants of a policy that are settings: `PARAMS`, `TIERS`, `ALLOCATION`.
//!
//! The checker has looked at their shape where it is written out; here their values are read,
//! whatever expression they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::allocation::{Balance, OptimalSettings, to_micros};
use crate::language::Value;
use crate::model::Schema;
use crate::syntax::clipped;
use crate::tiering::{Cut, Per, TierRule};

/// The name of the constant that holds parameters.
pub(crate) const PARAMS: &str = "PARAMS";
/// The name of the constant that holds the tiers.
pub(crate) const TIERS: &str = "TIERS";
/// The name of the constant that says how to allocate.
pub(crate) const ALLOCATION: &str = "ALLOCATION";

/// The names of the strategies that a policy can ask for.
pub const STRATEGIES: &[&str] = &[
    "best_score",
    "round_robin",
    "weighted_round_robin",
    "least_loaded",
    "optimal",
];

/// How one role, or all of them, are allocated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allocating {
    /// One of [`STRATEGIES`].
    pub strategy: String,
    /// Whether present owners stay where they may.
    pub keep_owners: bool,
    /// For `optimal`: leave a demand open where serving it costs more score than that. A score is
    /// a gain, so 3 leaves open what scores below −3; below zero it asks for a least score: −5
    /// leaves open what scores below 5. Neither priority nor how many are served comes first then.
    /// `min_load` and `"leximin"` come before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassigned_price: Option<f64>,
    /// For `optimal`: the score that a handover must gain to be worth it.
    pub move_price: f64,
    /// For `optimal`: at most so many handovers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_moves: Option<u64>,
    /// For `optimal`: the price of uneven load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceSetting>,
    /// For `optimal`: the least load share of a rep, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_load: Option<f64>,
    /// For `optimal`: the greatest load share of a rep, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_load: Option<f64>,
    /// Roles of one customer, or family, that must have the same rep. It holds for all roles that
    /// it names, whatever their own settings, and counts owners who stay and roles that were given
    /// out before; owners who stay are not parted. `optimal` weighs the roles of one round together;
    /// with other strategies coupled roles go one after another, in the order of the schema. Where
    /// no such rep can take the customer it stays open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub same_rep: Vec<String>,
    /// Roles of one customer, or family, that must have different reps, in the same way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub different_rep: Vec<String>,
}

/// The setting `balance`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BalanceSetting {
    /// A price on the square of the load share.
    Price(f64),
    /// `"leximin"`: the greatest load share as small as possible, then the next; after serving
    /// demands, before scores, and before an `unassigned_price`: with one, nobody is served who can
    /// stay open.
    Named(String),
}

impl Default for Allocating {
    fn default() -> Self {
        Self {
            strategy: "best_score".to_owned(),
            keep_owners: true,
            unassigned_price: None,
            move_price: 0.0,
            max_moves: None,
            balance: None,
            min_load: None,
            max_load: None,
            same_rep: Vec::new(),
            different_rep: Vec::new(),
        }
    }
}

impl Allocating {
    /// The settings of the strategy `optimal`, in millionths of score and with roles by number.
    ///
    /// # Errors
    /// A role in `same_rep` or `different_rep` that the schema does not have.
    pub(crate) fn optimal(&self, schema: &Schema) -> Result<OptimalSettings, String> {
        let [same_rep, different_rep] = self.couplings(schema)?;
        Ok(OptimalSettings {
            unassigned_price: self.unassigned_price.map(to_micros),
            move_price: to_micros(self.move_price),
            max_moves: self.max_moves,
            balance: match &self.balance {
                None => Balance::None,
                Some(BalanceSetting::Price(price)) => Balance::Price(to_micros(*price)),
                Some(BalanceSetting::Named(_)) => Balance::Leximin,
            },
            min_load: self.min_load,
            max_load: self.max_load,
            same_rep,
            different_rep,
        })
    }

    /// Refuses settings that make no sense, whoever gives them.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub(crate) fn check(&self, schema: &Schema) -> Result<(), String> {
        check_strategy(&self.strategy)?;
        if let Some(price) = self.unassigned_price {
            finite("unassigned_price", price)?;
        }
        let evenness = match &self.balance {
            Some(BalanceSetting::Price(price)) => Some(*price),
            Some(BalanceSetting::Named(name)) if name != "leximin" => {
                return Err("`balance` must be a price or \"leximin\"".to_owned());
            }
            _ => None,
        };
        for (key, number) in [
            ("move_price", Some(self.move_price)),
            ("balance", evenness),
            ("min_load", self.min_load),
            ("max_load", self.max_load),
        ] {
            let number = number.unwrap_or(0.0);
            finite(key, number)?;
            if number < 0.0 {
                return Err(format!("`{key}` is {number}, expected at least 0"));
            }
        }
        if let (Some(least), Some(most)) = (self.min_load, self.max_load)
            && least > most
        {
            return Err(format!("`min_load` {least} is above `max_load` {most}"));
        }
        self.couplings(schema)?;
        let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len();
        for (key, names) in [
            ("same_rep", &self.same_rep),
            ("different_rep", &self.different_rep),
        ] {
            if distinct(names) == 1 {
                return Err(format!("`{key}` needs at least two roles"));
            }
        }
        let mut both = self.same_rep.clone();
        both.retain(|role| self.different_rep.contains(role));
        if distinct(&both) > 1 {
            return Err(format!(
                "`same_rep` and `different_rep` both name `{}`: nobody can have them",
                both.join("`, `")
            ));
        }
        Ok(())
    }

    /// The sets of roles of `same_rep`, and of `different_rep`, by number.
    ///
    /// # Errors
    /// A role that the schema does not have.
    pub(crate) fn couplings(&self, schema: &Schema) -> Result<[Vec<Vec<u16>>; 2], String> {
        let roles = |key: &str, names: &[String]| -> Result<Vec<Vec<u16>>, String> {
            if names.is_empty() {
                return Ok(Vec::new());
            }
            let number = |name: &String| {
                let role = schema.role(name).map(|role| role.0);
                role.ok_or_else(|| format!("`{key}` names the unknown role `{name}`"))
            };
            Ok(vec![names.iter().map(number).collect::<Result<_, _>>()?])
        };
        Ok([
            roles("same_rep", &self.same_rep)?,
            roles("different_rep", &self.different_rep)?,
        ])
    }
}

/// `ALLOCATION`: one map for all roles, or one map per role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AllocationRule {
    /// All roles together.
    Together(Allocating),
    /// Each role by its own; a role not named has the defaults.
    PerRole(BTreeMap<String, Allocating>),
}

impl Default for AllocationRule {
    fn default() -> Self {
        Self::Together(Allocating::default())
    }
}

impl AllocationRule {
    /// How the role is allocated.
    pub(crate) fn of(&self, role: &str) -> Allocating {
        match self {
            Self::Together(all) => all.clone(),
            Self::PerRole(roles) => roles.get(role).cloned().unwrap_or_default(),
        }
    }
}

/// Reads `TIERS`.
pub(crate) fn tiers(value: &Value, schema: &Schema) -> Result<TierRule, String> {
    let Value::Array(entries) = value else {
        return Err(format!(
            "`TIERS` is {}, expected an array of tiers",
            value.kind_name()
        ));
    };
    if let Some(names) = entries
        .iter()
        .map(Value::as_text)
        .collect::<Option<Vec<_>>>()
    {
        let labels = TierRule::Labels(names.into_iter().map(str::to_owned).collect());
        return check_tiers(&labels, schema).map(|()| labels);
    }
    let cuts: Result<Vec<Cut>, String> = entries.iter().map(cut).collect();
    let cuts = TierRule::Cuts(cuts?);
    check_tiers(&cuts, schema).map(|()| cuts)
}

/// Refuses tiers that make no sense, or that the schema does not name where it names some.
pub(crate) fn check_tiers(rule: &TierRule, schema: &Schema) -> Result<(), String> {
    rule.check().map_err(|error| error.to_string())?;
    let known = schema.tiers();
    let unknown = |name: &&str| !known.is_empty() && !known.iter().any(|tier| tier == name);
    match rule.names().into_iter().find(unknown) {
        Some(name) => Err(format!("the schema has no tier `{}`", clipped(name))),
        None => Ok(()),
    }
}

fn cut(value: &Value) -> Result<Cut, String> {
    let Value::Map(map) = value else {
        return Err(format!(
            "an entry of `TIERS` is {}, expected a map or a name",
            value.kind_name()
        ));
    };
    let mut cut = Cut {
        tier: String::new(),
        at_least: None,
        top: None,
        per: Per::Book,
        keep_within: 0.0,
    };
    for (key, value) in map.iter() {
        match &**key {
            "tier" => cut.tier = text(key, value)?,
            "at_least" => cut.at_least = Some(number(key, value)?),
            "top" => cut.top = Some(number(key, value)?),
            "keep_within" => cut.keep_within = number(key, value)?,
            "per" => {
                cut.per = match value.as_text() {
                    Some("segment") => Per::Segment,
                    Some("book") => Per::Book,
                    _ => return Err("`per` in `TIERS` must be \"book\" or \"segment\"".to_owned()),
                }
            }
            _ => return Err(format!("unknown key `{key}` in `TIERS`")),
        }
    }
    Ok(cut)
}

/// Reads `ALLOCATION`.
pub(crate) fn allocation(value: &Value, schema: &Schema) -> Result<AllocationRule, String> {
    let Value::Map(map) = value else {
        return Err(format!(
            "`ALLOCATION` is {}, expected a map",
            value.kind_name()
        ));
    };
    let per_role = !map.is_empty() && map.values().all(|value| matches!(value, Value::Map(_)));
    if !per_role {
        return Ok(AllocationRule::Together(allocating(map, schema)?));
    }
    let mut rules = BTreeMap::new();
    for (role, value) in map.iter() {
        if schema.role(role).is_none() {
            return Err(format!("`ALLOCATION` names the unknown role `{role}`"));
        }
        if let Value::Map(settings) = value {
            rules.insert(role.to_string(), allocating(settings, schema)?);
        }
    }
    Ok(AllocationRule::PerRole(rules))
}

fn allocating(map: &BTreeMap<Arc<str>, Value>, schema: &Schema) -> Result<Allocating, String> {
    let mut all = Allocating::default();
    for (key, value) in map {
        match &**key {
            "strategy" => all.strategy = text(key, value)?,
            "keep_owners" => match value {
                Value::Bool(keep) => all.keep_owners = *keep,
                _ => return Err(wrong_kind(key, value, "bool")),
            },
            "unassigned_price" => all.unassigned_price = Some(number(key, value)?),
            "move_price" => all.move_price = number(key, value)?,
            "max_moves" => match value {
                Value::Int(moves) if *moves >= 0 => all.max_moves = Some(moves.unsigned_abs()),
                _ => return Err(wrong_kind(key, value, "int of at least 0")),
            },
            "balance" => {
                all.balance = Some(match value {
                    Value::Text(name) => BalanceSetting::Named(name.to_string()),
                    _ => BalanceSetting::Price(number(key, value)?),
                });
            }
            "min_load" => all.min_load = Some(number(key, value)?),
            "max_load" => all.max_load = Some(number(key, value)?),
            "same_rep" => all.same_rep = names(key, value)?,
            "different_rep" => all.different_rep = names(key, value)?,
            _ => return Err(format!("unknown key `{key}` in `ALLOCATION`")),
        }
    }
    all.check(schema).map(|()| all)
}

/// Refuses a strategy that does not exist.
pub(crate) fn check_strategy(name: &str) -> Result<(), String> {
    if STRATEGIES.contains(&name) {
        return Ok(());
    }
    let help = crate::syntax::nearest(name, STRATEGIES.iter().copied())
        .map(|near| format!(" (did you mean `{near}`?)"))
        .unwrap_or_default();
    Err(format!(
        "unknown strategy `{name}`{help}: there are {}",
        STRATEGIES.join(", ")
    ))
}

fn wrong_kind(key: &str, value: &Value, expected: &str) -> String {
    format!("`{key}` is {}, expected {expected}", value.kind_name())
}

fn text(key: &str, value: &Value) -> Result<String, String> {
    value
        .as_text()
        .map(str::to_owned)
        .ok_or_else(|| wrong_kind(key, value, "text"))
}

fn number(key: &str, value: &Value) -> Result<f64, String> {
    value
        .as_number()
        .ok_or_else(|| wrong_kind(key, value, "a number"))
        .and_then(|number| finite(key, number).map(|()| number))
}

fn finite(key: &str, number: f64) -> Result<(), String> {
    if number.is_finite() {
        Ok(())
    } else {
        Err(format!("`{key}` is not finite"))
    }
}

fn names(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let Value::Array(entries) = value else {
        return Err(wrong_kind(key, value, "an array of roles"));
    };
    entries.iter().map(|entry| text(key, entry)).collect()
}
