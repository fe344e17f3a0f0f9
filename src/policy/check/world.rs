//! What a policy may name from outside: the schema's fields, roles, tables and tiers, as the
//! checks ask for it.

use crate::model::Schema;

/// All names from outside the policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'a> {
    schema: &'a Schema,
}

impl<'a> World<'a> {
    pub(super) const fn of(schema: &'a Schema) -> Self {
        Self { schema }
    }

    /// The ids of all roles.
    pub(super) fn roles(self) -> impl Iterator<Item = &'a str> {
        self.schema.roles().iter().map(|role| role.id.as_str())
    }

    /// The names that tiers may have; any where empty.
    pub(super) fn tiers(self) -> &'a [String] {
        self.schema.tiers()
    }
}
