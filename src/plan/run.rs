//! The loop that runs a policy on a book.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use crate::allocation::Stop;
use crate::language::{Hook, Side, Value};
use crate::model::{Book, View};
use crate::policy::{Allocating, Compiled, HookError, Policy};
use crate::steps;
use crate::tiering::Place;

use super::capacity::Capacities;
use super::control::{Control, ROW, TEXT};
use super::demands::Needs;
use super::options::{Observer, PlanOptions};
use super::outcome::{HookProblem, Plan};
use super::seats::Seats;
use super::{PlanError, customers, owners};

/// One run.
pub(crate) struct Run<'a> {
    pub(crate) scene: Scene,
    pub(crate) control: Control<'a>,
    pub(crate) problems: Problems,
}

/// What a run looks at, and what it has found out about customers so far.
///
/// Customers and reps are numbered by position in order of id, so that nothing depends on the
/// order of input; `customers` and `reps` lead from there into the book. A plan keeps its scene,
/// to explain itself.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) policy: Policy,
    pub(crate) options: PlanOptions,
    pub(crate) view: View,
    /// Rows of customers in order of id.
    pub(crate) customers: Vec<u32>,
    /// Rows of reps in order of id.
    pub(crate) reps: Vec<u32>,
    /// The position of each rep row.
    pub(crate) rep_at: Vec<u32>,
    /// By position of the customer.
    pub(crate) tiers: Vec<u16>,
    pub(crate) places: Vec<Option<Place>>,
    pub(crate) segments: Vec<u32>,
    pub(crate) segment_names: Vec<Arc<str>>,
    seats: OnceLock<Seats>,
}

/// What failed, by customer, role, hook; a pair hook that fails with many reps fails once.
pub(crate) type Problems = BTreeMap<ProblemAt, (Option<u32>, HookError)>;

/// Where a hook failed: positions of the customer and, for `capacity`, of the rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProblemAt {
    pub(crate) customer: Option<u32>,
    pub(crate) rep: Option<u32>,
    pub(crate) role: Option<u16>,
    pub(crate) hook: Hook,
}

impl Policy {
    /// Runs the policy on a book.
    ///
    /// # Errors
    /// [`PlanError`] where nothing can be decided at all; what fails for one customer is in the
    /// plan instead.
    pub fn plan(&self, book: &Book, options: &PlanOptions) -> Result<Plan, PlanError> {
        self.plan_observed(book, options, &mut |_| ControlFlow::Continue(()))
    }

    /// Runs the policy on a book; `observer` is told how far it is, between batches and on this
    /// thread, and stops it by answering [`ControlFlow::Break`].
    ///
    /// # Errors
    /// As [`Policy::plan`].
    pub fn plan_observed(
        &self,
        book: &Book,
        options: &PlanOptions,
        observer: &mut Observer<'_>,
    ) -> Result<Plan, PlanError> {
        run(self, book, options, observer)
    }
}

/// Runs the policy: what is each customer, what does it need, who stays, who gets the rest.
fn run(
    policy: &Policy,
    book: &Book,
    options: &PlanOptions,
    observer: &mut Observer<'_>,
) -> Result<Plan, PlanError> {
    let mut run = Run::begin(policy, book, options, observer)?;
    customers::tier_and_segment(&mut run)?;
    let needs: Needs = customers::needs(&mut run)?;
    run.control.owe(needs.needs.len() + needs.groups.len(), ROW);
    let capacities = Capacities::ask(&mut run)?;
    let mut held = owners::keep_or_release(&mut run, needs)?;
    let outcome = super::allocate::allocate(&mut run, &capacities, &mut held)?;
    super::assemble::plan(run, capacities, held, outcome)
}

