//! Moments and days: [`Time`] in UTC, and the fixed offset at which days are counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, to the microsecond, in the years −9999 to 9999.
///
/// Reads RFC 3339 (`2026-01-31T08:30:00+08:00`) or a date; a date means midnight at the given
/// offset. Finer parts than a microsecond are cut off.
///
/// ```
/// use bookwright::{Time, UtcOffset};
/// let midnight = Time::parse("2026-01-31", UtcOffset::default())?;
/// assert_eq!(midnight.to_string(), "2026-01-31T00:00:00Z");
/// let china: UtcOffset = "+08:00".parse()?;
/// assert_eq!(Time::parse("2026-01-31", china)?.to_string(), "2026-01-30T16:00:00Z");
/// assert_eq!(
///     "yesterday".parse::<Time>().unwrap_err().to_string(),
///     "`yesterday` is not a time: write RFC 3339 (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)"
/// );
/// # Ok::<(), bookwright::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(i64);

/// A text that is not a time or not an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not RFC 3339 and not a date.
    #[error(
        "`{text}` is not a time: write RFC 3339 (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)"
    )]
    Time {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// Not `Z`, `+HH:MM` or `-HH:MM` of at most 18 hours.
    #[error("`{text}` is not a UTC offset: write `Z`, `+08:00` or `-05:30`")]
    Offset {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// Outside the years −9999 to 9999.
    #[error("{micros} microseconds from 1970 is outside the years -9999 to 9999")]
    Range {
        /// The microseconds since 1970-01-01T00:00:00Z.
        micros: i64,
    },
}

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

impl Time {
    /// 1970-01-01T00:00:00Z, from which moments are counted.
    pub const EPOCH: Self = Self(0);

    /// The moment that many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimeError::Range`] outside the years −9999 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimeError> {
        jiff::Timestamp::from_microsecond(micros)
            .map(|_| Self(micros))
            .map_err(|_| TimeError::Range { micros })
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, or a date as midnight at `offset`.
    ///
    /// # Errors
    /// [`TimeError::Time`] where `text` is neither.
    pub fn parse(text: &str, offset: UtcOffset) -> Result<Self, TimeError> {
        let wrong = || TimeError::Time { text: cut(text) };
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() == 10
        {
            let midnight = jiff::tz::Offset::UTC
                .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
                .map_err(|_| wrong())?;
            return Self::from_micros(midnight.as_microsecond() - offset.micros())
                .map_err(|_| wrong());
        }
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
        Ok(Self(timestamp.as_microsecond()))
    }

    /// Calendar days from `self` to `later`, counted at `offset`; negative where `later` is before.
    #[must_use]
    pub const fn days_until(self, later: Self, offset: UtcOffset) -> i64 {
        later.day(offset) - self.day(offset)
    }

    /// The number of the calendar day at `offset`, 0 for 1970-01-01.
    #[must_use]
    pub const fn day(self, offset: UtcOffset) -> i64 {
        (self.0 + offset.micros()).div_euclid(MICROS_PER_DAY)
    }

    /// As people at the offset write it: a date where it is midnight there, else RFC 3339.
    ///
    /// ```
    /// use bookwright::Time;
    /// let china = "+08:00".parse()?;
    /// assert_eq!("2026-01-30T16:00:00Z".parse::<Time>()?.shown_at(china), "2026-01-31");
    /// assert_eq!("2026-01-31".parse::<Time>()?.shown_at(china), "2026-01-31T08:00:00+08:00");
    /// # Ok::<(), bookwright::TimeError>(())
    /// ```
    #[must_use]
    pub fn shown_at(self, offset: UtcOffset) -> String {
        let there = Self(self.0.saturating_add(offset.micros())).to_string();
        match there.strip_suffix("T00:00:00Z") {
            Some(date) => date.to_owned(),
            None if offset.seconds == 0 => there,
            None => format!("{}{offset}", there.trim_end_matches('Z')),
        }
    }
}

/// Not the microseconds: a time as people read it.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{}us", self.0), // not reached: every constructor checks the range
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({self})")
    }
}

impl FromStr for Time {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::parse(text, UtcOffset::default())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A fixed offset from UTC, at which days are counted: `Z`, `+08:00`, `-05:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UtcOffset {
    seconds: i32,
}

impl UtcOffset {
    /// The offset of that many seconds east of Greenwich, at most 18 hours either way.
    #[must_use]
    pub const fn from_seconds(seconds: i32) -> Option<Self> {
        if seconds.unsigned_abs() > 18 * 3600 {
            None
        } else {
            Some(Self { seconds })
        }
    }

    /// Seconds east of Greenwich.
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.seconds
    }

    const fn micros(self) -> i64 {
        self.seconds as i64 * MICROS_PER_SECOND
    }
}

impl FromStr for UtcOffset {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Offset { text: cut(text) };
        if text == "Z" || text == "z" {
            return Ok(Self::default());
        }
        let (sign, rest) = match text.as_bytes().first() {
            Some(b'+') => (1, &text[1..]),
            Some(b'-') => (-1, &text[1..]),
            _ => return Err(wrong()),
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
        let two_digits = |part: &str| -> Option<i32> {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let (hours, minutes) = (
            two_digits(hours).ok_or_else(wrong)?,
            two_digits(minutes).ok_or_else(wrong)?,
        );
        if minutes > 59 {
            return Err(wrong());
        }
        Self::from_seconds(sign * (hours * 3600 + minutes * 60)).ok_or_else(wrong)
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.seconds < 0 { '-' } else { '+' };
        let minutes = self.seconds.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Input for a message: at most 64 characters of it.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_calendar_days_at_the_offset() {
        let china: UtcOffset = "+08:00".parse().unwrap();
        let before: Time = "2026-01-30T15:59:59Z".parse().unwrap();
        let after: Time = "2026-01-30T16:00:00Z".parse().unwrap();
        assert_eq!(before.days_until(after, china), 1);
        assert_eq!(before.days_until(after, UtcOffset::default()), 0);
        assert_eq!(after.days_until(before, china), -1);
    }

    #[test]
    fn offsets_round_trip_and_refuse() {
        for text in ["+08:00", "-05:30", "+00:00"] {
            assert_eq!(text.parse::<UtcOffset>().unwrap().to_string(), text);
        }
        for text in ["8", "+8:00", "+08:60", "+19:00", "+ab:cd", ""] {
            assert!(text.parse::<UtcOffset>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_round_trip() {
        for text in ["2026-01-31T00:00:00Z", "1969-12-31T23:59:59.000001Z"] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
        for text in ["2026-02-30", "2026-1-31", "", "now", "2026-01-31T25:00:00Z"] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
