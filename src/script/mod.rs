//! The same policy text in a sandboxed Rhai engine, one hook call at a time.
//!
//! The only module that knows Rhai, through its stable public interface. It is the second wall:
//! it does not run our own parser, and every script, however hostile, ends in a value or a typed
//! error within its budget. It decides nothing about plans; what a hook's answer means is for
//! `policy` to say. A worker costs microseconds to make; a call costs about 20 to 50 ns for every
//! operation that Rhai counts.

pub(crate) mod builtins;
mod convert;
mod engine;
mod error;
mod functions;
mod meter;
mod operators;
mod own;
mod program;
mod record;
mod sandbox;
mod session;
mod worker;

pub(crate) use error::{CallError, CallErrorKind, ScriptError, not_taken, presentable, takes};
pub(crate) use meter::{Clock, Meter, Stop};
pub(crate) use program::Program;
pub(crate) use record::Facts;
pub use sandbox::{Sandbox, SandboxError, SandboxFacts};
pub(crate) use worker::Worker;

/// The most operations that the sandbox counts for reading one argument of a host function.
pub(crate) const fn most_work(limits: &crate::language::Limits) -> u64 {
    convert::Exit::most_work(limits)
}

/// Cargo unifies features over a whole build: another crate that turns these on changes the
/// meaning of numbers in every policy.
const _: () = {
    assert!(
        size_of::<rhai::INT>() == 8 && rhai::INT::MIN < 0,
        "bookwright needs 64-bit integers in Rhai, but a crate in this build turns on rhai's \
         feature `only_i32`; Cargo unifies features, so it holds for all: turn it off there"
    );
    assert!(
        size_of::<rhai::FLOAT>() == 8,
        "bookwright needs 64-bit floats in Rhai, but a crate in this build turns on rhai's \
         feature `f32_float`; Cargo unifies features, so it holds for all: turn it off there"
    );
};

#[cfg(test)]
mod tests;
