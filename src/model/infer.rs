//! A schema made from data, for a book that brings none.
//!
//! Built-in fields keep their kinds. An unknown key becomes an optional field of the kind that
//! all its values have: ints and floats together are float; lists of texts are tags; texts are
//! times only if every one of them is RFC 3339 or a full date. A key whose values differ in kind,
//! or are maps or mixed lists, becomes no field: it is kept, with a warning, as any unknown key.
//! Roles are those that the records list or reps have. Fields, roles and tables come in the order
//! of their names, whatever the order of the records. Takes one pass over the records.

use std::collections::{BTreeMap, BTreeSet};

use super::attribute::Attribute;
use super::error::is_strange;
use super::field::Field;
use super::records::{Records, Role, TableEntries};
use super::schema::{Schema, SchemaBuilder};
use crate::language::{Kind, Limits, Side, Time, UtcOffset};

impl Schema {
    /// The schema that the records suggest.
    ///
    /// ```
    /// use bookwright::{Customer, Kind, Records, Schema, Side};
    /// let records = Records {
    ///     customers: vec![
    ///         Customer::new("c1").set("visits", 3).set("signed", "2026-01-31"),
    ///         Customer::new("c2").set("visits", 2.5).set("signed", "2026-02-01T08:00:00Z"),
    ///     ],
    ///     ..Records::default()
    /// };
    /// let schema = Schema::infer(&records);
    /// let kind = |name| schema.field(Side::Customer, name).and_then(|ix| {
    ///     schema.get(Side::Customer, ix).map(|field| field.kind)
    /// });
    /// assert_eq!(kind("visits"), Some(Kind::Float));
    /// assert_eq!(kind("signed"), Some(Kind::Time));
    /// ```
    #[must_use]
    pub fn infer(records: &Records) -> Self {
        let standard = Self::default();
        let mut builder = Self::builder();
        let customers = records
            .customers
            .iter()
            .map(|customer| &customer.attributes);
        for field in own_fields(&standard, Side::Customer, customers) {
            builder = builder.customer_field(field);
        }
        let reps = records.reps.iter().map(|rep| &rep.attributes);
        for field in own_fields(&standard, Side::Rep, reps) {
            builder = builder.rep_field(field);
        }
        builder = with_roles(builder, &standard, records);
        for (name, entries) in &records.tables {
            if let Some(kind) = kind_of_all(entries.values())
                && nameable(name)
            {
                builder = builder.table(name, kind);
            }
        }
        // Names were looked at, so nothing is left to refuse but absurd numbers of fields.
        builder.build().unwrap_or(standard)
    }
}

fn own_fields<'a>(
    standard: &Schema,
    side: Side,
    records: impl Iterator<Item = &'a BTreeMap<String, Attribute>>,
) -> Vec<Field> {
    let mut seen: BTreeMap<&str, Evidence> = BTreeMap::new();
    for attributes in records {
        for (key, value) in attributes {
            if !value.is_absent() && standard.field(side, key).is_none() && nameable(key) {
                seen.entry(key).or_default().add(value);
            }
        }
    }
    let reserved = match side {
        Side::Customer => "owners",
        Side::Rep => "last_assigned",
    };
    seen.into_iter()
        .filter(|(key, _)| *key != reserved)
        .filter_map(|(key, evidence)| Some(Field::new(key, evidence.kind()?)))
        .take(512)
        .collect()
}

fn with_roles(mut builder: SchemaBuilder, standard: &Schema, records: &Records) -> SchemaBuilder {
    let mut listed = BTreeSet::new();
    for role in &records.roles {
        if nameable(&role.id) && listed.insert(role.id.as_str()) {
            builder = builder.role(role.clone());
        }
    }
    let held: BTreeSet<&str> = records
        .reps
        .iter()
        .filter_map(|rep| match rep.attributes.get("roles") {
            Some(Attribute::Tags(roles)) => Some(roles.iter().map(String::as_str)),
            _ => None,
        })
        .flatten()
        .filter(|role| nameable(role) && standard.role(role).is_none() && !listed.contains(role))
        .collect();
    held.into_iter()
        .take(256)
        .fold(builder, |builder, role| builder.role(Role::new(role)))
}

/// Whether a schema takes the name, and a reader can see it.
fn nameable(name: &str) -> bool {
    !name.is_empty() && name.len() <= Limits::default().id_bytes && !name.chars().any(is_strange)
}

/// The kinds seen of one key.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    kind: Option<Kind>,
    moments: bool, // some are times by type, which no text field takes
    mixed: bool,
}

impl Evidence {
    fn add(&mut self, value: &Attribute) {
        self.moments |= matches!(value, Attribute::Time(_));
        match (self.kind, kind_of_one(value)) {
            _ if self.mixed => {}
            (_, None) => self.mixed = true,
            (None, Some(kind)) => self.kind = Some(kind),
            (Some(Kind::Int), Some(Kind::Float)) | (Some(Kind::Float), Some(Kind::Int)) => {
                self.kind = Some(Kind::Float);
            }
            (Some(Kind::Time), Some(Kind::Text)) | (Some(Kind::Text), Some(Kind::Time)) => {
                self.kind = Some(Kind::Text);
            }
            (Some(known), Some(kind)) => self.mixed = known != kind,
        }
        self.mixed |= self.moments && self.kind == Some(Kind::Text);
    }

    fn kind(self) -> Option<Kind> {
        self.kind.filter(|_| !self.mixed)
    }
}

/// The kind that all values have together.
pub(super) fn kind_of_all<'a>(values: impl Iterator<Item = &'a Attribute>) -> Option<Kind> {
    let mut evidence = Evidence::default();
    for value in values.filter(|value| !value.is_absent()) {
        evidence.add(value);
    }
    evidence.kind()
}

/// The first entry whose value has no kind in common with those before it, and that kind.
pub(super) fn first_odd(entries: &TableEntries) -> Option<(&str, &Attribute, Kind)> {
    let mut evidence = Evidence::default();
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_absent()) {
        let before = evidence.kind.unwrap_or(Kind::Text);
        evidence.add(value);
        if evidence.mixed {
            return Some((key, value, before));
        }
    }
    None
}

/// The kind that a value suggests by itself.
fn kind_of_one(value: &Attribute) -> Option<Kind> {
    match value {
        Attribute::Bool(_) => Some(Kind::Bool),
        Attribute::Int(_) => Some(Kind::Int),
        Attribute::Float(_) => Some(Kind::Float),
        Attribute::Text(text) if looks_like_time(text) => Some(Kind::Time),
        Attribute::Text(_) => Some(Kind::Text),
        Attribute::Tags(_) => Some(Kind::Tags),
        Attribute::Time(_) => Some(Kind::Time),
        Attribute::Absent | Attribute::List(_) | Attribute::Map(_) => None,
    }
}

fn looks_like_time(text: &str) -> bool {
    text.len() >= 10
        && text.as_bytes()[0].is_ascii_digit()
        && Time::parse(text, UtcOffset::default()).is_ok()
}
