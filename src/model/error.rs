//! What can be wrong with a book or a schema, as data and as text.
//!
//! Texts are in lower case without a final period; what a user wrote stands in backticks, cut
//! where it is long, with control and invisible characters escaped. Values of sensitive fields
//! are left out.

use std::fmt::{self, Write as _};

use super::attribute::Attribute;
use crate::language::Kind;

/// What sort of thing an error or a warning speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RecordKind {
    /// A customer.
    Customer,
    /// A rep.
    Rep,
    /// A role.
    Role,
    /// A team.
    Team,
    /// A lookup table.
    Table,
    /// A pin.
    Pin,
    /// An exclusion.
    Exclusion,
}

impl RecordKind {
    /// `customer`, `rep` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Rep => "rep",
            Self::Role => "role",
            Self::Team => "team",
            Self::Table => "table",
            Self::Pin => "pin",
            Self::Exclusion => "exclusion",
        }
    }
}

/// The record that is meant: by its id, or by its place in the list where the id does not serve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordName {
    /// ``rep `r4` ``.
    Id(RecordKind, String),
    /// `reps[3]`, counted from 0.
    Place(RecordKind, usize),
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(kind, id) => write!(f, "{} `{}`", kind.name(), Shown(id)),
            Self::Place(kind, place) => write!(f, "{}s[{place}]", kind.name()),
        }
    }
}

/// What is wrong with the value of a field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// A value of another kind.
    #[error("is {found}{}, expected {expected}", OptionalValue(.value))]
    WrongKind {
        /// What it is, as [`Attribute::kind_name`] says.
        found: &'static str,
        /// The value, but for sensitive fields.
        value: Option<String>,
        /// What it should be.
        expected: Kind,
    },
    /// A required field that is not there.
    #[error("is missing")]
    Missing,
    /// NaN or an infinity.
    #[error("is {value}, expected a finite number")]
    NotFinite {
        /// The number.
        value: f64,
    },
    /// A number outside the range.
    #[error("is{}, expected {range}", OptionalValue(.value))]
    OutOfRange {
        /// The number, but for sensitive fields.
        value: Option<String>,
        /// The range in words: `0 to 1`, `at least 0`, `more than 0`.
        range: String,
    },
    /// A text that the schema does not list.
    #[error("is{}, expected one of {}", OptionalValue(.value), List(.allowed))]
    NotAllowed {
        /// The text, but for sensitive fields.
        value: Option<String>,
        /// What is allowed.
        allowed: Vec<String>,
    },
    /// Neither RFC 3339 nor a date.
    #[error("is text{}, expected a time: RFC 3339 (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)", OptionalValue(.value))]
    NotATime {
        /// The text, but for sensitive fields.
        value: Option<String>,
    },
    /// A text, or a tag, that is too long.
    #[error("has a text of {bytes} bytes, at most {limit} are allowed")]
    LongText {
        /// Its length.
        bytes: usize,
        /// The longest allowed.
        limit: usize,
    },
    /// Tags that are too long together.
    #[error("has tags of {bytes} bytes together, at most {limit} are allowed")]
    LongTags {
        /// Their lengths together.
        bytes: usize,
        /// The most allowed.
        limit: usize,
    },
    /// More tags than a script could meet.
    #[error("has {tags} tags, at most {limit} are allowed")]
    ManyTags {
        /// How many.
        tags: usize,
        /// The most allowed.
        limit: usize,
    },
}

