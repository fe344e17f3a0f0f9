//! Changes of a book that is there: records come, change and go, owners change.
//!
//! Every change is whole or not at all. It costs time in the size of the record, not of the book;
//! but a book that has other handles is copied first, and once in a while, after growing by an
//! eighth or more, columns and indexes are moved to a larger place. Rows may be renumbered: the last record
//! takes the row of one that goes. Texts that nothing uses any more stay until the book is built
//! anew from its records.

use std::sync::Arc;

use super::attribute::Attribute;
use super::book::{Book, Inner, Owner};
use super::columns::Stored;
use super::draft::Whose;
use super::error::{BookError, BookErrors, Capped, RecordKind, RecordName};
use super::owners::Held;
use super::records::{Customer, Exclusion, Pin, Rep};
use super::schema::{RoleIx, Schema};
use crate::language::Side;

impl Book {
    /// Adds a customer and tells its row.
    ///
    /// ```
    /// use bookwright::{Book, Customer, Schema};
    /// let mut book = Book::new(Schema::default());
    /// book.insert_customer(&Customer::new("c1").set("risk", 0.5))?;
    /// let again = book.insert_customer(&Customer::new("c1").set("risk", 7));
    /// assert_eq!(
    ///     again.unwrap_err().to_string(),
    ///     "customer `c1` is there more than once\n\
    ///      customer `c1`: field `risk` is `7`, expected 0 to 1"
    /// );
    /// # Ok::<(), bookwright::BookErrors>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the record; the book is then as before.
    pub fn insert_customer(&mut self, customer: &Customer) -> Result<u32, BookErrors> {
        self.change(|inner, schema, problems| {
            let known = |inner: &Inner, id| inner.customers.row(id).is_some();
            let id = (RecordKind::Customer, customer.id.as_str());
            inner.check_id(id, 0, known, problems);
            let record = inner.whose(RecordKind::Customer, &customer.id);
            let draft = inner.draft_customer(schema, customer, record, problems);
            problems.is_empty().then(|| {
                inner.warn_of_id(RecordKind::Customer, &customer.id);
                inner.store_customer(None, draft, &customer.attributes)
            })
        })
    }

    /// Replaces the customer of that id, its owners included, and tells its row. Pins and
    /// exclusions stay.
    ///
    /// # Errors
    /// What is wrong with the record, [`BookError::NotThere`] included; the book is then as
    /// before.
    pub fn replace_customer(&mut self, customer: &Customer) -> Result<u32, BookErrors> {
        self.change(|inner, schema, problems| {
            let record = inner.whose(RecordKind::Customer, &customer.id);
            let row = inner.find(Side::Customer, &customer.id, problems);
            let draft = inner.draft_customer(schema, customer, record, problems);
            let row = row.filter(|_| problems.is_empty())?;
            Some(inner.store_customer(Some(row), draft, &customer.attributes))
        })
    }

    /// Takes a customer out, with its pins and exclusions.
    ///
    /// # Errors
    /// [`BookError::NotThere`].
    pub fn remove_customer(&mut self, id: &str) -> Result<(), BookErrors> {
        self.change(|inner, _, problems| {
            let row = inner.find(Side::Customer, id, problems)?;
            inner.take_customer(row);
            Some(())
        })
    }

    /// Adds a rep and tells its row.
    ///
    /// # Errors
    /// What is wrong with the record; the book is then as before.
    pub fn insert_rep(&mut self, rep: &Rep) -> Result<u32, BookErrors> {
        self.change(|inner, schema, problems| {
            let known = |inner: &Inner, id| inner.reps.row(id).is_some();
            let id = (RecordKind::Rep, rep.id.as_str());
            inner.check_id(id, 0, known, problems);
            let record = inner.whose(RecordKind::Rep, &rep.id);
            let draft = inner.draft_rep(schema, rep, record, problems);
            inner.check_capacity_with(&draft, None, problems);
            problems.is_empty().then(|| {
                inner.warn_of_id(RecordKind::Rep, &rep.id);
                inner.store_rep(None, draft, &rep.attributes)
            })
        })
    }

