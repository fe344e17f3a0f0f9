//! Makes a book from records, whole or one by one, and tells everything wrong with them at once.
//!
//! Takes time in the size of the records, and n log n in the number of teams, pins and
//! exclusions. Memory beyond the book itself is one record and a capped list of problems.

use std::sync::Arc;

use super::attribute::Attribute;
use super::book::{Book, Inner};
use super::check::Reading;
use super::draft::Whose;
use super::error::{BookError, BookErrors, Capped, RecordKind};
use super::infer::kind_of_all;
use super::records::{Customer, Exclusion, Pin, Records, Rep, Role, TableEntries, Team};
use super::schema::{MOST, RoleIx, Schema};
use super::symbols::Symbol;
use super::tables::mixed;
use crate::language::{Limits, Side, UtcOffset};

/// Reps together may carry that much, so that every sum of millionths is exact in 64 bits.
const MOST_CAPACITY: f64 = 9e12;

impl Book {
    /// Makes a book from records; dates among them begin at UTC midnight (see
    /// [`BookBuilder::offset`]).
    ///
    /// ```
    /// use bookwright::{Book, Customer, Records, Rep, Schema};
    /// let records = Records {
    ///     customers: vec![
    ///         Customer::new("c1").owner("developer", "r9"),
    ///         Customer::new("c2").set("risk", 1.5),
    ///     ],
    ///     reps: vec![Rep::new("r4").set("level", "high")],
    ///     ..Records::default()
    /// };
    /// assert_eq!(
    ///     Book::build(records, Schema::default()).unwrap_err().to_string(),
    ///     "rep `r4`: field `level` is text `high`, expected int\n\
    ///      customer `c1`: `owners.developer` names the unknown rep `r9`\n\
    ///      customer `c2`: field `risk` is `1.5`, expected 0 to 1"
    /// );
    /// ```
    ///
    /// # Errors
    /// Everything wrong with the records, as [`BookErrors`]: ids empty, too long or there twice;
    /// missing required values, wrong kinds, numbers that are not finite or out of range, texts
    /// not allowed or too long; unknown reps, roles, teams, tiers, customers; cycles of teams;
    /// owners who do not have the role, owners in a role that owns no customers; pins and
    /// exclusions that are repeated or contradict each other; capacities that overflow;
    /// more than 1,024 roles.
    pub fn build(records: Records, schema: Schema) -> Result<Self, BookErrors> {
        Self::builder(schema).records(records).build()
    }

    /// Makes a book from records by the schema that they bring along, or by the one that is
    /// [inferred](Schema::infer) from them.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn from_records(records: Records) -> Result<Self, BookErrors> {
        let schema = records.schema_or_inferred();
        Self::build(records, schema)
    }

    /// Begins a book that is built record by record.
    #[must_use]
    pub fn builder(schema: Schema) -> BookBuilder {
        BookBuilder::new(schema)
    }
}

/// Builds a book record by record, so that a million customers need not be there as records at
/// once. What others name comes first: roles, teams and tables, then reps, then customers, then
/// pins and exclusions.
///
/// ```
/// use bookwright::{Book, Customer, Rep, Schema};
/// let mut builder = Book::builder(Schema::default()).offset("+08:00".parse()?);
/// builder.rep(&Rep::new("r1").roles(["maintainer"]));
/// for n in 0..1000 {
///     builder.customer(&Customer::new(format!("c{n}")).set("created", "2026-01-31"));
/// }
/// let book = builder.build()?;
/// assert_eq!(book.customer_count(), 1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BookBuilder {
    inner: Inner,
    problems: Capped<BookError>,
    seen: Seen,
    roles_refused: usize,
}

/// How many of each sort have come, for naming records without a usable id.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    customers: usize,
    reps: usize,
    roles: usize,
    teams: usize,
    pins: usize,
    exclusions: usize,
}

