//! The best allocation under all limits, with prices that prove it.
//!
//! [`Optimal`] picks the class of a problem:
//!
//! - **Exact** ([`Class::Exact`]): every limit counts all demands that it covers alike, the limits
//!   of each rep are nested (of roles or of tiers, and of all), owners may have a `move_price`,
//!   loads a convex price, a band, or leximin where all reps have one capacity. The problem is a
//!   flow, and the gap is nothing.
//! - **Bounded** ([`Class::Bounded`]): differing workloads, limits that cross, `max_moves`,
//!   `same_rep` and `different_rep`, leximin with unlike capacities (where the gap is that of the
//!   stepwise objective), and whatever was stopped before its end. The allocation is feasible, and
//!   [`Certificate::gap`] tells how much better another could be at most. What coverage is worth
//!   is a sum there: a demand of the lowest rank (by priority, then tier) counts once, of the next
//!   rank twice, and so on; in the exact class that is the same as the highest rank first.
//!
//! `balance` and `min_load` need demands of one workload; without it they are left out.
//!
//! [`Transport`] is the solver of the exact class by itself. Nothing here reads a clock or a random
//! source: with the same input and the same watch in operations, results are the same.

mod certificate;
mod desk;
mod exact;
mod fair;
mod gap;
mod pool;
mod priced;
mod settings;
mod strategy;
mod subgradient;
mod terms;
mod transport;

pub use certificate::{Certificate, Refuted};
pub use gap::{Gap, GapSolution};
pub use settings::{Balance, OptimalSettings};
pub use strategy::{Class, Optimal, Proof, Solution};
pub use transport::{LiveTransport, Transport, Transported};