/// Something wrong with a book. Building one tells all at once, as [`BookErrors`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// A value that its field does not take.
    #[error("{record}: field `{}` {problem}", Shown(.field))]
    Field {
        /// Whose field.
        record: RecordName,
        /// The field; `owners.ROLE.since` for the time of an ownership.
        field: String,
        /// What is wrong.
        problem: FieldError,
    },
    /// An id that two records have.
    #[error("{} `{}` is there more than once", .kind.name(), Shown(.id))]
    DuplicateId {
        /// What sort of record.
        kind: RecordKind,
        /// The id.
        id: String,
    },
    /// No id.
    #[error("{record}: the id is missing or empty")]
    EmptyId {
        /// Which record.
        record: RecordName,
    },
    /// An id longer than [`Limits::id_bytes`](crate::Limits::id_bytes).
    #[error("{record}: the id `{}` has {bytes} bytes, at most {limit} are allowed", Shown(.id))]
    LongId {
        /// Which record.
        record: RecordName,
        /// The beginning of the id.
        id: String,
        /// Its length.
        bytes: usize,
        /// The longest allowed.
        limit: usize,
    },
    /// Something named that is not there: a rep, role, team, tier or customer.
    #[error("{record}: `{}` names the unknown {} `{}`", Shown(.place), .kind.name(), Shown(.name))]
    Unknown {
        /// Who names it.
        record: RecordName,
        /// Where: `owners.developer`, `team` …
        place: String,
        /// What sort of thing.
        kind: RecordKind,
        /// The name.
        name: String,
    },
    /// A `current_tier` that the schema does not list.
    #[error("{record}: field `current_tier` names the unknown tier `{}`, the schema has {}", Shown(.tier), List(.tiers))]
    UnknownTier {
        /// Which customer.
        record: RecordName,
        /// The tier.
        tier: String,
        /// The tiers of the schema.
        tiers: Vec<String>,
    },
    /// An owner or a pinned rep that cannot hold the role: it is not among the rep's roles.
    #[error("{record}: rep `{}` cannot hold role `{}`, its roles are {}", Shown(.rep), Shown(.role), List(.roles))]
    CannotHold {
        /// The customer, or the pin.
        record: RecordName,
        /// The rep.
        rep: String,
        /// The role.
        role: String,
        /// The roles of the rep, sorted.
        roles: Vec<String>,
    },
    /// An owner in, or a pin to, a role that owns no customers.
    #[error("{record}: role `{}` owns no customers", Shown(.role))]
    OwnsNothing {
        /// The customer, or the pin.
        record: RecordName,
        /// The role.
        role: String,
    },
    /// Teams that contain each other.
    #[error("team cycle: {}", Path(.teams))]
    TeamCycle {
        /// The teams from one up its parents and back to it; the least id first.
        teams: Vec<String>,
    },
    /// Two pins of one customer in one role to different reps.
    #[error("customer `{}` is pinned in role `{}` to both `{}` and `{}`", Shown(.customer), Shown(.role), Shown(.first), Shown(.second))]
    ContradictoryPins {
        /// The customer.
        customer: String,
        /// The role.
        role: String,
        /// The rep of the first pin.
        first: String,
        /// The rep of the later one.
        second: String,
    },
    /// A pin to a rep whom an exclusion keeps away.
    #[error("customer `{}` is pinned in role `{}` to `{}`, whom an exclusion keeps away", Shown(.customer), Shown(.role), Shown(.rep))]
    PinExcluded {
        /// The customer.
        customer: String,
        /// The role.
        role: String,
        /// The rep.
        rep: String,
    },
    /// The same pin or exclusion twice.
    #[error("{} of customer `{}` and rep `{}` is there more than once", .kind.name(), Shown(.customer), Shown(.rep))]
    Repeated {
        /// A pin or an exclusion.
        kind: RecordKind,
        /// The customer.
        customer: String,
        /// The rep.
        rep: String,
    },
    /// Capacities that are too large together for exact sums.
    #[error(
        "the capacities of the reps add up to {sum:e}, at most {limit:e} can be counted exactly"
    )]
    CapacityOverflow {
        /// The sum.
        sum: f64,
        /// The most that is allowed.
        limit: f64,
    },
    /// A lookup table whose values are not of one kind.
    #[error("table `{}`: key `{}` {problem}", Shown(.table), Shown(.key))]
    TableValue {
        /// The table.
        table: String,
        /// The key.
        key: String,
        /// What is wrong.
        problem: FieldError,
    },
    /// A rep that cannot be taken out, since customers, pins or exclusions name it.
    #[error("rep `{}` is still named by {what}", Shown(.rep))]
    InUse {
        /// The rep.
        rep: String,
        /// By what: `2 customers`, `a pin`, `an exclusion`.
        what: String,
    },
    /// A record to be replaced or taken out that is not in the book.
    #[error("{record} is not in the book")]
    NotThere {
        /// Which.
        record: RecordName,
    },
    /// More roles than a book holds: what reps and customers have for each role would outgrow the
    /// records.
    #[error("there are {count} {}s, at most {limit} are allowed", .kind.name())]
    TooMany {
        /// What sort of record.
        kind: RecordKind,
        /// How many there are.
        count: usize,
        /// The most allowed.
        limit: usize,
    },
    /// More records, texts or tags than the columns can number.
    #[error("the book is too large: more than 4 billion records, texts or tags")]
    TooLarge,
}

/// Everything wrong with a book: at least one error, in the order of the records, and at most
/// [`Limits::problems`](crate::Limits::problems).
#[derive(Debug, Clone, PartialEq)]
pub struct BookErrors {
    pub(super) problems: Capped<BookError>,
}

impl BookErrors {
    /// The errors.
    #[must_use]
    pub fn problems(&self) -> &[BookError] {
        &self.problems.list
    }

    /// How many more there are than are listed.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.problems.more
    }
}

/// One line an error, then the number of the rest.
impl fmt::Display for BookErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.list.iter().enumerate() {
            if n > 0 {
                f.write_char('\n')?;
            }
            problem.fmt(f)?;
        }
        match self.problems.more {
            0 => Ok(()),
            1 => f.write_str("\nand 1 more problem"),
            more => write!(f, "\nand {more} more problems"),
        }
    }
}

