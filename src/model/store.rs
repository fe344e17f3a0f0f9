//! Puts checked records into the columns and takes them out: the changes that cannot fail.
//!
//! Everything here costs time in the size of a record and the number of roles, and the logarithm
//! of the number of pins and exclusions where there are any.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::attribute::Attribute;
use super::book::Inner;
use super::columns::Stored;
use super::draft::Draft;
use super::owners::Held;
use super::schema::{FieldIx, RoleIx};
use super::symbols::Symbol;
use crate::language::Side;

impl Inner {
    pub(super) fn store_customer(
        &mut self,
        row: Option<u32>,
        draft: Draft<'_>,
        attributes: &BTreeMap<String, Attribute>,
    ) -> u32 {
        let replaced = row.is_some();
        let row = row.unwrap_or(self.customers.len() as u32);
        self.store_cells(Side::Customer, replaced.then_some(row), &draft, attributes);
        if !replaced {
            for owners in &mut self.owners {
                owners.push();
            }
        }
        let mut kept = vec![false; if replaced { self.roles.len() } else { 0 }];
        for owner in &draft.owners {
            let (role, held) = owner.held(self);
            if let Some(kept) = kept.get_mut(role.index()) {
                *kept = true;
            }
            self.own(row, role, Some(held));
            if let Some(since) = held.since {
                self.took_turn(held.rep, role, (since, 0));
            }
        }
        for (role, _) in (0..).zip(kept).filter(|(_, kept)| !kept) {
            self.own(row, RoleIx(role), None);
        }
        row
    }

    pub(super) fn store_rep(
        &mut self,
        row: Option<u32>,
        draft: Draft<'_>,
        attributes: &BTreeMap<String, Attribute>,
    ) -> u32 {
        let before = row.map_or(0, |row| self.capacity_of(row));
        let replaced = row.is_some();
        let row = row.unwrap_or(self.reps.len() as u32);
        self.store_cells(Side::Rep, replaced.then_some(row), &draft, attributes);
        if !replaced {
            self.holding.push(0);
        }
        self.capacity += self.capacity_of(row) - before;
        let id = self.reps.id(row).unwrap_or_default();
        for &(role, at, turn, credit) in &draft.turns {
            if let Some(at) = at {
                self.took_turn(id, role, (at, turn));
            }
            if let Some(turns) = self.turns.get_mut(role.index()) {
                turns.set_credit(row, credit);
            }
        }
        row
    }

    fn store_cells(
        &mut self,
        side: Side,
        row: Option<u32>,
        draft: &Draft<'_>,
        attributes: &BTreeMap<String, Attribute>,
    ) {
        let Self {
            customers,
            reps,
            symbols,
            sets,
            ..
        } = self;
        let rows = match side {
            Side::Customer => customers,
            Side::Rep => reps,
        };
        let stored = draft.cells.iter().map(|cell| cell.stored(symbols, sets));
        match row {
            Some(row) => rows.replace(row, stored),
            None => rows.push(stored),
        }
        self.keep_unknown(side, row, draft, attributes);
        self.order[side as usize] = OnceLock::new();
    }

    /// Keeps what the schema does not know, and warns of it.
    fn keep_unknown(
        &mut self,
        side: Side,
        row: Option<u32>,
        draft: &Draft<'_>,
        attributes: &BTreeMap<String, Attribute>,
    ) {
        if row.is_none() && draft.unknown.is_empty() {
            return;
        }
        let last = self.rows(side).len().saturating_sub(1) as u32;
        let Some(id) = self.rows(side).id(row.unwrap_or(last)) else {
            return;
        };
        let mut kept = BTreeMap::new();
        for &key in &draft.unknown {
            let computed = self.schema.field(side, key).is_some();
            let text = self.symbols.text(id);
            self.warnings
                .unknown_key(Self::record_kind(side), key, computed, text);
            if let Some(value) = attributes.get(key) {
                kept.insert(key.to_owned(), value.clone());
            }
        }
        if kept.is_empty() {
            self.unknown[side as usize].remove(&id);
        } else {
            self.unknown[side as usize].insert(id, kept);
        }
    }

    pub(super) fn capacity_of(&self, rep: u32) -> i128 {
        match self.stored(Side::Rep, self.places.capacity, rep) {
            Stored::Float(capacity) => super::build::millionths(capacity),
            _ => 0,
        }
    }

