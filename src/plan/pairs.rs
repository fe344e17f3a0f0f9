//! Customers against reps: who may own whom, and how well it suits.
//!
//! Pairs are looked at in blocks and never stored whole.

use std::sync::{Mutex, PoisonError};

use crate::allocation::Stop;
use crate::language::{Hook, Time};
use crate::model::RoleIx;
use crate::policy::{Call, HookError, answer, answer::Verdict};
use crate::script::Meter;

use super::ask;
use super::control;
use super::demands::{Group, Need, Only};
use super::run::{ProblemAt, Problems, Scene};
use super::seats::unavailable;

/// Why a rep is no candidate, before any hook is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Out {
    NotInRole,
    Inactive,
    NotYet(Time),
    Away(Time),
    Excluded,
    Pinned(u32),
    PinsContradict,
    Family(u32),
    /// `same_rep`: the owner in this role is another rep.
    OneRep(u16, u32),
    /// `different_rep`: the rep is the owner in this role.
    OtherRep(u16),
    /// `eligible` said no, with its reason.
    Ineligible(Option<String>),
    Failed(Hook, String),
}

impl Out {
    /// The reason as plans and explanations word it.
    pub(crate) fn text(&self, scene: &Scene) -> String {
        let shown = |time: &Time| time.shown_at(scene.view.offset());
        match self {
            Self::NotInRole => "not in the role".to_owned(),
            Self::Inactive => "inactive".to_owned(),
            Self::NotYet(from) => format!("available from {}", shown(from)),
            Self::Away(until) => format!("away until {}", shown(until)),
            Self::Excluded => "excluded by the book".to_owned(),
            Self::Pinned(rep) => format!("pinned to `{}`", scene.rep_id(*rep)),
            Self::PinsContradict => "the family is pinned to different reps".to_owned(),
            Self::Family(rep) => format!("the family is with `{}`", scene.rep_id(*rep)),
            Self::OneRep(role, rep) => {
                let (rep, role) = (scene.rep_id(*rep), scene.role_id(*role));
                format!("`{rep}` is the {role} (same_rep)")
            }
            Self::OtherRep(role) => {
                format!("is the {} already (different_rep)", scene.role_id(*role))
            }
            Self::Ineligible(None) => "not eligible".to_owned(),
            Self::Ineligible(Some(why)) => why.clone(),
            Self::Failed(hook, message) => format!("`{hook}` failed: {message}"),
        }
    }
}

/// Everything that decides about pairs, but for what they cost.
pub(crate) struct Pairs<'r> {
    scene: &'r Scene,
    meter: Meter,
    /// Whether the book has any exclusions.
    exclusions: bool,
    /// What failed while blocks were made.
    failures: Mutex<Problems>,
}

