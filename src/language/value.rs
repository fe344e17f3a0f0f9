//! The values that a policy computes with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Limits, Side, Time};

/// How deeply arrays and maps may nest in a value that scripts meet.
pub(crate) const DEPTH: usize = 16;

/// A value of the policy language.
///
/// Equality here is identity of kind and content (floats by bits), for tests and tables; what
/// `==` means in a policy is for the evaluators to say.
#[derive(Debug, Clone)]
pub enum Value {
    /// `()`: absent.
    Unit,
    /// A bool.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A moment.
    Time(Time),
    /// An array; tags too.
    Array(Arc<[Value]>),
    /// A map.
    Map(Arc<BTreeMap<Arc<str>, Value>>),
    /// A customer or a rep, by its row in the book.
    Record(Side, u32),
}

impl Value {
    /// What the value is, as messages call it.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Unit => "absent",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Time(_) => "time",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Record(side, _) => side.name(),
        }
    }

    /// Whether scripts may meet the value: its texts, elements and nesting are within limits.
    #[must_use]
    pub(crate) fn fits(&self, limits: &Limits) -> bool {
        let mut room = (
            limits.array_length + limits.map_entries,
            limits.value_bytes(),
        );
        self.takes(limits, &mut room, DEPTH)
    }

    /// Takes the elements and the bytes of texts that the value has; false where there is
    /// less room.
    fn takes(&self, limits: &Limits, room: &mut (usize, usize), depth: usize) -> bool {
        let mut text = |text: &str| {
            let left = room.1.checked_sub(text.len());
            room.1 = left.unwrap_or(0);
            left.is_some() && text.len() <= limits.text_bytes
        };
        let (count, most) = match self {
            Self::Text(it) => return text(it),
            Self::Array(values) => (values.len(), limits.array_length),
            Self::Map(map) => {
                if !map.keys().all(|key| text(key)) {
                    return false;
                }
                (map.len(), limits.map_entries)
            }
            _ => return true,
        };
        let (Some(left), Some(depth)) = (room.0.checked_sub(count), depth.checked_sub(1)) else {
            return false;
        };
        room.0 = left;
        let mut takes = |value: &Self| value.takes(limits, room, depth);
        count <= most
            && match self {
                Self::Array(values) => values.iter().all(&mut takes),
                Self::Map(map) => map.values().all(&mut takes),
                _ => true,
            }
    }

    /// The number, an int as its nearest float.
    #[must_use]
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unit, Self::Unit) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Record(a, x), Self::Record(b, y)) => a == b && x == y,
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}
impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}
impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}
impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}
