//! Policies under test: what should hold of every plan, and books to try it on.
//!
//! [`Case`] is a policy with a book and its plan; an invariant is a function of a case
//! ([`everyone_decided`], [`monotone_in`] …), and a service writes its own in the same shape. With
//! the feature `proptest`, [`Search`] tries invariants on books drawn from a schema
//! ([`books`]), and shrinks a book that breaks one to the smallest that still does.

mod invariants;
#[cfg(feature = "proptest")]
mod search;
#[cfg(any(test, feature = "proptest"))]
mod shrink;
#[cfg(feature = "proptest")]
mod strategies;

pub use invariants::{
    Broken, Case, Subject, blind_to, capacity_respected, everyone_decided, monotone_in,
    no_flapping, no_hook_fails, nobody_overbooked, order_independent,
};
#[cfg(feature = "proptest")]
pub use search::{Counterexample, Search};
#[cfg(feature = "proptest")]
pub use strategies::{Books, books, customers, reps, roles};
