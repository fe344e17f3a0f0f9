//! Arrays and tags, and what texts, arrays and maps share.
//!
//! Searches of one set of texts in another are by hash beyond a few elements, so that a call
//! costs the sum of the sizes, not the product.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{Call, Fault, operators, texts};
use crate::language::Value;

const TEXT_ARRAY_OR_MAP: &str = "a text, an array or a map";

impl<'a> Call<'a> {
    pub(super) fn map(&self, at: usize) -> Result<&'a BTreeMap<Arc<str>, Value>, Fault> {
        match self.value(at) {
            Value::Map(map) => Ok(map),
            _ => Err(self.wrong(at, "a map")),
        }
    }
}

pub(super) fn contains(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(match call.value(0) {
        Value::Text(text) => text.contains(&**call.text(1)?),
        Value::Array(array) => array.iter().any(|x| operators::equal(x, call.value(1))),
        Value::Map(map) => map.contains_key(call.text(1)?),
        _ => return Err(call.wrong(0, TEXT_ARRAY_OR_MAP)),
    }))
}

pub(super) fn len(call: &Call<'_>) -> Result<Value, Fault> {
    let len = match call.value(0) {
        Value::Text(text) => text.chars().count(),
        Value::Array(array) => array.len(),
        Value::Map(map) => map.len(),
        _ => return Err(call.wrong(0, TEXT_ARRAY_OR_MAP)),
    };
    Ok(Value::Int(len as i64)) // lengths are far below 2^63
}

pub(super) fn is_empty(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(match call.value(0) {
        Value::Text(text) => text.is_empty(),
        Value::Array(array) => array.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => return Err(call.wrong(0, TEXT_ARRAY_OR_MAP)),
    }))
}

pub(super) fn index_of(call: &Call<'_>) -> Result<Value, Fault> {
    let start = if call.count() == 3 { call.int(2)? } else { 0 };
    let place = match call.value(0) {
        Value::Text(text) => {
            let sought = call.text(1)?;
            // An empty text has no place, not even for the empty text (as in Rhai).
            let start = (texts::byte_of(text, start)).filter(|_| !text.is_empty());
            start.and_then(|start| {
                let byte = start + text[start..].find(&**sought)?;
                Some(text[..byte].chars().count())
            })
        }
        Value::Array(array) => (array.iter().enumerate())
            .skip(offset(array.len(), start))
            .find(|(_, x)| operators::equal(x, call.value(1)))
            .map(|(at, _)| at),
        _ => return Err(call.wrong(0, "a text or an array")),
    };
    Ok(Value::Int(place.map_or(-1, |at| at as i64)))
}

/// A place in an array, negative ones from the end, as Rhai counts: never beyond either end.
fn offset(length: usize, start: i64) -> usize {
    let size = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    if start < 0 {
        length.saturating_sub(size)
    } else {
        size.min(length)
    }
}

pub(super) fn one_of(call: &Call<'_>) -> Result<Value, Fault> {
    let array = call.array(1)?;
    let value = call.value(0);
    Ok(Value::Bool(
        !matches!(value, Value::Unit) && array.iter().any(|x| operators::equal(value, x)),
    ))
}

