//! Books drawn from a schema, for invariants: small, realistic, and full of borders.
//!
//! What a field can hold comes from its row in the schema, from what customers and reps are like
//! (`Ranges`), and from the numbers and texts that the policy itself compares with, which is where
//! its mistakes are. A book is decided by seed and number alone.

mod book;
mod mentions;
mod random;
mod ranges;

pub(super) use book::records;
pub(super) use mentions::Mentions;
pub(super) use random::Random;
pub(super) use ranges::Ranges;
