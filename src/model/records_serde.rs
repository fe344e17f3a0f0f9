//! Reading and writing of records whose keys are attributes beside a few fixed ones.
//!
//! An `id` or a `name` of a wrong kind does not stop the reading: it stays among the attributes,
//! where the check of the book finds it and tells it with all the rest.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::attribute::{Attribute, insert_once};
use super::records::{Customer, Ownership, Rep, Turn};

/// What every record with attributes has; `X` is the values under the key of its own.
struct Parts<X> {
    id: String,
    name: Option<String>,
    attributes: BTreeMap<String, Attribute>,
    own: BTreeMap<String, X>,
}

struct PartsVisitor<X> {
    what: &'static str,
    own_key: &'static str,
    own: PhantomData<X>,
}

impl<'de, X: Deserialize<'de>> Visitor<'de> for PartsVisitor<X> {
    type Value = Parts<X>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} with its attributes", self.what)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parts<X>, A::Error> {
        let mut own = None;
        let mut attributes = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key != self.own_key {
                insert_once(&mut attributes, key, entries.next_value()?)?;
            } else if own.is_none() {
                own = Some(entries.next_value::<Option<ByRole<X>>>()?);
            } else {
                return Err(A::Error::duplicate_field(self.own_key));
            }
        }
        let own = own.flatten().unwrap_or(ByRole(BTreeMap::new()));
        Ok(Parts {
            // Without an id it is refused with its place among the records when the book is built.
            id: take_text(&mut attributes, "id").unwrap_or_default(),
            name: take_text(&mut attributes, "name"),
            attributes,
            own: own.0,
        })
    }
}

/// Values by role: no role twice, and null is as if the role were not there.
struct ByRole<X>(BTreeMap<String, X>);

impl<'de, X: Deserialize<'de>> Deserialize<'de> for ByRole<X> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Roles<X>(PhantomData<X>);
        impl<'de, X: Deserialize<'de>> Visitor<'de> for Roles<X> {
            type Value = ByRole<X>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map by role")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut roles: A) -> Result<ByRole<X>, A::Error> {
                let mut map = BTreeMap::new();
                while let Some(role) = roles.next_key()? {
                    insert_once(&mut map, role, roles.next_value::<Option<X>>()?)?;
                }
                let there = |(role, value): (String, Option<X>)| Some((role, value?));
                Ok(ByRole(map.into_iter().filter_map(there).collect()))
            }
        }
        deserializer.deserialize_map(Roles(PhantomData))
    }
}

/// Takes a text out; anything else but null stays.
fn take_text(attributes: &mut BTreeMap<String, Attribute>, key: &str) -> Option<String> {
    match attributes.remove(key)? {
        Attribute::Text(text) => Some(text),
        Attribute::Absent => None,
        other => {
            attributes.insert(key.to_owned(), other);
            None
        }
    }
}

fn write_parts<S: Serializer, X: Serialize>(
    serializer: S,
    id: &str,
    name: Option<&str>,
    attributes: &BTreeMap<String, Attribute>,
    (own_key, own): (&'static str, &BTreeMap<String, X>),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if !attributes.contains_key("id") {
        map.serialize_entry("id", id)?;
    }
    if let Some(name) = name {
        map.serialize_entry("name", name)?;
    }
    for (key, value) in attributes {
        map.serialize_entry(key, value)?;
    }
    if !own.is_empty() {
        map.serialize_entry(own_key, own)?;
    }
    map.end()
}

impl<'de> Deserialize<'de> for Customer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = deserializer.deserialize_map(PartsVisitor {
            what: "customer",
            own_key: "owners",
            own: PhantomData,
        })?;
        Ok(Self {
            id: parts.id,
            name: parts.name,
            attributes: parts.attributes,
            owners: parts.own,
        })
    }
}

impl Serialize for Customer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = ("owners", &self.owners);
        write_parts(
            serializer,
            &self.id,
            self.name.as_deref(),
            &self.attributes,
            own,
        )
    }
}

impl<'de> Deserialize<'de> for Rep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = deserializer.deserialize_map(PartsVisitor {
            what: "rep",
            own_key: "last_assigned",
            own: PhantomData,
        })?;
        Ok(Self {
            id: parts.id,
            name: parts.name,
            attributes: parts.attributes,
            last_assigned: parts.own,
        })
    }
}

impl Serialize for Rep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = ("last_assigned", &self.last_assigned);
        write_parts(
            serializer,
            &self.id,
            self.name.as_deref(),
            &self.attributes,
            own,
        )
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullOwnership {
    rep: String,
    #[serde(default, skip_serializing_if = "Attribute::is_absent")]
    since: Attribute,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The id of a rep, or a map.
impl<'de> Deserialize<'de> for Ownership {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrMap;
        impl<'de> Visitor<'de> for TextOrMap {
            type Value = Ownership;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a rep, or a map with `rep`, `since` and `reason`")
            }
            fn visit_str<E: Error>(self, rep: &str) -> Result<Ownership, E> {
                Ok(Ownership::new(rep))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ownership, A::Error> {
                let full = FullOwnership::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Ownership {
                    rep: full.rep,
                    since: full.since,
                    reason: full.reason,
                })
            }
        }
        deserializer.deserialize_any(TextOrMap)
    }
}

impl Serialize for Ownership {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.since.is_absent() && self.reason.is_none() {
            return serializer.serialize_str(&self.rep);
        }
        FullOwnership {
            rep: self.rep.clone(),
            since: self.since.clone(),
            reason: self.reason.clone(),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullTurn {
    #[serde(default, skip_serializing_if = "Attribute::is_absent")]
    at: Attribute,
    #[serde(default)]
    turn: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    credit: f64,
}

fn is_zero(credit: &f64) -> bool {
    *credit == 0.0
}

/// A time, or a map.
impl<'de> Deserialize<'de> for Turn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrMap;
        impl<'de> Visitor<'de> for TextOrMap {
            type Value = Turn;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time, or a map with `at`, `turn` and `credit`")
            }
            fn visit_str<E: Error>(self, at: &str) -> Result<Turn, E> {
                Ok(Turn {
                    at: at.into(),
                    ..Turn::default()
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Turn, A::Error> {
                let full = FullTurn::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Turn {
                    at: full.at,
                    turn: full.turn,
                    credit: full.credit,
                })
            }
        }
        deserializer.deserialize_any(TextOrMap)
    }
}

impl Serialize for Turn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let short = matches!(self.at, Attribute::Text(_) | Attribute::Time(_));
        if short && self.turn == 0 && is_zero(&self.credit) {
            return self.at.serialize(serializer);
        }
        FullTurn {
            at: self.at.clone(),
            turn: self.turn,
            credit: self.credit,
        }
        .serialize(serializer)
    }
}
