//! The integers that costs and prices are made of: 64 bits where the instance fits, else 128.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A signed integer wide enough for the costs of one instance and for sums along one path.
pub(in crate::allocation::optimal) trait Cost:
    Copy
    + Ord
    + Default
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Send
    + Sync
    + 'static
{
    /// Nothing.
    const ZERO: Self;
    /// Stands for "no way"; never added to.
    const MAX: Self;
    /// The greatest magnitude of a single cost per node of the graph, such that prices and path
    /// lengths cannot overflow: a shortest path has at most one arc per node, its reduced length
    /// differs from its cost by two prices, and a price never exceeds a path.
    const EDGE: i128;

    /// The amount, where it fits.
    fn from_wide(amount: i128) -> Option<Self>;
    /// The amount as it is summed.
    fn wide(self) -> i128;
}

macro_rules! cost {
    ($integer:ty, $edge:expr) => {
        impl Cost for $integer {
            const ZERO: Self = 0;
            const MAX: Self = <$integer>::MAX;
            const EDGE: i128 = $edge;

            fn from_wide(amount: i128) -> Option<Self> {
                <$integer>::try_from(amount).ok()
            }

            fn wide(self) -> i128 {
                i128::from(self)
            }
        }
    };
}

cost!(i64, 1 << 59);
cost!(i128, 1 << 123);
