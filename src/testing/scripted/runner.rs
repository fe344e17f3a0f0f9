//! Runs the tests of a policy, one after another, in the sandbox.

use std::sync::Arc;

use crate::language::{Hook, TEST_FUNCTIONS};
use crate::policy::{Policy, TestItem, TestKind};
use crate::script::{CallError, CallErrorKind, Meter, Program, Worker};
use crate::syntax::ast::ExprKind;

use super::coverage::Collector;
use super::fixture::{Bench, Fixture, Given, Own};
use super::invariants;
use super::options::TestOptions;
use super::report::{Failing, TableRow, TestFailure, TestReport, TestResult};
use super::watched::{Watch, watched};

impl Policy {
    /// Runs the tests and invariants of the policy, those of its text and those of a second script.
    ///
    /// ```
    /// use bookwright::testing::TestOptions;
    /// use bookwright::{Policy, Schema};
    /// let policy = Policy::compile(r#"
    ///     fn tier(customer) { if (customer.annual_revenue ?? 0.0) > 1e6 { "A" } else { "C" } }
    ///
    ///     fn test_a_million_is_enough() {
    ///         assert_eq(tier(customer(#{ annual_revenue: 1e6 })), "A");
    ///     }
    /// "#, &Schema::default())?;
    /// let report = policy.test(&TestOptions::default());
    /// assert!(!report.passed());
    /// assert!(report.to_string().contains(r#"
    /// error[assert-eq]: the two are not equal
    ///  --> policy:5:9
    ///   |
    /// 5 |         assert_eq(tier(customer(#{ annual_revenue: 1e6 })), "A");
    ///   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///    left: "C"
    ///   right: "A"
    /// "#));
    /// # Ok::<(), bookwright::PolicyError>(())
    /// ```
    #[must_use]
    pub fn test(&self, options: &TestOptions) -> TestReport {
        run(self, options)
    }
}

/// One run of a policy's tests.
pub(super) struct Runner {
    pub(super) bench: Arc<Bench>,
    worker: Worker,
}

fn run(policy: &Policy, options: &TestOptions) -> TestReport {
    let mut report = TestReport {
        tests: Vec::new(),
        filtered_out: 0,
        not_run: 0,
        stopped: None,
        coverage: None,
        least_coverage: options.least_coverage,
        faults: Vec::new(),
    };
    let items = &policy.compiled().tests.items;
    let wanted = |item: &&TestItem| match &options.filter {
        Some(filter) => item.name.contains(filter.as_str()),
        None => true,
    };
    let chosen: Vec<&TestItem> = items.iter().filter(wanted).collect();
    report.filtered_out = items.len() - chosen.len();
    let collector =
        (options.coverage && !chosen.is_empty()).then(|| Arc::new(Collector::new(policy)));
    let watch = collector
        .clone()
        .map(|collector| collector as Arc<dyn Watch>);
    let mut runner = match Runner::new(policy, options, watch) {
        Ok(runner) => runner,
        Err(message) => {
            report.not_run = chosen.len();
            report.stopped = Some(message);
            return report;
        }
    };
    for (at, item) in chosen.iter().enumerate() {
        runner.item(item, &mut report);
        if let Some(stop) = runner.bench.meter.stop() {
            report.stopped = Some(CallError::stopped(stop).message);
            report.not_run = chosen.len() - at - 1;
            break;
        }
        if options.fail_fast && report.failures().next().is_some() {
            report.not_run = chosen.len() - at - 1;
            break;
        }
    }
    if let Some(collector) = collector {
        let (coverage, faults) = collector.sum();
        report.coverage = Some(coverage);
        report.faults = faults;
    }
    report
}

