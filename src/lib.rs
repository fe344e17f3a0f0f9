//! Sales list management: tiers, owners, reasons.

pub mod allocation;
mod kernel;
pub mod language;
pub mod model;
pub mod plan;
pub mod policy;
#[doc(hidden)]
pub mod probe;
pub mod report;
mod script;
pub mod syntax;
pub mod tiering;

pub use language::{Hook, Kind, Limits, Side, Time, TimeError, UtcOffset, Value};
pub use model::{
    Attribute, Bits, Book, BookBuilder, BookError, BookErrors, ColumnRef, Customer, CustomerRef,
    Exclusion, Field, FieldError, FieldIx, Owner, Ownership, Pin, Presence, RecordKind, RecordName,
    Records, Rep, RepRef, Role, RoleIx, Schema, SchemaBuilder, SchemaError, Stored, Symbol,
    Symbols, TableEntries, TableRef, TagSet, TagSets, Team, Turn, View, Warning,
};
pub use plan::{
    ApplyError, Assignment, Budget, Cancel, Change, Clock, HookProblem, Load, Observer, Plan,
    PlanError, PlanOptions, Progress, Reason, Released, Rotation, Stage, Totals, Unassigned,
};
pub use policy::{
    Allocating, BalanceSetting, Call, CustomerHook, HookError, PairHook, Policy, PolicyBuilder,
    PolicyError, RepHook, STRATEGIES, check,
};
pub use report::{ExplainError, Explanation};
#[doc(hidden)]
pub use script::{Sandbox, SandboxError, SandboxFacts};
