//! Values of the language from JSON and the like: parameters that a host passes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::Value;

/// Arrays and maps may nest that deep.
const DEPTH: usize = 32;

/// Nothing as `()`, numbers without a fraction as ints, texts as texts.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AnyValue { depth: DEPTH }.deserialize(deserializer)
    }
}

/// Reads a value and counts the nesting, so that no input exhausts the stack.
#[derive(Clone, Copy)]
struct AnyValue {
    depth: usize,
}

impl AnyValue {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        depth
            .map(|depth| Self { depth })
            .ok_or_else(|| E::custom(format_args!("arrays and maps nest deeper than {DEPTH}")))
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Unit)
    }
    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }
    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }
    fn visit_u64<E: Error>(self, int: u64) -> Result<Value, E> {
        i64::try_from(int)
            .map(Value::Int)
            .map_err(|_| E::custom(format!("{int} is no 64-bit int")))
    }
    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Float(float))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(seed)? {
            values.push(value);
        }
        Ok(Value::Array(values.into()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(seed)?;
            values.insert(key.into(), value);
        }
        Ok(Value::Map(Arc::new(values)))
    }
}

/// The reverse; times as text, and a record as the number of its row.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Float(float) => serializer.serialize_f64(*float),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Time(time) => time.serialize(serializer),
            Self::Array(values) => serializer.collect_seq(values.iter()),
            Self::Map(map) => {
                serializer.collect_map(map.iter().map(|(key, value)| (&**key, value)))
            }
            Self::Record(_, row) => serializer.serialize_u32(*row),
        }
    }
}
