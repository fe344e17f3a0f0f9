//! What hooks answer, checked: every value that a script or native code hands back passes here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::language::{Limits, Value};

/// Scores, values and priorities reach from minus this to this; workloads and capacities from 0.
///
/// At 10⁻⁶ steps that leaves room for nine million of the largest in an `i64`.
pub const GREATEST_NUMBER: f64 = 1e12;

/// What a rep can carry, in one role or in all.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct CapacityAnswer {
    pub(crate) workload: Option<f64>,
    pub(crate) customers: Option<u64>,
    /// By number of the tier.
    pub(crate) tiers: BTreeMap<u16, u64>,
}

/// What `eligible` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Yes,
    No,
    Because(String),
}

/// One of the tiers, by its number.
pub(crate) fn tier(value: &Value, names: &[&str]) -> Result<u16, String> {
    let name = text(value)?;
    names
        .iter()
        .position(|tier| *tier == name)
        .map(|tier| tier as u16)
        .ok_or_else(|| {
            format!(
                "answered the unknown tier `{}`, expected one of {}",
                shown(name),
                listed(names)
            )
        })
}

/// A number that sums exactly.
pub(crate) fn number(value: &Value) -> Result<f64, String> {
    match value.as_number() {
        Some(number) if number.is_nan() => Err("answered a number that is undefined (NaN)".into()),
        Some(number) if number.abs() > GREATEST_NUMBER => Err(format!(
            "answered {number}, expected at most {GREATEST_NUMBER:e} either way"
        )),
        Some(number) => Ok(number),
        None => Err(wrong(value, "a number")),
    }
}

/// A number above zero; what rounds to no millionth is none.
pub(crate) fn positive(value: &Value) -> Result<f64, String> {
    let number = number(value)?;
    if number >= 1e-6 {
        Ok(number)
    } else {
        Err(format!(
            "answered {number}, expected a number above 0 (at least 0.000001)"
        ))
    }
}

/// The name of a segment.
pub(crate) fn segment(value: &Value) -> Result<Arc<str>, String> {
    match value {
        Value::Text(name) => short(name).map(|()| Arc::clone(name)),
        _ => Err(wrong(value, "text")),
    }
}

/// That a text, which a plan may hold once for each customer, is one that a script could make.
fn short(text: &str) -> Result<(), String> {
    let most = Limits::default().text_bytes;
    if text.len() <= most {
        return Ok(());
    }
    let bytes = text.len();
    Err(format!(
        "answered a text of {bytes} bytes, expected at most {most}"
    ))
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_text().ok_or_else(|| wrong(value, "text"))
}

/// Roles by number, in their order, without repetition.
pub(crate) fn roles(value: &Value, names: &[&str], owning: &[bool]) -> Result<Vec<u16>, String> {
    let Value::Array(entries) = value else {
        return Err(wrong(value, "an array of roles"));
    };
    let mut roles = Vec::with_capacity(entries.len());
    for entry in entries.iter() {
        let name = text(entry)?;
        let Some(role) = names.iter().position(|role| *role == name) else {
            let expected = listed(names);
            return Err(format!(
                "answered the unknown role `{}`, expected {expected}",
                shown(name)
            ));
        };
        if !owning[role] {
            return Err(format!(
                "answered the role `{name}`, which owns no customers"
            ));
        }
        roles.push(role as u16);
    }
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// What a rep can carry.
pub(crate) fn capacity(value: &Value, tiers: &[&str]) -> Result<CapacityAnswer, String> {
    let Value::Map(map) = value else {
        if value.as_number().is_none() {
            return Err(wrong(value, "a number or a map"));
        }
        return Ok(CapacityAnswer {
            workload: Some(at_least_zero(number(value)?)?),
            ..Default::default()
        });
    };
    let mut answer = CapacityAnswer::default();
    for (key, value) in map.iter() {
        match &**key {
            "workload" => answer.workload = Some(at_least_zero(number(value)?)?),
            "customers" => answer.customers = Some(count(value)?),
            "tiers" => {
                let Value::Map(entries) = value else {
                    return Err(wrong(value, "a map of tiers in `tiers`"));
                };
                for (name, value) in entries.iter() {
                    answer
                        .tiers
                        .insert(tier(&Value::Text(name.clone()), tiers)?, count(value)?);
                }
            }
            _ => {
                return Err(format!(
                    "answered the unknown key `{}`, expected `workload`, `customers` or `tiers`",
                    shown(key)
                ));
            }
        }
    }
    Ok(answer)
}

/// Whether, or why not.
pub(crate) fn verdict(value: &Value) -> Result<Verdict, String> {
    match value {
        Value::Bool(true) => Ok(Verdict::Yes),
        Value::Bool(false) => Ok(Verdict::No),
        Value::Text(reason) => short(reason).map(|()| Verdict::Because(reason.to_string())),
        _ => Err(wrong(
            value,
            "`true`, `false` or the reason why not as text",
        )),
    }
}

fn at_least_zero(number: f64) -> Result<f64, String> {
    if number >= 0.0 {
        Ok(number)
    } else {
        Err(format!("answered {number}, expected at least 0"))
    }
}

fn count(value: &Value) -> Result<u64, String> {
    match value {
        Value::Int(count) if *count >= 0 => Ok(count.unsigned_abs()),
        Value::Int(count) => Err(format!("answered {count}, expected at least 0")),
        _ => Err(wrong(value, "an int")),
    }
}

fn wrong(value: &Value, expected: &str) -> String {
    let what = match value {
        Value::Unit => "nothing".to_owned(),
        Value::Bool(bool) => format!("the bool {bool}"),
        Value::Int(int) => format!("the int {int}"),
        Value::Float(float) => format!("the float {float}"),
        Value::Text(text) => format!("the text `{}`", shown(text)),
        _ => format!("a value of kind {}", value.kind_name()),
    };
    format!("answered {what}, expected {expected}")
}

/// Text of a script for a message: at most 64 characters, without control characters.
fn shown(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}

fn listed(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
