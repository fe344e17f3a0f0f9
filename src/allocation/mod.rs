//! Who gets what, as a pure problem over indices and integers.
//!
//! Knows no customers, no scripts and no texts: demands, reps, limits and a source of scores. The
//! strategies that take one demand after another share `turns`: the order of the demands, the
//! stream of their candidates, and what the reps have room for.

mod best_score;
mod least_loaded;
mod optimal;
mod problem;
mod room;
mod round_robin;
mod shortage;
mod shortlist;
mod turns;
mod weighted_round_robin;

pub use best_score::BestScore;
pub use least_loaded::LeastLoaded;
pub use optimal::{
    Balance, Certificate, Class, Gap, GapSolution, LiveTransport, Optimal, OptimalSettings, Proof,
    Refuted, Solution, Transport, Transported,
};
pub use problem::{
    Allocation, Demand, Holder, Limit, Measure, PairSource, Problem, Stop, Strategy, Unbounded,
    Watch, to_micros,
};
pub use round_robin::RoundRobin;
pub use shortage::{Barred, Obstacle, Question, Relaxation, Shortage, shortage};
pub use shortlist::{Lister, Shortlist};
pub use weighted_round_robin::WeightedRoundRobin;

pub(crate) use optimal::{Tariff, max_load};
use problem::Paced;
pub(crate) use room::Room;
