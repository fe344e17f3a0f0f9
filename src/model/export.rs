//! A book back as records: what it was made from and what has changed since.

use std::collections::BTreeMap;

use super::attribute::Attribute;
use super::book::{Book, Inner};
use super::field::{Field, Presence};
use super::records::{Customer, Exclusion, Ownership, Pin, Records, Rep, TableEntries, Turn};
use super::schema::{FieldIx, RoleIx};
use super::symbols::Symbol;
use crate::language::{Side, Time};

impl Book {
    /// The records of the book, every list sorted by id, with the schema of the book. Values that
    /// are as the schema's default, and names that are as the id, are left out.
    ///
    /// A book that is built from them by that schema is the same book.
    #[must_use]
    pub fn records(&self) -> Records {
        let inner = &*self.inner;
        let customers = self.customer_order().iter();
        let reps = self.rep_order().iter();
        Records {
            schema: Some(self.schema().clone()),
            customers: customers.filter_map(|&row| self.customer(row)).collect(),
            reps: reps.filter_map(|&row| self.rep(row)).collect(),
            roles: Vec::new(), // they are in the schema
            teams: inner.teams.records(&inner.symbols),
            tables: self.table_records(),
            pins: self.pins(),
            exclusions: self.all_exclusions(),
        }
    }

    /// One customer as a record.
    #[must_use]
    pub fn customer(&self, row: u32) -> Option<Customer> {
        let inner = &*self.inner;
        let id = inner.text_of(inner.customers.id(row)?);
        let mut owners = BTreeMap::new();
        for (role, column) in inner.roles.iter().zip(&inner.owners) {
            if let Some(held) = column.get(row) {
                let ownership = Ownership {
                    rep: inner.text_of(held.rep),
                    since: moment(held.since),
                    reason: held.reason.map(|reason| inner.text_of(reason)),
                };
                owners.insert(inner.text_of(*role), ownership);
            }
        }
        Some(Customer {
            name: inner.own_name(Side::Customer, row, &id),
            id,
            attributes: inner.attributes(Side::Customer, row),
            owners,
        })
    }

    /// One rep as a record.
    #[must_use]
    pub fn rep(&self, row: u32) -> Option<Rep> {
        let inner = &*self.inner;
        let id = inner.text_of(inner.reps.id(row)?);
        let mut last_assigned = BTreeMap::new();
        for (role, turns) in inner.roles.iter().zip(&inner.turns) {
            let last = turns.of.get(row as usize).copied().flatten();
            let credit = turns.credit(row);
            if last.is_some() || credit != 0.0 {
                let turn = last.map_or(0, |(_, turn)| turn);
                let at = moment(last.map(|(at, _)| at));
                last_assigned.insert(inner.text_of(*role), Turn { at, turn, credit });
            }
        }
        Some(Rep {
            name: inner.own_name(Side::Rep, row, &id),
            id,
            attributes: inner.attributes(Side::Rep, row),
            last_assigned,
        })
    }

    /// All pins, sorted by customer and role.
    #[must_use]
    pub fn pins(&self) -> Vec<Pin> {
        let inner = &*self.inner;
        let pins = inner.pins.iter().map(|(&(customer, role), &rep)| Pin {
            customer: inner.text_of(customer),
            role: inner.role_id(role),
            rep: inner.text_of(rep),
        });
        let mut pins: Vec<Pin> = pins.collect();
        pins.sort_unstable();
        pins
    }

    pub(super) fn all_exclusions(&self) -> Vec<Exclusion> {
        let inner = &*self.inner;
        let exclusions = inner
            .exclusions
            .iter()
            .map(|&(customer, rep, role)| Exclusion {
                customer: inner.text_of(customer),
                rep: inner.text_of(rep),
                role: role.map(|role| inner.role_id(role)),
            });
        let mut exclusions: Vec<Exclusion> = exclusions.collect();
        exclusions.sort_unstable();
        exclusions
    }

    pub(super) fn table_records(&self) -> BTreeMap<String, TableEntries> {
        let inner = &*self.inner;
        let entries = |name: &str| {
            let table = inner.tables.get(name, &inner.sets)?;
            let values = table.values()?;
            let keys = table.keys().iter().zip(0..);
            let entry = |(&key, row): (&Symbol, u32)| {
                let value = values.cell(row).attribute(&inner.symbols, &inner.sets);
                (inner.text_of(key), value)
            };
            Some((name.to_owned(), keys.map(entry).collect()))
        };
        inner.tables.names().filter_map(entries).collect()
    }
}

fn moment(micros: Option<i64>) -> Attribute {
    let time = micros.and_then(|micros| Time::from_micros(micros).ok());
    time.into()
}

impl Inner {
    fn text_of(&self, symbol: Symbol) -> String {
        self.symbols.text(symbol).to_owned()
    }

    fn role_id(&self, role: RoleIx) -> String {
        // A book has no role but those of its schema.
        let id = self.roles.get(role.index());
        id.map(|&id| self.text_of(id)).unwrap_or_default()
    }

    fn own_name(&self, side: Side, row: u32, id: &str) -> Option<String> {
        let name = self.text_of(self.text(side, FieldIx::NAME, row)?);
        (name != id).then_some(name)
    }

    fn attributes(&self, side: Side, row: u32) -> BTreeMap<String, Attribute> {
        let fields = self.schema.fields(side).iter().zip(0..).skip(2);
        let recorded = fields.filter(|(field, _)| field.is_recorded());
        let values = recorded.filter_map(|(field, at)| {
            let value = self.stored(side, FieldIx(at), row);
            let value = value.attribute(&self.symbols, &self.sets);
            (!goes_without_saying(field, &value)).then(|| (field.name.clone(), value))
        });
        let mut attributes: BTreeMap<String, Attribute> = values.collect();
        for (key, value) in self.unknown_of(side, row) {
            attributes.insert(key.clone(), value.clone());
        }
        attributes
    }
}

/// Whether a record that does not mention the field has the same value.
fn goes_without_saying(field: &Field, value: &Attribute) -> bool {
    match &field.presence {
        Presence::Default(default) => default == value,
        Presence::Optional => match value {
            Attribute::Tags(tags) => tags.is_empty(),
            _ => value.is_absent(),
        },
        Presence::Required => false,
    }
}