impl std::error::Error for BookErrors {}

/// Something in a book that is allowed and looks wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Warning {
    /// An id with a character that is invisible, changes the direction of text, or is a control.
    StrangeId {
        /// Which record.
        record: RecordName,
        /// The character.
        character: char,
    },
    /// A key that the schema does not know; its values are kept and no script sees them.
    UnknownKey {
        /// Of customers or of reps.
        kind: RecordKind,
        /// The key.
        key: String,
        /// How many records have it.
        records: usize,
        /// The least id among them.
        first: String,
    },
    /// A key with the name of a field that is computed; its values are kept and no script sees
    /// them.
    ComputedKey {
        /// Of customers or of reps.
        kind: RecordKind,
        /// The key.
        key: String,
        /// How many records have it.
        records: usize,
        /// The least id among them.
        first: String,
    },
    /// A lookup table that the schema does not name; no script can look it up.
    UnknownTable {
        /// The table.
        table: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StrangeId { record, character } => write!(
                f,
                "{record}: the id has the invisible or direction-changing character `{}`",
                character.escape_unicode()
            ),
            Self::UnknownKey {
                kind,
                key,
                records,
                first,
            } => write!(
                f,
                "unknown key `{}` of {records} {}s, the first is `{}`",
                Shown(key),
                kind.name(),
                Shown(first)
            ),
            Self::ComputedKey {
                kind,
                key,
                records,
                first,
            } => write!(
                f,
                "key `{}` of {records} {}s is not read, the first is `{}`: the field is computed",
                Shown(key),
                kind.name(),
                Shown(first)
            ),
            Self::UnknownTable { table } => {
                write!(f, "the schema does not name the table `{}`", Shown(table))
            }
        }
    }
}

/// The first so many of a list, and the number of the rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Capped<T> {
    pub(super) list: Vec<T>,
    pub(super) more: usize,
    cap: usize,
}

impl<T> Capped<T> {
    pub(super) const fn new(cap: usize) -> Self {
        Self {
            list: Vec::new(),
            more: 0,
            cap,
        }
    }

    /// Makes the item only if there is room for it.
    pub(super) fn push(&mut self, item: impl FnOnce() -> T) {
        if self.list.len() < self.cap {
            self.list.push(item());
        } else {
            self.more += 1;
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty() && self.more == 0
    }

    /// How many there are, listed or not.
    pub(super) const fn count(&self) -> usize {
        self.list.len() + self.more
    }
}

/// Longest piece of input in a message, in characters.
const SHOWN: usize = 64;

/// Input as messages show it: cut, with control and invisible characters escaped.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{}…", Escaped(self.0.get(..end).unwrap_or(""))),
            None => Escaped(self.0).fmt(f),
        }
    }
}

/// Input of which all is shown, with control and invisible characters escaped.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if is_strange(character) {
                write!(f, "{}", character.escape_unicode())
            } else {
                f.write_char(character)
            }
        })
    }
}

/// Whether a character is invisible, changes the direction of text, or is a control: what makes
/// two ids look alike that are not.
pub(super) fn is_strange(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A value in a message, cut like any input.
pub(super) fn shown_value(value: &Attribute) -> Option<String> {
    match value {
        Attribute::Bool(bool) => Some(bool.to_string()),
        Attribute::Int(int) => Some(int.to_string()),
        Attribute::Float(float) => Some(format!("{float:?}")),
        Attribute::Text(text) => Some(Shown(text).to_string()),
        Attribute::Time(time) => Some(time.to_string()),
        Attribute::Absent | Attribute::Tags(_) | Attribute::List(_) | Attribute::Map(_) => None,
    }
}

struct OptionalValue<'a>(&'a Option<String>);

impl fmt::Display for OptionalValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .as_ref()
            .map_or(Ok(()), |value| write!(f, " `{value}`"))
    }
}

/// Names in a message; `none` where there are none, and only the first few where there are many.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 12;
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (n, name) in self.0.iter().take(MOST).enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}`{}`", Shown(name))?;
        }
        match self.0.len().checked_sub(MOST) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

/// `a → b → a`, the middle left out where it is long.
struct Path<'a>(&'a [String]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ENDS: usize = 5;
        let long = self.0.len() > 2 * ENDS + 1;
        for (n, name) in self.0.iter().enumerate() {
            if long && n >= ENDS && n < self.0.len() - ENDS {
                if n == ENDS {
                    write!(f, " → … {} more …", self.0.len() - 2 * ENDS)?;
                }
                continue;
            }
            let arrow = if n > 0 { " → " } else { "" };
            write!(f, "{arrow}`{}`", Shown(name))?;
        }
        Ok(())
    }
}
