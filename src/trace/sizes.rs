//! What values may hold, as the sandbox has it: a text, an array or a map on its own, all within
//! one value together, and what leaves a script or goes into a host function.

use crate::language::{DEPTH, Limits, Value};

/// Elements of arrays, entries of maps and bytes of texts within a value, all levels together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    elements: usize,
    entries: usize,
    bytes: usize,
}

impl Sizes {
    pub(super) fn of(value: &Value) -> Self {
        let mut sizes = Self::default();
        sizes.add(value);
        sizes
    }

    pub(super) fn bytes(bytes: usize) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.bytes += text.len(),
            Value::Array(values) => {
                self.elements += values.len();
                values.iter().for_each(|value| self.add(value));
            }
            Value::Map(map) => {
                self.entries += map.len();
                map.values().for_each(|value| self.add(value));
            }
            _ => {}
        }
    }

    /// Adds an element of an array with all that it holds.
    pub(super) fn add_element(&mut self, value: &Value) {
        self.elements += 1;
        self.add(value);
    }

    /// Adds an entry of a map with all that it holds.
    pub(super) fn add_entry(&mut self, value: &Value) {
        self.entries += 1;
        self.add(value);
    }

    /// What is said where the interpreter refuses that much in one value.
    pub(super) fn refused(self, limits: &Limits) -> Option<&'static str> {
        if self.bytes > limits.value_bytes() {
            Some("the texts of a value are too long together")
        } else if self.elements > limits.array_length {
            Some("an array has too many elements")
        } else if self.entries > limits.map_entries {
            Some("a map has too many entries")
        } else {
            None
        }
    }
}

/// Why a value can neither leave a script nor go into a host function.
pub(super) fn refused(value: &Value, limits: &Limits) -> Option<&'static str> {
    let mut elements = limits.array_length + limits.map_entries;
    let mut room = 2 * limits.value_bytes();
    leaving(value, limits, (&mut elements, &mut room), DEPTH).err()
}

fn leaving(
    value: &Value,
    limits: &Limits,
    (elements, room): (&mut usize, &mut usize),
    depth: usize,
) -> Result<(), &'static str> {
    const TOO_LARGE: &str = "a value beyond the limits";
    let text = |text: &str, room: &mut usize| {
        *room = room.checked_sub(text.len()).ok_or(TOO_LARGE)?;
        match text.len() > limits.text_bytes {
            true => Err(TOO_LARGE),
            false => Ok(()),
        }
    };
    let mut inner = |key: Option<&str>, value: &Value| {
        *elements = elements.checked_sub(1).ok_or(TOO_LARGE)?;
        key.map_or(Ok(()), |key| text(key, room))?;
        let depth = depth.checked_sub(1).ok_or("a value nested too deeply")?;
        leaving(value, limits, (elements, room), depth)
    };
    match value {
        Value::Text(long) => text(long, room),
        Value::Array(_) | Value::Map(_) if depth == 0 => Err("a value nested too deeply"),
        Value::Array(values) => values.iter().try_for_each(|value| inner(None, value)),
        Value::Map(map) => (map.iter()).try_for_each(|(key, value)| inner(Some(key), value)),
        _ => Ok(()),
    }
}

/// What is said where a local that is read holds too much.
pub(super) fn held_too_much(name: &str, value: &Value, limits: &Limits) -> Option<String> {
    match value {
        Value::Text(text) if text.len() > limits.text_bytes => Some(format!(
            "`{name}` holds a text of more than {} bytes",
            limits.text_bytes
        )),
        Value::Array(_) | Value::Map(_)
            if weight(value) > 2 * (limits.array_length + limits.map_entries) =>
        {
            Some(format!("`{name}` holds too much"))
        }
        _ => None,
    }
}

/// About how much memory a value holds, in elements of an array.
fn weight(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(|value| 1 + weight(value)).sum::<usize>(),
        Value::Map(map) => 8 + map.values().map(|value| 2 + weight(value)).sum::<usize>(),
        Value::Text(text) => text.len() / 32,
        _ => 0,
    }
}
