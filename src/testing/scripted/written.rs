//! Records as a test of the policy writes them: what an invariant reports can be pasted.

use std::fmt::Write;

use crate::model::{Attribute, Customer, Records, Rep};

use super::shown::key_of;

/// A test that makes the book, plans it and asks the invariant.
pub(super) fn as_test(records: &Records, invariant: &str) -> String {
    let name = invariant.trim_start_matches("invariant_");
    let mut out = format!("fn test_{name}_of_a_small_book() {{\n    {invariant}(plan(book([\n");
    for customer in &records.customers {
        let _ = writeln!(out, "        customer({}),", map(&of_customer(customer)));
    }
    out.push_str("    ], [\n");
    for rep in &records.reps {
        let _ = writeln!(out, "        rep({}),", map(&of_rep(rep)));
    }
    out.push_str("    ]");
    let beside = beside(records);
    if !beside.is_empty() {
        let _ = write!(out, ", {}", map(&beside));
    }
    out.push_str(")));\n}");
    out
}

/// Keys with their values as the language writes them.
type Entries = Vec<(String, String)>;

fn of_customer(customer: &Customer) -> Entries {
    let mut entries = vec![("id".to_owned(), quoted(&customer.id))];
    entries.extend(
        customer
            .name
            .iter()
            .map(|name| ("name".to_owned(), quoted(name))),
    );
    entries.extend(attributes(&customer.attributes));
    if !customer.owners.is_empty() {
        let owners = (customer.owners.iter())
            .map(|(role, owner)| (role.clone(), quoted(&owner.rep)))
            .collect();
        entries.push(("owners".to_owned(), map(&owners)));
    }
    entries
}

fn of_rep(rep: &Rep) -> Entries {
    let mut entries = vec![("id".to_owned(), quoted(&rep.id))];
    entries.extend(
        rep.name
            .iter()
            .map(|name| ("name".to_owned(), quoted(name))),
    );
    if !rep.attributes.contains_key("roles") {
        // Else it would have all.
        entries.push(("roles".to_owned(), "[]".to_owned()));
    }
    entries.extend(attributes(&rep.attributes));
    entries
}

fn beside(records: &Records) -> Entries {
    let mut entries = Entries::new();
    if !records.pins.is_empty() {
        let pins = records.pins.iter().map(|pin| {
            map(&vec![
                ("customer".to_owned(), quoted(&pin.customer)),
                ("role".to_owned(), quoted(&pin.role)),
                ("rep".to_owned(), quoted(&pin.rep)),
            ])
        });
        entries.push(("pins".to_owned(), list(pins)));
    }
    if !records.exclusions.is_empty() {
        let exclusions = records.exclusions.iter().map(|exclusion| {
            let mut entries = vec![
                ("customer".to_owned(), quoted(&exclusion.customer)),
                ("rep".to_owned(), quoted(&exclusion.rep)),
            ];
            entries.extend(
                exclusion
                    .role
                    .iter()
                    .map(|role| ("role".to_owned(), quoted(role))),
            );
            map(&entries)
        });
        entries.push(("exclusions".to_owned(), list(exclusions)));
    }
    entries
}

fn attributes(
    attributes: &std::collections::BTreeMap<String, Attribute>,
) -> impl Iterator<Item = (String, String)> {
    attributes
        .iter()
        .map(|(name, value)| (name.clone(), literal(value)))
}

fn literal(attribute: &Attribute) -> String {
    match attribute {
        Attribute::Absent => "()".to_owned(),
        Attribute::Bool(bool) => bool.to_string(),
        Attribute::Int(int) => int.to_string(),
        Attribute::Float(float) => format!("{float:?}"),
        Attribute::Text(text) => quoted(text),
        Attribute::Time(time) => quoted(&time.to_string()),
        Attribute::Tags(tags) => list(tags.iter().map(|tag| quoted(tag))),
        Attribute::List(values) => list(values.iter().map(literal)),
        Attribute::Map(entries) => map(&entries
            .iter()
            .map(|(key, value)| (key.clone(), literal(value)))
            .collect()),
    }
}

fn map(entries: &Entries) -> String {
    let mut out = "#{ ".to_owned();
    for (at, (key, value)) in entries.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        key_of(&mut out, key);
        let _ = write!(out, ": {value}");
    }
    out.push_str(" }");
    out
}

fn list(entries: impl Iterator<Item = String>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
