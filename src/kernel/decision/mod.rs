//! Decision tables: parts of a program that have few cases, looked up instead of computed.
//!
//! Most of a policy compares a few values with fixed numbers and texts: `switch`, ladders of
//! thresholds, lists of regions, points added up. Such a part is a function of the *cases* of
//! those values: between which two thresholds, which of the texts, true or false. Which parts
//! those are is planned with the program ([`plan`]). A run over many rows computes a part once for
//! each combination of cases, with the very operations it consists of ([`bind`]), and then finds
//! each row's combination and reads the answer ([`cases`]). So a table is exact by construction,
//! deferred rows included, and it follows the parameters of the run.
//!
//! Planning costs nodes times the size of the parts; binding at most [`plan::MOST_CASES`] lanes
//! for each operation in a table; a row a compare per threshold and a load per table.

mod bind;
mod cases;
mod plan;

pub(super) use bind::Table;
pub(super) use plan::Decisions;
