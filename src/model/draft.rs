//! One record checked against everything that is in the book, before any of it is stored.
//!
//! A draft borrows from its record; storing it cannot fail. Reading one takes time in the size of
//! the record, not of the book.

use super::book::Inner;
use super::check::Cell;
use super::error::{BookError, Capped, FieldError, RecordKind, RecordName, is_strange};
use super::field::Field;
use super::owners::Held;
use super::records::{Customer, Rep};
use super::schema::{FieldIx, RoleIx, Schema};
use super::symbols::Symbol;
use crate::language::{Kind, Limits, Side};

type Problems = Capped<BookError>;

/// The record at hand, for a name should a problem need one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) kind: RecordKind,
    pub(super) id: Option<&'a str>,
    pub(super) place: usize,
}

impl<'a> Whose<'a> {
    /// By its id, or by its place where the id is none.
    pub(super) fn new(kind: RecordKind, id: &'a str, place: usize, limits: &Limits) -> Self {
        let usable = !id.is_empty() && id.len() <= limits.id_bytes;
        let id = usable.then_some(id);
        Self { kind, id, place }
    }

    pub(super) const fn place(kind: RecordKind, place: usize) -> Self {
        Self {
            kind,
            id: None,
            place,
        }
    }

    pub(super) fn name(self) -> RecordName {
        match self.id {
            Some(id) => RecordName::Id(self.kind, id.to_owned()),
            None => RecordName::Place(self.kind, self.place),
        }
    }
}

/// A checked record.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    pub(super) unknown: Vec<&'a str>,
    pub(super) owners: Vec<DraftOwner<'a>>,
    pub(super) turns: Vec<(RoleIx, Option<i64>, u64, f64)>,
}

#[derive(Debug)]
pub(super) struct DraftOwner<'a> {
    role: RoleIx,
    rep: Symbol,
    since: Option<i64>,
    reason: Option<&'a str>,
}

impl Inner {
    /// Checks the form of an id, and whether it is new.
    pub(super) fn check_id(
        &mut self,
        (kind, id): (RecordKind, &str),
        place: usize,
        known: impl Fn(&Self, Symbol) -> bool,
        problems: &mut Problems,
    ) -> bool {
        let before = problems.count();
        let limit = self.reading.limits.id_bytes;
        if id.is_empty() {
            let record = RecordName::Place(kind, place);
            problems.push(|| BookError::EmptyId { record });
        } else if id.len() > limit {
            problems.push(|| BookError::LongId {
                record: RecordName::Place(kind, place),
                id: id.chars().take(64).collect(),
                bytes: id.len(),
                limit,
            });
        } else if self.symbols.get(id).is_some_and(|id| known(self, id)) {
            let id = id.to_owned();
            problems.push(|| BookError::DuplicateId { kind, id });
        }
        problems.count() == before
    }

    /// Warns of an id that may not be what it looks like.
    pub(super) fn warn_of_id(&mut self, kind: RecordKind, id: &str) {
        let plain = id.is_ascii() && !id.bytes().any(|byte| byte.is_ascii_control());
        if !plain && let Some(character) = id.chars().find(|&character| is_strange(character)) {
            let record = RecordName::Id(kind, id.to_owned());
            self.warnings.strange_id(record, character);
        }
    }

