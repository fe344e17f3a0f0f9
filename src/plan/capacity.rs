//! What reps can carry, and what of it is left beside what they keep.

use crate::allocation::{Demand, Limit, Measure, Problem, Stop, Watch, max_load, to_micros};
use crate::language::Hook;
use crate::model::RoleIx;
use crate::policy::{Call, answer, answer::CapacityAnswer};

use super::ask;
use super::options::Stage;
use super::run::{ProblemAt, Run, Scene};

/// The capacity of every rep, for all roles together or role by role.
#[derive(Debug)]
pub(super) struct Capacities {
    /// In order of rep and role.
    pub(super) cells: Vec<CapacityCell>,
}

/// What one rep can carry in one role, or in all.
#[derive(Debug, Clone)]
pub(super) struct CapacityCell {
    pub(super) rep: u32,
    pub(super) role: Option<u16>,
    pub(super) answer: CapacityAnswer,
}

impl Capacities {
    /// Asks the hook, or takes `capacity` minus `workload` of each rep. A rep for which the hook
    /// fails takes nobody new.
    pub(super) fn ask(run: &mut Run<'_>) -> Result<Self, Stop> {
        run.control.enter(Stage::Capacity, run.scene.reps.len())?;
        let per_role = run.scene.compiled().capacity_per_role();
        let tiers = run.scene.compiled().tiers.names();
        let mut cells = Vec::new();
        let mut failed = Vec::new();
        let mut call = Call::new(run.control.meter());
        for rep in 0..run.scene.reps.len() as u32 {
            let roles = roles_of(&run.scene, rep);
            let asked: Vec<Option<u16>> = if per_role {
                roles.into_iter().map(Some).collect()
            } else {
                vec![None]
            };
            for role in asked {
                let row = run.scene.reps[rep as usize];
                let Some(hook) = &run.scene.compiled().hooks.capacity else {
                    cells.push(CapacityCell {
                        rep,
                        role,
                        answer: by_default(&run.scene, row),
                    });
                    continue;
                };
                let answered = ask::rep(hook, &run.scene.view, row, role.map(RoleIx), &mut call)?;
                let answer = answered
                    .and_then(|value| Ok(answer::capacity(&value, &tiers)?))
                    .unwrap_or_else(|error| {
                        let at = ProblemAt {
                            customer: None,
                            rep: Some(rep),
                            role,
                            hook: Hook::Capacity,
                        };
                        failed.push((at, error));
                        CapacityAnswer {
                            workload: Some(0.0),
                            ..CapacityAnswer::default()
                        }
                    });
                cells.push(CapacityCell { rep, role, answer });
            }
        }
        drop(call);
        for (at, error) in failed {
            let error = error.redacted(&run.scene.compiled().hidden);
            run.problems.insert(at, (None, error));
        }
        run.control.tick(run.scene.reps.len() as u64)?;
        Ok(Self { cells })
    }

    /// The limits that are left after `used`.
    pub(super) fn limits(&self, used: &Used) -> Vec<Limit> {
        let mut limits = Vec::new();
        for CapacityCell { rep, role, answer } in &self.cells {
            let (rep, role) = (*rep, *role);
            let mut limit = |tier, measure, whole: i64| {
                let taken = used.of(rep, role, tier, measure);
                limits.push(Limit {
                    rep,
                    role,
                    tier,
                    measure,
                    at_most: (whole - taken).max(0),
                });
            };
            if let Some(workload) = answer.workload {
                limit(None, Measure::Workload, to_micros(workload));
            }
            if let Some(customers) = answer.customers {
                limit(None, Measure::Customers, whole(customers));
            }
            for (&tier, &customers) in &answer.tiers {
                limit(Some(tier), Measure::Customers, whole(customers));
            }
        }
        limits
    }

    /// The limits that are left after `used` in the end, those of `max_load` among them: role by role,
    /// for each has its own settings. In order of rep.
    pub(super) fn left(&self, scene: &Scene, used: &Used) -> Vec<Limit> {
        let mut limits = self.limits(used);
        let reps = scene.reps.len();
        let (capacity, share_measure) = self.shares(reps);
        let carried = (0..reps as u32)
            .map(|rep| used.of(rep, None, None, share_measure[rep as usize]))
            .collect();
        let loads = Problem {
            reps,
            capacity,
            share_measure,
            carried,
            ..Problem::default()
        };
        for (role, spec) in (0..).zip(scene.book().schema().roles()) {
            let Some(share) = scene.optimal(&spec.id).and_then(|it| it.max_load) else {
                continue;
            };
            limits.extend((0..reps as u32).map(|rep| Limit {
                role: Some(role),
                ..max_load(&loads, rep, share)
            }));
        }
        limits.sort_by_key(|limit| limit.rep);
        limits
    }

