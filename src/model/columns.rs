//! The records of one side as typed columns: numbers as they are, texts and tags as symbols,
//! presence as bits.
//!
//! Rows are numbered in the order of arrival; removing a row puts the last one into its place.
//! Adding, replacing and removing a row cost time in the number of columns, not of rows. Reading
//! is a slice. Knows no kinds of records and checks nothing: rows come in as checked cells.

use super::bits::Bits;
use super::index::Index;
use super::symbols::Symbol;
use super::tag_sets::{TagSet, TagSets, mix};
use crate::language::Kind;

/// After building, one part in that many is kept spare for what comes.
pub(super) const SPARE: usize = 64;

/// Room for one more, growing by an eighth where there is none: memory stays near what is used.
pub(super) fn make_room<T>(values: &mut Vec<T>) {
    if values.len() == values.capacity() {
        values.reserve_exact((values.len() / 8).max(16));
    }
}

/// The same for text.
pub(super) fn make_room_in_text(text: &mut String, bytes: usize) {
    if text.capacity() - text.len() < bytes {
        text.reserve_exact((text.len() / 8).max(bytes).max(256));
    }
}

/// Gives back spare capacity but for a little.
pub(super) fn fit<T>(values: &mut Vec<T>) {
    values.shrink_to(values.len() + values.len() / SPARE);
}

/// A column of one field, by row. Where a value is absent there is no presence bit, and the value
/// is 0, `false`, the empty text, the empty set or 1970; defaults are already in place.
#[derive(Debug, Clone, Copy)]
pub enum ColumnRef<'a> {
    /// Bools.
    Bool {
        /// The values.
        values: &'a Bits,
        /// Which are there; all where `None`.
        present: Option<&'a Bits>,
    },
    /// Ints.
    Int {
        /// The values.
        values: &'a [i64],
        /// Which are there; all where `None`.
        present: Option<&'a Bits>,
    },
    /// Finite floats.
    Float {
        /// The values.
        values: &'a [f64],
        /// Which are there; all where `None`.
        present: Option<&'a Bits>,
    },
    /// Texts.
    Text {
        /// The values.
        symbols: &'a [Symbol],
        /// Which are there; all where `None`.
        present: Option<&'a Bits>,
    },
    /// Tags; a record without any has the empty set.
    Tags {
        /// The values.
        sets: &'a [TagSet],
        /// Where the sets are.
        arena: &'a TagSets,
    },
    /// Moments.
    Time {
        /// Microseconds since 1970-01-01T00:00:00Z.
        values: &'a [i64],
        /// Which are there; all where `None`.
        present: Option<&'a Bits>,
    },
}

impl<'a> ColumnRef<'a> {
    /// The kind of the values.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Bool { .. } => Kind::Bool,
            Self::Int { .. } => Kind::Int,
            Self::Float { .. } => Kind::Float,
            Self::Text { .. } => Kind::Text,
            Self::Tags { .. } => Kind::Tags,
            Self::Time { .. } => Kind::Time,
        }
    }

    /// Which values are there; all where `None`.
    #[must_use]
    pub const fn present(self) -> Option<&'a Bits> {
        match self {
            Self::Bool { present, .. }
            | Self::Int { present, .. }
            | Self::Float { present, .. }
            | Self::Text { present, .. }
            | Self::Time { present, .. } => present,
            Self::Tags { .. } => None,
        }
    }

    /// The value of one row; absent beyond the last.
    #[must_use]
    pub fn cell(self, row: u32) -> Stored {
        let at = row as usize;
        if self.present().is_some_and(|present| !present.get(at)) {
            return Stored::Absent;
        }
        let stored = match self {
            Self::Bool { values, .. } => (at < values.len()).then(|| Stored::Bool(values.get(at))),
            Self::Int { values, .. } => values.get(at).copied().map(Stored::Int),
            Self::Float { values, .. } => values.get(at).copied().map(Stored::Float),
            Self::Text { symbols, .. } => symbols.get(at).copied().map(Stored::Text),
            Self::Tags { sets, .. } => sets.get(at).copied().map(Stored::Tags),
            Self::Time { values, .. } => values.get(at).copied().map(Stored::Time),
        };
        stored.unwrap_or(Stored::Absent)
    }
}

/// A value as a column holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stored {
    /// None.
    Absent,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(Symbol),
    /// Tags.
    Tags(TagSet),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

/// One column that owns its values.
#[derive(Debug, Clone)]
pub(super) struct Column {
    values: Values,
    present: Option<Bits>, // none while every value is there
}

