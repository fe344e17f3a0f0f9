//! What a policy may name from outside: the schema's fields, roles, tables and tiers, as the
//! checks ask for it.

use std::collections::BTreeMap;

use crate::language::{Kind, Side};
use crate::model::{Field, Schema};
use crate::tiering::TierRule;

/// All names from outside the policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'a> {
    schema: &'a Schema,
    given: Option<&'a TierRule>,
}

impl<'a> World<'a> {
    /// `given` are tiers of the host's own, which win over `TIERS`.
    pub(super) const fn of(schema: &'a Schema, given: Option<&'a TierRule>) -> Self {
        Self { schema, given }
    }

    /// The tiers that the host gives in place of `TIERS`.
    pub(super) const fn given_tiers(self) -> Option<&'a TierRule> {
        self.given
    }

    pub(super) fn fields(self, side: Side) -> &'a [Field] {
        self.schema.fields(side)
    }

    pub(super) fn field(self, side: Side, name: &str) -> Option<&'a Field> {
        self.schema.get(side, self.schema.field(side, name)?)
    }

    /// The ids of all roles.
    pub(super) fn roles(self) -> impl Iterator<Item = &'a str> {
        self.schema.roles().iter().map(|role| role.id.as_str())
    }

    pub(super) fn tables(self) -> &'a BTreeMap<String, Kind> {
        self.schema.tables()
    }

    /// The names that tiers may have; any where empty.
    pub(super) fn tiers(self) -> &'a [String] {
        self.schema.tiers()
    }

    /// Whether those in the role own customers; `None` where there is no such role.
    pub(super) fn role(self, id: &str) -> Option<bool> {
        (self.schema.roles().iter())
            .find(|role| role.id == id)
            .map(|role| role.owns_customers)
    }
}
