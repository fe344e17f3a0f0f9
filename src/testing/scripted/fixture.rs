//! What one test works with: the records it has made, what it has been given, how it ended.
//!
//! Also what its script sees as records, `now`, `params` and tables. A fixture lives for one run of
//! one test; nothing of it reaches the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::language::{Hook, Side, Time, UtcOffset, Value};
use crate::model::{Book, Customer, FieldIx, Records, Rep, TableEntries, Team, View};
use crate::plan::inside::params;
use crate::plan::{Budget, ByCustomer, PlanOptions};
use crate::policy::Policy;
use crate::script::{Facts, Meter};

use super::options::TestOptions;
use super::records::{MadeCustomer, MadeRep, Map};
use super::report::Failing;
use super::shown;
use super::watched::Watch;

/// What all tests of one run share.
pub(super) struct Bench {
    /// The policy, with somebody watching its hooks where coverage is wanted.
    pub(super) asked: Policy,
    /// The policy alone.
    pub(super) policy: Policy,
    pub(super) options: TestOptions,
    pub(super) own: Vec<Own>,
    pub(super) meter: Meter,
    pub(super) watch: Option<Arc<dyn Watch>>,
    /// Whether some hook may read the tier or the segment of this plan.
    pub(super) reads_grades: bool,
}

/// A function that tests call and the host answers.
#[derive(Debug, Clone)]
pub(super) enum Own {
    /// One of the table.
    Test(&'static str),
    /// A hook of the policy.
    Hook(Hook),
    /// Another function of the policy.
    Helper(Arc<str>),
}

/// What one test works with.
pub(super) struct Fixture {
    pub(super) bench: Arc<Bench>,
    state: Mutex<State>,
}

/// What changes while a test runs.
pub(super) struct State {
    pub(super) customers: Vec<Kept<MadeCustomer>>,
    pub(super) reps: Vec<Kept<MadeRep>>,
    pub(super) plans: Vec<KeptPlan>,
    pub(super) given: Given,
    /// Which row of the table is meant, from 0.
    pub(super) case: usize,
    pub(super) table: Option<Table>,
    pub(super) failing: Option<Failing>,
    grades: HashMap<u32, Grade>,
}

/// A record that a test has: its own, or one of a plan.
pub(super) enum Kept<T> {
    /// Made by the test; the view has it as its only record.
    Made(Box<T>, View),
    /// Of the plan of that number.
    Planned(usize),
}

impl<T> Kept<T> {
    /// The plan that it is of.
    pub(super) const fn plan(&self) -> Option<usize> {
        match self {
            Self::Made(..) => None,
            Self::Planned(plan) => Some(*plan),
        }
    }
}

/// A plan that a test has asked for.
pub(super) struct KeptPlan {
    pub(super) view: View,
    /// The numbers of its first customer and its first rep.
    pub(super) first: (u32, u32),
}

/// What the host would give: `given` sets it.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) now: Time,
    pub(super) offset: UtcOffset,
    pub(super) params: BTreeMap<String, Value>,
    pub(super) tables: BTreeMap<String, TableEntries>,
    pub(super) seed: u64,
    pub(super) strategy: Option<String>,
}

/// The rows of `cases`.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) rows: usize,
    pub(super) shown: String,
}

/// What a plan of that customer alone says of it.
#[derive(Debug, Clone)]
pub(super) struct Grade {
    pub(super) tier: Arc<str>,
    pub(super) segment: Arc<str>,
}

impl Given {
    pub(super) fn of(options: &TestOptions) -> Self {
        Self {
            now: options.now,
            offset: options.utc_offset,
            params: options.params.clone(),
            tables: options.tables.clone(),
            seed: options.seed,
            strategy: None,
        }
    }

    /// As a plan takes it, under the budget of the whole run.
    pub(super) fn plan_options(&self, meter: &Meter) -> PlanOptions {
        let mut options = PlanOptions::at(self.now)
            .utc_offset(self.offset)
            .seed(self.seed)
            .interpreter_only();
        options.params.clone_from(&self.params);
        options.strategy.clone_from(&self.strategy);
        options.budget = Budget {
            meter: Some(meter.clone()),
            ..Budget::default()
        };
        options
    }
}

