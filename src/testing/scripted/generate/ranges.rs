//! What each field of a schema can hold, and what it usually holds.
//!
//! Bounds and allowed values are the schema's; the usual sizes of built-in fields are written
//! here, once, for whoever draws records. Fields of a service's own go by kind and bounds.

use crate::language::{Kind, Side, Source};
use crate::model::{Field, Presence, Schema};

use super::mentions::Mentions;

/// The fields of both sides that records give values to.
#[derive(Debug, Clone)]
pub(crate) struct Ranges {
    /// Of customers, in the schema's order.
    pub(crate) customer: Vec<FieldRange>,
    /// Of reps.
    pub(crate) rep: Vec<FieldRange>,
}

/// What a field can hold.
#[derive(Debug, Clone)]
pub(crate) struct FieldRange {
    /// Its name.
    pub(crate) name: String,
    /// Whether a record may have no value.
    pub(crate) optional: bool,
    /// Its values.
    pub(crate) values: Values,
}

/// The values of a field.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    /// A bool, true in this share of records.
    Bool(f64),
    /// Whole numbers from the first to the second, and numbers of interest.
    Int(i64, i64, Vec<i64>),
    /// Numbers from the first to the second; evenly by size of magnitude where the flag says so.
    Float(f64, f64, bool, Vec<f64>),
    /// One of these.
    Text(Vec<String>),
    /// Some of these.
    Tags(Vec<String>),
    /// A moment up to so many days before `now`, and up to so many after.
    Time(i64, i64),
}

/// Fields that grow with the size of a customer, drawn together.
pub(crate) const BY_SIZE: [&str; 3] = ["annual_revenue", "potential", "employees"];

/// Fields of a rep that name what a field of a customer has, and the reverse.
const SAME_WORDS: [(&str, &str); 2] = [("region", "regions"), ("industry", "industries")];

impl Ranges {
    /// The ranges of a schema, with what a policy mentions.
    pub(crate) fn of(schema: &Schema, mentions: &Mentions, tiers: &[&str]) -> Self {
        let side = |side| {
            (schema.fields(side).iter())
                .filter(|field| field.source == Source::Record)
                .filter(|field| !matches!(field.name.as_str(), "roles" | "team" | "family"))
                .map(|field| FieldRange {
                    name: field.name.clone(),
                    optional: matches!(field.presence, Presence::Optional | Presence::Default(_)),
                    values: values(side, field, mentions, tiers),
                })
                .collect()
        };
        Self {
            customer: side(Side::Customer),
            rep: side(Side::Rep),
        }
    }
}

fn values(side: Side, field: &Field, mentions: &Mentions, tiers: &[&str]) -> Values {
    match field.kind {
        Kind::Bool => Values::Bool(if field.name == "active" { 0.9 } else { 0.5 }),
        Kind::Int => {
            let (low, high) = bounds(field, if field.name == "level" { 5.0 } else { 5_000.0 });
            let points = points(field, mentions, 1.0)
                .into_iter()
                .map(|point| point as i64);
            Values::Int(low.ceil() as i64, high.floor() as i64, points.collect())
        }
        Kind::Float => {
            let usual = match field.name.as_str() {
                "capacity" => 20.0,
                "workload" => 5.0,
                "weight" => 4.0,
                _ => 5_000_000.0,
            };
            let (low, high) = bounds(field, usual);
            let by_magnitude = high - low > 1_000.0 && low >= 0.0;
            let mut points = points(field, mentions, 0.01);
            if field.name == "capacity" {
                points.extend([0.0, 1.0, 2.0, 3.0]);
            }
            Values::Float(low, high, by_magnitude, points)
        }
        Kind::Text => Values::Text(words(side, field, mentions, tiers)),
        Kind::Tags => Values::Tags(words(side, field, mentions, tiers)),
        Kind::Time => match field.name.as_str() {
            "available_from" | "away_until" => Values::Time(30, 30),
            _ => Values::Time(900, 0),
        },
    }
}

/// The least and the greatest value; `usual` where the schema has no greatest.
fn bounds(field: &Field, usual: f64) -> (f64, f64) {
    let mut low = field
        .min
        .unwrap_or(if field.max.is_some() { -usual } else { 0.0 });
    if field.open_below {
        low += if field.kind == Kind::Int { 1.0 } else { 0.25 };
    }
    let high = field.max.unwrap_or(low.max(0.0) + usual);
    (low.min(high), high)
}

/// The numbers that the policy mentions and what is next to them, as far as the field allows.
fn points(field: &Field, mentions: &Mentions, step: f64) -> Vec<f64> {
    let (low, high) = (
        field.min.unwrap_or(f64::NEG_INFINITY),
        field.max.unwrap_or(f64::INFINITY),
    );
    let allowed = |point: &f64| {
        *point >= low
            && *point <= high
            && !(field.open_below && *point <= low)
            && point.abs() < 1e12
    };
    (mentions.numbers(&field.name).iter())
        .flat_map(|point| [*point - step, *point, *point + step])
        .filter(allowed)
        .collect()
}

fn words(side: Side, field: &Field, mentions: &Mentions, tiers: &[&str]) -> Vec<String> {
    if !field.allowed.is_empty() {
        return field.allowed.clone();
    }
    let name = field.name.as_str();
    if name == "current_tier" {
        return tiers.iter().map(|tier| (*tier).to_owned()).collect();
    }
    let mut words: Vec<String> = mentions.texts(name).map(str::to_owned).collect();
    for (of_customer, of_rep) in SAME_WORDS {
        let other = match side {
            Side::Customer if name == of_customer => of_rep,
            Side::Rep if name == of_rep => of_customer,
            _ => continue,
        };
        words.extend(mentions.texts(other).map(str::to_owned));
    }
    let usual: &[&str] = match name {
        "region" | "regions" => &["north", "south", "east"],
        "industry" | "industries" => &["machinery", "retail"],
        "languages" => &["en", "zh"],
        _ => &["x", "y"],
    };
    words.extend(usual.iter().map(|word| (*word).to_owned()));
    words.retain(|word| !word.is_empty() && word.len() <= 64);
    words.sort();
    words.dedup();
    words
}
