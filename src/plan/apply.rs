//! Tomorrow's book from today's plan.

use std::collections::BTreeMap;

use crate::model::{Book, BookError, Escaped, Owner, RoleIx};

use super::outcome::{Assignment, Change, Plan};

/// A plan that does not belong to the book.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The plan names a customer that is not in the book.
    #[error("the plan names the customer `{}`, which is not in the book", Escaped(.0))]
    UnknownCustomer(String),
    /// The plan names a rep that is not in the book.
    #[error("the plan names the rep `{}`, which is not in the book", Escaped(.0))]
    UnknownRep(String),
    /// The plan names a role that is not in the schema of the book.
    #[error("the plan names the role `{}`, which the book's schema does not have", Escaped(.0))]
    UnknownRole(String),
    /// The book refuses what the plan says.
    #[error(transparent)]
    Refused(#[from] BookError),
}

impl Book {
    /// Makes tomorrow's book from today's plan: its owners, each new one since [`Plan::now`]; its
    /// tiers as `current_tier`; and what rotating strategies remember. What the plan released has
    /// no owner. This book stays as it is.
    ///
    /// # Errors
    /// [`ApplyError`] where the plan was made for another book.
    pub fn apply(&self, plan: &Plan) -> Result<Self, ApplyError> {
        let mut next = self.clone();
        let customer = |id: &str| {
            self.customer_row(id)
                .ok_or_else(|| ApplyError::UnknownCustomer(id.to_owned()))
        };
        let rep = |id: &str| {
            self.rep_row(id)
                .ok_or_else(|| ApplyError::UnknownRep(id.to_owned()))
        };
        let role = |id: &str| -> Result<RoleIx, ApplyError> {
            self.schema()
                .role(id)
                .ok_or_else(|| ApplyError::UnknownRole(id.to_owned()))
        };
        for released in &plan.released {
            next.set_owner(
                customer(&released.customer)?,
                role(&released.role)?,
                None,
                None,
            )?;
        }
        for given in in_turn(plan) {
            let owner = Owner {
                rep: rep(&given.rep)?,
                since: Some(plan.now),
            };
            let (customer, role) = (customer(&given.customer)?, role(&given.role)?);
            next.set_owner(customer, role, Some(owner), None)?;
        }
        for (id, tier) in &plan.tiers {
            next.set_current_tier(customer(id)?, Some(tier))?;
        }
        for rotation in &plan.rotation {
            next.set_credit(rep(&rotation.rep)?, role(&rotation.role)?, rotation.credit)?;
        }
        Ok(next)
    }
}

/// New owners such that who had the last turn in the plan is the last to be set: the book counts
/// turns as they are set.
fn in_turn(plan: &Plan) -> Vec<&Assignment> {
    let turns: BTreeMap<(&str, &str), u64> = (plan.rotation.iter())
        .map(|it| ((&*it.rep, &*it.role), it.turn))
        .collect();
    let mut given: Vec<&Assignment> = (plan.assignments.iter())
        .filter(|given| given.change != Change::Kept)
        .collect();
    given.sort_by_cached_key(|given| turns.get(&(&*given.rep, &*given.role)).copied());
    given
}