#[derive(Debug, Clone)]
enum Values {
    Bool(Bits),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(Vec<Symbol>),
    Tags(Vec<TagSet>),
    Time(Vec<i64>),
}

impl Column {
    pub(super) const fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Bool => Values::Bool(Bits::EMPTY),
            Kind::Int => Values::Int(Vec::new()),
            Kind::Float => Values::Float(Vec::new()),
            Kind::Text => Values::Text(Vec::new()),
            Kind::Tags => Values::Tags(Vec::new()),
            Kind::Time => Values::Time(Vec::new()),
        };
        Self {
            values,
            present: None,
        }
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Bool(values) => values.len(),
            Values::Int(values) | Values::Time(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Text(values) => values.len(),
            Values::Tags(values) => values.len(),
        }
    }

    /// Appends a value. One of another kind counts as absent; checks have seen to it before.
    pub(super) fn push(&mut self, value: Stored) {
        let row = self.len();
        match &mut self.values {
            Values::Bool(values) => values.push(false),
            Values::Int(values) | Values::Time(values) => push(values),
            Values::Float(values) => push(values),
            Values::Text(values) => push(values),
            Values::Tags(values) => push(values),
        }
        if let Some(present) = &mut self.present {
            present.push(true);
        }
        self.set(row, value);
    }

    /// Replaces the value of a row that is there.
    pub(super) fn set(&mut self, row: usize, value: Stored) {
        let there = match (&mut self.values, value) {
            (Values::Bool(values), Stored::Bool(bool)) => {
                values.set(row, bool);
                true
            }
            (Values::Bool(values), _) => {
                values.set(row, false);
                false
            }
            (Values::Int(values), Stored::Int(int)) => put(values, row, Some(int)),
            (Values::Int(values), _) => put(values, row, None),
            (Values::Float(values), Stored::Float(float)) => put(values, row, Some(float)),
            (Values::Float(values), _) => put(values, row, None),
            (Values::Text(values), Stored::Text(text)) => put(values, row, Some(text)),
            (Values::Text(values), _) => put(values, row, None),
            (Values::Tags(values), Stored::Tags(tags)) => {
                put(values, row, Some(tags));
                true
            }
            (Values::Tags(values), _) => {
                put(values, row, None);
                true // no tags are the empty set
            }
            (Values::Time(values), Stored::Time(micros)) => put(values, row, Some(micros)),
            (Values::Time(values), _) => put(values, row, None),
        };
        match &mut self.present {
            Some(present) => present.set(row, there),
            None if !there => {
                let mut present = Bits::repeat(true, self.len());
                present.set(row, false);
                self.present = Some(present);
            }
            None => {}
        }
    }

    pub(super) fn swap_remove(&mut self, row: usize) {
        if row >= self.len() {
            return;
        }
        match &mut self.values {
            Values::Bool(values) => values.swap_remove(row),
            Values::Int(values) | Values::Time(values) => drop(values.swap_remove(row)),
            Values::Float(values) => drop(values.swap_remove(row)),
            Values::Text(values) => drop(values.swap_remove(row)),
            Values::Tags(values) => drop(values.swap_remove(row)),
        }
        if let Some(present) = &mut self.present {
            present.swap_remove(row);
        }
    }

    pub(super) fn view<'a>(&'a self, arena: &'a TagSets) -> ColumnRef<'a> {
        let present = self.present.as_ref();
        match &self.values {
            Values::Bool(values) => ColumnRef::Bool { values, present },
            Values::Int(values) => ColumnRef::Int { values, present },
            Values::Float(values) => ColumnRef::Float { values, present },
            Values::Text(symbols) => ColumnRef::Text { symbols, present },
            Values::Tags(sets) => ColumnRef::Tags { sets, arena },
            Values::Time(values) => ColumnRef::Time { values, present },
        }
    }

    /// The symbols of a text column.
    pub(super) fn symbols(&self) -> &[Symbol] {
        match &self.values {
            Values::Text(symbols) => symbols,
            _ => &[],
        }
    }

    fn reserve(&mut self, rows: usize) {
        match &mut self.values {
            Values::Bool(_) => {} // a bit each
            Values::Int(values) | Values::Time(values) => values.reserve_exact(rows),
            Values::Float(values) => values.reserve_exact(rows),
            Values::Text(values) => values.reserve_exact(rows),
            Values::Tags(values) => values.reserve_exact(rows),
        }
    }

    pub(super) fn fit(&mut self) {
        match &mut self.values {
            Values::Bool(values) => values.fit(),
            Values::Int(values) | Values::Time(values) => fit(values),
            Values::Float(values) => fit(values),
            Values::Text(values) => fit(values),
            Values::Tags(values) => fit(values),
        }
        if let Some(present) = &mut self.present {
            present.fit();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Bool(values) => values.bytes(),
            Values::Int(values) | Values::Time(values) => values.capacity() * 8,
            Values::Float(values) => values.capacity() * 8,
            Values::Text(values) => values.capacity() * 4,
            Values::Tags(values) => values.capacity() * 4,
        };
        values + self.present.as_ref().map_or(0, Bits::bytes)
    }
}

