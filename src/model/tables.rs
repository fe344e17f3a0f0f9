//! The lookup tables of a book: postcode to territory, named accounts.
//!
//! A table maps texts to values of one kind, held as a column beside an index of the keys. A
//! lookup takes constant time, by text or by symbol.

use std::collections::BTreeMap;

use super::attribute::Attribute;
use super::check::{Cell, Reading};
use super::columns::{ColumnRef, Rows, Stored};
use super::error::{BookError, Capped, FieldError};
use super::field::Field;
use super::records::TableEntries;
use super::symbols::{Symbol, Symbols};
use super::tag_sets::TagSets;
use crate::language::{Kind, Time};

/// One lookup table, borrowed from a book.
#[derive(Debug, Clone, Copy)]
pub struct TableRef<'a> {
    rows: &'a Rows,
    sets: &'a TagSets,
}

impl<'a> TableRef<'a> {
    /// The place of a key among the values.
    #[must_use]
    pub fn place(&self, key: Symbol) -> Option<u32> {
        self.rows.row(key)
    }

    /// The values, by place.
    #[must_use]
    pub fn values(&self) -> Option<ColumnRef<'a>> {
        self.rows.column(1).map(|column| column.view(self.sets))
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// The keys, by place.
    pub(super) fn keys(&self) -> &'a [Symbol] {
        self.rows.ids()
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    list: BTreeMap<String, Rows>,
}

impl Tables {
    pub(super) fn get<'a>(&'a self, name: &str, sets: &'a TagSets) -> Option<TableRef<'a>> {
        self.list.get(name).map(|rows| TableRef { rows, sets })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.keys().map(String::as_str)
    }

    /// Makes or replaces a table of values of one kind.
    pub(super) fn put(
        &mut self,
        (name, kind): (&str, Kind),
        entries: &TableEntries,
        reading: &Reading,
        (symbols, sets): (&mut Symbols, &mut TagSets),
        problems: &mut Capped<BookError>,
    ) {
        let field = Field::new(name, kind);
        let mut rows = Rows::new([Some(Kind::Text), Some(kind)]);
        for (key, value) in entries {
            let checked = reading
                .length(key)
                .and_then(|()| reading.cell(&field, value));
            match checked {
                Ok(Cell::Absent) => {}
                Ok(cell) => {
                    let key = symbols.intern(key);
                    rows.push([Stored::Text(key), cell.stored(symbols, sets)]);
                }
                Err(problem) => problems.push(|| BookError::TableValue {
                    table: name.to_owned(),
                    key: key.clone(),
                    problem,
                }),
            }
        }
        rows.fit();
        self.list.insert(name.to_owned(), rows);
    }

    pub(super) fn bytes(&self) -> usize {
        let entry = |(name, rows): (&String, &Rows)| name.capacity() + rows.bytes() + 128;
        self.list.iter().map(entry).sum()
    }
}

impl Cell<'_> {
    /// The value with its texts interned.
    pub(super) fn stored(self, symbols: &mut Symbols, sets: &mut TagSets) -> Stored {
        match self {
            Cell::Absent => Stored::Absent,
            Cell::Bool(bool) => Stored::Bool(bool),
            Cell::Int(int) => Stored::Int(int),
            Cell::Float(float) => Stored::Float(float),
            Cell::Text(text) => Stored::Text(symbols.intern(text)),
            Cell::Tags([]) => Stored::Tags(super::tag_sets::TagSet::EMPTY),
            Cell::Tags(tags) => {
                let mut tags: Vec<Symbol> = tags.iter().map(|tag| symbols.intern(tag)).collect();
                Stored::Tags(sets.intern(&mut tags))
            }
            Cell::Time(micros) => Stored::Time(micros),
        }
    }
}

impl Stored {
    /// The value as a record gives it.
    pub(super) fn attribute(self, symbols: &Symbols, sets: &TagSets) -> Attribute {
        match self {
            Self::Absent => Attribute::Absent,
            Self::Bool(bool) => Attribute::Bool(bool),
            Self::Int(int) => Attribute::Int(int),
            Self::Float(float) => Attribute::Float(float),
            Self::Text(text) => Attribute::Text(symbols.text(text).to_owned()),
            Self::Tags(set) => {
                let tags = sets.tags(set).iter();
                let mut tags: Vec<String> = tags.map(|&tag| symbols.text(tag).to_owned()).collect();
                tags.sort_unstable();
                Attribute::Tags(tags)
            }
            Self::Time(micros) => Time::from_micros(micros).map_or(Attribute::Absent, Into::into),
        }
    }
}

/// The problem of a table whose values have no kind in common.
pub(super) fn mixed(table: &str, entries: &TableEntries) -> Option<BookError> {
    let (key, value, expected) = super::infer::first_odd(entries)?;
    Some(BookError::TableValue {
        table: table.to_owned(),
        key: key.to_owned(),
        problem: FieldError::WrongKind {
            found: value.kind_name(),
            value: super::error::shown_value(value),
            expected,
        },
    })
}