    /// What each rep can carry over all roles for load shares, and what that counts: workload
    /// where any is limited, else customers.
    pub(super) fn shares(&self, reps: usize) -> (Vec<i64>, Vec<Measure>) {
        let (mut capacity, mut measures) = (vec![None; reps], vec![Measure::Workload; reps]);
        for cell in &self.cells {
            let rep = cell.rep as usize;
            let (amount, measure) = match (cell.answer.workload, cell.answer.customers) {
                (Some(workload), _) => (to_micros(workload), Measure::Workload),
                (None, Some(customers)) => (whole(customers), Measure::Customers),
                (None, None) => continue,
            };
            let sum: &mut Option<i64> = &mut capacity[rep];
            if sum.is_none() {
                measures[rep] = measure;
            }
            if measures[rep] == measure {
                *sum = Some(sum.unwrap_or(0).saturating_add(amount));
            }
        }
        (
            capacity
                .into_iter()
                .map(|sum| sum.unwrap_or(i64::MAX))
                .collect(),
            measures,
        )
    }
}

/// Beyond any number of customers that a book can hold.
fn whole(customers: u64) -> i64 {
    i64::try_from(customers).unwrap_or(i64::MAX)
}

fn by_default(scene: &Scene, row: u32) -> CapacityAnswer {
    let rep = scene.view.rep(row, None);
    let free = rep.float("capacity").unwrap_or(100.0) - rep.float("workload").unwrap_or(0.0);
    CapacityAnswer {
        workload: Some(free.max(0.0)),
        ..CapacityAnswer::default()
    }
}

/// The roles that the rep at that position has, in the order of the schema.
pub(super) fn roles_of(scene: &Scene, rep: u32) -> Vec<u16> {
    let rep = scene.view.rep(scene.reps[rep as usize], None);
    let roles: Vec<&str> = rep.tags("roles");
    (scene.book().schema().roles().iter().enumerate())
        .filter(|(_, role)| role.owns_customers && roles.contains(&role.id.as_str()))
        .map(|(index, _)| index as u16)
        .collect()
}

/// What reps carry, by role and tier.
#[derive(Debug, Clone, Default)]
pub(super) struct Used {
    roles: usize,
    tiers: usize,
    /// `(rep × roles + role) × tiers + tier`: millionths of workload, and customers.
    cells: Vec<(i64, i64)>,
}

impl Used {
    pub(super) fn new(reps: usize, roles: usize, tiers: usize) -> Self {
        Self {
            roles,
            tiers,
            cells: vec![(0, 0); reps * roles * tiers],
        }
    }

    /// Adds what a rep takes.
    pub(super) fn add(&mut self, rep: u32, role: u16, tier: u16, workload: i64, customers: u32) {
        let cell = (rep as usize * self.roles + role as usize) * self.tiers + tier as usize;
        let (sum, count) = &mut self.cells[cell];
        *sum = sum.saturating_add(workload);
        *count += i64::from(customers);
    }

    /// Adds what a rep takes with a demand.
    pub(super) fn add_demand(&mut self, rep: u32, demand: &Demand) {
        let Demand {
            role,
            tier,
            workload,
            customers,
            ..
        } = *demand;
        self.add(rep, role, tier, workload, customers);
    }

    /// What a rep carries of one measure, in one role and tier or over all.
    pub(super) fn of(
        &self,
        rep: u32,
        role: Option<u16>,
        tier: Option<u16>,
        measure: Measure,
    ) -> i64 {
        let mut sum = 0_i64;
        for at_role in 0..self.roles {
            for at_tier in 0..self.tiers {
                if role.is_none_or(|role| role as usize == at_role)
                    && tier.is_none_or(|tier| tier as usize == at_tier)
                {
                    let cell = (rep as usize * self.roles + at_role) * self.tiers + at_tier;
                    let (workload, customers) = self.cells[cell];
                    sum = sum.saturating_add(match measure {
                        Measure::Workload => workload,
                        Measure::Customers => customers,
                    });
                }
            }
        }
        sum
    }
}