    /// Replaces the rep of that id and tells its row.
    ///
    /// What it owns stays, also in a role that it no longer has: the next plan releases that with
    /// the reason. Until then the records of the book would not build again.
    ///
    /// # Errors
    /// What is wrong with the record, [`BookError::NotThere`] included; the book is then as
    /// before.
    pub fn replace_rep(&mut self, rep: &Rep) -> Result<u32, BookErrors> {
        self.change(|inner, schema, problems| {
            let record = inner.whose(RecordKind::Rep, &rep.id);
            let row = inner.find(Side::Rep, &rep.id, problems);
            let draft = inner.draft_rep(schema, rep, record, problems);
            inner.check_capacity_with(&draft, row, problems);
            let row = row.filter(|_| problems.is_empty())?;
            Some(inner.store_rep(Some(row), draft, &rep.attributes))
        })
    }

    /// Takes out a rep that owns nothing and that no pin or exclusion names. One that leaves is
    /// first made inactive (`active: false`), so that a plan finds new owners.
    ///
    /// # Errors
    /// [`BookError::NotThere`], [`BookError::InUse`].
    pub fn remove_rep(&mut self, id: &str) -> Result<(), BookErrors> {
        self.change(|inner, _, problems| {
            let row = inner.find(Side::Rep, id, problems)?;
            let used = inner.uses_of(row);
            if let Some(what) = used {
                let rep = id.to_owned();
                problems.push(|| BookError::InUse { rep, what });
                return None;
            }
            inner.take_rep(row);
            Some(())
        })
    }

    /// Adds a pin.
    ///
    /// # Errors
    /// As for pins of [`Self::build`].
    pub fn insert_pin(&mut self, pin: &Pin) -> Result<(), BookErrors> {
        let record = Whose::place(RecordKind::Pin, self.inner.pins.len());
        self.change(|inner, _, problems| {
            if let Some(problem) = inner.would_exclude(pin) {
                problems.push(|| problem);
                return None;
            }
            inner.put_pin(pin, record, problems);
            Some(())
        })
    }

    /// Takes out the pin of a customer in a role; does nothing where there is none.
    pub fn remove_pin(&mut self, customer: &str, role: &str) {
        let inner = self.inner_mut();
        let key = inner.symbols.get(customer).zip(inner.role(role));
        if let Some(rep) = key.and_then(|key| inner.pins.remove(&key)) {
            inner.unname(rep);
        }
    }

    /// Adds an exclusion.
    ///
    /// # Errors
    /// As for exclusions of [`Self::build`].
    pub fn insert_exclusion(&mut self, exclusion: &Exclusion) -> Result<(), BookErrors> {
        let place = self.inner.exclusions.len();
        self.change(|inner, _, problems| {
            let record = Whose::place(RecordKind::Exclusion, place);
            if let Some(problem) = inner.would_be_pinned(exclusion) {
                problems.push(|| problem);
                return None;
            }
            inner.put_exclusion(exclusion, record, problems);
            Some(())
        })
    }

    /// Takes out an exclusion; does nothing where there is none.
    pub fn remove_exclusion(&mut self, exclusion: &Exclusion) {
        self.inner_mut().drop_exclusion(exclusion);
    }

    /// Sets who owns a customer in a role, or that nobody does. With a time the rep has had its
    /// turn: among changes of one moment the later call counts as the later turn.
    ///
    /// ```
    /// use bookwright::{Book, Customer, Owner, Rep, Schema};
    /// let mut book = Book::new(Schema::default());
    /// let customer = book.insert_customer(&Customer::new("c1"))?;
    /// let rep = book.insert_rep(&Rep::new("r1").roles(["developer"]))?;
    /// let developer = book.schema().role("developer").unwrap();
    /// let since = Some("2026-01-31".parse()?);
    /// book.set_owner(customer, developer, Some(Owner { rep, since }), Some("won it"))?;
    /// assert_eq!(book.owner(customer, developer), Some(Owner { rep, since }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`BookError::NotThere`] where there is no such row or role, [`BookError::OwnsNothing`] for
    /// a role that owns no customers, [`BookError::CannotHold`] for a rep without the role,
    /// [`BookError::Field`] for a reason that is too long.
    pub fn set_owner(
        &mut self,
        customer: u32,
        role: RoleIx,
        owner: Option<Owner>,
        reason: Option<&str>,
    ) -> Result<(), BookError> {
        let place = |kind, row: usize| BookError::NotThere {
            record: RecordName::Place(kind, row),
        };
        let customers = self.customer_count();
        if customer as usize >= customers {
            return Err(place(RecordKind::Customer, customer as usize));
        }
        let known = self.schema().roles().get(role.index());
        let known = known.ok_or_else(|| place(RecordKind::Role, role.index()))?;
        if !known.owns_customers && owner.is_some() {
            return Err(BookError::OwnsNothing {
                record: RecordName::Id(RecordKind::Customer, self.customer_id(customer).to_owned()),
                role: known.id.clone(),
            });
        }
        let Some(owner) = owner else {
            self.inner_mut().own(customer, role, None);
            return Ok(());
        };
        let rep = self.inner.reps.id(owner.rep);
        let rep = rep.ok_or_else(|| place(RecordKind::Rep, owner.rep as usize))?;
        self.check_owner(customer, role, owner.rep, reason)?;
        let inner = self.inner_mut();
        let held = Held {
            rep,
            since: owner.since.map(crate::language::Time::micros),
            reason: reason
                .filter(|reason| !reason.is_empty())
                .map(|reason| inner.symbols.intern(reason)),
        };
        inner.own(customer, role, Some(held));
        if let Some(since) = held.since {
            let turn = inner.next_turn(role, since);
            inner.took_turn(rep, role, turn);
        }
        Ok(())
    }

