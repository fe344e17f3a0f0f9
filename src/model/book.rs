//! The book: all customers, reps, roles and ownership at one moment, in columns.
//!
//! A [`Book`] is a handle: cloning it costs nothing, and whoever changes a shared one gets a copy
//! first. This file is what can be read of a book; `build` makes one, `edit` changes one, `export`
//! gives its records back. It runs no policy and decides nothing. Reading a value is constant
//! time; the canonical order, by id, is made when first asked for, in time n log n.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::attribute::Attribute;
use super::check::Reading;
use super::columns::{ColumnRef, Rows, Stored};
use super::error::{RecordKind, Warning};
use super::field::Field;
use super::owners::Owners;
use super::schema::{FieldIx, RoleIx, Schema};
use super::symbols::{Symbol, Symbols};
use super::tables::{TableRef, Tables};
use super::tag_sets::TagSets;
use super::teams::Teams;
use super::warnings::Warnings;
use crate::language::{Side, Time};
use crate::steps;

/// All customers, reps, roles and ownership at one moment.
///
/// Customers and reps are known by rows: numbers from 0, in no order that means anything, good
/// until the next change of the book. [`Self::customer_order`] and [`Self::rep_order`] give the
/// canonical order.
///
/// ```
/// use bookwright::{Book, Customer, Records, Rep, Schema};
/// let records = Records {
///     customers: vec![Customer::new("c1").set("region", "east").owner("developer", "r1")],
///     reps: vec![Rep::new("r1").roles(["developer"])],
///     ..Records::default()
/// };
/// let book = Book::build(records, Schema::default())?;
/// let (customer, rep) = (book.customer_row("c1").unwrap(), book.rep_row("r1").unwrap());
/// let developer = book.schema().role("developer").unwrap();
/// assert_eq!(book.owner(customer, developer).map(|owner| owner.rep), Some(rep));
/// assert_eq!(book.holding(rep), 1);
/// # Ok::<(), bookwright::BookErrors>(())
/// ```
#[derive(Debug, Clone)]
pub struct Book {
    pub(super) inner: Arc<Inner>,
}

/// Who owns a customer in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The row of the rep.
    pub rep: u32,
    /// Since when, where it is known.
    pub since: Option<Time>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner {
    pub(super) schema: Arc<Schema>,
    pub(super) reading: Reading,
    pub(super) places: Places,
    pub(super) symbols: Symbols,
    pub(super) sets: TagSets,
    pub(super) customers: Rows,
    pub(super) reps: Rows,
    pub(super) roles: Vec<Symbol>, // the ids, by number
    pub(super) role_of: BTreeMap<Symbol, RoleIx>,
    pub(super) owners: Vec<Owners>, // by role
    pub(super) turns: Vec<Turns>,   // by role
    pub(super) holding: Vec<i64>,   // by row of the rep
    pub(super) capacity: i128,      // of all reps, in millionths
    pub(super) teams: Teams,
    pub(super) tables: Tables,
    pub(super) pins: BTreeMap<(Symbol, RoleIx), Symbol>,
    pub(super) exclusions: BTreeSet<(Symbol, Symbol, Option<RoleIx>)>, // customer, rep
    pub(super) named: BTreeMap<Symbol, u32>, // how many pins and exclusions name a rep
    pub(super) unknown: [BTreeMap<Symbol, BTreeMap<String, Attribute>>; 2], // by side, by id
    pub(super) warnings: Warnings,
    pub(super) order: [OnceLock<Vec<u32>>; 2], // by side
    pub(super) digests: [OnceLock<Box<[u128]>>; 2], // by side, until the next change
}

/// Where the fields are that the model itself reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) family: FieldIx,
    pub(super) current_tier: FieldIx,
    pub(super) roles: FieldIx,
    pub(super) team: FieldIx,
    pub(super) capacity: FieldIx,
}

/// When the reps were last given a customer in one role, by row of the rep.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    pub(super) of: Vec<Option<(i64, u64)>>, // by row; microseconds, and the order within them
    pub(super) latest: Option<(i64, u64)>,
    pub(super) credits: Vec<f64>, // by row of the rep; a missing one is 0
}

impl Turns {
    /// Remembers a turn, unless something later is remembered. A role in which nobody has a turn
    /// takes no memory, however many reps there are.
    pub(super) fn took(&mut self, rep: u32, turn: (i64, u64)) {
        let least = self.of.len().max(rep as usize + 1);
        self.of.resize(least, None);
        let last = &mut self.of[rep as usize];
        *last = (*last).max(Some(turn));
        self.latest = self.latest.max(Some(turn));
    }