fn push<T: Default>(values: &mut Vec<T>) {
    make_room(values);
    values.push(T::default());
}

fn put<T: Default>(values: &mut [T], row: usize, value: Option<T>) -> bool {
    let there = value.is_some();
    if let Some(place) = values.get_mut(row) {
        *place = value.unwrap_or_default(); // not looked at where nothing is there
    }
    there
}

/// The columns of one side and the index of their ids. The first column is the id.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    columns: Vec<Option<Column>>, // none where records carry no values
    len: usize,
    index: Index,
}

impl Rows {
    /// No rows yet; `kinds` begins with that of the id, a text, and has `None` where a column
    /// is left out.
    pub(super) fn new(kinds: impl IntoIterator<Item = Option<Kind>>) -> Self {
        let column = |kind: Option<Kind>| kind.map(Column::new);
        Self {
            columns: kinds.into_iter().map(column).collect(),
            len: 0,
            index: Index::default(),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The symbols of the ids, by row.
    pub(super) fn ids(&self) -> &[Symbol] {
        symbols(&self.columns)
    }

    pub(super) fn id(&self, row: u32) -> Option<Symbol> {
        self.ids().get(row as usize).copied()
    }

    pub(super) fn row(&self, id: Symbol) -> Option<u32> {
        let ids = self.ids();
        self.index.find(hash(id), |row| ids[row as usize] == id)
    }

    pub(super) fn column(&self, at: usize) -> Option<&Column> {
        self.columns.get(at)?.as_ref()
    }

    /// Appends a row whose id, the first cell, is not there yet.
    pub(super) fn push(&mut self, cells: impl IntoIterator<Item = Stored>) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if let Some(column) = column {
                column.push(cell);
            }
        }
        let row = self.len as u32;
        self.len += 1;
        if let Some(id) = self.id(row) {
            let ids = symbols(&self.columns);
            self.index
                .insert(hash(id), row, |row| hash(ids[row as usize]));
        }
    }

    /// Replaces a row but for its id.
    pub(super) fn replace(&mut self, row: u32, cells: impl IntoIterator<Item = Stored>) {
        for (column, cell) in self.columns.iter_mut().zip(cells).skip(1) {
            if let Some(column) = column {
                column.set(row as usize, cell);
            }
        }
    }

    pub(super) fn set(&mut self, row: u32, column: usize, cell: Stored) {
        if let Some(Some(column)) = self.columns.get_mut(column) {
            column.set(row as usize, cell);
        }
    }

    /// Takes a row out; the last one takes its number.
    pub(super) fn swap_remove(&mut self, row: u32) {
        let (Some(gone), Some(last)) = (self.id(row), self.len.checked_sub(1)) else {
            return;
        };
        let ids = symbols(&self.columns);
        self.index
            .remove(hash(gone), row, |row| hash(ids[row as usize]));
        if last as u32 != row {
            self.index.renumber(hash(ids[last]), last as u32, row);
        }
        for column in self.columns.iter_mut().flatten() {
            column.swap_remove(row as usize);
        }
        self.len = last;
    }

    /// Makes room for so many more rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        let rows = rows + rows / SPARE;
        for column in self.columns.iter_mut().flatten() {
            column.reserve(rows);
        }
        let ids = symbols(&self.columns);
        self.index
            .fit(self.len + rows, |row| hash(ids[row as usize]));
    }

    pub(super) fn fit(&mut self) {
        for column in self.columns.iter_mut().flatten() {
            column.fit();
        }
        let ids = symbols(&self.columns);
        self.index
            .fit(self.len + self.len / SPARE, |row| hash(ids[row as usize]));
    }

    pub(super) fn bytes(&self) -> usize {
        self.columns
            .iter()
            .flatten()
            .map(Column::bytes)
            .sum::<usize>()
            + self.index.bytes()
    }
}

/// The ids: the first column.
fn symbols(columns: &[Option<Column>]) -> &[Symbol] {
    match columns {
        [Some(ids), ..] => ids.symbols(),
        _ => &[],
    }
}

fn hash(id: Symbol) -> u64 {
    mix(u64::from(id.0))
}