impl<'r> Pairs<'r> {
    pub(crate) const fn scene(&self) -> &'r Scene {
        self.scene
    }

    pub(crate) fn new(scene: &'r Scene, meter: Meter) -> Self {
        Self {
            scene,
            meter,
            exclusions: scene.book().has_pins_or_exclusions().1,
            failures: Mutex::new(Problems::new()),
        }
    }

    /// Why the rep cannot take this need, before any hook is asked.
    pub(crate) fn barred(&self, need: &Need, rep: u32) -> Option<Out> {
        if !self.scene.seats().has(need.role, rep) {
            return unavailable(self.scene, rep, need.role);
        }
        self.is_excluded(need.customer, rep, need.role)
            .then_some(Out::Excluded)
    }

    fn is_excluded(&self, customer: u32, rep: u32, role: u16) -> bool {
        self.exclusions
            && self.scene.book().is_excluded(
                self.scene.row(customer),
                self.scene.reps[rep as usize],
                RoleIx(role),
            )
    }

    /// What `eligible` says of one pair.
    pub(crate) fn eligible(
        &self,
        need: &Need,
        rep: u32,
        call: &mut Call<'_>,
    ) -> Result<Result<Verdict, HookError>, Stop> {
        let Some(hook) = &self.scene.compiled().hooks.eligible else {
            return Ok(Ok(Verdict::Yes));
        };
        let rows = (
            self.scene.customers[need.customer as usize],
            self.scene.reps[rep as usize],
        );
        let answered = ask::pair(hook, &self.scene.view, rows, RoleIx(need.role), call)?;
        let hidden = &self.scene.compiled().hidden;
        match answered.and_then(|value| Ok(answer::verdict(&value)?)) {
            Ok(Verdict::Because(_)) if hidden.hides_answer(Hook::Eligible) => Ok(Ok(
                Verdict::Because("not eligible, for a reason that holds a sensitive field".into()),
            )),
            verdict => Ok(verdict.map_err(|error| error.redacted(hidden))),
        }
    }

    /// What `score` says of one pair.
    pub(crate) fn score(
        &self,
        need: &Need,
        rep: u32,
        call: &mut Call<'_>,
    ) -> Result<Result<f64, HookError>, Stop> {
        let Some(hook) = &self.scene.compiled().hooks.score else {
            return Ok(Ok(0.0));
        };
        let rows = (
            self.scene.customers[need.customer as usize],
            self.scene.reps[rep as usize],
        );
        let answered = ask::pair(hook, &self.scene.view, rows, RoleIx(need.role), call)?;
        let score = answered.and_then(|value| Ok(answer::number(&value)?));
        Ok(score.map_err(|error| error.redacted(&self.scene.compiled().hidden)))
    }

    /// The score of a rep for all members of a demand together, or the first thing in the way.
    pub(crate) fn judge(
        &self,
        group: &Group,
        members: &[Need],
        rep: u32,
        call: &mut Call<'_>,
    ) -> Result<Result<f64, Out>, Stop> {
        let pinned = matches!(group.only, Some(Only::Pinned(_)));
        if let Some(out) = (members.iter()).find_map(|need| self.barred(need, rep)) {
            return Ok(Err(out));
        }
        match group.only {
            Some(Only::Pinned(only)) if only != rep => return Ok(Err(Out::Pinned(only))),
            Some(Only::Family(only)) if only != rep => return Ok(Err(Out::Family(only))),
            Some(Only::Contradiction) => return Ok(Err(Out::PinsContradict)),
            _ => {}
        }
        if let Some(out) = group.ties.as_ref().and_then(|ties| ties.bar(rep)) {
            return Ok(Err(out));
        }
        let mut sum = 0.0;
        for need in members {
            // A pin is the host's own decision: `eligible` is not asked.
            if !pinned {
                match self.eligible(need, rep, call)? {
                    Ok(Verdict::Yes) => {}
                    Ok(Verdict::No) => return Ok(Err(Out::Ineligible(None))),
                    Ok(Verdict::Because(why)) => return Ok(Err(Out::Ineligible(Some(why)))),
                    Err(error) => return Ok(Err(self.note(Hook::Eligible, need, rep, error))),
                }
            }
            match self.score(need, rep, call)? {
                Ok(score) => sum += score,
                Err(error) => return Ok(Err(self.note(Hook::Score, need, rep, error))),
            }
        }
        Ok(Ok(sum))
    }

    /// Remembers that a hook failed: for each customer, role and hook the first rep by id.
    pub(crate) fn note(&self, hook: Hook, need: &Need, rep: u32, error: HookError) -> Out {
        let at = ProblemAt {
            customer: Some(need.customer),
            rep: None,
            role: Some(need.role),
            hook,
        };
        let out = Out::Failed(hook, error.message().to_owned());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = failures.entry(at).or_insert_with(|| {
            self.meter.owe(5 * control::TEXT as u64);
            (Some(rep), error.clone())
        });
        if Some(rep) < slot.0 {
            *slot = (Some(rep), error);
        }
        out
    }

    /// What failed so far; the list is empty afterwards.
    pub(crate) fn take_failures(&self) -> Problems {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The reps that may take customers in the role, by position.
    pub(crate) fn seats(&self, role: u16) -> &[u32] {
        self.scene.seats().of(role)
    }

    /// Whether the book excludes anybody.
    pub(crate) const fn has_exclusions(&self) -> bool {
        self.exclusions
    }

    /// Looks at the budgets.
    pub(crate) fn look(&self) -> Result<(), Stop> {
        control::look(&self.meter)
    }

    pub(crate) fn call(&self) -> Call<'_> {
        Call::new(&self.meter)
    }

    /// How many reps there are.
    pub(crate) fn reps(&self) -> u32 {
        self.scene.reps.len() as u32
    }
}