    /// Whether a rep can hold a role, and a reason be kept.
    fn check_owner(
        &self,
        customer: u32,
        role: RoleIx,
        rep: u32,
        reason: Option<&str>,
    ) -> Result<(), BookError> {
        let record = || RecordName::Id(RecordKind::Customer, self.customer_id(customer).to_owned());
        let name = || self.schema().roles()[role.index()].id.clone(); // the caller knows the role
        if !self.has_role(rep, role) {
            return Err(BookError::CannotHold {
                record: record(),
                rep: self.rep_id(rep).to_owned(),
                role: name(),
                roles: self.inner.roles_of(rep),
            });
        }
        match reason.map(|reason| self.inner.reading.length(reason)) {
            Some(Err(problem)) => Err(BookError::Field {
                record: record(),
                field: format!("owners.{}.reason", name()),
                problem,
            }),
            _ => Ok(()),
        }
    }

    /// Sets what weighted round robin owes a rep in a role.
    ///
    /// # Errors
    /// [`BookError::NotThere`] where there is no such row or role.
    pub fn set_credit(&mut self, rep: u32, role: RoleIx, credit: f64) -> Result<(), BookError> {
        let place = |kind, row: usize| BookError::NotThere {
            record: RecordName::Place(kind, row),
        };
        if rep as usize >= self.rep_count() {
            return Err(place(RecordKind::Rep, rep as usize));
        }
        let turns = self.inner_mut().turns.get_mut(role.index());
        let turns = turns.ok_or_else(|| place(RecordKind::Role, role.index()))?;
        turns.set_credit(rep, if credit.is_finite() { credit } else { 0.0 });
        Ok(())
    }

    /// Sets the tier that a customer had in the last plan.
    ///
    /// # Errors
    /// [`BookError::NotThere`] where there is no such row, [`BookError::UnknownTier`] where the
    /// schema lists tiers and not this one, [`BookError::Field`] where the field `current_tier` does
    /// not take it.
    pub fn set_current_tier(&mut self, customer: u32, tier: Option<&str>) -> Result<(), BookError> {
        if customer as usize >= self.customer_count() {
            return Err(BookError::NotThere {
                record: RecordName::Place(RecordKind::Customer, customer as usize),
            });
        }
        let record = || RecordName::Id(RecordKind::Customer, self.customer_id(customer).to_owned());
        let tiers = self.schema().tiers();
        if let Some(tier) = tier
            && !tiers.is_empty()
            && !tiers.iter().any(|known| known == tier)
        {
            return Err(BookError::UnknownTier {
                record: record(),
                tier: tier.to_owned(),
                tiers: tiers.to_vec(),
            });
        }
        let field = self.inner.places.current_tier;
        if let Some(field) = self.schema().get(Side::Customer, field) {
            let value = tier.map_or(Attribute::Absent, Attribute::from);
            if let Err(problem) = self.inner.reading.cell(field, &value) {
                return Err(BookError::Field {
                    record: record(),
                    field: field.name.clone(),
                    problem,
                });
            }
        }
        let inner = self.inner_mut();
        let cell = tier.map_or(Stored::Absent, |tier| {
            Stored::Text(inner.symbols.intern(tier))
        });
        inner.set_cell(Side::Customer, customer, inner.places.current_tier, cell);
        Ok(())
    }