impl<'a> Run<'a> {
    pub(super) fn begin(
        policy: &Policy,
        book: &Book,
        options: &PlanOptions,
        observer: &'a mut Observer<'_>,
    ) -> Result<Self, PlanError> {
        if !policy.compiled().fits(book.schema()) {
            return Err(PlanError::OtherSchema);
        }
        let control = Control::new(options, policy.compiled().limits.operations, observer);
        let params = params(policy.compiled(), options)?;
        let looks = control.looks();
        let order = |side| book.order_watched(side, &mut || looks());
        let (customers, reps) = (order(Side::Customer)?, order(Side::Rep)?);
        let (customers, reps) = (customers.to_vec(), reps.to_vec());
        let mut rep_at = vec![0; reps.len()];
        for (position, &row) in reps.iter().enumerate() {
            rep_at[row as usize] = position as u32;
        }
        control.owe(customers.len() + reps.len(), 2 * ROW);
        let view = View::new(book.clone(), options.now, options.utc_offset, params);
        let scene = Scene {
            tiers: vec![0; customers.len()],
            places: Vec::new(),
            segments: vec![0; customers.len()],
            segment_names: vec![Arc::from("all")],
            policy: policy.clone(),
            options: options.clone(),
            view,
            customers,
            reps,
            rep_at,
            seats: OnceLock::new(),
        };
        Ok(Self {
            scene,
            control,
            problems: Problems::new(),
        })
    }

    /// Notes that a hook failed for a customer.
    ///
    /// # Errors
    /// Why the plan stops: a hook may fail for all of them.
    pub(crate) fn failed(
        &mut self,
        hook: Hook,
        customer: u32,
        role: Option<u16>,
        error: HookError,
    ) -> Result<(), Stop> {
        let at = ProblemAt {
            customer: Some(customer),
            rep: None,
            role,
            hook,
        };
        let error = error.redacted(&self.scene.compiled().hidden);
        self.problems.entry(at).or_insert((None, error));
        self.control.owe(1, 5 * TEXT);
        self.control.look()
    }

    /// The same of what failed while pairs were looked at.
    ///
    /// # Errors
    /// Why the plan stops.
    pub(super) fn all_failed(&mut self, failures: Problems) -> Result<(), Stop> {
        let looks = self.control.looks();
        steps::each(failures, &mut || looks(), |(at, failed)| {
            self.problems.insert(at, failed);
        })
    }

    /// The problems as the plan lists them; there are none afterwards.
    ///
    /// # Errors
    /// Why the plan stops.
    pub(super) fn listed_problems(&mut self) -> Result<Vec<HookProblem>, Stop> {
        let looks = self.control.looks_owing(2 * TEXT);
        let problems = std::mem::take(&mut self.problems);
        let scene = &self.scene;
        let mut listed: Vec<HookProblem> = Vec::with_capacity(problems.len());
        let (mut of, mut first) = (None, 0);
        steps::each(problems, &mut || looks(), |(at, (rep, error))| {
            // Customers come in order of id, so only the problems of each are still to be sorted.
            if at.customer != of {
                listed[first..].sort();
                (of, first) = (at.customer, listed.len());
            }
            listed.push(HookProblem {
                customer: at
                    .customer
                    .map(|customer| scene.customer_id(customer).to_owned()),
                rep: at.rep.or(rep).map(|rep| scene.rep_id(rep).to_owned()),
                role: at.role.map(|role| scene.role_id(role).to_owned()),
                hook: at.hook.name().to_owned(),
                line: error.line(),
                message: error.into_message(),
            });
        })?;
        listed[first..].sort();
        Ok(listed)
    }
}

impl Scene {
    pub(crate) fn compiled(&self) -> &Compiled {
        self.policy.compiled()
    }

    /// The position of the customer in order of id.
    pub(crate) fn position(&self, customer: &str) -> Option<u32> {
        let book = self.book();
        let found = self
            .customers
            .binary_search_by(|&row| book.customer_id(row).cmp(customer));
        found.ok().map(|at| at as u32)
    }

    /// Whether both pair hooks run over columns.
    pub(crate) fn pairs_over_columns(&self) -> bool {
        let hooks = &self.compiled().hooks;
        !self.options.interpreter_only
            && [&hooks.eligible, &hooks.score]
                .into_iter()
                .all(|slot| slot.as_ref().is_none_or(|slot| slot.columns().is_some()))
    }

