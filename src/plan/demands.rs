//! What needs an owner: customers and families, role by role.

use std::collections::HashMap;

use crate::allocation::{Demand, Stop};
use crate::language::Hook;
use crate::steps::{self, STEP};

use super::couplings::Ties;

/// A customer's need in one role, as the hooks answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// The customer, by position in order of id.
    pub(crate) customer: u32,
    pub(crate) role: u16,
    pub(crate) tier: u16,
    pub(crate) workload: i64,
    pub(crate) priority: i64,
}

/// A need that cannot be decided, for a hook failed: its owner stays, or nobody gets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frozen {
    pub(crate) need: Need,
    pub(crate) hook: Hook,
}

/// One demand with the customers that it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) demand: Demand,
    /// Its needs, `first..first + count` in [`Needs::needs`].
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// The only rep that may take it, by position: a pin, or the owner of the rest of the family.
    pub(crate) only: Option<Only>,
    /// What owners in other roles leave to it, where roles are coupled.
    pub(crate) ties: Option<Box<Ties>>,
}

/// Why only one rep comes into question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    /// The book pins it to this rep.
    Pinned(u32),
    /// The family is with this rep.
    Family(u32),
    /// Members of one family are pinned to different reps.
    Contradiction,
}

/// Needs, sorted so that those of one demand stand together.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) needs: Vec<Need>,
    pub(crate) groups: Vec<Group>,
    pub(crate) frozen: Vec<Frozen>,
}

/// Puts needs together into demands: the members of a family in one role are one demand, with
/// summed workload, the highest tier and the highest priority. Demands stand in the order of
/// their first member, then by role.
///
/// `family` gives the family of a customer as a number; `look` is asked whether to go on.
///
/// # Errors
/// What `look` says.
pub(crate) fn group(
    mut needs: Vec<Need>,
    frozen: Vec<Frozen>,
    family: impl Fn(u32) -> Option<u32>,
    look: &dyn Fn() -> Result<(), Stop>,
) -> Result<Needs, Stop> {
    // A family is known by its first member in order of id.
    let mut head: HashMap<u32, u32> = HashMap::new();
    // Role by role they stand in order already: this sort sees it.
    let mut look = || look();
    steps::sort_by_key(&mut needs, &mut look, |need| (need.customer, need.role))?;
    steps::each(&needs, &mut look, |need| {
        if let Some(family) = family(need.customer) {
            head.entry(family).or_insert(need.customer);
        }
    })?;
    let head_of = |customer: u32| {
        family(customer)
            .and_then(|family| head.get(&family))
            .copied()
            .unwrap_or(customer)
    };
    if !head.is_empty() {
        // Most customers are their own head and stand in order already: this sort sees it.
        let headed = needs.iter().map(|need| (head_of(need.customer), *need));
        let mut headed: Vec<(u32, Need)> = steps::all(headed, &mut look)?;
        steps::sort_by_key(&mut headed, &mut look, |(head, need)| {
            (*head, need.role, need.customer)
        })?;
        needs.clear();
        steps::each(headed, &mut look, |(_, need)| needs.push(need))?;
    }
    let mut groups: Vec<Group> = Vec::with_capacity(needs.len());
    for (index, need) in needs.iter().enumerate() {
        if index % STEP == STEP - 1 {
            look()?;
        }
        let group = head_of(need.customer);
        if let Some(last) = groups.last_mut()
            && last.demand.group == group
            && last.demand.role == need.role
        {
            let demand = &mut last.demand;
            demand.workload = demand.workload.saturating_add(need.workload);
            demand.priority = demand.priority.max(need.priority);
            demand.tier = demand.tier.min(need.tier);
            demand.customers += 1;
            last.count += 1;
            continue;
        }
        groups.push(Group {
            demand: Demand {
                group,
                role: need.role,
                tier: need.tier,
                priority: need.priority,
                workload: need.workload,
                customers: 1,
                present: None,
            },
            first: index as u32,
            count: 1,
            only: None,
            ties: None,
        });
    }
    Ok(Needs {
        needs,
        groups,
        frozen,
    })
}

impl Needs {
    /// The needs of one demand.
    pub(crate) fn members(&self, group: &Group) -> &[Need] {
        &self.needs[group.first as usize..(group.first + group.count) as usize]
    }
}
