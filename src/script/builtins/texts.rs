//! Texts: case, parts, joining. Places and lengths are in characters.

use super::{Call, Fault, written};
use crate::language::Value;

pub(super) fn to_string(call: &Call<'_>) -> Result<Value, Fault> {
    match call.value(0) {
        Value::Text(text) => Ok(Value::Text(text.clone())),
        Value::Record(..) => Err(call.wrong(0, "a value that is no record")),
        value => call.text_result(written::plain(value, call.ambient.limits.text_bytes)),
    }
}

pub(super) fn to_lower(call: &Call<'_>) -> Result<Value, Fault> {
    call.text_result(call.text(0)?.to_lowercase())
}

pub(super) fn to_upper(call: &Call<'_>) -> Result<Value, Fault> {
    call.text_result(call.text(0)?.to_uppercase())
}

pub(super) fn trim(call: &Call<'_>) -> Result<Value, Fault> {
    let text = call.text(0)?;
    let trimmed = text.trim();
    Ok(Value::Text(if trimmed.len() == text.len() {
        text.clone()
    } else {
        trimmed.into()
    }))
}

pub(super) fn starts_with(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(call.text(0)?.starts_with(&**call.text(1)?)))
}

pub(super) fn ends_with(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(call.text(0)?.ends_with(&**call.text(1)?)))
}

/// Where the `place`th character of a text begins, or `None` beyond its end; a negative place
/// counts from the end and stops at the beginning.
pub(super) fn byte_of(text: &str, place: i64) -> Option<usize> {
    if place < 0 {
        let back = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
        let nth = text.char_indices().rev().nth(back - 1); // `back` is at least 1
        return Some(nth.map_or(0, |(byte, _)| byte));
    }
    let place = usize::try_from(place).ok()?;
    text.char_indices().nth(place).map(|(byte, _)| byte)
}

pub(super) fn sub_string(call: &Call<'_>) -> Result<Value, Fault> {
    let (text, start) = (call.text(0)?, call.int(1)?);
    let length = if call.count() == 3 {
        call.int(2)?
    } else {
        i64::MAX
    };
    let part = match byte_of(text, start) {
        Some(byte) if length > 0 => {
            let rest = &text[byte..];
            byte_of(rest, length).map_or(rest, |end| &rest[..end])
        }
        _ => "",
    };
    Ok(Value::from(part))
}

/// As in Rhai: a text without the separator, the empty one included, is one piece.
pub(super) fn split(call: &Call<'_>) -> Result<Value, Fault> {
    let text = call.text(0)?;
    if text.is_empty() {
        return call.array_result(std::iter::once(Value::Text(text.clone())));
    }
    if call.count() == 1 {
        return call.array_result(text.split_whitespace().map(Value::from));
    }
    call.array_result(text.split(&**call.text(1)?).map(Value::from))
}

pub(super) fn replace(call: &Call<'_>) -> Result<Value, Fault> {
    let (text, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if text.is_empty() {
        return Ok(Value::Text(text.clone())); // as in Rhai, also where `from` is empty
    }
    // Bounded before it is built: 1 KiB of text and 1 KiB of replacement could make 1 MiB.
    let occurrences = text.matches(&**from).count();
    let length = text.len() - occurrences * from.len() + occurrences * to.len();
    if length > call.ambient.limits.text_bytes {
        return Err(too_long(call));
    }
    call.text_result(text.replace(&**from, to))
}

pub(super) fn join(call: &Call<'_>) -> Result<Value, Fault> {
    let (texts, separator) = (call.texts(0)?, call.text(1)?);
    let length = texts.iter().map(|text| text.len()).sum::<usize>()
        + separator.len() * texts.len().saturating_sub(1);
    if length > call.ambient.limits.text_bytes {
        return Err(too_long(call));
    }
    call.text_result(texts.join(separator))
}

fn too_long(call: &Call<'_>) -> Fault {
    Fault::TooLarge {
        function: call.function,
        what: "a text",
        limit: format!("{} bytes", call.ambient.limits.text_bytes),
    }
}
