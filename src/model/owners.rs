//! Who owns each customer in one role: a column of rep ids, with times and reasons beside it
//! where any are known.
//!
//! A role in which nobody owns anything costs nothing. Reps are known by the symbols of their
//! ids, so that taking a rep out moves nothing here, and the column serves scripts as it is.

use super::bits::Bits;
use super::columns::{fit, make_room};
use super::symbols::Symbol;

/// An ownership as the column holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Held {
    pub(super) rep: Symbol,
    pub(super) since: Option<i64>, // microseconds
    pub(super) reason: Option<Symbol>,
}

/// Each part is empty or has a place per customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners {
    reps: Vec<Symbol>,
    present: Bits,
    since: Vec<i64>,
    reasons: Vec<Symbol>,
}

/// No [`Time`](crate::Time) is that early.
const UNKNOWN: i64 = i64::MIN;

impl Owners {
    pub(super) fn get(&self, row: u32) -> Option<Held> {
        let at = row as usize;
        self.present.get(at).then(|| Held {
            rep: self.reps[at], // as long as `present`
            since: self
                .since
                .get(at)
                .copied()
                .filter(|&since| since != UNKNOWN),
            reason: self
                .reasons
                .get(at)
                .copied()
                .filter(|&text| text != Symbol::EMPTY),
        })
    }

    /// The rep ids and where there are any; `None` where nobody owns anything in the role.
    pub(super) fn column(&self) -> Option<(&[Symbol], &Bits)> {
        (!self.reps.is_empty()).then_some((&self.reps, &self.present))
    }

    /// Makes a place for a new customer, without owner.
    pub(super) fn push(&mut self) {
        if !self.reps.is_empty() {
            push(&mut self.reps, Symbol::EMPTY);
            self.present.push(false);
        }
        if !self.since.is_empty() {
            push(&mut self.since, UNKNOWN);
        }
        if !self.reasons.is_empty() {
            push(&mut self.reasons, Symbol::EMPTY);
        }
    }

    /// Sets the owner of one of so many customers.
    pub(super) fn set(&mut self, row: u32, customers: usize, held: Option<Held>) {
        let at = row as usize;
        if at >= customers {
            return;
        }
        if self.reps.is_empty() {
            if held.is_none() {
                return;
            }
            self.reps = vec![Symbol::EMPTY; customers];
            self.present = Bits::repeat(false, customers);
        }
        let since = held.and_then(|held| held.since);
        if self.since.is_empty() && since.is_some() {
            self.since = vec![UNKNOWN; customers];
        }
        let reason = held.and_then(|held| held.reason);
        if self.reasons.is_empty() && reason.is_some() {
            self.reasons = vec![Symbol::EMPTY; customers];
        }
        self.reps[at] = held.map_or(Symbol::EMPTY, |held| held.rep);
        self.present.set(at, held.is_some());
        if let Some(place) = self.since.get_mut(at) {
            *place = since.unwrap_or(UNKNOWN);
        }
        if let Some(place) = self.reasons.get_mut(at) {
            *place = reason.unwrap_or_default(); // the empty text: none was given
        }
    }

    pub(super) fn swap_remove(&mut self, row: u32) {
        let at = row as usize;
        self.present.swap_remove(at);
        swap_remove(&mut self.reps, at);
        swap_remove(&mut self.since, at);
        swap_remove(&mut self.reasons, at);
    }

    pub(super) fn fit(&mut self) {
        fit(&mut self.reps);
        self.present.fit();
        fit(&mut self.since);
        fit(&mut self.reasons);
    }

    pub(super) fn bytes(&self) -> usize {
        (self.reps.capacity() + self.reasons.capacity()) * 4
            + self.present.bytes()
            + self.since.capacity() * 8
    }
}

fn push<T>(values: &mut Vec<T>, value: T) {
    make_room(values);
    values.push(value);
}

fn swap_remove<T>(values: &mut Vec<T>, at: usize) {
    if at < values.len() {
        values.swap_remove(at);
    }
}
