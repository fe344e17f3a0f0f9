//! What hosts rely on without saying so: public types can be sent, shared and kept.

use bookwright::{
    Attribute, Book, BookBuilder, BookError, BookErrors, ColumnRef, Customer, CustomerRef, Field,
    Records, Rep, RepRef, Schema, SchemaError, Symbols, View, Warning,
};

fn send_sync<T: Send + Sync>() {}
fn kept<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}

#[test]
fn model_types_are_send_and_sync() {
    kept::<Attribute>();
    kept::<Book>();
    kept::<BookBuilder>();
    kept::<Customer>();
    kept::<Field>();
    kept::<Records>();
    kept::<Rep>();
    kept::<Schema>();
    kept::<Symbols>();
    kept::<View>();
    kept::<Warning>();
    send_sync::<ColumnRef<'_>>();
    send_sync::<CustomerRef<'_>>();
    send_sync::<RepRef<'_>>();
    error::<BookError>();
    error::<BookErrors>();
    error::<SchemaError>();
}
