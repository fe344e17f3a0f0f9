//! Sales list management: from a customer list, a team and a scripted policy to tiers, an owner
//! for every customer, and the reason for each decision.
//!
//! ```
//! use bookwright::{Book, PlanOptions, Policy, Records, Schema};
//!
//! let records: Records = serde_json::from_str(r#"{
//!     "customers": [{"id": "c1", "region": "east", "annual_revenue": 250000}],
//!     "reps": [
//!         {"id": "r1", "roles": ["developer"], "regions": ["east"]},
//!         {"id": "r2", "roles": ["developer"], "regions": ["west"]}
//!     ]
//! }"#)?;
//! let book = Book::build(records, Schema::default())?;
//!
//! let policy = Policy::compile(r#"
//!     fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 1e5 { "B" } else { "C" } }
//!     fn score(customer, rep) { if customer.region in rep.regions { 10.0 } else { 0.0 } }
//! "#, book.schema())?;
//!
//! let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
//! assert_eq!(plan.tiers["c1"], "B");
//! assert_eq!(plan.assignments[0].rep, "r1");
//! assert_eq!(
//!     plan.explain(&book, "c1")?.to_string(),
//!     "c1: tier B, named by `tier`, segment `all`\n  \
//!        developer: r1 gets it by `best_score`\n    \
//!          runner-up r2, 10 behind\n            \
//!              10  r1\n             \
//!               0  r2\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Two stages, both typed: a text becomes a [`Policy`], checked against a [`Schema`] with all
//! findings at once; a policy and a [`Book`] become a [`Plan`]. What fails for one customer is data
//! in the plan; what makes a run meaningless is an `Err`. The library does no input or output and
//! has no clock: what it needs comes in with [`PlanOptions`].
//!
//! Beside the flat names here: [`language`] has the tables of fields, hooks and host functions,
//! [`syntax`] the parser and the diagnostics, [`tiering`] what tiers mean, [`allocation`] the
//! strategies, to be used alone or to be joined by others.

pub mod allocation;
pub mod experiment;
mod kernel;
pub mod language;
pub mod model;
pub mod plan;
pub mod policy;
#[doc(hidden)]
pub mod probe;
pub mod report;
mod script;
mod steps;
pub mod syntax;
pub mod testing;
pub mod tiering;
mod trace;

pub use experiment::{
    AgainstGreedy, Arm, Arms, Balance, Cause, Comparison, Decision, Example, Examples, Grid,
    OwnerChange, OwnerChangeCount, OwnerChanges, PlanOutcome, ReasonCount, RepBook, RepComparison,
    ScoreUnder, SideTotals, Split, SplitError, Stratum, Sweep, SweepRow, TierMigration, compare,
    compare_params, sweep,
};
pub use language::{Hook, Kind, Limits, Side, Time, TimeError, UtcOffset, Value};
pub use model::{
    Attribute, Bits, Book, BookBuilder, BookError, BookErrors, ColumnRef, Customer, CustomerRef,
    Exclusion, Field, FieldError, FieldIx, Owner, Ownership, Pin, Presence, RecordKind, RecordName,
    Records, Rep, RepRef, Role, RoleIx, Schema, SchemaBuilder, SchemaError, Stored, Symbol,
    Symbols, TableEntries, TableRef, TagSet, TagSets, Team, Turn, View, Warning,
};
pub use plan::{
    ApplyError, Assignment, Budget, ByCustomer, Cancel, Change, Clock, Demanded, HookProblem,
    IterByCustomer, Load, Observer, Plan, PlanCertificate, PlanError, PlanOptions, Progress,
    Reason, Released, Rotation, Sample, ShadowPrice, SlotPrice, Stage, Totals, Unassigned,
    Verified, VerifyErrors, Violation,
};
pub use policy::{
    Allocating, BalanceSetting, Call, CustomerHook, HookError, HookReads, PairHook, Policy,
    PolicyBuilder, PolicyError, RepHook, STRATEGIES, check,
};
pub use report::{
    ExplainError, Explanation, HookTrace, IdleReason, IdleRep, MoreRoom, OpenObstacle,
    OpenRelaxation, WhyUnassigned,
};
#[doc(hidden)]
pub use script::{Sandbox, SandboxError, SandboxFacts};
pub use tiering::Place;

/// The Rust of README.md, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
