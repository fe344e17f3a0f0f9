//! Policies: what a text must be to run, and what it means.

pub(crate) mod check;
