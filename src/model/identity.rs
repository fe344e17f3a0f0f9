//! Whether two books are the same, and what a book is made of as bytes.

use std::sync::Arc;

use super::book::Book;
use super::columns::Stored;
use super::schema::FieldIx;
use crate::language::Side;

impl Book {
    /// Whether the two are the same book: one is a clone of the other and neither has been changed
    /// since. Takes no time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Hands all that a plan can depend on, but for the records of [`Self::digest_rows`], to `sink`,
    /// in an order that does not depend on that of the input: schema, pins, exclusions, tables.
    pub(crate) fn digest(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(format!("{:?}", self.schema()).as_bytes());
        for pin in self.pins() {
            sink(format!("{pin:?}").as_bytes());
        }
        for exclusion in self.all_exclusions() {
            sink(format!("{exclusion:?}").as_bytes());
        }
        for (name, entries) in self.table_records() {
            sink(name.as_bytes());
            sink(format!("{entries:?}").as_bytes());
        }
    }

    /// The digests of the records of a side that were made since the last change.
    pub(crate) fn kept_digests(&self, side: Side) -> Option<&[u128]> {
        self.inner.digests[side as usize].get().map(|kept| &**kept)
    }

    /// Keeps digests until the next change; those that are kept.
    pub(crate) fn keep_digests(&self, side: Side, made: Vec<u128>) -> &[u128] {
        self.inner.digests[side as usize].get_or_init(|| made.into())
    }

    /// Hands the records of some rows to `sink`: fields, owners, turns.
    pub(crate) fn digest_rows(&self, side: Side, rows: &[u32], sink: &mut dyn FnMut(&[u8])) {
        let columns: Vec<_> = (0..self.schema().fields(side).len() as u16)
            .filter_map(|field| self.column(side, FieldIx(field)))
            .collect();
        for &row in rows {
            for column in &columns {
                self.digest_cell(column.cell(row), sink);
            }
            for role in self.schema().role_numbers() {
                match side {
                    Side::Customer => {
                        let Some(owner) = self.owner(row, role) else {
                            continue;
                        };
                        sink(&role.0.to_le_bytes());
                        sink(self.rep_id(owner.rep).as_bytes());
                        sink(&owner.since.map_or(i64::MIN, |at| at.micros()).to_le_bytes());
                    }
                    Side::Rep => {
                        sink(&self.credit(row, role).to_bits().to_le_bytes());
                        if let Some((at, turn)) = self.last_assigned(row, role) {
                            sink(&at.micros().to_le_bytes());
                            sink(&turn.to_le_bytes());
                        }
                    }
                }
            }
        }
    }

    fn digest_cell(&self, cell: Stored, sink: &mut dyn FnMut(&[u8])) {
        match cell {
            Stored::Absent => sink(&[0]),
            Stored::Bool(bool) => sink(&[1, u8::from(bool)]),
            Stored::Int(int) | Stored::Time(int) => sink(&int.to_le_bytes()),
            Stored::Float(float) => sink(&float.to_bits().to_le_bytes()),
            Stored::Text(symbol) => sink(self.symbols().text(symbol).as_bytes()),
            Stored::Tags(set) => {
                let tags = self.tag_sets().tags(set);
                sink(&(tags.len() as u64).to_le_bytes());
                let mut texts: Vec<&str> =
                    tags.iter().map(|&tag| self.symbols().text(tag)).collect();
                texts.sort_unstable();
                texts.iter().for_each(|text| sink(text.as_bytes()));
            }
        }
    }
}
