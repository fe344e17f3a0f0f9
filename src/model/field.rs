//! One field of a schema: kind, presence, range, allowed values.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use crate::language::{BuiltInField, Kind, Literal, Source};

/// What holds for a record that has no value for a field.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Every record must have a value.
    Required,
    /// This value holds.
    Default(Attribute),
    /// The value is absent, `()` in a script; tags are then empty.
    #[default]
    Optional,
}

impl Presence {
    const fn is_optional(&self) -> bool {
        matches!(self, Self::Optional)
    }
}

/// A field of customers or of reps.
///
/// ```
/// use bookwright::{Field, Kind};
/// let field = Field::new("credit", Kind::Float).at_least(0.0).default_value(0.0).sensitive();
/// assert!(!field.may_be_absent());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Field {
    /// The name in records and in scripts.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// What holds where a record has none.
    #[serde(default, skip_serializing_if = "Presence::is_optional")]
    pub presence: Presence,
    /// The least value allowed, for numbers; inclusive unless [`Self::open_below`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest value allowed, inclusive, for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether the least value itself is refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open_below: bool,
    /// The texts allowed, for texts and tags; any where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// Whether values are left out of explanations and errors.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Where the value comes from; [`Source::Record`] for fields of a service's own.
    #[serde(skip, default = "from_record")]
    pub source: Source,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

const fn from_record() -> Source {
    Source::Record
}

impl Field {
    /// An optional field with any value of its kind.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            presence: Presence::Optional,
            min: None,
            max: None,
            open_below: false,
            allowed: Vec::new(),
            sensitive: false,
            source: Source::Record,
        }
    }

    /// Every record must have a value.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// The value of records that have none.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Attribute>) -> Self {
        self.presence = Presence::Default(value.into());
        self
    }

    /// The least value allowed.
    #[must_use]
    pub const fn at_least(mut self, min: f64) -> Self {
        self.min = Some(min);
        self.open_below = false;
        self
    }

    /// Values must be greater than that.
    #[must_use]
    pub const fn above(mut self, min: f64) -> Self {
        self.min = Some(min);
        self.open_below = true;
        self
    }

    /// The greatest value allowed.
    #[must_use]
    pub const fn at_most(mut self, max: f64) -> Self {
        self.max = Some(max);
        self
    }

    /// The texts, or the tags, allowed.
    #[must_use]
    pub fn one_of<S: Into<String>>(mut self, allowed: impl IntoIterator<Item = S>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }

    /// Leaves values out of explanations and errors.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Whether a script may meet `()` here.
    #[must_use]
    pub const fn may_be_absent(&self) -> bool {
        match self.source {
            Source::Required | Source::EarlierHook => false,
            Source::Ownership => matches!(self.kind, Kind::Text),
            Source::Record => {
                matches!(self.presence, Presence::Optional) && !matches!(self.kind, Kind::Tags)
            }
        }
    }

    /// Whether records carry its values, rather than ownership or the plan.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self.source, Source::Record | Source::Required)
    }

    /// The range in words, `any` where there is none.
    pub(super) fn range(&self) -> String {
        match (self.min, self.max) {
            (None, None) => "any".to_owned(),
            (None, Some(max)) => format!("at most {}", Number(max)),
            (Some(min), None) if self.open_below => format!("more than {}", Number(min)),
            (Some(min), None) => format!("at least {}", Number(min)),
            (Some(min), Some(max)) if self.open_below => {
                format!("more than {} and at most {}", Number(min), Number(max))
            }
            (Some(min), Some(max)) => format!("{} to {}", Number(min), Number(max)),
        }
    }

    pub(super) fn in_range(&self, number: f64) -> bool {
        let low = self.min.is_none_or(|min| {
            if self.open_below {
                number > min
            } else {
                number >= min
            }
        });
        low && self.max.is_none_or(|max| number <= max)
    }
}

impl From<&BuiltInField> for Field {
    fn from(row: &BuiltInField) -> Self {
        let presence = match (row.source, row.default) {
            (Source::Required, _) => Presence::Required,
            (_, None) => Presence::Optional,
            (_, Some(Literal::Bool(bool))) => Presence::Default(bool.into()),
            (_, Some(Literal::Int(int))) => Presence::Default(int.into()),
            (_, Some(Literal::Float(float))) => Presence::Default(float.into()),
            (_, Some(Literal::Text(text))) => Presence::Default(text.into()),
        };
        Self {
            name: row.name.to_owned(),
            kind: row.kind,
            presence,
            min: row.min,
            max: row.max,
            open_below: row.open_below,
            allowed: row.allowed.iter().map(|&text| text.to_owned()).collect(),
            sensitive: false,
            source: row.source,
        }
    }
}

/// A number in a message: without a fraction where it has none.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() < 1e15 {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}
