//! Hooks as programs over columns: the speed of compiled code for policies.
//!
//! [`lower`] turns a hook's syntax tree into a [`Program`]; a program runs over rows of customers
//! or reps, or over pairs of them, in batches with masks instead of branches. For each row it gives
//! exactly what the interpreter gives, value, type and float bits, or it **defers** the row: where
//! the interpreter would fail, or where anything is doubtful. A hook with a construct outside the
//! subset is refused whole, with the construct and what to write instead.
//!
//! It knows no plans and calls no interpreter. Lowering is linear in the unrolled hook; running
//! costs rows times operations.

mod along;
mod build;
mod context;
mod decision;
mod kinds;
mod lanes;
mod linear;
mod listed;
mod lower;
mod op;
mod pair_answers;
mod pairs;
mod program;
mod results;
mod rows;
mod run;
mod scorer;
mod slots;
mod tables;

pub(crate) use listed::ListScorer;
pub(crate) use lower::{Env, Refusal, lower};
pub(crate) use program::Program;
pub(crate) use results::RowResults;
pub(crate) use rows::RowRun;
pub(crate) use scorer::{ByKind, PairHook, PairScorer};
