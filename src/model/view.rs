//! The book as the hooks of a policy see it at one moment of a plan.
//!
//! A view adds to a book what a plan knows: the time, the parameters, the tiers and segments that
//! earlier hooks gave. It is a handle, cheap to clone and to send, and never changes. It computes
//! no tiers itself. Reading is constant time, but for lists of tags, which are sorted by text when
//! shown as a value.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::bits::Bits;
use super::book::Book;
use super::columns::{ColumnRef, Stored};
use super::refs::{CustomerRef, RepRef};
use super::schema::{FieldIx, RoleIx};
use super::symbols::{Symbol, Symbols};
use crate::language::{Side, Source, Time, UtcOffset, Value};
use crate::steps;

/// A book, a moment, parameters, and the outcome of earlier hooks.
///
/// ```
/// use bookwright::{Book, Customer, Schema, Side, UtcOffset, Value, View};
/// let mut book = Book::new(Schema::default());
/// book.insert_customer(&Customer::new("c1").set("risk", 0.25))?;
/// let view = View::new(book, "2026-01-31".parse()?, UtcOffset::default(), Default::default())
///     .with_tiers(&["A", "B"], &[1]);
/// let field = |name| view.book().schema().field(Side::Customer, name).unwrap();
/// assert_eq!(view.value(Side::Customer, 0, field("risk"), None), Value::Float(0.25));
/// assert_eq!(view.value(Side::Customer, 0, field("tier"), None), Value::from("B"));
/// assert_eq!(view.value(Side::Customer, 0, field("region"), None), Value::Unit);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct View {
    book: Book,
    now: Time,
    offset: UtcOffset,
    params: Arc<BTreeMap<Arc<str>, Value>>,
    extra: Arc<Symbols>, // texts that the book does not have, numbered after its own
    tiers: Option<Arc<Texts>>,
    segments: Option<Arc<Texts>>,
    holding: Option<Arc<[i64]>>,
    blank: Arc<OnceLock<Texts>>, // for what nobody has
}

/// A text by row of the customer, absent where there is no presence bit.
#[derive(Debug)]
struct Texts {
    symbols: Vec<Symbol>,
    present: Option<Bits>,
}

impl Texts {
    fn column(&self) -> ColumnRef<'_> {
        ColumnRef::Text {
            symbols: &self.symbols,
            present: self.present.as_ref(),
        }
    }
}

impl View {
    /// The book at that moment, before any hook has run.
    #[must_use]
    pub fn new(
        book: Book,
        now: Time,
        offset: UtcOffset,
        params: Arc<BTreeMap<Arc<str>, Value>>,
    ) -> Self {
        Self {
            book,
            now,
            offset,
            params,
            extra: Arc::default(),
            tiers: None,
            segments: None,
            holding: None,
            blank: Arc::default(),
        }
    }

    /// With the tiers of this plan: for each row of a customer a number among the names; any
    /// other number, and a missing one, is no tier.
    #[must_use]
    pub fn with_tiers(self, names: &[&str], of: &[u32]) -> Self {
        steps::unstopped(self.with_tiers_watched(names, of, &mut || Ok(())))
    }

