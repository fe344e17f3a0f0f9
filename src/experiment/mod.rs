//! What if: two policies on one book, one policy over a grid of parameters, and customers split
//! into arms.
//!
//! [`compare`] runs both sides and says what differs and why; [`compare_params`] does so for two
//! sets of parameters, and [`Plan::compare`](crate::Plan::compare) for plans that are there
//! already, whatever else differs between them.
//! [`Plan::against_greedy`](crate::Plan::against_greedy) says what a plan gains over the strategy
//! that never looks back. [`sweep`] has one row per point of a [`Grid`].
//! [`Split`] draws the arms of an experiment. It decides nothing about customers: it asks the same
//! hooks once more. A comparison costs its two plans and a share of one; a sweep one plan per
//! point. All of it serialises, and renders as Markdown by `Display`.

mod balance;
mod cause;
mod changes;
mod compare;
mod comparison;
mod greedy;
mod markdown;
mod split;
mod sweep;

pub use balance::Balance;
pub use compare::{compare, compare_params};
pub use comparison::{
    Cause, Comparison, Example, Examples, OwnerChange, OwnerChangeCount, OwnerChanges, ReasonCount,
    RepBook, RepComparison, ScoreUnder, SideTotals, TierMigration,
};
pub use greedy::{AgainstGreedy, Outcome as PlanOutcome};
pub use split::{Arm, Arms, Decision, Split, SplitError, Stratum};
pub use sweep::{Grid, Sweep, SweepRow, sweep};
