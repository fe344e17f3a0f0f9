//! What a policy can name, as tables: kinds of values, built-in fields, hooks, host functions
//! and limits.
//!
//! Each table has one row per thing, and everything else reads that row: the parser, the binding
//! to the interpreter, the checker, the kernel, the documentation and the explanations. The layer
//! knows no text, no records and no interpreter; it imports nothing of the crate.

pub(crate) mod edge;
mod fields;
mod functions;
mod hooks;
mod kind;
mod limits;
mod test_functions;
mod time;
mod value;
mod value_serde;

pub use fields::{BuiltInField, CUSTOMER_FIELDS, Literal, REP_FIELDS, STAGES, Side, Source};
pub use functions::{FUNCTIONS, FunctionSpec, Signature, Type};
pub use hooks::{Answer, Hook, HookSpec, Parameter, RESERVED_FUNCTION_PREFIXES, RESERVED_HOOKS};
pub use kind::Kind;
pub use limits::Limits;
pub use test_functions::TEST_FUNCTIONS;
pub use time::{Time, TimeError, UtcOffset};
pub(crate) use value::DEPTH;
pub use value::Value;