    /// What is to be changed: a copy of its own where the book is shared.
    fn inner_mut(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.inner);
        inner.digests = Default::default();
        inner
    }

    /// Runs a change that either finds problems or is made.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Inner, &Schema, &mut Capped<BookError>) -> Option<T>,
    ) -> Result<T, BookErrors> {
        let inner = self.inner_mut();
        let schema = Arc::clone(&inner.schema);
        let mut problems = Capped::new(inner.reading.limits.problems);
        let done = change(inner, &schema, &mut problems);
        match done {
            Some(done) if problems.is_empty() => Ok(done),
            _ => Err(BookErrors { problems }),
        }
    }
}

impl Inner {
    fn whose<'a>(&self, kind: RecordKind, id: &'a str) -> Whose<'a> {
        Whose::new(kind, id, 0, &self.reading.limits)
    }

    fn find(&self, side: Side, id: &str, problems: &mut Capped<BookError>) -> Option<u32> {
        let row = self.symbols.get(id).and_then(|id| self.rows(side).row(id));
        if row.is_none() {
            problems.push(|| BookError::NotThere {
                record: RecordName::Id(Self::record_kind(side), id.to_owned()),
            });
        }
        row
    }

    /// What still names a rep, in words.
    fn uses_of(&self, rep: u32) -> Option<String> {
        let holding = self.holding.get(rep as usize).copied().unwrap_or(0);
        let named = self.reps.id(rep).and_then(|id| self.named.get(&id));
        match (holding, named) {
            (0, None) => None,
            (0, Some(1)) => Some("1 pin or exclusion".to_owned()),
            (0, Some(named)) => Some(format!("{named} pins or exclusions")),
            (1, _) => Some("1 customer that it owns".to_owned()),
            (holding, _) => Some(format!("{holding} customers that it owns")),
        }
    }

    /// The capacities with that rep added, or put in place of one that is there.
    fn check_capacity_with(
        &self,
        draft: &super::draft::Draft<'_>,
        row: Option<u32>,
        problems: &mut Capped<BookError>,
    ) {
        if let Some(super::check::Cell::Float(capacity)) =
            draft.cells.get(self.places.capacity.index())
        {
            let before = row.map_or(0, |row| self.capacity_of(row));
            let sum = self.capacity - before + super::build::millionths(*capacity);
            super::build::check_capacity(sum, problems);
        }
    }

    fn would_exclude(&self, pin: &Pin) -> Option<BookError> {
        let customer = self.symbols.get(&pin.customer)?;
        let rep = self.symbols.get(&pin.rep)?;
        let role = self.role(&pin.role)?;
        let excluded = |role| self.exclusions.contains(&(customer, rep, role));
        (excluded(None) || excluded(Some(role))).then(|| BookError::PinExcluded {
            customer: pin.customer.clone(),
            role: pin.role.clone(),
            rep: pin.rep.clone(),
        })
    }

    /// The pin that an exclusion would contradict.
    fn would_be_pinned(&self, exclusion: &Exclusion) -> Option<BookError> {
        let customer = self.symbols.get(&exclusion.customer)?;
        let rep = self.symbols.get(&exclusion.rep)?;
        let only = match &exclusion.role {
            Some(role) => Some(self.role(role)?),
            None => None,
        };
        let mut pins = self
            .pins
            .range((customer, RoleIx(0))..=(customer, RoleIx(u16::MAX)));
        let pinned = |role: RoleIx, to| to == rep && only.is_none_or(|only| only == role);
        let (&(_, role), _) = pins.find(|&(&(_, role), &to)| pinned(role, to))?;
        Some(self.pin_excluded(customer, role, rep))
    }

    fn drop_exclusion(&mut self, exclusion: &Exclusion) {
        let role = exclusion.role.as_deref().map(|role| self.role(role));
        let customer = self.symbols.get(&exclusion.customer);
        let rep = self.symbols.get(&exclusion.rep);
        if let (Some(customer), Some(rep)) = (customer, rep)
            && role != Some(None)
            && self.exclusions.remove(&(customer, rep, role.flatten()))
        {
            self.unname(rep);
        }
    }
}
