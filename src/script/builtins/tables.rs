//! Maps and the host's lookup tables.

use super::{Call, Fault};
use crate::language::Value;

pub(super) fn keys(call: &Call<'_>) -> Result<Value, Fault> {
    let map = call.map(0)?;
    call.array_result(map.keys().map(|key| Value::Text(key.clone())))
}

pub(super) fn values(call: &Call<'_>) -> Result<Value, Fault> {
    let map = call.map(0)?;
    call.array_result(map.values().cloned())
}

pub(super) fn lookup(call: &Call<'_>) -> Result<Value, Fault> {
    let table = call.text(0)?;
    match call.value(1) {
        Value::Unit => Ok(Value::Unit),
        Value::Text(key) => Ok((call.ambient.lookup)(table, key)),
        _ => Err(call.wrong(1, "a text")),
    }
}
