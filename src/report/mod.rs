//! What people look at: explanations of a plan, as data and as text.
//!
//! Decides nothing. Explaining one customer costs its own pairs and one replay of the turns; it
//! is done only when asked.

mod detail;
mod explain;
mod explanation;
mod flips;
mod hook_trace;
mod idle;
mod literals;
mod record;
mod shortage;
mod text;
mod trace_text;
mod tracing;
mod why_not;
mod why_not_text;

pub use detail::{Detail, RoleDetail};
pub use explanation::{
    Candidate, ExplainError, Explanation, Kept, Outcome, RoleExplanation, RunnerUp, Standing,
    TieBreak, TierExplanation, TierReason,
};
pub use flips::TierFlip;
pub use hook_trace::{
    FieldRead, HookTrace, Seen, Term, Test, TraceOutcome, TracedCondition, Under,
};
pub use idle::{IdleReason, IdleRep};
pub use shortage::{MoreRoom, OpenObstacle, OpenRelaxation, WhyUnassigned};
pub(crate) use text::number;
pub use why_not::{Move, MoveNeeds, Obstacle, Short, WhyNot};
