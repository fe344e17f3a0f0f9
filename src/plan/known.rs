//! Pairs that are known beforehand, present owners and those who were chosen, over columns.

use std::collections::BTreeMap;

use crate::allocation::Stop;
use crate::kernel::{ListScorer, PairScorer, Program};
use crate::model::RoleIx;

use crate::policy::answer::GREATEST_NUMBER;
use crate::steps;

use super::demands::Need;
use super::pairs::Pairs;
use super::threads;

/// So many pairs are worth a thread's while.
const PART: usize = 8 * 1024;

/// A pair: who needs, and the rep by position.
pub(super) type Pair = (Need, u32);

/// Whether `eligible` surely says yes to each pair. Where it says `false` here, the interpreter
/// knows more.
pub(super) fn surely_eligible(pairs: &Pairs<'_>, list: &[Pair]) -> Result<Vec<bool>, Stop> {
    let Some(hook) = &pairs.scene().compiled().hooks.eligible else {
        return Ok(vec![true; list.len()]);
    };
    let (answers, _) = over_columns(pairs, hook.columns(), None, list)?;
    Ok(answers.into_iter().map(|score| !score.is_nan()).collect())
}

/// The score of each pair; `NaN` where the interpreter has to say.
pub(super) fn scores(pairs: &Pairs<'_>, list: &[Pair]) -> Result<Vec<f64>, Stop> {
    let Some(hook) = &pairs.scene().compiled().hooks.score else {
        return Ok(vec![0.0; list.len()]);
    };
    Ok(over_columns(pairs, None, hook.columns(), list)?.0)
}

/// The score of each pair that is a candidate by the hooks, `NaN` for the others, and the indices
/// of those where the interpreter has to say.
pub(super) fn candidates(pairs: &Pairs<'_>, list: &[Pair]) -> Result<Answers, Stop> {
    let hooks = &pairs.scene().compiled().hooks;
    if !pairs.scene().pairs_over_columns() {
        return Ok((vec![f64::NAN; list.len()], (0..list.len() as u32).collect()));
    }
    over_columns(
        pairs,
        hooks.eligible.as_ref().and_then(|slot| slot.columns()),
        hooks.score.as_ref().and_then(|slot| slot.columns()),
        list,
    )
}

/// The scores of all reps for one customer, by position; `NaN` where the interpreter has to say.
pub(crate) fn row(pairs: &Pairs<'_>, need: &Need) -> Vec<f64> {
    let scene = pairs.scene();
    let mut row = vec![f64::NAN; scene.reps.len()];
    let seats = scene.seats().of(need.role);
    if !scene.pairs_over_columns() || seats.is_empty() {
        return row;
    }
    let hooks = &scene.compiled().hooks;
    let reps: Vec<u32> = seats.iter().map(|&rep| scene.reps[rep as usize]).collect();
    let mut scores = vec![f64::NAN; seats.len()];
    PairScorer::new(
        hooks.eligible.as_ref().and_then(|slot| slot.columns()),
        hooks.score.as_ref().and_then(|slot| slot.columns()),
        &scene.view,
        &reps,
        Some(RoleIx(need.role)),
        1,
    )
    .block(&[scene.row(need.customer)], &mut scores, &mut Vec::new());
    for (&rep, score) in seats.iter().zip(scores) {
        if score.abs() <= GREATEST_NUMBER && pairs.barred(need, rep).is_none() {
            row[rep as usize] = score;
        }
    }
    row
}

/// An answer for each pair, and the indices of those where the interpreter has to say.
pub(super) type Answers = (Vec<f64>, Vec<u32>);

/// Also tells the indices of pairs that were deferred.
///
/// # Errors
/// Why the budgets stopped it.
fn over_columns(
    pairs: &Pairs<'_>,
    eligible: Option<&Program>,
    score: Option<&Program>,
    list: &[Pair],
) -> Result<Answers, Stop> {
    let mut answers = vec![f64::NAN; list.len()];
    let scene = pairs.scene();
    if (eligible.is_none() && score.is_none()) || scene.options.interpreter_only {
        return Ok((answers, (0..list.len() as u32).collect()));
    }
    let mut asked = Vec::new();
    let mut by_role: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    let mut look = || pairs.look();
    steps::each(list.iter().zip(0..), &mut look, |((need, _), at)| {
        by_role.entry(need.role).or_default().push(at);
    })?;
    for (role, places) in by_role {
        let scorer = ListScorer::new(eligible, score, &scene.view, Some(RoleIx(role)));
        let made = threads::of_parts(&places, PART, |places| {
            pairs.look()?;
            let pair = |at: &u32| &list[*at as usize];
            let customer = |at| scene.row(pair(at).0.customer);
            let customers: Vec<u32> = places.iter().map(customer).collect();
            let reps = places.iter().map(|at| scene.reps[pair(at).1 as usize]);
            let reps: Vec<u32> = reps.collect();
            let (mut scores, mut deferred) = (vec![f64::NAN; places.len()], Vec::new());
            (scorer.clone()).scores(&customers, &reps, &mut scores, &mut deferred);
            Ok::<_, Stop>((scores, deferred))
        });
        for (places, made) in places.chunks(PART).zip(made) {
            let (scores, deferred) = made?;
            asked.extend(deferred.iter().map(|at| places[*at as usize]));
            for (&at, score) in places.iter().zip(scores) {
                answers[at as usize] = score;
            }
        }
    }
    Ok((answers, asked))
}
