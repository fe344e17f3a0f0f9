//! The best allocation under all limits, with prices that prove it.
//!
//! [`Optimal`] picks the class of a problem:
//!
//! - **Exact** ([`Class::Exact`]): every limit counts all demands that it covers alike, the limits
//!   of each rep are nested (of roles or of tiers, and of all), owners may have a `move_price`,
//!   loads, of which every demand makes the same, a convex price, a band, or leximin where all reps
//!   have one capacity. The problem is a flow, and the gap is nothing.
//! - **Bounded** ([`Class::Bounded`]): differing workloads, limits that cross, `max_moves`,
//!   `same_rep` and `different_rep`, leximin with unlike capacities or workloads (where the gap is
//!   that of a steep price on load shares), and whatever was stopped before its end. The
//!   allocation is feasible, and [`Certificate::gap`] tells how much better another could be at
//!   most. Where workloads differ, up to about two thousand demands get prices of their own, under
//!   which each rep is a knapsack: that bound is close where few demands fill a rep. Up to a dozen
//!   demands are searched through, so that the allocation is most often the best even where
//!   the prices leave a gap.
//!
//! *What comes first:* as many demands as possible; among those, as many of the highest rank (by
//! priority, then tier), then of the next, and so on; then the least missing below `min_load`;
//! then leximin; then scores less prices. This is strict, in the exact class because the serving
//! sets form a matroid, in the bounded class by weights, except that with very many ranks (where
//! weights pass 100 bits) the lowest of them count by their sum. [`Certificate::more_served`] tells
//! whether the first part is proven. Demands that the host has decided on, as by a pin, come before
//! all others. With an `unassigned_price` there is no first part: `min_load` and leximin still come
//! before that price and before scores, so leximin then serves nobody whom it can leave open.
//!
//! *Great numbers.* Sums are of 128 bits. Where what comes first would have to count more than fits
//! (scores of 10¹² beside workloads that are 10¹² apart, and many demands), it counts as much as
//! does; the problem is then never called exact.
//!
//! [`Transport`] is the solver of the exact class by itself. Nothing here reads a clock or a random
//! source: with the same input and the same watch in operations, results are the same.

mod assignment;
mod certificate;
mod check;
mod coverage;
mod dense;
mod desk;
mod exact;
mod fair;
mod gap;
mod knapsacks;
mod loads;
mod margin;
mod pool;
mod priced;
mod search;
mod settings;
mod strategy;
mod stream;
mod subgradient;
mod tariff;
mod terms;
mod transport;
mod workloads;

pub use certificate::{Certificate, Refuted};
pub use gap::{Gap, GapSolution};
pub use settings::{Balance, OptimalSettings};
pub use strategy::{Class, Optimal, Proof, Solution};
pub(crate) use tariff::Tariff;
pub(crate) use terms::max_load;
pub use transport::{LiveTransport, Transport, Transported};
