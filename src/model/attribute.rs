//! The loosely typed values of records: what JSON and other formats carry.
//!
//! A value is read as what it looks like, never as what it should be; kinds are checked against
//! the schema when a book is built, where every problem is told at once with the record and the
//! field.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::Shown;
use crate::language::Time;

/// Lists and maps may nest that deep.
const DEPTH: usize = 32;

/// A value of an attribute as a record gives it, before any schema.
///
/// ```
/// use bookwright::Attribute;
/// let tags: Attribute = serde_json::from_str(r#"["vip", "export"]"#)?;
/// assert_eq!(tags, Attribute::from(["vip", "export"]));
/// assert_eq!(serde_json::from_str::<Attribute>("7")?, Attribute::Int(7));
/// assert_eq!(serde_json::from_str::<Attribute>("null")?, Attribute::Absent);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Attribute {
    /// `null`: as if the key were not there.
    #[default]
    Absent,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float; also an int beyond 64 bits. Must be finite in a book.
    Float(f64),
    /// A text; where the schema says time, RFC 3339 or a date.
    Text(String),
    /// Tags: a list of texts, in any order.
    Tags(Vec<String>),
    /// A moment. Serialised as RFC 3339, so it reads back as text.
    Time(Time),
    /// A list that is not all texts. No field has this kind; unknown keys may.
    List(Vec<Attribute>),
    /// A map. No field has this kind; unknown keys may.
    Map(BTreeMap<String, Attribute>),
}

impl Attribute {
    /// What the value is, as messages call it: `absent`, `bool`, `int`, `float`, `text`, `tags`,
    /// `time`, `list` or `map`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Tags(_) => "tags",
            Self::Time(_) => "time",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl From<bool> for Attribute {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}
impl From<i64> for Attribute {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}
impl From<i32> for Attribute {
    fn from(int: i32) -> Self {
        Self::Int(int.into())
    }
}
impl From<u32> for Attribute {
    fn from(int: u32) -> Self {
        Self::Int(int.into())
    }
}
impl From<f64> for Attribute {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}
impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Time> for Attribute {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}
impl<const N: usize> From<[&str; N]> for Attribute {
    fn from(tags: [&str; N]) -> Self {
        Self::Tags(tags.map(str::to_owned).to_vec())
    }
}
impl From<Vec<String>> for Attribute {
    fn from(tags: Vec<String>) -> Self {
        Self::Tags(tags)
    }
}
impl<T: Into<Self>> From<Option<T>> for Attribute {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Float(float) => serializer.serialize_f64(*float),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Tags(tags) => serializer.collect_seq(tags),
            Self::Time(time) => time.serialize(serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(map) => serializer.collect_map(map),
        }
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Seed { depth: DEPTH }.deserialize(deserializer)
    }
}

/// Reads an attribute and counts the nesting, so that no input exhausts the stack.
#[derive(Clone, Copy)]
struct Seed {
    depth: usize,
}

impl Seed {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        depth
            .map(|depth| Self { depth })
            .ok_or_else(|| E::custom(format_args!("lists and maps nest deeper than {DEPTH}")))
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Attribute;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attribute, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Attribute;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bool, a number, a text, a list, a map or null")
    }
    fn visit_bool<E: Error>(self, bool: bool) -> Result<Attribute, E> {
        Ok(Attribute::Bool(bool))
    }
    fn visit_i64<E: Error>(self, int: i64) -> Result<Attribute, E> {
        Ok(Attribute::Int(int))
    }
    fn visit_u64<E: Error>(self, int: u64) -> Result<Attribute, E> {
        Ok(i64::try_from(int).map_or(Attribute::Float(int as f64), Attribute::Int))
    }
    fn visit_f64<E: Error>(self, float: f64) -> Result<Attribute, E> {
        Ok(Attribute::Float(float))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Attribute, E> {
        Ok(Attribute::Text(text.to_owned()))
    }
    fn visit_string<E: Error>(self, text: String) -> Result<Attribute, E> {
        Ok(Attribute::Text(text))
    }
    fn visit_unit<E: Error>(self) -> Result<Attribute, E> {
        Ok(Attribute::Absent)
    }
    fn visit_none<E: Error>(self) -> Result<Attribute, E> {
        Ok(Attribute::Absent)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attribute, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Attribute, A::Error> {
        let seed = self.deeper()?;
        let mut tags = Vec::new();
        while let Some(item) = list.next_element_seed(seed)? {
            let Attribute::Text(tag) = item else {
                let mut items: Vec<_> = tags.into_iter().map(Attribute::Text).collect();
                items.push(item);
                while let Some(item) = list.next_element_seed(seed)? {
                    items.push(item);
                }
                return Ok(Attribute::List(items));
            };
            tags.push(tag);
        }
        Ok(Attribute::Tags(tags))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Attribute, A::Error> {
        let seed = self.deeper()?;
        let mut map = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(seed)?;
            insert_once(&mut map, key, value)?;
        }
        Ok(Attribute::Map(map))
    }
}

/// Adds an entry, and refuses a key that is there: which of two values holds is nobody's guess.
pub(super) fn insert_once<V, E: Error>(
    map: &mut BTreeMap<String, V>,
    key: String,
    value: V,
) -> Result<(), E> {
    match map.entry(key) {
        Entry::Vacant(free) => {
            free.insert(value);
            Ok(())
        }
        Entry::Occupied(taken) => Err(E::custom(format_args!(
            "key `{}` is there twice",
            Shown(taken.key())
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_what_they_look_like() {
        let read = |json: &str| serde_json::from_str::<Attribute>(json);
        assert_eq!(read("[]").unwrap(), Attribute::Tags(Vec::new()));
        assert_eq!(
            read(r#"["a", 1, "b"]"#).unwrap(),
            Attribute::List(vec!["a".into(), 1.into(), "b".into()])
        );
        assert_eq!(
            read("18446744073709551615").unwrap(),
            Attribute::Float(18_446_744_073_709_551_615.0)
        );
        assert_eq!(read("3.0").unwrap(), Attribute::Float(3.0));
        assert!(read(r#"{"a": {"b": null}}"#).is_ok());
    }

    #[test]
    fn repeated_keys_and_deep_nesting_are_refused() {
        let text = |json: &str| {
            serde_json::from_str::<Attribute>(json)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            text(r#"{"a": 1, "a": 2}"#),
            "key `a` is there twice at line 1 column 16"
        );
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert!(text(&deep).starts_with("lists and maps nest deeper than 32"));
    }
}