    pub(super) fn draft_customer<'a>(
        &self,
        schema: &'a Schema,
        customer: &'a Customer,
        record: Whose<'_>,
        problems: &mut Problems,
    ) -> Draft<'a> {
        let parts = (customer.id.as_str(), customer.name.as_deref());
        let mut draft = self.draft(
            schema,
            Side::Customer,
            parts,
            &customer.attributes,
            record,
            problems,
        );
        self.check_tier(schema, &draft, record, problems);
        for (role, owner) in &customer.owners {
            let since = &owner.since;
            let since = self.moment(since, || format!("owners.{role}.since"), record, problems);
            if let Some(reason) = &owner.reason
                && let Err(problem) = self.reading.length(reason)
            {
                problems.push(|| BookError::Field {
                    record: record.name(),
                    field: format!("owners.{role}.reason"),
                    problem,
                });
            }
            let place = || format!("owners.{role}");
            if let Some((role, rep)) = self.check_holder(role, &owner.rep, place, record, problems)
            {
                draft.owners.push(DraftOwner {
                    role,
                    rep,
                    since,
                    reason: owner.reason.as_deref(),
                });
            }
        }
        draft
    }

    pub(super) fn draft_rep<'a>(
        &self,
        schema: &'a Schema,
        rep: &'a Rep,
        record: Whose<'_>,
        problems: &mut Problems,
    ) -> Draft<'a> {
        let parts = (rep.id.as_str(), rep.name.as_deref());
        let mut draft = self.draft(schema, Side::Rep, parts, &rep.attributes, record, problems);
        let unknown = |place: &str, kind, name: &str| BookError::Unknown {
            record: record.name(),
            place: place.to_owned(),
            kind,
            name: name.to_owned(),
        };
        if let Some(Cell::Tags(roles)) = draft.cells.get(self.places.roles.index()) {
            for role in roles.iter().filter(|role| self.role(role).is_none()) {
                problems.push(|| unknown("roles", RecordKind::Role, role));
            }
        }
        if let Some(Cell::Text(team)) = draft.cells.get(self.places.team.index())
            && !self
                .symbols
                .get(team)
                .is_some_and(|team| self.teams.has(team))
        {
            problems.push(|| unknown("team", RecordKind::Team, team));
        }
        for (role, turn) in &rep.last_assigned {
            let at = self.moment(
                &turn.at,
                || format!("last_assigned.{role}"),
                record,
                problems,
            );
            match (self.role(role), at) {
                (None, _) => problems.push(|| unknown("last_assigned", RecordKind::Role, role)),
                (Some(_), _) if !turn.credit.is_finite() => problems.push(|| BookError::Field {
                    record: record.name(),
                    field: format!("last_assigned.{role}.credit"),
                    problem: FieldError::NotFinite { value: turn.credit },
                }),
                (Some(role), at) => draft.turns.push((role, at, turn.turn, turn.credit)),
            }
        }
        draft
    }

    /// What customers and reps have in common: id, name and attributes.
    fn draft<'a>(
        &self,
        schema: &'a Schema,
        side: Side,
        (id, name): (&'a str, Option<&'a str>),
        attributes: &'a std::collections::BTreeMap<String, super::attribute::Attribute>,
        record: Whose<'_>,
        problems: &mut Problems,
    ) -> Draft<'a> {
        let mut unknown = Vec::new();
        let mut field_problem = |field: &Field, problem: FieldError| {
            problems.push(|| BookError::Field {
                record: record.name(),
                field: field.name.clone(),
                problem,
            });
        };
        let name = name.unwrap_or(id);
        if let Some(field) = schema.get(side, FieldIx::NAME)
            && id.len() <= self.reading.limits.id_bytes
            && let Err(problem) = self.reading.length(name)
        {
            field_problem(field, problem);
        }
        let mut cells = self
            .reading
            .row(schema.side(side), attributes, field_problem, |key| {
                unknown.push(key)
            });
        if let [first, second, ..] = cells.as_mut_slice() {
            (*first, *second) = (Cell::Text(id), Cell::Text(name));
        }
        Draft {
            cells,
            unknown,
            owners: Vec::new(),
            turns: Vec::new(),
        }
    }

    fn check_tier(
        &self,
        schema: &Schema,
        draft: &Draft<'_>,
        record: Whose<'_>,
        problems: &mut Problems,
    ) {
        if let Some(Cell::Text(tier)) = draft.cells.get(self.places.current_tier.index())
            && !schema.tiers().is_empty()
            && !schema.tiers().iter().any(|known| known == tier)
        {
            problems.push(|| BookError::UnknownTier {
                record: record.name(),
                tier: (*tier).to_owned(),
                tiers: schema.tiers().to_vec(),
            });
        }
    }

    /// A moment that is no field of the schema.
    fn moment(
        &self,
        value: &super::attribute::Attribute,
        name: impl FnOnce() -> String,
        record: Whose<'_>,
        problems: &mut Problems,
    ) -> Option<i64> {
        if value.is_absent() {
            return None;
        }
        let field = Field::new(String::new(), Kind::Time);
        match self.reading.cell(&field, value) {
            Ok(Cell::Time(micros)) => Some(micros),
            Ok(_) => None,
            Err(problem) => {
                problems.push(|| BookError::Field {
                    record: record.name(),
                    field: name(),
                    problem,
                });
                None
            }
        }
    }

    /// Whether that rep can own customers in that role.
    pub(super) fn check_holder(
        &self,
        role: &str,
        rep: &str,
        place: impl Fn() -> String,
        record: Whose<'_>,
        problems: &mut Problems,
    ) -> Option<(RoleIx, Symbol)> {
        let unknown = |kind, name: &str| BookError::Unknown {
            record: record.name(),
            place: place(),
            kind,
            name: name.to_owned(),
        };
        let id = self.symbols.get(rep);
        let found = id.and_then(|id| Some((id, self.reps.row(id)?)));
        let number = self.role(role);
        if number.is_none() {
            problems.push(|| unknown(RecordKind::Role, role));
        }
        if found.is_none() {
            problems.push(|| unknown(RecordKind::Rep, rep));
        }
        let ((id, row), number) = (found?, number?);
        if !self.schema.roles()[number.index()].owns_customers {
            problems.push(|| BookError::OwnsNothing {
                record: record.name(),
                role: role.to_owned(),
            });
            return None;
        }
        if !self.has_role(row, self.roles[number.index()]) {
            problems.push(|| BookError::CannotHold {
                record: record.name(),
                rep: rep.to_owned(),
                role: role.to_owned(),
                roles: self.roles_of(row),
            });
            return None;
        }
        Some((number, id))
    }

    pub(super) fn roles_of(&self, rep: u32) -> Vec<String> {
        let stored = self.stored(Side::Rep, self.places.roles, rep);
        match stored.attribute(&self.symbols, &self.sets) {
            super::attribute::Attribute::Tags(roles) => roles,
            _ => Vec::new(),
        }
    }
}

impl DraftOwner<'_> {
    pub(super) fn held(&self, inner: &mut Inner) -> (RoleIx, Held) {
        let held = Held {
            rep: self.rep,
            since: self.since,
            reason: self
                .reason
                .filter(|reason| !reason.is_empty())
                .map(|reason| inner.symbols.intern(reason)),
        };
        (self.role, held)
    }
}