    pub(super) fn credit(&self, rep: u32) -> f64 {
        self.credits.get(rep as usize).copied().unwrap_or(0.0)
    }

    pub(super) fn set_credit(&mut self, rep: u32, credit: f64) {
        if credit != self.credit(rep) {
            let least = self.credits.len().max(rep as usize + 1);
            self.credits.resize(least, 0.0);
            self.credits[rep as usize] = credit;
        }
    }
}

impl Book {
    /// A book of that schema with nothing in it.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        Self {
            inner: Arc::new(Inner::new(schema, Reading::default())),
        }
    }

    /// The schema: the one given, and the roles and tables that the records brought along.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// The texts of the book.
    #[must_use]
    pub fn symbols(&self) -> &Symbols {
        &self.inner.symbols
    }

    /// The sets of tags of the book.
    #[must_use]
    pub fn tag_sets(&self) -> &TagSets {
        &self.inner.sets
    }

    /// How many customers there are; their rows are below that.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.inner.customers.len()
    }

    /// How many reps there are; their rows are below that.
    #[must_use]
    pub fn rep_count(&self) -> usize {
        self.inner.reps.len()
    }

    /// How many records a side has.
    #[must_use]
    pub fn count(&self, side: Side) -> usize {
        self.inner.rows(side).len()
    }

    /// The row of the customer of that id.
    #[must_use]
    pub fn customer_row(&self, id: &str) -> Option<u32> {
        self.row(Side::Customer, id)
    }

    /// The row of the rep of that id.
    #[must_use]
    pub fn rep_row(&self, id: &str) -> Option<u32> {
        self.row(Side::Rep, id)
    }

    /// The row of the record of that id.
    #[must_use]
    pub fn row(&self, side: Side, id: &str) -> Option<u32> {
        let id = self.inner.symbols.get(id)?;
        self.inner.rows(side).row(id)
    }

    /// The id of a customer; empty beyond the last row.
    #[must_use]
    pub fn customer_id(&self, row: u32) -> &str {
        self.id(Side::Customer, row)
    }

    /// The id of a rep; empty beyond the last row.
    #[must_use]
    pub fn rep_id(&self, row: u32) -> &str {
        self.id(Side::Rep, row)
    }

    /// The id of a record; empty beyond the last row.
    #[must_use]
    pub fn id(&self, side: Side, row: u32) -> &str {
        let id = self.inner.rows(side).id(row);
        self.inner.symbols.text(id.unwrap_or_default())
    }

    /// The rows of all customers by id, ascending by bytes.
    #[must_use]
    pub fn customer_order(&self) -> &[u32] {
        self.order(Side::Customer)
    }

    /// The rows of all reps by id, ascending by bytes.
    #[must_use]
    pub fn rep_order(&self) -> &[u32] {
        self.order(Side::Rep)
    }

    /// The rows of a side by id, ascending by bytes.
    #[must_use]
    pub fn order(&self, side: Side) -> &[u32] {
        steps::unstopped(self.order_watched(side, &mut || Ok(())))
    }

    /// The same, found while `look` lets it go on where it is not known.
    ///
    /// # Errors
    /// What `look` says.
    pub(crate) fn order_watched<E>(
        &self,
        side: Side,
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<&[u32], E> {
        let inner = &*self.inner;
        let known = &inner.order[side as usize];
        if let Some(order) = known.get() {
            return Ok(order);
        }
        let order = super::order::by_text(inner.rows(side).ids(), &inner.symbols, look)?;
        Ok(known.get_or_init(|| order))
    }

    /// The column of a field that records carry; `None` for computed ones, which a
    /// [`View`](super::View) has.
    #[must_use]
    pub fn column(&self, side: Side, field: FieldIx) -> Option<ColumnRef<'_>> {
        let recorded = self.inner.schema.get(side, field)?.is_recorded();
        let column = self.inner.rows(side).column(field.index())?;
        recorded.then(|| column.view(&self.inner.sets))
    }

    /// Who owns a customer in a role.
    #[must_use]
    pub fn owner(&self, customer: u32, role: RoleIx) -> Option<Owner> {
        let held = self.inner.owners.get(role.index())?.get(customer)?;
        Some(Owner {
            rep: self.inner.reps.row(held.rep)?,
            since: held.since.and_then(|since| Time::from_micros(since).ok()),
        })
    }

    /// Why that rep owns the customer, where a reason was recorded.
    #[must_use]
    pub fn owner_reason(&self, customer: u32, role: RoleIx) -> Option<&str> {
        let held = self.inner.owners.get(role.index())?.get(customer)?;
        held.reason.map(|reason| self.inner.symbols.text(reason))
    }

    /// How many different customers a rep owns, in any role.
    #[must_use]
    pub fn holding(&self, rep: u32) -> i64 {
        let holding = self.inner.holding.get(rep as usize);
        holding.copied().unwrap_or(0)
    }

    /// When a rep was last given a customer in a role, and its turn among those of the same
    /// moment; remembered after that customer has left.
    #[must_use]
    pub fn last_assigned(&self, rep: u32, role: RoleIx) -> Option<(Time, u64)> {
        let turns = self.inner.turns.get(role.index())?;
        let (at, turn) = (*turns.of.get(rep as usize)?)?;
        Some((Time::from_micros(at).ok()?, turn))
    }

    /// How much of an assignment weighted round robin owes a rep in a role, mostly between −1 and
    /// 1; 0 where nothing is known.
    #[must_use]
    pub fn credit(&self, rep: u32, role: RoleIx) -> f64 {
        let turns = self.inner.turns.get(role.index());
        turns.map_or(0.0, |turns| turns.credit(rep))
    }

    /// Whether a rep is in a role.
    #[must_use]
    pub fn has_role(&self, rep: u32, role: RoleIx) -> bool {
        let id = self.inner.roles.get(role.index());
        id.is_some_and(|&id| self.inner.has_role(rep, id))
    }

    /// The family of a customer.
    #[must_use]
    pub fn family(&self, customer: u32) -> Option<Symbol> {
        self.inner
            .text(Side::Customer, self.inner.places.family, customer)
    }

    /// The teams that a rep is in: its own, the one above that, and so on to the top.
    pub fn teams_of(&self, rep: u32) -> impl Iterator<Item = &str> {
        let inner = &*self.inner;
        let own = inner.text(Side::Rep, inner.places.team, rep);
        std::iter::successors(own, |&team| inner.teams.parent(team))
            .map(|team| inner.symbols.text(team))
    }

    /// The rep to whom a customer is pinned in a role.
    #[must_use]
    pub fn pin(&self, customer: u32, role: RoleIx) -> Option<u32> {
        let customer = self.inner.customers.id(customer)?;
        let rep = *self.inner.pins.get(&(customer, role))?;
        self.inner.reps.row(rep)
    }

    /// The reps that an exclusion keeps from a customer, each with the role, or `None` for every
    /// role; in no order that means anything.
    pub fn exclusions(&self, customer: u32) -> impl Iterator<Item = (u32, Option<RoleIx>)> {
        let id = self.inner.customers.id(customer);
        let range = id.map(|id| {
            let (first, last) = (Symbol(0), Symbol(u32::MAX));
            self.inner
                .exclusions
                .range((id, first, None)..=(id, last, Some(RoleIx(u16::MAX))))
        });
        range
            .into_iter()
            .flatten()
            .filter_map(|&(_, rep, role)| Some((self.inner.reps.row(rep)?, role)))
    }

    /// Whether an exclusion keeps a rep from a customer in a role.
    #[must_use]
    pub fn is_excluded(&self, customer: u32, rep: u32, role: RoleIx) -> bool {
        let inner = &*self.inner;
        if inner.exclusions.is_empty() {
            return false;
        }
        let ids = inner.customers.id(customer).zip(inner.reps.id(rep));
        ids.is_some_and(|(customer, rep)| {
            let excluded = |role| inner.exclusions.contains(&(customer, rep, role));
            excluded(None) || excluded(Some(role))
        })
    }

    /// Whether there are any pins, and any exclusions.
    #[must_use]
    pub fn has_pins_or_exclusions(&self) -> (bool, bool) {
        (
            !self.inner.pins.is_empty(),
            !self.inner.exclusions.is_empty(),
        )
    }

    /// A lookup table.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<TableRef<'_>> {
        self.inner.tables.get(name, &self.inner.sets)
    }

    /// What looked wrong in the records as they came in: at most
    /// [`Limits::problems`](crate::Limits::problems) of each sort, sorted.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.inner.warnings.list()
    }

    /// Memory that the book takes, in bytes, spare capacity included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let inner = &*self.inner;
        let orders = inner.order.iter().filter_map(OnceLock::get);
        let turns = |turns: &Turns| turns.of.capacity() * size_of::<Option<(i64, u64)>>();
        // Nodes of maps cost about twice their entries.
        let few = inner.pins.len() * 24
            + inner.exclusions.len() * 24
            + inner.named.len() * 16
            + inner.unknown.iter().map(unknown_bytes).sum::<usize>();
        size_of::<Inner>()
            + inner.symbols.bytes()
            + inner.sets.bytes()
            + inner.customers.bytes()
            + inner.reps.bytes()
            + inner.owners.iter().map(Owners::bytes).sum::<usize>()
            + inner.turns.iter().map(turns).sum::<usize>()
            + inner.holding.capacity() * size_of::<i64>()
            + inner.teams.bytes()
            + inner.tables.bytes()
            + orders.map(|order| order.capacity() * 4).sum::<usize>()
            + few
    }

    /// The symbols of the rep ids that own in a role, by row of the customer, and where there are
    /// any; `None` where nobody owns anything in the role.
    pub(super) fn owner_column(&self, role: RoleIx) -> Option<ColumnRef<'_>> {
        let (symbols, present) = self.inner.owners.get(role.index())?.column()?;
        Some(ColumnRef::Text {
            symbols,
            present: Some(present),
        })
    }

    pub(super) fn holdings(&self) -> &[i64] {
        &self.inner.holding
    }
}

