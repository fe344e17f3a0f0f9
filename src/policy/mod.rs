//! What a policy may say: a checked script, its settings, and hooks that Rust gives beside it.
//!
//! A [`Policy`] is text that passed every check against a [`Schema`]; it
//! holds no mutable state and is cheap to clone. Running it on a book is the plan's work.

pub mod answer;
mod builder;
pub(crate) mod check;
mod compile;
mod facts;
mod hidden;
mod hook;
mod inside;
mod observe;
mod settings;
mod tested;

pub use builder::PolicyBuilder;
pub use compile::{Policy, PolicyError};
pub use hook::{Call, CustomerHook, HookError, PairHook, RepHook};
pub use inside::HookReads;
pub use settings::{Allocating, BalanceSetting, STRATEGIES};

pub(crate) use check::TestKind;
pub(crate) use check::walk;
pub(crate) use compile::{Compiled, Slot};
pub(crate) use facts::Seen;
pub(crate) use hidden::Hidden;
pub(crate) use observe::{Answering, Asked};
pub(crate) use tested::TestItem;

use crate::model::Schema;
use crate::syntax::Report;

/// Finds everything that is wrong or doubtful in a policy's text; needs no book.
///
/// [`Policy::compile`] finds the same.
#[must_use]
pub fn check(text: &str, schema: &Schema) -> Report {
    match Policy::compile(text, schema) {
        Ok(policy) => policy.notes().clone(),
        Err(error) => error.report().clone(),
    }
}
