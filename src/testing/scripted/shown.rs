//! Values as people read them in a report: as a policy would write them.

use std::fmt::Write;

use crate::language::{Side, Value};
use crate::syntax::escaped;

/// Longer values are cut.
const LONGEST: usize = 400;

/// A value as a policy would write it, at most some hundred characters of it; `id_of` names the
/// records of the test.
pub(super) fn shown(value: &Value, id_of: &dyn Fn(Side, u32) -> String) -> String {
    let mut out = String::new();
    write(&mut out, value, id_of);
    if out.chars().count() > LONGEST {
        out = out.chars().take(LONGEST).collect();
        out.push('…');
    }
    out
}

fn write(out: &mut String, value: &Value, id_of: &dyn Fn(Side, u32) -> String) {
    if out.len() > 4 * LONGEST {
        return;
    }
    // Writing to a text cannot fail.
    let _ = match value {
        Value::Unit => out.write_str("()"),
        Value::Bool(bool) => write!(out, "{bool}"),
        Value::Int(int) => write!(out, "{int}"),
        Value::Float(float) => write!(out, "{float:?}"),
        Value::Text(text) => {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            out.push('"');
            let _ = escaped(out, &quoted);
            out.write_str("\"")
        }
        Value::Time(time) => write!(out, "{time}"),
        Value::Record(side, row) => out.write_str(&id_of(*side, *row)),
        Value::Array(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write(out, value, id_of);
            }
            out.write_str("]")
        }
        Value::Map(map) => {
            out.push_str("#{ ");
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                key_of(out, key);
                out.push_str(": ");
                write(out, value, id_of);
            }
            out.write_str(if map.is_empty() { "}" } else { " }" })
        }
    };
}

/// A key of a map literal: bare where it is a name.
pub(super) fn key_of(out: &mut String, key: &str) {
    let name = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '_');
    if name {
        out.push_str(key);
    } else {
        out.push('"');
        let _ = escaped(out, &key.replace('\\', "\\\\").replace('"', "\\\""));
        out.push('"');
    }
}
