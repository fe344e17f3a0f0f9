//! Asking the hooks of a plan's policy once more, with somebody listening.

use crate::language::{Hook, Parameter};
use crate::model::{Book, RoleIx};
use crate::plan::Plan;
use crate::plan::inside::{MadeFrom, Origin};
use crate::policy::{Answering, Asked};

use super::explanation::ExplainError;
use super::hook_trace::{HookTrace, Seen, TraceOutcome};
use super::record::Recorder;

impl Plan {
    /// What happened when a hook was asked about a customer: `tier`, `value`, `segment` or
    /// `coverage`. The hook is asked again, over the syntax tree; it costs some microseconds.
    ///
    /// ```
    /// use bookwright::{Book, Customer, Hook, PlanOptions, Policy, Records, Schema};
    /// let records = Records {
    ///     customers: vec![Customer::new("c1").set("annual_revenue", 480_000.0)],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    /// fn tier(customer) {
    ///     if (customer.annual_revenue ?? 0.0) >= 500_000.0 { "A" } else { "B" }
    /// }"#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    ///
    /// let trace = plan.trace(&book, "c1", Hook::Tier)?;
    /// assert_eq!(trace.to_string(), "\
    /// `tier` gave \"B\" at line 3
    ///   read customer.annual_revenue: 480,000
    ///   line 3: (customer.annual_revenue ?? 0.0) >= 500_000.0 does not hold: 480,000 >= 500,000
    /// ");
    /// assert_eq!(trace.reads[0].field, "annual_revenue");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExplainError`] where the plan cannot look behind itself, there is no such customer, or
    /// the hook is asked about more than a customer.
    pub fn trace(
        &self,
        book: &Book,
        customer: &str,
        hook: Hook,
    ) -> Result<HookTrace, ExplainError> {
        let asked = Question::new(self, book)?.customer(customer)?;
        asked.ask(hook, &[Parameter::Customer])
    }

    /// What happened when `workload` or `priority` was asked about a customer in a role.
    ///
    /// # Errors
    /// As [`Plan::trace`]; also where there is no such role.
    pub fn trace_in_role(
        &self,
        book: &Book,
        customer: &str,
        role: &str,
        hook: Hook,
    ) -> Result<HookTrace, ExplainError> {
        let asked = Question::new(self, book)?.customer(customer)?.role(role)?;
        asked.ask(hook, &[Parameter::Customer, Parameter::Role])
    }

    /// What happened when `capacity` was asked about a rep in a role.
    ///
    /// # Errors
    /// As [`Plan::trace`]; also where there is no such rep or role.
    pub fn trace_rep(
        &self,
        book: &Book,
        rep: &str,
        role: &str,
        hook: Hook,
    ) -> Result<HookTrace, ExplainError> {
        let asked = Question::new(self, book)?.rep(rep)?.role(role)?;
        asked.ask(hook, &[Parameter::Rep, Parameter::Role])
    }

    /// What happened when `eligible` or `score` was asked about a customer and a rep in a role.
    ///
    /// ```
    /// use bookwright::{Book, Customer, Hook, PlanOptions, Policy, Records, Rep, Schema};
    /// let records = Records {
    ///     customers: vec![Customer::new("c1").set("region", "east").set("potential", 50.0)],
    ///     reps: vec![Rep::new("r1").roles(["developer"]).set("regions", ["east"])],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile("
    /// fn score(customer, rep) {
    ///     let points = 0.0;
    ///     if customer.region in rep.regions { points += 30.0; }
    ///     if rep.level > 3 { points += 5.0; }
    ///     points += (customer.potential ?? 0.0) / 10.0;
    ///     points
    /// }", book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let trace = plan.trace_pair(&book, "c1", "r1", "developer", Hook::Score)?;
    /// assert_eq!(trace.to_string(), r#"`score` with r1 as developer gave 35 at line 7
    ///   read rep.regions: ["east"], customer.region: "east", rep.level: 1, customer.potential: 50
    ///   line 4: customer.region in rep.regions holds: "east" in ["east"]
    ///   line 5: rep.level > 3 does not hold: 1 > 3
    ///          +30  line 4: 30.0, where customer.region in rep.regions
    ///           +5  line 6: (customer.potential ?? 0.0) / 10.0
    /// "#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Plan::trace`]; also where there is no such rep or role.
    pub fn trace_pair(
        &self,
        book: &Book,
        customer: &str,
        rep: &str,
        role: &str,
        hook: Hook,
    ) -> Result<HookTrace, ExplainError> {
        let asked = Question::new(self, book)?.customer(customer)?;
        let asked = asked.rep(rep)?.role(role)?;
        asked.ask(
            hook,
            &[Parameter::Customer, Parameter::Rep, Parameter::Role],
        )
    }
}