    /// The same while `look` lets it go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(crate) fn with_tiers_watched<E>(
        mut self,
        names: &[&str],
        of: &[u32],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        self.tiers = Some(self.texts(names, of, look)?);
        Ok(self)
    }

    /// With the segments of this plan, as [`Self::with_tiers`].
    #[must_use]
    pub fn with_segments(self, names: &[&str], of: &[u32]) -> Self {
        steps::unstopped(self.with_segments_watched(names, of, &mut || Ok(())))
    }

    /// The same while `look` lets it go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(crate) fn with_segments_watched<E>(
        mut self,
        names: &[&str],
        of: &[u32],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        self.segments = Some(self.texts(names, of, look)?);
        Ok(self)
    }

    /// With other numbers of customers held, by row of the rep, than the book has.
    #[must_use]
    pub fn with_holding(mut self, holding: Arc<[i64]>) -> Self {
        self.holding = Some(holding);
        self
    }

    /// The book.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// The moment of the plan.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The offset at which days are counted.
    #[must_use]
    pub const fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// The parameters of the policy.
    #[must_use]
    pub const fn params(&self) -> &Arc<BTreeMap<Arc<str>, Value>> {
        &self.params
    }

    /// The text of a symbol that this view has given.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let own = self.book.symbols().len();
        match symbol.index().checked_sub(own) {
            None => self.book.symbols().text(symbol),
            Some(extra) => self.extra.text(Symbol(extra as u32)), // below a u32
        }
    }

    /// The symbol of a text, if a value of this view can have it.
    #[must_use]
    pub fn symbol(&self, text: &str) -> Option<Symbol> {
        let known = self.book.symbols().get(text);
        known.or_else(|| self.extra.get(text).map(|extra| self.after_book(extra)))
    }

    /// A customer, for hooks in Rust; `role` is the role at hand, for `owner`.
    #[must_use]
    pub const fn customer(&self, row: u32, role: Option<RoleIx>) -> CustomerRef<'_> {
        CustomerRef::new(self, row, role)
    }

    /// A rep, for hooks in Rust.
    #[must_use]
    pub const fn rep(&self, row: u32, role: Option<RoleIx>) -> RepRef<'_> {
        RepRef::new(self, row, role)
    }

    /// The value of a field as a script sees it: `()` where it is absent, tags as an array sorted
    /// by text. `owner` is that in the role at hand.
    #[must_use]
    pub fn value(&self, side: Side, row: u32, field: FieldIx, role: Option<RoleIx>) -> Value {
        self.column(side, field, role)
            .map_or(Value::Unit, |column| self.shown(column.cell(row)))
    }

    /// The values of a field by row; `None` where there is no such field. `owner` is that in the
    /// role at hand, and absent without a role; `tier` and `segment` are absent before the plan
    /// has them.
    #[must_use]
    pub fn column(
        &self,
        side: Side,
        field: FieldIx,
        role: Option<RoleIx>,
    ) -> Option<ColumnRef<'_>> {
        let known = self.book.schema().get(side, field)?;
        match (known.source, known.name.as_str()) {
            (Source::Record | Source::Required, _) => self.book.column(side, field),
            (Source::Ownership, "holding") => Some(ColumnRef::Int {
                values: self.holding.as_deref().unwrap_or(self.book.holdings()),
                present: None,
            }),
            (Source::Ownership, _) => {
                let owners = role.and_then(|role| self.book.owner_column(role));
                Some(owners.unwrap_or_else(|| self.blank()))
            }
            (Source::EarlierHook, name) => {
                let texts = if name == "tier" {
                    &self.tiers
                } else {
                    &self.segments
                };
                let given = texts.as_deref().map(Texts::column);
                Some(given.unwrap_or_else(|| self.blank()))
            }
        }
    }

    /// The value of a key in a lookup table; `()` where there is no such key or table.
    #[must_use]
    pub fn lookup(&self, table: &str, key: &str) -> Value {
        let found = || {
            let table = self.book.table(table)?;
            let place = table.place(self.book.symbols().get(key)?)?;
            Some(self.shown(table.values()?.cell(place)))
        };
        found().unwrap_or(Value::Unit)
    }

    /// A stored value as a script sees it.
    #[must_use]
    pub fn shown(&self, stored: Stored) -> Value {
        match stored {
            Stored::Absent => Value::Unit,
            Stored::Bool(bool) => Value::Bool(bool),
            Stored::Int(int) => Value::Int(int),
            Stored::Float(float) => Value::Float(float),
            Stored::Text(text) => Value::from(self.text(text)),
            Stored::Time(micros) => Time::from_micros(micros).map_or(Value::Unit, Value::Time),
            Stored::Tags(set) => {
                let tags = self.book.tag_sets().tags(set).iter();
                let mut tags: Vec<&str> = tags.map(|&tag| self.text(tag)).collect();
                tags.sort_unstable();
                Value::Array(tags.into_iter().map(Value::from).collect())
            }
        }
    }

    fn texts<E>(
        &mut self,
        names: &[&str],
        of: &[u32],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Arc<Texts>, E> {
        let texts = steps::all(names.iter().map(|name| self.intern(name)), look)?;
        let text = |row: usize| texts.get(*of.get(row)? as usize).copied();
        let rows = self.book.customer_count();
        look()?;
        let present: Bits = (0..rows).map(|row| text(row).is_some()).collect();
        look()?;
        // Where none is present, nobody looks at it.
        let symbols = (0..rows).map(|row| text(row).unwrap_or_default());
        Ok(Arc::new(Texts {
            symbols: steps::all(symbols, look)?,
            present: (present.count() < rows).then_some(present),
        }))
    }

    fn intern(&mut self, text: &str) -> Symbol {
        match self.book.symbols().get(text) {
            Some(known) => known,
            None => {
                let extra = Arc::make_mut(&mut self.extra).intern(text);
                self.after_book(extra)
            }
        }
    }

    fn after_book(&self, extra: Symbol) -> Symbol {
        Symbol(self.book.symbols().len() as u32 + extra.0)
    }

    fn blank(&self) -> ColumnRef<'_> {
        let rows = self.book.customer_count();
        let blank = self.blank.get_or_init(|| Texts {
            symbols: vec![Symbol::EMPTY; rows],
            present: Some(Bits::repeat(false, rows)),
        });
        blank.column()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Customer, Ownership, Records, Rep};

    fn view() -> View {
        let records = Records {
            customers: vec![
                Customer::new("c1")
                    .set("tags", ["zeta", "alpha"])
                    .set("region", "A")
                    .owner("developer", Ownership::new("r1").since("2026-01-01")),
                Customer::new("c2")
                    .owner("manager", "r1")
                    .owner("developer", "r1"),
                Customer::new("c3"),
            ],
            reps: vec![
                Rep::new("r1").roles(["developer", "manager"]),
                Rep::new("r2"),
            ],
            tables: [("zips".to_owned(), [("100".to_owned(), 7.into())].into())].into(),
            ..Records::default()
        };
        let book = Book::from_records(records).unwrap();
        let now = Time::from_micros(0).unwrap();
        View::new(book, now, UtcOffset::default(), Arc::default())
    }

    fn value(view: &View, side: Side, row: u32, field: &str, role: Option<&str>) -> Value {
        let schema = view.book().schema();
        let role = role.and_then(|role| schema.role(role));
        view.value(side, row, schema.field(side, field).unwrap(), role)
    }

    #[test]
    fn computed_fields_come_from_ownership_and_the_plan() {
        let before = view();
        let owner = |row, role| value(&before, Side::Customer, row, "owner", role);
        assert_eq!(owner(0, Some("developer")), Value::from("r1"));
        assert_eq!(owner(0, Some("manager")), Value::Unit);
        assert_eq!(owner(0, Some("maintainer")), Value::Unit);
        assert_eq!(owner(0, None), Value::Unit);
        assert_eq!(value(&before, Side::Rep, 0, "holding", None), Value::Int(2));
        assert_eq!(value(&before, Side::Customer, 0, "tier", None), Value::Unit);
        let after = before
            .clone()
            .with_tiers(&["A", "Gold"], &[1, 0, u32::MAX])
            .with_segments(&["Gold"], &[0])
            .with_holding([5, 6].into());
        let tier = |row| value(&after, Side::Customer, row, "tier", None);
        assert_eq!(
            [tier(0), tier(1), tier(2)],
            ["Gold".into(), "A".into(), Value::Unit]
        );
        let segment = |row| value(&after, Side::Customer, row, "segment", None);
        assert_eq!([segment(0), segment(1)], ["Gold".into(), Value::Unit]);
        assert_eq!(value(&after, Side::Rep, 1, "holding", None), Value::Int(6));
        assert_eq!(value(&before, Side::Customer, 0, "tier", None), Value::Unit);
    }

    #[test]
    fn equal_texts_have_one_symbol_whether_of_the_book_or_of_the_plan() {
        let view = view()
            .with_tiers(&["A", "Gold"], &[1, 0])
            .with_segments(&["Gold"], &[0]);
        let column = |name| {
            let field = view.book().schema().field(Side::Customer, name).unwrap();
            match view.column(Side::Customer, field, None) {
                Some(ColumnRef::Text { symbols, .. }) => symbols.to_vec(),
                _ => Vec::new(),
            }
        };
        assert_eq!(column("tier")[0], column("segment")[0]);
        assert_eq!(column("tier")[1], column("region")[0]);
        assert_eq!(view.symbol("Gold"), Some(column("tier")[0]));
        assert_eq!(view.text(column("tier")[0]), "Gold");
        assert_eq!(view.symbol("Silver"), None);
    }

    #[test]
    fn tags_are_sorted_and_lookups_find() {
        let view = view();
        let tags = Value::Array(["alpha".into(), "zeta".into()].into());
        assert_eq!(value(&view, Side::Customer, 0, "tags", None), tags);
        assert_eq!(view.lookup("zips", "100"), Value::Int(7));
        assert_eq!(view.lookup("zips", "200"), Value::Unit);
        assert_eq!(view.lookup("none", "100"), Value::Unit);
        let customer = view.customer(0, view.book().schema().role("developer"));
        assert_eq!(customer.tags("tags"), ["alpha", "zeta"]);
        assert!(customer.has("tags", "zeta") && !customer.has("tags", "eta"));
        assert_eq!(customer.text("owner"), Some("r1"));
        assert_eq!((customer.id(), customer.name()), ("c1", "c1"));
        assert_eq!(customer.field("colour"), None);
        assert_eq!(customer.field("risk"), Some(Value::Unit));
        assert_eq!(view.rep(0, None).float("capacity"), Some(100.0));
        assert_eq!(view.rep(9, None).int("level"), None);
    }
}