    /// The reps that may take customers at all.
    pub(crate) fn seats(&self) -> &Seats {
        self.seats.get_or_init(|| Seats::new(self))
    }

    /// How a role is allocated; what the host passes wins over the script.
    pub(crate) fn allocating(&self, role: &str) -> Allocating {
        let mut settings = self.compiled().allocation.of(role);
        if let Some(strategy) = &self.options.strategy {
            settings.strategy.clone_from(strategy);
        }
        settings
    }

    /// The same, where it is by the strategy `optimal`.
    pub(crate) fn optimal(&self, role: &str) -> Option<Allocating> {
        let own = self.compiled().strategy.is_some();
        Some(self.allocating(role)).filter(|settings| !own && settings.strategy == "optimal")
    }

    pub(crate) fn book(&self) -> &Book {
        self.view.book()
    }

    /// The same scene with the tiers of another run over the same book, as if this policy had
    /// graded so. Segments stay as they are.
    pub(super) fn with_tiers_of(&self, other: &Self) -> Self {
        let mut names = self.compiled().tiers.names();
        let number: Vec<u16> = (other.compiled().tiers.names().into_iter())
            .map(|tier| {
                let known = names.iter().position(|name| *name == tier);
                known.unwrap_or_else(|| {
                    names.push(tier);
                    names.len() - 1
                }) as u16
            })
            .collect();
        let tiers: Vec<u16> = (other.tiers.iter())
            .map(|&tier| number[tier as usize])
            .collect();
        let mut by_row = vec![0; tiers.len()];
        for (&row, &tier) in self.customers.iter().zip(&tiers) {
            by_row[row as usize] = u32::from(tier);
        }
        Self {
            policy: self.policy.clone(),
            options: self.options.clone(),
            view: self.view.clone().with_tiers(&names, &by_row),
            customers: self.customers.clone(),
            reps: self.reps.clone(),
            rep_at: self.rep_at.clone(),
            tiers,
            places: Vec::new(),
            segments: self.segments.clone(),
            segment_names: self.segment_names.clone(),
            seats: OnceLock::new(),
        }
    }

    /// The row of the customer at that position.
    pub(crate) fn row(&self, customer: u32) -> u32 {
        self.customers[customer as usize]
    }

    pub(crate) fn customer_id(&self, customer: u32) -> &str {
        self.book().customer_id(self.row(customer))
    }

    pub(crate) fn rep_id(&self, rep: u32) -> &str {
        self.book().rep_id(self.reps[rep as usize])
    }

    pub(crate) fn role_id(&self, role: u16) -> &str {
        &self.book().schema().roles()[role as usize].id
    }
}

/// The parameters of the script with those of the host over them.
pub(crate) fn params(
    policy: &Compiled,
    options: &PlanOptions,
) -> Result<Arc<BTreeMap<Arc<str>, Value>>, PlanError> {
    let mut params = policy.params.as_ref().clone();
    for (name, value) in &options.params {
        let Some(slot) = params.get_mut(name.as_str()) else {
            let names: Vec<&str> = policy.params.keys().map(|key| &**key).collect();
            let known = if names.is_empty() {
                "none".to_owned()
            } else {
                format!("`{}`", names.join("`, `"))
            };
            return Err(PlanError::UnknownParameter {
                name: name.clone(),
                did_you_mean: crate::syntax::nearest(name, names.into_iter()).map(str::to_owned),
                known,
            });
        };
        if !value.fits(&policy.limits) {
            return Err(PlanError::LargeParameter { name: name.clone() });
        }
        *slot = match (&*slot, value) {
            (Value::Float(_), Value::Int(int)) => Value::Float(*int as f64),
            (before, value) if std::mem::discriminant(before) == std::mem::discriminant(value) => {
                value.clone()
            }
            (before, value) => {
                return Err(PlanError::WrongParameter {
                    name: name.clone(),
                    found: value.kind_name(),
                    expected: before.kind_name(),
                });
            }
        };
    }
    Ok(Arc::new(params))
}
