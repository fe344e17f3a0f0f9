//! Values as text, as Rhai writes them.

use std::fmt::{self, Write};

use crate::language::Value;

/// The value as `to_string` and interpolation write it: texts bare, `()` empty.
///
/// Stops soon after `enough` bytes, so that a caller can refuse the rest without building it.
pub(crate) fn plain(value: &Value, enough: usize) -> String {
    let mut out = Bounded {
        text: String::new(),
        enough,
    };
    // The only error is `Bounded`'s own, once it has enough.
    let _ = match value {
        Value::Unit => Ok(()),
        Value::Text(text) => out.write_str(text),
        Value::Float(number) => write_float(&mut out, *number),
        other => quoted(&mut out, other),
    };
    out.text
}

/// A float as Rhai writes it: `2.0`, `1e-20`.
fn write_float(out: &mut impl Write, number: f64) -> fmt::Result {
    const NATURAL: std::ops::RangeInclusive<f64> =
        (0.000_000_000_000_1_f32 as f64)..=(10_000_000_000_000.0_f32 as f64);
    let size = number.abs();
    if size == 0.0 {
        return out.write_str("0.0");
    }
    if size < *NATURAL.start() || size > *NATURAL.end() {
        return write!(out, "{number:e}");
    }
    write!(out, "{number}")?;
    if size.fract() == 0.0 {
        out.write_str(".0")?;
    }
    Ok(())
}

/// A value inside an array or a map.
fn quoted(out: &mut Bounded, value: &Value) -> fmt::Result {
    match value {
        Value::Unit => out.write_str("()"),
        Value::Bool(bool) => write!(out, "{bool}"),
        Value::Int(int) => write!(out, "{int}"),
        Value::Float(float) => write!(out, "{float:?}"),
        Value::Text(text) => write!(out, "{text:?}"),
        Value::Time(time) => write!(out, "{time}"),
        Value::Record(side, _) => out.write_str(side.name()),
        Value::Array(values) => {
            out.write_str("[")?;
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.write_str(", ")?;
                }
                quoted(out, value)?;
            }
            out.write_str("]")
        }
        Value::Map(map) => {
            out.write_str("#{")?;
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.write_str(", ")?;
                }
                write!(out, "{key:?}: ")?;
                quoted(out, value)?;
            }
            out.write_str("}")
        }
    }
}

struct Bounded {
    text: String,
    enough: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        if self.text.len() > self.enough {
            return Err(fmt::Error);
        }
        Ok(())
    }
}