impl BookBuilder {
    fn new(schema: Schema) -> Self {
        let reading = Reading::default();
        Self {
            problems: Capped::new(reading.limits.problems),
            inner: Inner::new(schema, reading),
            seen: Seen::default(),
            roles_refused: 0,
        }
    }

    /// Dates begin at midnight of that offset.
    #[must_use]
    pub const fn offset(mut self, offset: UtcOffset) -> Self {
        self.inner.reading.offset = offset;
        self
    }

    /// The limits on ids, texts, tags and listed problems.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.inner.reading.limits = limits;
        self.inner.warnings = super::warnings::Warnings::new(limits.problems);
        self.problems = Capped::new(limits.problems);
        self
    }

    /// Adds all records. A schema among them is not looked at.
    #[must_use]
    pub fn records(mut self, records: Records) -> Self {
        for role in records.roles {
            self.role(role);
        }
        for team in &records.teams {
            self.team(team);
        }
        for (name, entries) in &records.tables {
            self.table(name, entries);
        }
        for rep in &records.reps {
            self.rep(rep);
        }
        self.inner.reserve(&records.customers);
        for customer in records.customers {
            self.customer(&customer); // and gives its memory back
        }
        for pin in &records.pins {
            self.pin(pin);
        }
        for exclusion in &records.exclusions {
            self.exclusion(exclusion);
        }
        self
    }

    /// Adds a role, or renames one of the schema.
    pub fn role(&mut self, role: Role) {
        let (place, known) = (self.seen.roles, |_: &Inner, _| false);
        self.seen.roles += 1;
        let id = (RecordKind::Role, role.id.as_str());
        if self.inner.check_id(id, place, known, &mut self.problems) {
            self.inner.warn_of_id(RecordKind::Role, &role.id);
            let known = self.inner.role(&role.id).is_some();
            if !known && self.inner.schema.roles().len() >= MOST {
                self.roles_refused += 1;
                return;
            }
            Arc::make_mut(&mut self.inner.schema).add_role(role);
            self.inner.follow_roles();
        }
    }

    /// Adds a team; its parent may come later.
    pub fn team(&mut self, team: &Team) {
        let place = self.seen.teams;
        self.seen.teams += 1;
        let known = |inner: &Inner, id| inner.teams.has(id);
        let id = (RecordKind::Team, team.id.as_str());
        if self.inner.check_id(id, place, known, &mut self.problems) {
            self.inner.warn_of_id(RecordKind::Team, &team.id);
            self.inner.teams.push(team, &mut self.inner.symbols);
        }
    }

    /// Adds a lookup table, or replaces it. One that the schema does not name is kept, with a
    /// warning.
    pub fn table(&mut self, name: &str, entries: &TableEntries) {
        let known = self.inner.schema.tables().get(name).copied();
        let Some(kind) = known.or_else(|| kind_of_all(entries.values())) else {
            if let Some(problem) = mixed(name, entries) {
                self.problems.push(|| problem);
            }
            return; // else it has no values
        };
        if known.is_none() {
            self.inner.warnings.unknown_table(name);
            Arc::make_mut(&mut self.inner.schema).add_table(name, kind);
        }
        let Inner {
            tables,
            symbols,
            sets,
            reading,
            ..
        } = &mut self.inner;
        let arenas = (symbols, sets);
        tables.put((name, kind), entries, reading, arenas, &mut self.problems);
    }

    /// Adds a rep.
    pub fn rep(&mut self, rep: &Rep) {
        let place = self.seen.reps;
        self.seen.reps += 1;
        let known = |inner: &Inner, id| inner.reps.row(id).is_some();
        let id = (RecordKind::Rep, rep.id.as_str());
        let new = self.inner.check_id(id, place, known, &mut self.problems);
        let record = Whose::new(RecordKind::Rep, &rep.id, place, &self.inner.reading.limits);
        let schema = Arc::clone(&self.inner.schema);
        let draft = self
            .inner
            .draft_rep(&schema, rep, record, &mut self.problems);
        if new && self.has_room(Side::Rep) {
            self.inner.warn_of_id(RecordKind::Rep, &rep.id);
            self.inner.store_rep(None, draft, &rep.attributes);
        }
    }

    /// Adds a customer.
    pub fn customer(&mut self, customer: &Customer) {
        let place = self.seen.customers;
        self.seen.customers += 1;
        let known = |inner: &Inner, id| inner.customers.row(id).is_some();
        let id = (RecordKind::Customer, customer.id.as_str());
        let new = self.inner.check_id(id, place, known, &mut self.problems);
        let record = Whose::new(
            RecordKind::Customer,
            &customer.id,
            place,
            &self.inner.reading.limits,
        );
        let schema = Arc::clone(&self.inner.schema);
        let draft = self
            .inner
            .draft_customer(&schema, customer, record, &mut self.problems);
        if new && self.has_room(Side::Customer) {
            self.inner.warn_of_id(RecordKind::Customer, &customer.id);
            self.inner.store_customer(None, draft, &customer.attributes);
        }
    }

    /// Adds a pin.
    pub fn pin(&mut self, pin: &Pin) {
        let record = Whose::place(RecordKind::Pin, self.seen.pins);
        self.seen.pins += 1;
        self.inner.put_pin(pin, record, &mut self.problems);
    }

    /// Adds an exclusion.
    pub fn exclusion(&mut self, exclusion: &Exclusion) {
        let record = Whose::place(RecordKind::Exclusion, self.seen.exclusions);
        self.seen.exclusions += 1;
        self.inner
            .put_exclusion(exclusion, record, &mut self.problems);
    }

    /// The book.
    ///
    /// # Errors
    /// Everything wrong with what was added; see [`Book::build`].
    pub fn build(self) -> Result<Book, BookErrors> {
        let Self {
            mut inner,
            mut problems,
            roles_refused,
            ..
        } = self;
        if roles_refused > 0 {
            problems.push(|| BookError::TooMany {
                kind: RecordKind::Role,
                count: inner.schema.roles().len() + roles_refused,
                limit: MOST,
            });
        }
        inner.teams.check(&inner.symbols, &mut problems);
        inner.check_pins_against_exclusions(&mut problems);
        check_capacity(inner.capacity, &mut problems);
        if inner.symbols.is_full() || inner.sets.is_full() {
            problems.push(|| BookError::TooLarge);
        }
        if !problems.is_empty() {
            return Err(BookErrors { problems });
        }
        inner.symbols.fit();
        inner.sets.fit();
        inner.customers.fit();
        inner.reps.fit();
        for owners in &mut inner.owners {
            owners.fit();
        }
        Ok(Book {
            inner: Arc::new(inner),
        })
    }

    fn has_room(&mut self, side: Side) -> bool {
        let room = self.inner.rows(side).len() < u32::MAX as usize / 2;
        if !room {
            self.problems.push(|| BookError::TooLarge);
        }
        room
    }
}

