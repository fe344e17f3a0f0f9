//! What the policy says of the book, asked again: what each customer is and needs, and what reps
//! can carry. Nothing here comes from the plan.

use crate::language::Hook;
use crate::model::{Book, RoleIx};
use crate::plan::capacity::Capacities;
use crate::plan::demands::{Group, Need, Needs};
use crate::plan::options::Observer;
use crate::plan::run::{Run, Scene};
use crate::plan::{HookProblem, PlanError, PlanOptions, customers, owners};
use crate::policy::Policy;
use crate::script::Meter;

use super::violation::Demanded;

/// What the policy says, whatever the plan does.
pub(super) struct Facts {
    scene: Scene,
    pub(super) meter: Meter,
    pub(super) needs: Needs,
    pub(super) capacities: Capacities,
    /// By customer and role.
    pub(super) needed: Vec<Needed>,
    /// Failures of all hooks but those over pairs.
    pub(super) problems: Vec<HookProblem>,
    /// By role: whether present owners stay where they may.
    pub(super) keeps: Vec<bool>,
    /// The position of each customer row.
    customer_at: Vec<u32>,
}

/// One demand of one customer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needed {
    pub(super) need: Need,
    /// The hook that fails for it, so that it stays as it is.
    pub(super) frozen: Option<Hook>,
    /// The customer or family that it is demanded with, by index in [`Needs::groups`].
    pub(super) group: Option<u32>,
    /// The owner of today.
    pub(super) owner: Option<u32>,
}

impl Facts {
    pub(super) fn ask<'a>(
        policy: &Policy,
        book: &Book,
        options: &PlanOptions,
        observer: &'a mut Observer<'a>,
    ) -> Result<Self, PlanError> {
        let mut run = Run::begin(policy, book, options, observer)?;
        customers::tier_and_segment(&mut run)?;
        let mut needs = customers::needs(&mut run)?;
        let capacities = Capacities::ask(&mut run)?;
        owners::pin(&run.scene, &mut needs, &mut || run.control.look())?;
        let mut needed: Vec<Needed> = Vec::with_capacity(needs.needs.len());
        let of = |need: &Need, frozen, group| Needed {
            need: *need,
            frozen,
            group,
            owner: owners::owner(&run.scene, need),
        };
        for (group, number) in needs.groups.iter().zip(0..) {
            let members = needs.members(group).iter();
            needed.extend(members.map(|need| of(need, None, Some(number))));
        }
        let frozen = needs.frozen.iter();
        needed.extend(frozen.map(|frozen| of(&frozen.need, Some(frozen.hook), None)));
        needed.sort_by_key(|needed| (needed.need.customer, needed.need.role));
        let mut customer_at = vec![0; run.scene.customers.len()];
        for (&row, at) in run.scene.customers.iter().zip(0..) {
            customer_at[row as usize] = at;
        }
        Ok(Self {
            keeps: (book.schema().roles().iter())
                .map(|role| run.scene.allocating(&role.id).keep_owners)
                .collect(),
            problems: run.listed_problems()?,
            meter: run.control.meter().clone(),
            scene: run.scene,
            needs,
            capacities,
            needed,
            customer_at,
        })
    }

    pub(super) const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The position of the customer of that id.
    pub(super) fn customer(&self, id: &str) -> Option<u32> {
        let row = self.scene().book().customer_row(id)?;
        self.customer_at.get(row as usize).copied()
    }

    /// The position of the rep of that id.
    pub(super) fn rep(&self, id: &str) -> Option<u32> {
        let row = self.scene().book().rep_row(id)?;
        self.scene().rep_at.get(row as usize).copied()
    }

    pub(super) fn role(&self, id: &str) -> Option<u16> {
        self.scene().book().schema().role(id).map(|role| role.0)
    }

    /// The index in `needed`.
    pub(super) fn find(&self, customer: u32, role: u16) -> Option<usize> {
        let key = |needed: &Needed| (needed.need.customer, needed.need.role);
        (self.needed)
            .binary_search_by_key(&(customer, role), key)
            .ok()
    }

    /// The demand of a customer, in words.
    pub(super) fn at(&self, customer: u32, role: u16) -> Demanded {
        Demanded {
            customer: self.scene().customer_id(customer).to_owned(),
            role: self.scene().role_id(role).to_owned(),
        }
    }

    pub(super) fn group(&self, needed: &Needed) -> Option<&Group> {
        self.needs.groups.get(needed.group? as usize)
    }

    /// The rep that a pin gives the customer to.
    pub(super) fn pin(&self, need: &Need) -> Option<u32> {
        let row = self.scene().row(need.customer);
        let rep = self.scene().book().pin(row, RoleIx(need.role))?;
        self.scene().rep_at.get(rep as usize).copied()
    }

    /// Whether this is its owner of today, who stays before anything is allocated.
    pub(super) fn stays(&self, needed: &Needed, rep: u32) -> bool {
        needed.owner == Some(rep)
            && (needed.frozen.is_some() || self.keeps[needed.need.role as usize])
    }
}
