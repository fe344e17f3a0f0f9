//! The loop that runs a policy on a book, and the plan that comes of it.
//!
//! `run` is the whole of it on one screen: tiers and segments, what each customer needs, what
//! reps can carry, which owners stay, who gets the rest. It decides nothing about scores or
//! eligibility itself (hooks do) and nothing about who wins (strategies do). Time is linear in
//! customers plus the pairs that are looked at; pairs are never stored.

mod again;
mod allocate;
mod apply;
mod ask;
mod assemble;
mod blocks;
mod by_customer;
mod capacity;
mod control;
mod couplings;
mod customers;
mod demands;
mod ending;
mod error;
mod fingerprint;
mod idle;
mod known;
mod options;
mod origin;
mod outcome;
mod owners;
mod pairs;
mod proof;
mod reasons;
mod run;
mod seats;
mod strategy;
mod threads;
mod verify;
mod what_if;

pub use apply::ApplyError;
pub use by_customer::{ByCustomer, IterByCustomer};
pub use error::PlanError;
pub use options::{Budget, Cancel, Clock, Observer, PlanOptions, Progress, Stage};
pub use outcome::{
    Assignment, Change, HookProblem, Load, Plan, Reason, Released, Rotation, Totals, Unassigned,
};
pub use proof::{PlanCertificate, ShadowPrice, SlotPrice};
pub use verify::{Demanded, Sample, Verified, VerifyErrors, Violation};

/// The steps of a run, for those who look behind a plan.
pub(crate) mod inside {
    pub(crate) use super::again::Again;
    pub(crate) use super::demands::{Group, Need, Only};
    pub(crate) use super::idle::{Idle, idle};
    pub(crate) use super::known::row;
    pub(crate) use super::origin::{MadeFrom, Origin};
    pub(crate) use super::owners::owner;
    pub(crate) use super::pairs::{Out, Pairs};
    pub(crate) use super::run::{Scene, params};
    pub(crate) use super::threads::both;
    pub(crate) use super::what_if::WhatIf;
}
