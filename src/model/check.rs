//! Checks one value against its field, one id against the limits.
//!
//! A value that passes is a [`Cell`]: typed, not yet interned. Ints pass where floats are wanted,
//! as the nearest float; floats pass where ints are wanted if they are whole and within 64 bits,
//! since many writers of JSON know one kind of number only. Nothing else is converted, but text to
//! time.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::attribute::Attribute;
use super::error::{FieldError, shown_value};
use super::field::{Field, Presence};
use super::schema::SideFields;
use crate::language::{Kind, Limits, Time, UtcOffset};

/// A checked value, borrowed from its record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Absent,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Tags(&'a [String]),
    Time(i64),
}

/// How values are read: limits, and the offset at which a date begins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    pub(super) limits: Limits,
    pub(super) offset: UtcOffset,
}

impl Reading {
    /// The value that a field takes from an attribute.
    pub(super) fn cell<'a>(
        &self,
        field: &'a Field,
        value: &'a Attribute,
    ) -> Result<Cell<'a>, FieldError> {
        match value {
            Attribute::Absent => self.without_value(field),
            _ => self.given(field, value),
        }
    }

    /// What holds for a field of which a record says nothing.
    pub(super) fn without_value<'a>(&self, field: &'a Field) -> Result<Cell<'a>, FieldError> {
        match &field.presence {
            Presence::Required => Err(FieldError::Missing),
            Presence::Optional => Ok(Cell::Absent),
            Presence::Default(Attribute::Absent) => Ok(Cell::Absent),
            Presence::Default(value) => self.given(field, value),
        }
    }

    fn given<'a>(&self, field: &Field, value: &'a Attribute) -> Result<Cell<'a>, FieldError> {
        let wrong_kind = || FieldError::WrongKind {
            found: value.kind_name(),
            value: told(field, value),
            expected: field.kind,
        };
        match (field.kind, value) {
            (Kind::Bool, Attribute::Bool(bool)) => Ok(Cell::Bool(*bool)),
            (Kind::Int, Attribute::Int(int)) => {
                in_range(field, value, *int as f64).map(|()| Cell::Int(*int))
            }
            (Kind::Int, Attribute::Float(float)) => {
                let int = whole(*float).ok_or_else(wrong_kind)?;
                in_range(field, value, *float).map(|()| Cell::Int(int))
            }
            (Kind::Float, Attribute::Int(int)) => {
                let float = *int as f64;
                in_range(field, value, float).map(|()| Cell::Float(float))
            }
            (Kind::Float, Attribute::Float(float)) if !float.is_finite() => {
                Err(FieldError::NotFinite { value: *float })
            }
            (Kind::Float, Attribute::Float(float)) => {
                in_range(field, value, *float).map(|()| Cell::Float(*float))
            }
            (Kind::Text, Attribute::Text(text)) => {
                self.text(field, text).map(|()| Cell::Text(text))
            }
            (Kind::Tags, Attribute::Tags(tags)) => {
                self.tags(field, tags).map(|()| Cell::Tags(tags))
            }
            (Kind::Time, Attribute::Time(time)) => Ok(Cell::Time(time.micros())),
            (Kind::Time, Attribute::Text(text)) => match Time::parse(text, self.offset) {
                Ok(time) => Ok(Cell::Time(time.micros())),
                // What is wrong with it is told with the text itself, and what a time looks like.
                Err(_) => Err(FieldError::NotATime {
                    value: told(field, value),
                }),
            },
            _ => Err(wrong_kind()),
        }
    }

    fn text(&self, field: &Field, text: &str) -> Result<(), FieldError> {
        self.length(text)?;
        if field.allowed.is_empty() || field.allowed.iter().any(|allowed| allowed == text) {
            return Ok(());
        }
        Err(FieldError::NotAllowed {
            value: (!field.sensitive).then(|| super::error::Shown(text).to_string()),
            allowed: field.allowed.clone(),
        })
    }

    fn tags(&self, field: &Field, tags: &[String]) -> Result<(), FieldError> {
        if tags.len() > self.limits.array_length {
            return Err(FieldError::ManyTags {
                tags: tags.len(),
                limit: self.limits.array_length,
            });
        }
        tags.iter().try_for_each(|tag| self.text(field, tag))?;
        let bytes = tags.iter().map(String::len).sum();
        let limit = self.limits.value_bytes();
        if bytes > limit {
            return Err(FieldError::LongTags { bytes, limit });
        }
        Ok(())
    }

    pub(super) fn length(&self, text: &str) -> Result<(), FieldError> {
        let (bytes, limit) = (text.len(), self.limits.text_bytes);
        if bytes > limit {
            return Err(FieldError::LongText { bytes, limit });
        }
        Ok(())
    }

    /// The cells of all fields but the first two (id and name), in the order of the schema.
    /// Fields that are not in records are absent. Problems go to `problem` with the field's
    /// place, keys of no field to `unknown`.
    pub(super) fn row<'a>(
        &self,
        fields: &'a SideFields,
        attributes: &'a BTreeMap<String, Attribute>,
        mut problem: impl FnMut(&'a Field, FieldError),
        mut unknown: impl FnMut(&'a str),
    ) -> Vec<Cell<'a>> {
        let mut given: Vec<Option<&Attribute>> = vec![None; fields.list.len()];
        // Both sides are sorted by name: one walk along the two.
        let mut names = fields.by_name.iter().copied().peekable();
        for (key, value) in attributes {
            let order = |at: u16| fields.list[at as usize].name.as_str().cmp(key);
            let mut found = None;
            while let Some(&at) = names.peek() {
                match order(at) {
                    Ordering::Greater => break,
                    Ordering::Equal => found = Some(at as usize),
                    Ordering::Less => {}
                }
                names.next();
                if found.is_some() {
                    break;
                }
            }
            match found {
                Some(at) if fields.list[at].is_recorded() => given[at] = Some(value),
                _ if value.is_absent() => {}
                _ => unknown(key),
            }
        }
        let mut cells = Vec::with_capacity(fields.list.len());
        for (at, (field, value)) in fields.list.iter().zip(given).enumerate() {
            let cell = match value {
                // The id and the name are no attributes unless of a wrong kind.
                None if at < 2 => Ok(Cell::Absent),
                None if !field.is_recorded() => Ok(Cell::Absent),
                None => self.without_value(field),
                Some(value) => self.cell(field, value),
            };
            cells.push(cell.unwrap_or_else(|wrong| {
                problem(field, wrong);
                Cell::Absent
            }));
        }
        cells
    }
}

/// What is wrong with the default of a field.
pub(super) fn default_problem(field: &Field) -> Option<FieldError> {
    match &field.presence {
        Presence::Default(value) => Reading::default().given(field, value).err(),
        Presence::Required | Presence::Optional => None,
    }
}

fn in_range(field: &Field, value: &Attribute, number: f64) -> Result<(), FieldError> {
    if field.in_range(number) {
        return Ok(());
    }
    Err(FieldError::OutOfRange {
        value: told(field, value),
        range: field.range(),
    })
}

fn told(field: &Field, value: &Attribute) -> Option<String> {
    if field.sensitive {
        None
    } else {
        shown_value(value)
    }
}

/// The int that a float is, if it is one exactly.
fn whole(float: f64) -> Option<i64> {
    const EDGE: f64 = 9_223_372_036_854_775_808.0; // 2⁶³
    (float.fract() == 0.0 && (-EDGE..EDGE).contains(&float)).then_some(float as i64)
}
