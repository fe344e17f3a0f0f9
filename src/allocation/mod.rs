//! Who gets what, as a pure problem over indices and integers.
//!
//! Knows no customers, no scripts and no texts: demands, reps, limits and a source of scores.

mod problem;

pub use problem::{
    Allocation, Demand, Limit, Measure, PairSource, Problem, Stop, Strategy, Unbounded, Watch,
    to_micros,
};