/// A set of texts to search in: a short one by comparing, a long one by hash.
enum Texts<'a> {
    Few(Vec<&'a str>),
    Many(HashSet<&'a str>),
}

impl<'a> Texts<'a> {
    fn new(texts: Vec<&'a str>) -> Self {
        if texts.len() <= 8 {
            Self::Few(texts)
        } else {
            Self::Many(texts.into_iter().collect())
        }
    }

    fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.contains(&text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

pub(super) fn has(call: &Call<'_>) -> Result<Value, Fault> {
    let (tags, tag) = (call.texts(0)?, call.text(1)?);
    Ok(Value::Bool(tags.contains(&&**tag)))
}

pub(super) fn has_any(call: &Call<'_>) -> Result<Value, Fault> {
    let (tags, wanted) = (Texts::new(call.texts(0)?), call.texts(1)?);
    Ok(Value::Bool(wanted.iter().any(|text| tags.contains(text))))
}

pub(super) fn has_all(call: &Call<'_>) -> Result<Value, Fault> {
    let (tags, wanted) = (Texts::new(call.texts(0)?), call.texts(1)?);
    Ok(Value::Bool(wanted.iter().all(|text| tags.contains(text))))
}

pub(super) fn overlap(call: &Call<'_>) -> Result<Value, Fault> {
    let (first, mut second) = (Texts::new(call.texts(0)?), call.texts(1)?);
    second.sort_unstable();
    second.dedup();
    let both = second.iter().filter(|text| first.contains(text)).count();
    Ok(Value::Int(both as i64))
}

/// Texts by hash; arrays with other values are short or compared pair by pair.
pub(super) fn count_in(call: &Call<'_>) -> Result<Value, Fault> {
    let (items, wanted) = (call.array(0)?, call.array(1)?);
    let count = match call.texts(1) {
        Ok(texts) => {
            let texts = Texts::new(texts);
            (items.iter())
                .filter(|item| item.as_text().is_some_and(|text| texts.contains(text)))
                .count()
        }
        Err(_) => (items.iter())
            .filter(|item| wanted.iter().any(|x| operators::equal(item, x)))
            .count(),
    };
    Ok(Value::Int(count as i64))
}

/// The values of the map for the texts, in the order of the texts.
fn weights<'a>(call: &Call<'a>) -> Result<Vec<&'a Value>, Fault> {
    let (texts, map) = (call.texts(0)?, call.map(1)?);
    Ok(texts.into_iter().filter_map(|text| map.get(text)).collect())
}

/// The greatest by plain comparison; the first of equal ones, so that its kind is kept.
pub(super) fn best_of(call: &Call<'_>) -> Result<Value, Fault> {
    let (values, at) = if call.count() == 2 {
        (weights(call)?, 1)
    } else {
        (call.array(0)?.iter().collect(), 0)
    };
    let mut best: Option<(&Value, f64)> = None;
    for value in values {
        let number = (value.as_number())
            .filter(|number| !number.is_nan())
            .ok_or_else(|| not_numbers(call, at))?;
        if best.is_none_or(|(_, least)| number > least) {
            best = Some((value, number));
        }
    }
    Ok(best.map_or(Value::Unit, |(value, _)| value.clone()))
}

fn not_numbers(call: &Call<'_>, position: usize) -> Fault {
    Fault::Argument {
        function: call.function,
        position,
        expected: if position == 0 {
            "an array of numbers"
        } else {
            "a map of numbers"
        },
        found: "one with other values in it",
    }
}

fn total<'a>(
    call: &Call<'_>,
    values: impl Iterator<Item = &'a Value>,
    at: usize,
) -> Result<Value, Fault> {
    let mut total = Value::Int(0);
    for value in values {
        total = match (&total, value) {
            (Value::Int(x), Value::Int(y)) => Value::Int(
                (x.checked_add(*y)).ok_or_else(|| call.undefined("the sum is not an int"))?,
            ),
            (x, y) => match (x.as_number(), y.as_number()) {
                (Some(x), Some(y)) => Value::Float(x + y),
                _ => return Err(not_numbers(call, at)),
            },
        };
    }
    Ok(total)
}

pub(super) fn sum(call: &Call<'_>) -> Result<Value, Fault> {
    total(call, call.array(0)?.iter(), 0)
}

pub(super) fn sum_of(call: &Call<'_>) -> Result<Value, Fault> {
    total(call, weights(call)?.into_iter(), 1)
}

pub(super) fn first(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(call.array(0)?.first().cloned().unwrap_or(Value::Unit))
}

pub(super) fn last(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(call.array(0)?.last().cloned().unwrap_or(Value::Unit))
}

/// As in Rhai, a place before the first is the first.
pub(super) fn get(call: &Call<'_>) -> Result<Value, Fault> {
    let found = match call.value(0) {
        Value::Array(array) => array.get(offset(array.len(), call.int(1)?)),
        Value::Map(map) => map.get(call.text(1)?),
        _ => return Err(call.wrong(0, "an array or a map")),
    };
    Ok(found.cloned().unwrap_or(Value::Unit))
}

pub(super) fn extract(call: &Call<'_>) -> Result<Value, Fault> {
    let (array, start) = (call.array(0)?, call.int(1)?);
    let length = if call.count() == 3 {
        call.int(2)?
    } else {
        i64::MAX
    };
    let start = offset(array.len(), start);
    let length = usize::try_from(length).unwrap_or(0);
    let part = &array[start..array.len().min(start.saturating_add(length))];
    Ok(Value::Array(part.into()))
}