    /// Sets or clears an owner and keeps the count of what each rep holds.
    pub(super) fn own(&mut self, customer: u32, role: RoleIx, held: Option<Held>) {
        let Some(before) = self
            .owners
            .get(role.index())
            .map(|owners| owners.get(customer))
        else {
            return;
        };
        let (old, new) = (before.map(|held| held.rep), held.map(|held| held.rep));
        if old != new {
            self.count(customer, role, old, -1);
            self.count(customer, role, new, 1);
        }
        let customers = self.customers.len();
        self.owners[role.index()].set(customer, customers, held);
    }

    /// Counts a customer more or less for a rep, unless it also owns it in another role.
    fn count(&mut self, customer: u32, role: RoleIx, rep: Option<Symbol>, by: i64) {
        let Some(rep) = rep else { return };
        let elsewhere = self.owners.iter().enumerate().any(|(other, owners)| {
            other != role.index() && owners.get(customer).is_some_and(|held| held.rep == rep)
        });
        if !elsewhere
            && let Some(row) = self.reps.row(rep)
            && let Some(holding) = self.holding.get_mut(row as usize)
        {
            *holding += by;
        }
    }

    /// Remembers that a rep was given a customer, unless something later is remembered.
    pub(super) fn took_turn(&mut self, rep: Symbol, role: RoleIx, turn: (i64, u64)) {
        let row = self.reps.row(rep);
        if let (Some(row), Some(turns)) = (row, self.turns.get_mut(role.index())) {
            turns.took(row, turn);
        }
    }

    /// The turn after all others of that moment.
    pub(super) fn next_turn(&self, role: RoleIx, at: i64) -> (i64, u64) {
        let latest = self.turns.get(role.index()).and_then(|turns| turns.latest);
        match latest {
            Some((moment, turn)) if moment == at => (at, turn.saturating_add(1)),
            _ => (at, 0),
        }
    }

    pub(super) fn take_customer(&mut self, row: u32) {
        let Some(id) = self.customers.id(row) else {
            return;
        };
        for role in 0..self.roles.len() as u16 {
            self.own(row, RoleIx(role), None);
        }
        let pinned: Vec<_> = self
            .pins
            .range((id, RoleIx(0))..=(id, RoleIx(u16::MAX)))
            .map(|(&key, &rep)| (key, rep))
            .collect();
        for (key, rep) in pinned {
            self.pins.remove(&key);
            self.unname(rep);
        }
        let (first, last) = (Symbol(0), Symbol(u32::MAX));
        let excluded: Vec<_> = self
            .exclusions
            .range((id, first, None)..=(id, last, Some(RoleIx(u16::MAX))))
            .copied()
            .collect();
        for exclusion in excluded {
            self.exclusions.remove(&exclusion);
            self.unname(exclusion.1);
        }
        self.unknown[Side::Customer as usize].remove(&id);
        self.customers.swap_remove(row);
        for owners in &mut self.owners {
            owners.swap_remove(row);
        }
        self.order[Side::Customer as usize] = OnceLock::new();
    }

    /// Takes out a rep that nothing names.
    pub(super) fn take_rep(&mut self, row: u32) {
        let Some(id) = self.reps.id(row) else { return };
        self.capacity -= self.capacity_of(row);
        self.unknown[Side::Rep as usize].remove(&id);
        self.reps.swap_remove(row);
        swap_remove(&mut self.holding, row);
        let last = self.reps.len() as u32; // the one that has moved to `row`
        for turns in &mut self.turns {
            swap_remove(&mut turns.of, row);
            let credit = turns.credit(last);
            turns.set_credit(row, credit);
            turns.credits.truncate(last as usize);
        }
        self.order[Side::Rep as usize] = OnceLock::new();
    }

    pub(super) fn name(&mut self, rep: Symbol) {
        *self.named.entry(rep).or_default() += 1;
    }

    pub(super) fn unname(&mut self, rep: Symbol) {
        if let Some(times) = self.named.get_mut(&rep) {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.named.remove(&rep);
            }
        }
    }

    pub(super) fn set_cell(&mut self, side: Side, row: u32, field: FieldIx, cell: Stored) {
        self.rows_mut(side).set(row, field.index(), cell);
    }
}

fn swap_remove<T>(values: &mut Vec<T>, row: u32) {
    if (row as usize) < values.len() {
        values.swap_remove(row as usize);
    }
}
