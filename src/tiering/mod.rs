//! What tier a customer is in: the meaning of labels, thresholds and shares.
//!
//! Knows numbers and the order of customers, no scripts. Placing `n` customers takes
//! `O(n log n)` where shares are cut, `O(n × tiers)` where thresholds are.

mod place;
mod rule;

pub(crate) use place::place_watched;
pub use place::{Border, Place, Placed, Row, place};
pub use rule::{Cut, Per, TierRule, TierRuleError};