impl Fixture {
    /// For one test, at that row of its table.
    pub(super) fn new(bench: &Arc<Bench>, case: usize) -> Self {
        Self {
            state: Mutex::new(State {
                customers: Vec::new(),
                reps: Vec::new(),
                plans: Vec::new(),
                given: Given::of(&bench.options),
                case,
                table: None,
                failing: None,
                grades: HashMap::new(),
            }),
            bench: Arc::clone(bench),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if it did, the test fails anyway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A view of a book under what is given now.
    pub(super) fn view_of(&self, book: Book, given: &Given) -> Result<View, String> {
        let params = self.params_of(given)?;
        Ok(View::new(book, given.now, given.offset, params))
    }

    /// The parameters of the policy with those that are given over them.
    pub(super) fn params_of(&self, given: &Given) -> Result<Arc<Map>, String> {
        let options = given.plan_options(&self.bench.meter);
        let params = params(self.bench.policy.compiled(), &options);
        params.map_err(|error| error.to_string())
    }

    /// The book of some records, with the tables that are given and the teams that reps name.
    pub(super) fn book_of(&self, mut records: Records, given: &Given) -> Result<Book, String> {
        for rep in &records.reps {
            let named = match rep.attributes.get("team") {
                Some(crate::model::Attribute::Text(team)) => team,
                _ => continue,
            };
            if !records.teams.iter().any(|team| team.id == *named) {
                records.teams.push(Team::new(named.clone()));
            }
        }
        records.tables.clone_from(&given.tables);
        let schema = self.bench.policy.schema().clone();
        // A failure is told on one line.
        Book::build(records, schema).map_err(|errors| errors.to_string().replace('\n', "; "))
    }

    /// The record of a customer.
    pub(super) fn customer(&self, state: &State, row: u32) -> Option<Customer> {
        match state.customers.get(row as usize)? {
            Kept::Made(made, _) => Some(made.record.clone()),
            Kept::Planned(plan) => {
                let plan = state.plans.get(*plan)?;
                plan.view.book().customer(row - plan.first.0)
            }
        }
    }

    /// The record of a rep.
    pub(super) fn rep(&self, state: &State, row: u32) -> Option<Rep> {
        match state.reps.get(row as usize)? {
            Kept::Made(made, _) => Some(made.record.clone()),
            Kept::Planned(plan) => {
                let plan = state.plans.get(*plan)?;
                plan.view.book().rep(row - plan.first.1)
            }
        }
    }

    /// Tier and segment of a customer as a plan of it alone has them, or as the test says.
    pub(super) fn grade(&self, row: u32) -> Result<Grade, String> {
        let (record, tier, segment, given) = {
            let state = self.state();
            if let Some(known) = state.grades.get(&row) {
                return Ok(known.clone());
            }
            let Some(Kept::Made(made, _)) = state.customers.get(row as usize) else {
                return Err("there is no such customer".to_owned());
            };
            let mut record = made.record.clone();
            record.owners.clear();
            let (tier, segment) = (made.tier.clone(), made.segment.clone());
            (record, tier, segment, state.given.clone())
        };
        let grade = match (tier, segment) {
            (Some(tier), Some(segment)) => Grade { tier, segment },
            (tier, segment) => {
                let id = record.id.clone();
                let records = Records {
                    customers: vec![record],
                    ..Records::default()
                };
                let book = self.book_of(records, &given)?;
                let options = given.plan_options(&self.bench.meter);
                let plan = self.bench.policy.plan(&book, &options);
                let plan = plan.map_err(|error| error.to_string())?;
                let of = |texts: &ByCustomer| -> Arc<str> {
                    texts.get(&id).map_or("", String::as_str).into()
                };
                Grade {
                    tier: tier.unwrap_or_else(|| of(&plan.tiers)),
                    segment: segment.unwrap_or_else(|| of(&plan.segments)),
                }
            }
        };
        self.state().grades.insert(row, grade.clone());
        Ok(grade)
    }

    /// How a report names a record.
    pub(super) fn name_of(&self, side: Side, row: u32) -> String {
        let state = self.state();
        let id = match side {
            Side::Customer => self.customer(&state, row).map(|record| record.id),
            Side::Rep => self.rep(&state, row).map(|record| record.id),
        };
        format!("{} {}", side.name(), id.unwrap_or_default())
    }

    /// A value as a report shows it.
    pub(super) fn shown(&self, value: &Value) -> String {
        shown::shown(value, &|side, row| self.name_of(side, row))
    }
}

impl State {
    /// Something else is given from now on; nobody is graded yet under it.
    pub(super) fn give(&mut self, given: Given) {
        self.given = given;
        self.grades.clear();
    }
}

impl Facts for Fixture {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        let schema = self.bench.policy.schema();
        schema.field(side, name).map(|field| field.0)
    }

    fn value(&self, side: Side, row: u32, field: u16) -> Value {
        let schema = self.bench.policy.schema();
        let name = schema
            .get(side, FieldIx(field))
            .map_or("", |field| field.name.as_str());
        let state = self.state();
        let (plan, made) = match side {
            Side::Customer => match state.customers.get(row as usize) {
                Some(Kept::Planned(plan)) => (Some(*plan), None),
                Some(Kept::Made(_, view)) if !matches!(name, "tier" | "segment") => {
                    (None, Some(view.clone()))
                }
                _ => (None, None),
            },
            Side::Rep => match state.reps.get(row as usize) {
                Some(Kept::Planned(plan)) => (Some(*plan), None),
                Some(Kept::Made(made, _)) if name == "holding" && made.holding.is_some() => {
                    return made.holding.map_or(Value::Unit, Value::Int);
                }
                Some(Kept::Made(_, view)) => (None, Some(view.clone())),
                None => (None, None),
            },
        };
        if let Some(view) = made {
            return view.value(side, 0, FieldIx(field), None);
        }
        if let Some(plan) = plan.and_then(|plan| state.plans.get(plan)) {
            let first = match side {
                Side::Customer => plan.first.0,
                Side::Rep => plan.first.1,
            };
            return plan.view.value(side, row - first, FieldIx(field), None);
        }
        drop(state);
        match (name, self.grade(row)) {
            ("tier", Ok(grade)) => Value::Text(grade.tier),
            ("segment", Ok(grade)) => Value::Text(grade.segment),
            _ => Value::Unit,
        }
    }

    fn lookup(&self, table: &str, key: &str) -> Value {
        let state = self.state();
        let found = state
            .given
            .tables
            .get(table)
            .and_then(|table| table.get(key));
        found.map_or(Value::Unit, super::records::value)
    }

    fn now(&self) -> Option<Time> {
        Some(self.state().given.now)
    }

    fn offset(&self) -> UtcOffset {
        self.state().given.offset
    }

    fn params(&self) -> Option<Value> {
        let given = self.state().given.clone();
        Some(Value::Map(self.params_of(&given).unwrap_or_default()))
    }

    fn changes(&self) -> bool {
        true
    }

    fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, String> {
        let own = self.bench.own.get(function).cloned();
        let own = own.ok_or_else(|| "there is no such function".to_owned())?;
        super::calls::call(self, &own, arguments)
    }
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fixture").finish_non_exhaustive()
    }
}
