//! The hooks of a run asked once more, afterwards, about pairs and customers of one's choice.
//!
//! Decides nothing and remembers nothing. A pair costs what it costs in the run; the budget of
//! the plan holds for each asking anew.

use std::ops::ControlFlow;

use crate::allocation::Stop;
use crate::model::RoleIx;
use crate::policy::answer::{GREATEST_NUMBER, Verdict};

use super::control::Control;
use super::customers;
use super::demands::Need;
use super::known;
use super::pairs::Pairs;
use super::run::{Problems, Run, Scene};

/// A scene to be asked.
#[derive(Debug)]
pub(crate) struct Again<'s>(pub(crate) &'s Scene);

impl<'s> Again<'s> {
    /// What `score` says of each pair, whether or not the rep is eligible; `NaN` where it fails.
    pub(crate) fn scores(&self, list: &[(Need, u32)]) -> Result<Vec<f64>, Stop> {
        self.with_pairs(|pairs| {
            let mut call = pairs.call();
            let mut scores = known::scores(pairs, list)?;
            for (score, (need, rep)) in scores.iter_mut().zip(list) {
                if score.is_nan() || score.abs() > GREATEST_NUMBER {
                    *score = pairs.score(need, *rep, &mut call)?.unwrap_or(f64::NAN);
                }
            }
            Ok(scores)
        })
    }

    /// The score of each pair by itself; `NaN` where the rep may not own the customer.
    pub(crate) fn judged(&self, list: &[(Need, u32)]) -> Result<Vec<f64>, Stop> {
        self.with_pairs(|pairs| {
            let (mut scores, mut asked) = known::candidates(pairs, list)?;
            let (any_pin, any_exclusion) = self.0.book().has_pins_or_exclusions();
            for (at, (need, rep)) in list.iter().enumerate() {
                let seated = self.0.seats().has(need.role, *rep);
                let pinned = any_pin && self.pin(need).is_some();
                let barred = !seated || (any_exclusion && pairs.barred(need, *rep).is_some());
                if barred || pinned || scores[at].abs() > GREATEST_NUMBER {
                    asked.push(at as u32);
                }
            }
            let mut call = pairs.call();
            for at in asked {
                let (need, rep) = &list[at as usize];
                scores[at as usize] = self.judge(pairs, need, *rep, &mut call)?;
            }
            Ok(scores)
        })
    }

    fn judge(
        &self,
        pairs: &Pairs<'_>,
        need: &Need,
        rep: u32,
        call: &mut crate::policy::Call<'_>,
    ) -> Result<f64, Stop> {
        let pin = self.pin(need);
        if pairs.barred(need, rep).is_some() || pin.is_some_and(|pin| pin != rep) {
            return Ok(f64::NAN);
        }
        if pin.is_none() && !matches!(pairs.eligible(need, rep, call)?, Ok(Verdict::Yes)) {
            return Ok(f64::NAN);
        }
        Ok(pairs.score(need, rep, call)?.unwrap_or(f64::NAN))
    }

    fn pin(&self, need: &Need) -> Option<u32> {
        let row = self.0.row(need.customer);
        let pin = self.0.book().pin(row, RoleIx(need.role))?;
        Some(self.0.rep_at[pin as usize])
    }

    fn with_pairs<T>(&self, work: impl FnOnce(&Pairs<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
        let mut observer = |_| ControlFlow::Continue(());
        let operations = self.0.compiled().limits.operations;
        let control = Control::new(&self.0.options, operations, &mut observer);
        work(&Pairs::new(self.0, control.meter().clone()))
    }

    /// The customers that would need each role, by number of the role, if the customers had the
    /// tiers of the other run; and the scene in which they have.
    pub(crate) fn with_tiers_of(scene: &Scene, other: &Scene) -> Scene {
        scene.with_tiers_of(other)
    }

    /// The customers that `coverage` says need each role, by number of the role.
    pub(crate) fn coverage(scene: Scene) -> Result<(Scene, Vec<Vec<u32>>), Stop> {
        let mut observer = |_| ControlFlow::Continue(());
        let options = scene.options.clone();
        let operations = scene.compiled().limits.operations;
        let mut run = Run {
            control: Control::new(&options, operations, &mut observer),
            problems: Problems::new(),
            scene,
        };
        let by_role = customers::coverage(&mut run, &mut Vec::new())?;
        Ok((run.scene, by_role))
    }
}
