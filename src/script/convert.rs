//! Values across the border: [`Value`] and Rhai's.
//!
//! What comes out of a script is bounded in size and depth and of our kinds only; anything else
//! is refused by name. Costs one allocation for each text, array and map.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use super::record::{CustomerRow, RepRow};
use crate::language::{DEPTH, Limits, Side, Time, Value};

/// What an element is worth beside its text, in bytes.
const ELEMENT: usize = 16;
/// How many bytes are worth an operation.
const WORK: u64 = 1024;

/// A value that cannot leave a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Not one of our kinds.
    #[error("a value of a foreign kind")]
    Foreign,
    /// More elements, entries or bytes than the limits allow.
    #[error("a value beyond the limits")]
    TooLarge,
    /// Too many levels.
    #[error("a value nested too deeply")]
    TooDeep,
}

/// A value for a script.
pub(super) fn into_script(value: &Value) -> Dynamic {
    match value {
        Value::Unit => Dynamic::UNIT,
        Value::Bool(bool) => Dynamic::from_bool(*bool),
        Value::Int(int) => Dynamic::from_int(*int),
        Value::Float(float) => Dynamic::from_float(*float),
        Value::Text(text) => Dynamic::from(rhai::ImmutableString::from(&**text)),
        Value::Time(time) => Dynamic::from(*time),
        Value::Array(values) => {
            Dynamic::from_array(values.iter().map(into_script).collect::<Array>())
        }
        Value::Map(map) => Dynamic::from_map(
            (map.iter())
                .map(|(key, value)| ((**key).into(), into_script(value)))
                .collect::<Map>(),
        ),
        Value::Record(Side::Customer, row) => Dynamic::from(CustomerRow(*row)),
        Value::Record(Side::Rep, row) => Dynamic::from(RepRow(*row)),
    }
}

/// Values on their way out of a script, and how much they may still hold.
#[derive(Debug)]
pub(super) struct Exit<'a> {
    limits: &'a Limits,
    elements: usize,
    /// Bytes that the texts and keys of the value at hand may still have.
    room: usize,
    /// Bytes of texts and elements met so far: what the work is charged by.
    bytes: usize,
}

impl<'a> Exit<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            elements: limits.array_length + limits.map_entries,
            room: Self::room(limits),
            bytes: 0,
        }
    }

    /// Starts the next value, which may be as large as the one before.
    pub(super) const fn next(&mut self) {
        self.elements = self.limits.array_length + self.limits.map_entries;
        self.room = Self::room(self.limits);
    }

    /// Texts as Rhai bounds them, and as much again for keys, which it does not count.
    const fn room(limits: &Limits) -> usize {
        limits.value_bytes() * 2
    }

    /// The most operations that one value is worth.
    pub(crate) const fn most_work(limits: &Limits) -> u64 {
        let elements = limits.array_length + limits.map_entries;
        (elements as u64 * ELEMENT as u64 + Self::room(limits) as u64).div_ceil(WORK)
    }

    /// The operations that the values so far are worth.
    pub(super) const fn work(&self) -> u64 {
        self.bytes as u64 / WORK
    }

    pub(super) fn value(&mut self, value: &Dynamic) -> Result<Value, Refused> {
        self.at_depth(value, DEPTH)
    }

    fn element(&mut self) -> Result<(), Refused> {
        self.elements = self.elements.checked_sub(1).ok_or(Refused::TooLarge)?;
        self.bytes += ELEMENT;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<Arc<str>, Refused> {
        if text.len() > self.limits.text_bytes {
            return Err(Refused::TooLarge);
        }
        self.room = (self.room.checked_sub(text.len())).ok_or(Refused::TooLarge)?;
        self.bytes += text.len();
        Ok(text.into())
    }

    pub(super) fn array(&mut self, array: &Array) -> Result<Value, Refused> {
        self.elements(array, DEPTH)
    }

    pub(super) fn map(&mut self, map: &Map) -> Result<Value, Refused> {
        self.entries(map, DEPTH)
    }

    fn elements(&mut self, array: &Array, depth: usize) -> Result<Value, Refused> {
        let inner = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
        let mut values = Vec::with_capacity(array.len());
        for element in array {
            self.element()?;
            values.push(self.at_depth(element, inner)?);
        }
        Ok(Value::Array(values.into()))
    }

    fn entries(&mut self, map: &Map, depth: usize) -> Result<Value, Refused> {
        let inner = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
        let mut entries = BTreeMap::new();
        for (key, value) in map {
            self.element()?;
            entries.insert(self.text(key)?, self.at_depth(value, inner)?);
        }
        Ok(Value::Map(Arc::new(entries)))
    }

    fn at_depth(&mut self, value: &Dynamic, depth: usize) -> Result<Value, Refused> {
        // The commonest first; `as_*` are single comparisons.
        if let Ok(text) = value.as_immutable_string_ref() {
            return self.text(&text).map(Value::Text);
        }
        if let Ok(int) = value.as_int() {
            return Ok(Value::Int(int));
        }
        if let Ok(float) = value.as_float() {
            return Ok(Value::Float(float));
        }
        if value.is_unit() {
            return Ok(Value::Unit);
        }
        if let Ok(bool) = value.as_bool() {
            return Ok(Value::Bool(bool));
        }
        if let Ok(array) = value.as_array_ref() {
            return self.elements(&array, depth);
        }
        if let Ok(map) = value.as_map_ref() {
            return self.entries(&map, depth);
        }
        if let Some(time) = value.read_lock::<Time>() {
            return Ok(Value::Time(*time));
        }
        if let Some(row) = value.read_lock::<CustomerRow>() {
            return Ok(Value::Record(Side::Customer, row.0));
        }
        if let Some(row) = value.read_lock::<RepRow>() {
            return Ok(Value::Record(Side::Rep, row.0));
        }
        if let Ok(char) = value.as_char() {
            // `"text"[0]` is a character in Rhai; we have texts only.
            return Ok(Value::from(&*char.encode_utf8(&mut [0; 4])));
        }
        Err(Refused::Foreign)
    }
}