impl Runner {
    fn new(
        policy: &Policy,
        options: &TestOptions,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, String> {
        let tests = &policy.compiled().tests;
        let mut own = Vec::new();
        let mut bound: Vec<(Arc<str>, Vec<usize>)> = Vec::new();
        for spec in TEST_FUNCTIONS {
            own.push(Own::Test(spec.name));
            bound.push((spec.name.into(), spec.arities()));
        }
        for hook in Hook::ALL {
            let spec = hook.spec();
            own.push(Own::Hook(hook));
            bound.push((
                spec.name.into(),
                (spec.least..=spec.parameters.len()).collect(),
            ));
        }
        for (name, parameters) in &tests.callable {
            own.push(Own::Helper(Arc::clone(name)));
            bound.push((Arc::clone(name), vec![*parameters]));
        }
        let program = Program::compile_with(&tests.text, &options.limits, &bound)
            .map_err(|error| format!("the tests do not compile for the interpreter: {error}"))?;
        let meter = meter(options);
        let bench = Bench {
            asked: match &watch {
                Some(watch) => watched(policy, watch),
                None => policy.clone(),
            },
            policy: policy.clone(),
            options: options.clone(),
            own,
            reads_grades: reads_grades(policy),
            watch,
            meter: meter.clone(),
        };
        let bench = Arc::new(bench);
        Fixture::new(&bench, 0).params_of(&Given::of(options))?;
        Ok(Self {
            bench,
            worker: program.worker(&meter),
        })
    }

    /// Runs one test, row by row where it has a table, or one invariant.
    fn item(&mut self, item: &TestItem, report: &mut TestReport) {
        if item.kind == TestKind::Invariant {
            report.tests.push(invariants::run(self, item));
            return;
        }
        let mut case = 0;
        loop {
            let fixture = Arc::new(Fixture::new(&self.bench, case));
            let failure = self.call(item, &fixture, &[]);
            let table = fixture.state().table.clone();
            let rows = table.as_ref().map_or(1, |table| table.rows);
            report.tests.push(TestResult {
                name: item.name.to_string(),
                case: table.map(|table| TableRow {
                    row: case + 1,
                    rows: table.rows,
                    values: table.shown,
                }),
                books: None,
                failure: failure.map(Box::new),
            });
            case += 1;
            if case >= rows || self.bench.meter.stop().is_some() {
                return;
            }
        }
    }

    /// Calls the function of a test; why it failed, where it did.
    pub(super) fn call(
        &mut self,
        item: &TestItem,
        fixture: &Arc<Fixture>,
        arguments: &[crate::Value],
    ) -> Option<TestFailure> {
        self.worker
            .bind(Arc::clone(fixture) as Arc<dyn crate::script::Facts>);
        let outcome = self.worker.call(&item.name, arguments);
        self.worker.tell();
        let error = outcome.err()?;
        let tests = &self.bench.policy.compiled().tests;
        let failing = fixture.state().failing.take();
        let failing = failing.unwrap_or_else(|| match error.kind {
            CallErrorKind::Failed => Failing::new("failed", &error.message),
            CallErrorKind::Budget | CallErrorKind::Stopped(_) => {
                Failing::new("failed", &format!("the test was ended: {}", error.message))
            }
        });
        let (source, line) = tests.place(error.line.unwrap_or(item.line));
        Some(failing.at(source, line, error.column.unwrap_or(1)))
    }
}

fn meter(options: &TestOptions) -> Meter {
    let budget = &options.budget;
    let per_test = budget
        .operations_per_call
        .unwrap_or(options.limits.operations);
    let mut meter = Meter::new(per_test).cancelled_by(budget.cancel.flag());
    if let Some(operations) = budget.operations {
        meter = meter.plan_operations(operations);
    }
    if let (Some(time), Some(clock)) = (budget.time, &budget.clock) {
        meter = meter.deadline(clock.clone(), clock().saturating_add(time));
    }
    meter
}

/// Whether some hook may read what a plan computes about a customer.
fn reads_grades(policy: &Policy) -> bool {
    let compiled = policy.compiled();
    let hooks = &compiled.hooks;
    let native = [&hooks.eligible, &hooks.score]
        .into_iter()
        .any(|slot| slot.as_ref().is_some_and(|slot| slot.script().is_none()))
        || [
            &hooks.segment,
            &hooks.coverage,
            &hooks.workload,
            &hooks.priority,
        ]
        .into_iter()
        .any(|slot| slot.as_ref().is_some_and(|slot| slot.script().is_none()));
    let mut reads = native;
    for function in &compiled.script.functions {
        crate::policy::walk::expressions(&function.body, &mut |expr| {
            if let ExprKind::Field { name, .. } = &expr.kind {
                reads |= matches!(&*name.text, "tier" | "segment");
            }
        });
    }
    reads
}
