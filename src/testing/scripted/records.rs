//! Maps of a test as records: `customer(#{ … })`, `rep(#{ … })`, what `given` and `book` take.
//!
//! Keys must be fields of the schema; whether their values suit it is for the book to say, which
//! checks a record whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::language::{Kind, Side, Source, Value};
use crate::model::{
    Attribute, Customer, Exclusion, Ownership, Pin, Rep, Schema, TableEntries, Team, Turn,
};
use crate::syntax::{clipped, nearest};

pub(super) type Map = BTreeMap<Arc<str>, Value>;

/// A customer of a test, and what a plan would compute about it.
#[derive(Debug, Clone, Default)]
pub(super) struct MadeCustomer {
    pub(super) record: Customer,
    pub(super) tier: Option<Arc<str>>,
    pub(super) segment: Option<Arc<str>>,
}

/// A rep of a test, and what a plan would compute about it.
#[derive(Debug, Clone, Default)]
pub(super) struct MadeRep {
    pub(super) record: Rep,
    pub(super) holding: Option<i64>,
}

/// The customer that a map describes; `number` makes an id where it has none. `id_of` names reps.
pub(super) fn customer(
    map: &Map,
    number: usize,
    schema: &Schema,
    id_of: &dyn Fn(u32) -> Option<String>,
) -> Result<MadeCustomer, String> {
    let mut made = MadeCustomer::default();
    made.record.id = format!("c{number}");
    for (key, value) in map {
        match &**key {
            "id" => made.record.id = text(value, "the id of a customer")?.to_string(),
            "name" => made.record.name = optional_text(value, "the name of a customer")?,
            "owners" => made.record.owners = owners(value, id_of)?,
            "owner" => {
                return Err("the owner of a customer is given role by role: \
                            `owners: #{ developer: \"r1\" }`"
                    .to_owned());
            }
            "tier" => made.tier = Some(text(value, "the tier of a customer")?),
            "segment" => made.segment = Some(text(value, "the segment of a customer")?),
            name => {
                let attribute = field(schema, Side::Customer, name, value)?;
                made.record = made.record.set(name, attribute);
            }
        }
    }
    Ok(made)
}

/// The rep that a map describes; without `roles` it has all that own customers.
pub(super) fn rep(map: &Map, number: usize, schema: &Schema) -> Result<MadeRep, String> {
    let mut made = MadeRep::default();
    made.record.id = format!("r{number}");
    if !map.contains_key("roles") {
        let roles = schema.roles().iter().filter(|role| role.owns_customers);
        made.record = made.record.roles(roles.map(|role| role.id.as_str()));
    }
    for (key, value) in map {
        match &**key {
            "id" => made.record.id = text(value, "the id of a rep")?.to_string(),
            "name" => made.record.name = optional_text(value, "the name of a rep")?,
            "last_assigned" => made.record.last_assigned = turns(value)?,
            "holding" => match value {
                Value::Int(holding) if *holding < 0 => {
                    return Err(format!(
                        "`holding` of a rep is {holding}, expected at least 0"
                    ));
                }
                Value::Int(holding) => made.holding = Some(*holding),
                _ => return Err(wrong("`holding` of a rep", value, "an int")),
            },
            name => {
                let attribute = field(schema, Side::Rep, name, value)?;
                made.record = made.record.set(name, attribute);
            }
        }
    }
    Ok(made)
}

/// A value of a field that the schema knows.
fn field(schema: &Schema, side: Side, name: &str, value: &Value) -> Result<Attribute, String> {
    let fields = schema.fields(side);
    let Some(known) = fields.iter().find(|field| field.name == name) else {
        let near = nearest(name, fields.iter().map(|field| field.name.as_str()));
        let hint = near.map(|near| format!(" (did you mean `{near}`?)"));
        return Err(format!(
            "a {} has no field `{}`{}",
            side.name(),
            clipped(name),
            hint.unwrap_or_default()
        ));
    };
    if !matches!(known.source, Source::Record | Source::Required) {
        return Err(format!("`{name}` of a {} cannot be given", side.name()));
    }
    let attribute = attribute(value).ok_or_else(|| {
        let what = format!("`{name}` of a {}", side.name());
        wrong(&what, value, known.kind.name())
    })?;
    Ok(match (known.kind, attribute) {
        // `[]` says nothing about what it might hold.
        (Kind::Tags, Attribute::List(list)) if list.is_empty() => Attribute::Tags(Vec::new()),
        (_, attribute) => attribute,
    })
}

