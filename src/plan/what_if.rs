//! One open demand of a plan, and the round that it was in, to be allocated once more with
//! something changed.
//!
//! Works on positions; `report` puts ids to the answers. Every answer costs some allocations of the
//! round, and decides nothing.

use crate::allocation::{
    Barred, Optimal, OptimalSettings, Question, Shortage, Stop, Unbounded, shortage,
};
use crate::script::Meter;

use super::allocate::Round;
use super::blocks::OpenPairs;
use super::demands::Group;
use super::origin::Origin;
use super::pairs::{Out, Pairs};

/// Why reps are no candidates, each reason with its reps.
pub(crate) type Reasons = Vec<(String, Vec<u32>)>;

/// An open demand and its round.
pub(crate) struct WhatIf<'p> {
    origin: &'p Origin,
    pub(crate) round: &'p Round,
    /// The number of the demand in the round.
    demand: u32,
    group: &'p Group,
    /// The settings, where the strategy is `optimal`.
    pub(crate) settings: Option<OptimalSettings>,
    pairs: Pairs<'p>,
}

impl<'p> WhatIf<'p> {
    /// Of a demand by index in [`super::owners::Held::open`].
    pub(crate) fn new(origin: &'p Origin, open: usize) -> Option<Self> {
        let (round, demand) = origin.round_of(open)?;
        let scene = &origin.scene;
        let group = &origin.held.needs.groups[origin.held.open[open] as usize];
        let settings = scene
            .optimal(scene.role_id(group.demand.role))
            .map(|settings| settings.optimal(scene.book().schema()).ok());
        let meter = Meter::new(scene.compiled().limits.operations);
        Some(Self {
            origin,
            round,
            demand,
            group,
            settings: settings.flatten(),
            pairs: Pairs::new(scene, meter),
        })
    }

    /// Why the demand stays open, what would serve it, and why reps are no candidates: each reason
    /// by its number in the answer, with its reps.
    pub(crate) fn shortage(&self) -> Result<(Option<Shortage>, Reasons), Stop> {
        let (barred, reasons) = self.barred()?;
        let question = Question {
            problem: &self.round.problem,
            strategy: &*self.round.strategy,
            settings: self.settings.as_ref(),
            demand: self.demand,
            barred: &barred,
        };
        let found = self.with_source(|source| shortage(&question, source, &mut Unbounded))?;
        Ok((found, reasons))
    }

    /// By how much the score of the rep must rise for the demand to go there, in millionths.
    pub(crate) fn margin(&self, rep: u32) -> Result<Option<i128>, Stop> {
        let Some(settings) = &self.settings else {
            return Ok(None);
        };
        let optimal = Optimal::new(settings.clone());
        let at = (self.demand, rep);
        self.with_source(|source| optimal.margin(&self.round.problem, source, at, &mut Unbounded))
    }

    fn with_source<T>(
        &self,
        ask: impl FnOnce(&OpenPairs<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let held = &self.origin.held;
        let groups: Vec<u32> = (self.round.open.iter())
            .map(|&open| held.open[open as usize])
            .collect();
        let source = OpenPairs::new(&self.pairs, &held.needs, &groups);
        let answer = ask(&source)?;
        source.all_were_seen()?;
        Ok(answer)
    }

    /// The reps that are no candidates: those in the role, or all where nobody is.
    fn barred(&self) -> Result<(Vec<Barred>, Reasons), Stop> {
        let members = self.origin.held.needs.members(self.group);
        let mut call = self.pairs.call();
        let (mut outs, mut anybody) = (Vec::new(), false);
        for rep in 0..self.pairs.reps() {
            let out = self.pairs.judge(self.group, members, rep, &mut call)?.err();
            anybody |= out != Some(Out::NotInRole);
            outs.extend(out.map(|out| (rep, out)));
        }
        let mut reasons = Reasons::new();
        let mut barred = Vec::new();
        for (rep, out) in outs {
            if anybody && out == Out::NotInRole {
                continue;
            }
            let text = out.text(self.pairs.scene());
            let known = reasons.iter().position(|(reason, _)| *reason == text);
            let reason = known.unwrap_or_else(|| {
                reasons.push((text, Vec::new()));
                reasons.len() - 1
            });
            reasons[reason].1.push(rep);
            let mut score = 0.0;
            for need in members {
                score += self.pairs.score(need, rep, &mut call)?.unwrap_or(0.0);
            }
            barred.push(Barred {
                rep,
                reason: reason as u32,
                score,
            });
        }
        Ok((barred, reasons))
    }
}
