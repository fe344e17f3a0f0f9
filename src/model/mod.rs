//! What policies run on: the records of customers and reps, the schema that says what they look
//! like, and the book that holds them in columns.
//!
//! [`Records`] are plain values, the JSON of a book. A [`Schema`] gives their fields kinds, ranges
//! and defaults. A [`Book`] is built from both, checked whole, and holds typed columns. A [`View`]
//! is a book as the hooks of a policy see it at one moment of a plan. Nothing here knows policies,
//! and nothing decides.

mod attribute;
mod bits;
mod book;
mod build;
mod check;
mod columns;
mod draft;
mod edit;
mod error;
mod export;
mod field;
mod identity;
mod index;
mod infer;
mod order;
mod owners;
mod records;
mod records_serde;
mod refs;
mod schema;
mod store;
mod symbols;
mod tables;
mod tag_sets;
mod teams;
mod view;
mod warnings;

pub use attribute::Attribute;
pub use bits::Bits;
pub use book::{Book, Owner};
pub use build::BookBuilder;
pub use columns::{ColumnRef, Stored};
pub(crate) use error::Escaped;
pub use error::{BookError, BookErrors, FieldError, RecordKind, RecordName, Warning};
pub use field::{Field, Presence};
pub use records::{
    Customer, Exclusion, Ownership, Pin, Records, Rep, Role, TableEntries, Team, Turn,
};
pub use refs::{CustomerRef, RepRef};
pub use schema::{FieldIx, RoleIx, Schema, SchemaBuilder, SchemaError};
pub use symbols::{Symbol, Symbols};
pub use tables::TableRef;
pub use tag_sets::{TagSet, TagSets};
pub use view::View;