/// A value as records carry it; nothing for records themselves.
pub(super) fn attribute(value: &Value) -> Option<Attribute> {
    Some(match value {
        Value::Unit => Attribute::Absent,
        Value::Bool(bool) => Attribute::Bool(*bool),
        Value::Int(int) => Attribute::Int(*int),
        Value::Float(float) => Attribute::Float(*float),
        Value::Text(text) => Attribute::Text(text.to_string()),
        Value::Time(time) => Attribute::Time(*time),
        Value::Array(values) => {
            let tags: Option<Vec<String>> = (values.iter())
                .map(|value| value.as_text().map(str::to_owned))
                .collect();
            match tags {
                Some(tags) => Attribute::Tags(tags),
                None => Attribute::List(values.iter().map(attribute).collect::<Option<_>>()?),
            }
        }
        Value::Map(map) => Attribute::Map(
            (map.iter())
                .map(|(key, value)| Some((key.to_string(), attribute(value)?)))
                .collect::<Option<_>>()?,
        ),
        Value::Record(..) => return None,
    })
}

/// The reverse, for what tables hold.
pub(super) fn value(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Bool(bool) => Value::Bool(*bool),
        Attribute::Int(int) => Value::Int(*int),
        Attribute::Float(float) => Value::Float(*float),
        Attribute::Text(text) => Value::from(text.as_str()),
        Attribute::Time(time) => Value::Time(*time),
        Attribute::Tags(tags) => {
            Value::Array(tags.iter().map(|tag| Value::from(tag.as_str())).collect())
        }
        Attribute::List(list) => Value::Array(list.iter().map(value).collect()),
        Attribute::Map(map) => {
            let entries = map.iter().map(|(key, it)| (key.as_str().into(), value(it)));
            Value::Map(Arc::new(entries.collect()))
        }
        Attribute::Absent => Value::Unit,
    }
}

fn owners(
    value: &Value,
    id_of: &dyn Fn(u32) -> Option<String>,
) -> Result<BTreeMap<String, Ownership>, String> {
    let entries = map(value, "`owners` of a customer")?;
    let mut owners = BTreeMap::new();
    for (role, value) in entries {
        let what = format!("the owner of a customer in `{}`", clipped(role));
        let ownership = match value {
            Value::Unit => continue,
            Value::Map(parts) => {
                only(parts, &what, &["rep", "since"])?;
                let rep = parts.get("rep").unwrap_or(&Value::Unit);
                let since = parts.get("since").unwrap_or(&Value::Unit);
                let since = given(since, &format!("`since` of {what}"), "a time")?;
                Ownership::new(rep_id(rep, &what, id_of)?).since(since)
            }
            other => Ownership::new(rep_id(other, &what, id_of)?),
        };
        owners.insert(role.to_string(), ownership);
    }
    Ok(owners)
}

fn rep_id(
    value: &Value,
    what: &str,
    id_of: &dyn Fn(u32) -> Option<String>,
) -> Result<String, String> {
    let id = match value {
        Value::Text(id) => Some(id.to_string()),
        Value::Record(Side::Rep, row) => id_of(*row),
        _ => None,
    };
    id.ok_or_else(|| wrong(what, value, "a rep or its id"))
}

fn turns(value: &Value) -> Result<BTreeMap<String, Turn>, String> {
    let entries = map(value, "`last_assigned` of a rep")?.iter();
    let turns = entries.map(|(role, at)| {
        let what = format!("`last_assigned` of a rep in `{}`", clipped(role));
        let turn = Turn {
            at: given(at, &what, "a time")?,
            ..Turn::default()
        };
        Ok((role.to_string(), turn))
    });
    turns.collect()
}

