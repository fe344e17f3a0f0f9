//! What people look at: explanations of a plan, as data and as text.
//!
//! Decides nothing. Explaining one customer costs its own pairs and one replay of the turns; it
//! is done only when asked.

mod explain;
mod explanation;
mod text;

pub use explanation::{
    Candidate, ExplainError, Explanation, Kept, Outcome, RoleExplanation, RunnerUp, Standing,
    TieBreak, TierExplanation, TierReason,
};
pub(crate) use text::number;
