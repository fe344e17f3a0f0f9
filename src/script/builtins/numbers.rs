//! Numbers: bounds, rounding, logarithms, conversions.
//!
//! Where Rhai has the function, the result is Rhai's to the bit; ints are taken too where Rhai
//! takes floats only.

use super::{Call, Fault, Number, operators};
use crate::language::Value;

use Number::{Float, Int};

pub(super) fn min(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(match (call.number(0)?, call.number(1)?) {
        (Int(x), Int(y)) => Value::Int(if x <= y { x } else { y }),
        (x, y) => {
            let (x, y) = (x.float(), y.float());
            Value::Float(if x <= y { x } else { y })
        }
    })
}

pub(super) fn max(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(match (call.number(0)?, call.number(1)?) {
        (Int(x), Int(y)) => Value::Int(if x >= y { x } else { y }),
        (x, y) => {
            let (x, y) = (x.float(), y.float());
            Value::Float(if x >= y { x } else { y })
        }
    })
}

/// Plain comparisons, so that a bound is exact; NaN stays NaN.
pub(super) fn clamp(call: &Call<'_>) -> Result<Value, Fault> {
    let wrong_way = || call.undefined("its bounds are the wrong way round");
    match (call.number(0)?, call.number(1)?, call.number(2)?) {
        (Int(x), Int(low), Int(high)) => {
            if low > high {
                return Err(wrong_way());
            }
            Ok(Value::Int(x.clamp(low, high)))
        }
        (x, low, high) => {
            let (x, low, high) = (x.float(), low.float(), high.float());
            if low.is_nan() || high.is_nan() {
                return Err(call.undefined("a bound is not a number"));
            }
            if low > high {
                return Err(wrong_way());
            }
            Ok(Value::Float(x.clamp(low, high)))
        }
    }
}

/// `x >= low && x <= high`, as the operators of the language have it.
pub(super) fn between(call: &Call<'_>) -> Result<Value, Fault> {
    let (x, low, high) = (call.value(0), call.value(1), call.value(2));
    let expected = match x {
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Text(_) => "a text",
        Value::Time(_) => "a time",
        _ => return Err(call.wrong(0, "a number, a text or a time")),
    };
    for (at, bound) in [(1, low), (2, high)] {
        let alike = match x {
            Value::Int(_) | Value::Float(_) => bound.as_number().is_some(),
            _ => std::mem::discriminant(x) == std::mem::discriminant(bound),
        };
        if !alike {
            return Err(call.wrong(at, expected));
        }
    }
    Ok(Value::Bool(
        operators::greater_or_equal(x, low) && operators::less_or_equal(x, high),
    ))
}

pub(super) fn abs(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(match call.number(0)? {
        Int(int) => Value::Int(
            (int.checked_abs()).ok_or_else(|| call.undefined("the result is not an int"))?,
        ),
        Float(float) => Value::Float(float.abs()),
    })
}

pub(super) fn sign(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Int(match call.number(0)? {
        Int(int) => int.signum(),
        Float(float) if float.is_nan() => return Err(call.undefined("it is not a number")),
        Float(0.0) => 0,
        Float(float) => float.signum() as i64,
    }))
}

/// A function that leaves ints as they are.
fn whole(call: &Call<'_>, of_float: fn(f64) -> f64) -> Result<Value, Fault> {
    Ok(match call.number(0)? {
        Int(int) => Value::Int(int),
        Float(float) => Value::Float(of_float(float)),
    })
}

pub(super) fn round(call: &Call<'_>) -> Result<Value, Fault> {
    whole(call, f64::round)
}

pub(super) fn floor(call: &Call<'_>) -> Result<Value, Fault> {
    whole(call, f64::floor)
}

pub(super) fn ceil(call: &Call<'_>) -> Result<Value, Fault> {
    whole(call, f64::ceil)
}

pub(super) fn int(call: &Call<'_>) -> Result<Value, Fault> {
    whole(call, f64::trunc)
}

fn only_float(call: &Call<'_>) -> Result<f64, Fault> {
    match call.number(0)? {
        Float(float) => Ok(float),
        Int(_) => Err(call.wrong(0, "a float")),
    }
}

pub(super) fn fraction(call: &Call<'_>) -> Result<Value, Fault> {
    only_float(call).map(|float| Value::Float(float.fract()))
}

pub(super) fn sqrt(call: &Call<'_>) -> Result<Value, Fault> {
    call.float(0).map(|float| Value::Float(float.sqrt()))
}

pub(super) fn exp(call: &Call<'_>) -> Result<Value, Fault> {
    call.float(0).map(|float| Value::Float(float.exp()))
}

pub(super) fn ln(call: &Call<'_>) -> Result<Value, Fault> {
    call.float(0).map(|float| Value::Float(float.ln()))
}

pub(super) fn log(call: &Call<'_>) -> Result<Value, Fault> {
    let float = call.float(0)?;
    Ok(Value::Float(if call.count() == 2 {
        float.log(call.float(1)?)
    } else {
        float.log10()
    }))
}

pub(super) fn is_nan(call: &Call<'_>) -> Result<Value, Fault> {
    only_float(call).map(|float| Value::Bool(float.is_nan()))
}

pub(super) fn is_finite(call: &Call<'_>) -> Result<Value, Fault> {
    only_float(call).map(|float| Value::Bool(float.is_finite()))
}

pub(super) fn is_infinite(call: &Call<'_>) -> Result<Value, Fault> {
    only_float(call).map(|float| Value::Bool(float.is_infinite()))
}

pub(super) fn is_zero(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(match call.number(0)? {
        Int(int) => int == 0,
        Float(float) => float == 0.0,
    }))
}

pub(super) fn is_odd(call: &Call<'_>) -> Result<Value, Fault> {
    call.int(0).map(|int| Value::Bool(int % 2 != 0))
}

pub(super) fn is_even(call: &Call<'_>) -> Result<Value, Fault> {
    call.int(0).map(|int| Value::Bool(int % 2 == 0))
}

/// As in Rhai, NaN gives 0.
pub(super) fn to_int(call: &Call<'_>) -> Result<Value, Fault> {
    match call.number(0)? {
        Int(int) => Ok(Value::Int(int)),
        Float(float) if float > i64::MAX as f64 || float < i64::MIN as f64 => {
            Err(call.undefined("the number is outside the range of ints"))
        }
        Float(float) => Ok(Value::Int(float.trunc() as i64)),
    }
}

pub(super) fn to_float(call: &Call<'_>) -> Result<Value, Fault> {
    call.float(0).map(Value::Float)
}

pub(super) fn parse_int(call: &Call<'_>) -> Result<Value, Fault> {
    let text = call.text(0)?.trim();
    let base = if call.count() == 2 { call.int(1)? } else { 10 };
    let base = (u32::try_from(base).ok())
        .filter(|base| (2..=36).contains(base))
        .ok_or_else(|| call.undefined("the base is not from 2 to 36"))?;
    i64::from_str_radix(text, base)
        .map(Value::Int)
        .map_err(|_| call.undefined(format!("`{}` is not an int", start_of(text))))
}

pub(super) fn parse_float(call: &Call<'_>) -> Result<Value, Fault> {
    let text = call.text(0)?.trim();
    (text.parse().map(Value::Float))
        .map_err(|_| call.undefined(format!("`{}` is not a number", start_of(text))))
}

/// Input for a message: its first 40 characters.
fn start_of(text: &str) -> String {
    text.chars().take(40).collect()
}
