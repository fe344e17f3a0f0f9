//! Asks a strategy, which may be the host's own code: its panics end here, and an answer that does
//! not fit the problem is told instead of followed.
//!
//! Whether an answer keeps to candidates and limits is not looked at: that is for
//! [`Plan::verify`](super::Plan::verify). Costs one pass over the answer.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::allocation::{Allocation, PairSource, Problem, Strategy};

use super::PlanError;
use super::ask::panic_text;
use super::control::Control;

/// What the strategy answers.
pub(super) fn ask(
    strategy: &dyn Strategy,
    problem: &Problem,
    pairs: &dyn PairSource,
    control: &mut Control<'_>,
) -> Result<Allocation, PlanError> {
    let failed = |problem: String| PlanError::Strategy {
        name: strategy.name().to_owned(),
        problem,
    };
    // The strategy sees shared references and the watch; what it left half done is its own.
    control.shield(true);
    let answer = catch_unwind(AssertUnwindSafe(|| {
        strategy.allocate(problem, pairs, control)
    }));
    if let Some(panic) = control.shield(false) {
        resume_unwind(panic); // the observer's: it is the host's, and goes where it was going
    }
    let answer =
        answer.map_err(|panic| failed(format!("it panicked: {}", panic_text(&*panic))))??;
    match misfit(problem, &answer) {
        Some(what) => Err(failed(what.to_owned())),
        None => Ok(answer),
    }
}

/// What about an answer does not fit the problem.
fn misfit(problem: &Problem, answer: &Allocation) -> Option<&'static str> {
    let demands = problem.demands.len();
    let out_of_range = |demand: &u32| *demand as usize >= demands;
    if answer.rep_of.len() != demands {
        Some("it does not answer for every demand")
    } else if (answer.rep_of.iter().flatten()).any(|&rep| rep as usize >= problem.reps) {
        Some("it gives a demand to a rep that is not there")
    } else if answer.turns.iter().any(out_of_range) {
        Some("it names a demand that is not there")
    } else if ![0, demands].contains(&answer.scores.len())
        || answer.scores.iter().any(|score| score.is_infinite())
    {
        Some("its scores are not one finite number for each demand")
    } else if ![0, problem.credits.len()].contains(&answer.credits.len())
        || !answer.credits.iter().all(|credit| credit.is_finite())
    {
        Some("its credits are not one finite number for each rep and role")
    } else {
        None
    }
}