fn unknown_bytes(unknown: &BTreeMap<Symbol, BTreeMap<String, Attribute>>) -> usize {
    let entry =
        |(key, _): (&String, &Attribute)| key.capacity() + 2 * size_of::<(String, Attribute)>();
    let keys = |map: &BTreeMap<String, Attribute>| map.iter().map(entry).sum::<usize>();
    unknown.values().map(|map| keys(map) + 64).sum()
}

impl Inner {
    pub(super) fn new(schema: Schema, reading: Reading) -> Self {
        let kind = |field: &Field| field.is_recorded().then_some(field.kind);
        let kinds = |side| schema.fields(side).iter().map(kind);
        let place = |side, name| schema.field(side, name).unwrap_or(FieldIx::ID); // built in
        let mut inner = Self {
            places: Places {
                family: place(Side::Customer, "family"),
                current_tier: place(Side::Customer, "current_tier"),
                roles: place(Side::Rep, "roles"),
                team: place(Side::Rep, "team"),
                capacity: place(Side::Rep, "capacity"),
            },
            customers: Rows::new(kinds(Side::Customer)),
            reps: Rows::new(kinds(Side::Rep)),
            symbols: Symbols::default(),
            sets: TagSets::default(),
            roles: Vec::new(),
            role_of: BTreeMap::new(),
            owners: Vec::new(),
            turns: Vec::new(),
            holding: Vec::new(),
            capacity: 0,
            teams: Teams::default(),
            tables: Tables::default(),
            pins: BTreeMap::new(),
            exclusions: BTreeSet::new(),
            named: BTreeMap::new(),
            unknown: Default::default(),
            warnings: Warnings::new(reading.limits.problems),
            order: Default::default(),
            digests: Default::default(),
            reading,
            schema: Arc::new(schema),
        };
        inner.follow_roles();
        inner
    }

