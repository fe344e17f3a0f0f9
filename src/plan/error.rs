//! Why there is no plan.

use crate::allocation::Stop;
use crate::model::Escaped;

/// Why a run gave no plan. What fails for one record is in the plan instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The policy was compiled for another schema than the book's.
    #[error(
        "the policy was compiled for another schema than the book has: compile it with the book's schema"
    )]
    OtherSchema,
    /// A parameter that `PARAMS` does not have.
    #[error("unknown parameter `{name}`{}: `PARAMS` has {known}", near(.did_you_mean), name = Escaped(.name))]
    UnknownParameter {
        /// The name that was passed.
        name: String,
        /// A name that is near.
        did_you_mean: Option<String>,
        /// What there is.
        known: String,
    },
    /// A parameter of another kind than in `PARAMS`.
    #[error("parameter `{name}` is {found}, expected {expected} as in `PARAMS`", name = Escaped(.name))]
    WrongParameter {
        /// The name.
        name: String,
        /// The kind that was passed.
        found: &'static str,
        /// The kind in `PARAMS`.
        expected: &'static str,
    },
    /// A parameter that is larger than a value in a script can be.
    #[error("parameter `{name}` is larger than a value in a script can be", name = Escaped(.name))]
    LargeParameter {
        /// The name.
        name: String,
    },
    /// A strategy that does not exist, or settings that make no sense.
    #[error("{0}")]
    Settings(String),
    /// A strategy of the host's own that panicked, or whose answer does not fit the problem.
    #[error("the strategy `{name}` failed: {problem}", name = Escaped(.name))]
    Strategy {
        /// Its name.
        name: String,
        /// What went wrong.
        problem: String,
    },
    /// The host stopped it, or a budget did.
    #[error("the plan was stopped: {}", stop_text(*.0))]
    Stopped(Stop),
}

impl From<Stop> for PlanError {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

fn near(name: &Option<String>) -> String {
    name.as_ref()
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

const fn stop_text(stop: Stop) -> &'static str {
    match stop {
        Stop::Cancelled => "cancelled",
        Stop::Deadline => "its time is up",
        Stop::Operations => "its operations are used up",
    }
}