/// A value as records carry it, which no record is.
fn given(value: &Value, what: &str, expected: &str) -> Result<Attribute, String> {
    attribute(value).ok_or_else(|| wrong(what, value, expected))
}

/// Refuses keys that mean nothing.
fn only(entries: &Map, what: &str, known: &[&str]) -> Result<(), String> {
    let Some(key) = entries.keys().find(|key| !known.contains(&&***key)) else {
        return Ok(());
    };
    Err(format!(
        "{what} has no `{}`: there are `{}`",
        clipped(key),
        known.join("`, `")
    ))
}

/// Pins, exclusions and teams of a book.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) pins: Vec<Pin>,
    pub(super) exclusions: Vec<Exclusion>,
    pub(super) teams: Vec<Team>,
}

/// What the third argument of `book` says.
pub(super) fn beside(entries: &Map) -> Result<Beside, String> {
    let mut beside = Beside::default();
    let what = "beside its customers and reps a book";
    only(entries, what, &["pins", "exclusions", "teams"])?;
    for (key, value) in entries {
        let Value::Array(list) = value else {
            return Err(wrong(&format!("`{key}` of a book"), value, "an array"));
        };
        for entry in list.iter() {
            let what = format!("an entry of `{key}`");
            let entry = map(entry, &what)?;
            let known: &[&str] = match &**key {
                "teams" => &["id", "name", "parent"],
                _ => &["customer", "role", "rep"],
            };
            only(entry, &what, known)?;
            let part = |name: &str| -> Result<String, String> {
                let value = entry.get(name).unwrap_or(&Value::Unit);
                Ok(text(value, &format!("`{name}` of {what}"))?.to_string())
            };
            let maybe = |name: &str| match entry.get(name) {
                None | Some(Value::Unit) => Ok(None),
                Some(_) => part(name).map(Some),
            };
            match &**key {
                "pins" => beside.pins.push(Pin {
                    customer: part("customer")?,
                    role: part("role")?,
                    rep: part("rep")?,
                }),
                "exclusions" => beside.exclusions.push(Exclusion {
                    customer: part("customer")?,
                    rep: part("rep")?,
                    role: maybe("role")?,
                }),
                _ => beside.teams.push(Team {
                    id: part("id")?,
                    name: maybe("name")?,
                    parent: maybe("parent")?,
                }),
            }
        }
    }
    Ok(beside)
}

/// Lookup tables, by name.
pub(super) fn tables(value: &Value) -> Result<BTreeMap<String, TableEntries>, String> {
    let mut tables = BTreeMap::new();
    for (name, entries) in map(value, "`tables`")? {
        let mut table = TableEntries::new();
        let what = format!("the table `{}`", clipped(name));
        for (key, value) in map(entries, &what)? {
            let what = format!("`{}` of {what}", clipped(key));
            let value = given(value, &what, "what a book can hold")?;
            table.insert(key.to_string(), value);
        }
        tables.insert(name.to_string(), table);
    }
    Ok(tables)
}

pub(super) fn map<'a>(value: &'a Value, what: &str) -> Result<&'a Map, String> {
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(wrong(what, value, "a map")),
    }
}

pub(super) fn text(value: &Value, what: &str) -> Result<Arc<str>, String> {
    match value {
        Value::Text(text) => Ok(Arc::clone(text)),
        _ => Err(wrong(what, value, "text")),
    }
}

fn optional_text(value: &Value, what: &str) -> Result<Option<String>, String> {
    match value {
        Value::Unit => Ok(None),
        _ => text(value, what).map(|text| Some(text.to_string())),
    }
}

/// A value of the wrong kind.
pub(super) fn wrong(what: &str, value: &Value, expected: &str) -> String {
    format!("{what} is {}, expected {expected}", value.kind_name())
}