    /// Makes room for roles that the schema has gained.
    pub(super) fn follow_roles(&mut self) {
        let known = self.roles.len();
        for (role, number) in self.schema.roles().iter().zip(0..).skip(known) {
            let id = self.symbols.intern(&role.id);
            self.roles.push(id);
            self.role_of.insert(id, RoleIx(number));
            self.owners.push(Owners::default());
            self.turns.push(Turns::default());
        }
    }

    pub(super) fn role(&self, id: &str) -> Option<RoleIx> {
        self.role_of.get(&self.symbols.get(id)?).copied()
    }

    pub(super) const fn rows(&self, side: Side) -> &Rows {
        match side {
            Side::Customer => &self.customers,
            Side::Rep => &self.reps,
        }
    }

    pub(super) const fn rows_mut(&mut self, side: Side) -> &mut Rows {
        match side {
            Side::Customer => &mut self.customers,
            Side::Rep => &mut self.reps,
        }
    }

    pub(super) fn stored(&self, side: Side, field: FieldIx, row: u32) -> Stored {
        let column = self.rows(side).column(field.index());
        column.map_or(Stored::Absent, |column| column.view(&self.sets).cell(row))
    }

    pub(super) fn text(&self, side: Side, field: FieldIx, row: u32) -> Option<Symbol> {
        match self.stored(side, field, row) {
            Stored::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn has_role(&self, rep: u32, role: Symbol) -> bool {
        match self.stored(Side::Rep, self.places.roles, rep) {
            Stored::Tags(set) => self.sets.has(set, role),
            _ => false,
        }
    }

    pub(super) const fn record_kind(side: Side) -> RecordKind {
        match side {
            Side::Customer => RecordKind::Customer,
            Side::Rep => RecordKind::Rep,
        }
    }
}
