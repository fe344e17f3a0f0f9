//! Times and days.

use super::{Call, Fault};
use crate::language::{Time, Value};

pub(super) fn days_between(call: &Call<'_>) -> Result<Value, Fault> {
    let (from, to) = (call.time(0)?, call.time(1)?);
    Ok(Value::Int(from.days_until(to, call.ambient.offset)))
}

pub(super) fn days_since(call: &Call<'_>) -> Result<Value, Fault> {
    let time = call.time(0)?;
    let now = (call.ambient.now).ok_or_else(|| call.undefined("constants have no `now`"))?;
    Ok(Value::Int(time.days_until(now, call.ambient.offset)))
}

pub(super) fn parse_time(call: &Call<'_>) -> Result<Value, Fault> {
    let text = call.text(0)?;
    Time::parse(text, call.ambient.offset)
        .map(Value::Time)
        .map_err(|error| call.undefined(error.to_string()))
}