/// A capacity in millionths, cut off far above what is allowed and far below what sums of four
/// billion could overflow.
pub(super) fn millionths(capacity: f64) -> i128 {
    (capacity * 1e6).round().min(1e25) as i128
}

/// Checks the sum of all capacities, in millionths.
pub(super) fn check_capacity(millionths: i128, problems: &mut Capped<BookError>) {
    let sum = millionths as f64 / 1e6;
    if sum > MOST_CAPACITY {
        problems.push(|| BookError::CapacityOverflow {
            sum,
            limit: MOST_CAPACITY,
        });
    }
}

impl Inner {
    /// Makes room for customers that are about to come.
    fn reserve(&mut self, customers: &[Customer]) {
        let bytes =
            |customer: &Customer| customer.id.len() + customer.name.as_deref().map_or(0, str::len);
        let texts = customers.iter().map(bytes).sum();
        let named = customers.iter().filter(|customer| customer.name.is_some());
        self.symbols.reserve(customers.len() + named.count(), texts);
        self.customers.reserve(customers.len());
    }

    /// Checks and adds a pin.
    pub(super) fn put_pin(
        &mut self,
        pin: &Pin,
        record: Whose<'_>,
        problems: &mut Capped<BookError>,
    ) {
        let customer = self.named_customer(&pin.customer, record, problems);
        let place = || "rep".to_owned();
        let holder = self.check_holder(&pin.role, &pin.rep, place, record, problems);
        let (Some(customer), Some((role, rep))) = (customer, holder) else {
            return;
        };
        match self.pins.get(&(customer, role)) {
            None => {
                self.pins.insert((customer, role), rep);
                self.name(rep);
            }
            Some(&first) if first == rep => problems.push(|| BookError::Repeated {
                kind: RecordKind::Pin,
                customer: pin.customer.clone(),
                rep: pin.rep.clone(),
            }),
            Some(&first) => problems.push(|| BookError::ContradictoryPins {
                customer: pin.customer.clone(),
                role: pin.role.clone(),
                first: self.symbols.text(first).to_owned(),
                second: pin.rep.clone(),
            }),
        }
    }

