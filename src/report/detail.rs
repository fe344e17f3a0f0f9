//! An explanation with what happened in the hooks behind it.

use std::fmt;

use serde::Serialize;

use crate::language::Hook;
use crate::model::{Book, Escaped};
use crate::plan::Plan;

use super::explanation::{ExplainError, Explanation, Outcome};
use super::flips::TierFlip;
use super::hook_trace::{HookTrace, TraceOutcome};
use super::tracing::Question;
use super::why_not::Move;

/// What [`Plan::explain`] tells, and below it what was read, tested and added in the hooks, what
/// would change the tier, and what would change the owner.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// What was decided.
    pub explanation: Explanation,
    /// The hook that graded; nothing where the policy has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<HookTrace>,
    /// The smallest changes that give another tier.
    pub tier_flips: Vec<TierFlip>,
    /// Each role with an owner, in the order of the explanation.
    pub roles: Vec<RoleDetail>,
}

/// What happened in the hooks of the pair that one role came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleDetail {
    /// The role.
    pub role: String,
    /// `eligible` and `score` of the customer with its owner, where the policy has them.
    pub owner: Vec<HookTrace>,
    /// What would bring the demand to another rep.
    pub moves: Vec<Move>,
}

impl Plan {
    /// [`Plan::explain`] with everything behind it: the traces of the hooks that decided, the
    /// nearest changes of the tier, and what would move the owner. Costs some askings of each hook
    /// for every field that the tier depends on; made only when asked for.
    ///
    /// ```
    /// use bookwright::{Book, Customer, PlanOptions, Policy, Records, Rep, Schema};
    /// let records = Records {
    ///     customers: vec![Customer::new("c1").set("annual_revenue", 480_000.0)],
    ///     reps: vec![Rep::new("r1").roles(["developer"]), Rep::new("r2").roles(["developer"])],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    /// fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 500_000.0 { "A" } else { "B" } }
    /// fn score(customer, rep) { if rep.id == "r1" { 4.0 } else { 1.0 } }
    /// "#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// assert_eq!(plan.explain_in_detail(&book, "c1")?.to_string(), r#"c1: tier B, named by `tier`, segment `all`
    ///   developer: r1 gets it by `best_score`
    ///     runner-up r2, 3 behind
    ///              4  r1
    ///              1  r2
    /// `tier` gave "B" at line 2
    ///   read customer.annual_revenue: 480,000
    ///   line 2: (customer.annual_revenue ?? 0.0) >= 500_000.0 does not hold: 480,000 >= 500,000
    ///   tier A with annual_revenue from 480,000 to 500,000
    /// `score` with r1 as developer gave 4 at line 3
    ///   read rep.id: "r1"
    ///   line 3: rep.id == "r1" holds: "r1" == "r1"
    ///   r2 would get it with a score higher by 3.000001
    /// "#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Plan::explain`].
    pub fn explain_in_detail(&self, book: &Book, customer: &str) -> Result<Detail, ExplainError> {
        let explanation = self.explain(book, customer)?;
        let question = Question::new(self, book)?.customer(customer)?;
        let tier = [Hook::Tier, Hook::Value]
            .into_iter()
            .map(|hook| question.traced(hook))
            .find(is_there);
        let mut roles = Vec::new();
        for role in &explanation.roles {
            let rep = match &role.outcome {
                Outcome::Kept(kept) => &kept.rep,
                Outcome::Assigned { rep, .. } => rep,
                _ => continue,
            };
            let pair = question.rep(rep)?.role(&role.role)?;
            let owner = [Hook::Eligible, Hook::Score].map(|hook| pair.traced(hook));
            roles.push(RoleDetail {
                role: role.role.clone(),
                owner: owner.into_iter().filter(is_there).collect(),
                moves: self.moves(book, customer, &role.role)?,
            });
        }
        Ok(Detail {
            explanation,
            tier,
            tier_flips: self.tier_flips(book, customer)?,
            roles,
        })
    }
}

/// Whether the policy has the hook.
fn is_there(trace: &HookTrace) -> bool {
    trace.outcome != TraceOutcome::Default
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.explanation)?;
        if let Some(tier) = &self.tier {
            write!(f, "{tier}")?;
        }
        for flip in &self.tier_flips {
            writeln!(f, "  {flip}")?;
        }
        for role in &self.roles {
            for trace in &role.owner {
                write!(f, "{trace}")?;
            }
            if role.owner.is_empty() && !role.moves.is_empty() {
                // So that the moves do not stand under what was before.
                let name = Escaped(&role.role);
                writeln!(f, "`score` as {name} {}", TraceOutcome::Default)?;
            }
            for found in &role.moves {
                writeln!(f, "  {found}")?;
            }
        }
        Ok(())
    }
}