/// A question to a plan about records of its book.
#[derive(Clone, Copy)]
pub(super) struct Question<'p> {
    pub(super) origin: &'p Origin,
    pub(super) asked: Asked,
}

impl<'p> Question<'p> {
    pub(super) fn new(plan: &'p Plan, book: &Book) -> Result<Self, ExplainError> {
        let MadeFrom(Some(origin)) = &plan.made_from else {
            return Err(ExplainError::NotMadeHere);
        };
        if !origin.scene.book().is_same(book) {
            return Err(ExplainError::OtherBook);
        }
        Ok(Self {
            origin,
            asked: Asked::default(),
        })
    }

    pub(super) fn customer(mut self, customer: &str) -> Result<Self, ExplainError> {
        let row = self.origin.scene.book().customer_row(customer);
        let unknown = || ExplainError::UnknownCustomer(customer.to_owned());
        self.asked.customer = Some(row.ok_or_else(unknown)?);
        Ok(self)
    }

    pub(super) fn rep(mut self, rep: &str) -> Result<Self, ExplainError> {
        let row = self.origin.scene.book().rep_row(rep);
        self.asked.rep = Some(row.ok_or_else(|| ExplainError::UnknownRep(rep.to_owned()))?);
        Ok(self)
    }

    pub(super) fn role(mut self, role: &str) -> Result<Self, ExplainError> {
        let number = self.origin.scene.book().schema().role(role);
        self.asked.role = Some(number.ok_or_else(|| ExplainError::UnknownRole(role.to_owned()))?);
        Ok(self)
    }

    /// Asks a hook that is asked about exactly that.
    fn ask(self, hook: Hook, about: &[Parameter]) -> Result<HookTrace, ExplainError> {
        if hook.spec().parameters != about {
            return Err(ExplainError::AskedDifferently(hook));
        }
        Ok(self.traced(hook))
    }

    pub(super) fn traced(&self, hook: Hook) -> HookTrace {
        let (scene, asked) = (&self.origin.scene, self.asked);
        let book = scene.book();
        let policy = scene.compiled();
        let mut recorder = Recorder::new(policy);
        let answer = policy.observe(hook, &scene.view, asked, &mut recorder);
        let outcome = match (answer, policy.answering(hook)) {
            (Some(Ok(value)), _) => TraceOutcome::Gave {
                value: match recorder.producer {
                    Some((_, node)) if policy.hidden.hides(node) => Seen::Hidden,
                    _ => Seen::Value(value),
                },
                line: recorder.producer.map(|(span, _)| recorder.line(span)),
                source: (recorder.producer)
                    .map_or_else(String::new, |(span, _)| recorder.text(span)),
            },
            (Some(Err(error)), _) => TraceOutcome::Failed {
                message: policy.hidden.redacted(&error.message),
                line: error.line,
                column: error.column,
            },
            (None, Answering::Native) => TraceOutcome::Native,
            (None, _) => TraceOutcome::Default,
        };
        HookTrace {
            hook: hook.name().to_owned(),
            customer: asked.customer.map(|row| book.customer_id(row).to_owned()),
            rep: asked.rep.map(|row| book.rep_id(row).to_owned()),
            role: (asked.role).map(|RoleIx(role)| scene.role_id(role).to_owned()),
            outcome,
            reads: recorder.reads,
            conditions: recorder.conditions,
            terms: recorder.terms,
        }
    }
}