    /// Checks and adds an exclusion.
    pub(super) fn put_exclusion(
        &mut self,
        exclusion: &Exclusion,
        record: Whose<'_>,
        problems: &mut Capped<BookError>,
    ) {
        let unknown = |place: &str, kind, name: &str| BookError::Unknown {
            record: record.name(),
            place: place.to_owned(),
            kind,
            name: name.to_owned(),
        };
        let customer = self.named_customer(&exclusion.customer, record, problems);
        let rep = self.symbols.get(&exclusion.rep);
        let rep = rep.filter(|&rep| self.reps.row(rep).is_some());
        if rep.is_none() {
            problems.push(|| unknown("rep", RecordKind::Rep, &exclusion.rep));
        }
        let role = exclusion.role.as_deref().map(|role| self.role(role));
        if let (Some(None), Some(role)) = (role, exclusion.role.as_deref()) {
            return problems.push(|| unknown("role", RecordKind::Role, role));
        }
        let (Some(customer), Some(rep)) = (customer, rep) else {
            return;
        };
        if self.exclusions.insert((customer, rep, role.flatten())) {
            self.name(rep);
        } else {
            problems.push(|| BookError::Repeated {
                kind: RecordKind::Exclusion,
                customer: exclusion.customer.clone(),
                rep: exclusion.rep.clone(),
            });
        }
    }

    fn named_customer(
        &self,
        id: &str,
        record: Whose<'_>,
        problems: &mut Capped<BookError>,
    ) -> Option<Symbol> {
        let found = self.symbols.get(id);
        let found = found.filter(|&id| self.customers.row(id).is_some());
        if found.is_none() {
            problems.push(|| BookError::Unknown {
                record: record.name(),
                place: "customer".to_owned(),
                kind: RecordKind::Customer,
                name: id.to_owned(),
            });
        }
        found
    }

    fn check_pins_against_exclusions(&self, problems: &mut Capped<BookError>) {
        if self.exclusions.is_empty() {
            return;
        }
        for (&(customer, role), &rep) in &self.pins {
            let excluded = |role| self.exclusions.contains(&(customer, rep, role));
            if excluded(None) || excluded(Some(role)) {
                problems.push(|| self.pin_excluded(customer, role, rep));
            }
        }
    }

    pub(super) fn pin_excluded(&self, customer: Symbol, role: RoleIx, rep: Symbol) -> BookError {
        let text = |symbol: Symbol| self.symbols.text(symbol).to_owned();
        BookError::PinExcluded {
            customer: text(customer),
            role: text(self.roles[role.index()]),
            rep: text(rep),
        }
    }

    /// The attributes of a record that the schema does not know.
    pub(super) fn unknown_of(
        &self,
        side: Side,
        row: u32,
    ) -> impl Iterator<Item = (&String, &Attribute)> {
        let id = self.rows(side).id(row);
        let kept = id.and_then(|id| self.unknown[side as usize].get(&id));
        kept.into_iter().flatten()
    }
}
