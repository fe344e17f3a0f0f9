//! What is known about a value: its kinds, and for numbers and texts the range.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::language::{Kind, Side, Type};

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const UNIT: Self = Self(1);
    pub(super) const BOOL: Self = Self(2);
    pub(super) const INT: Self = Self(4);
    pub(super) const FLOAT: Self = Self(8);
    pub(super) const TEXT: Self = Self(16);
    pub(super) const TIME: Self = Self(32);
    pub(super) const ARRAY: Self = Self(64);
    pub(super) const MAP: Self = Self(128);
    pub(super) const CUSTOMER: Self = Self(256);
    pub(super) const REP: Self = Self(512);
    pub(super) const NUMBER: Self = Self(4 | 8);
    /// Nothing is known.
    pub(super) const ANY: Self = Self(1023);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn is_any(self) -> bool {
        self.0 == Self::ANY.0
    }

    /// Whether it may be absent, as far as that is known.
    pub(super) const fn may_be_absent(self) -> bool {
        self.has(Self::UNIT) && !self.is_any()
    }

    /// For messages: `an int or a float`; what may be absent without saying so.
    pub(super) fn describe(self) -> String {
        const NAMES: [(Kinds, &str); 9] = [
            (Kinds::BOOL, "a bool"),
            (Kinds::INT, "an int"),
            (Kinds::FLOAT, "a float"),
            (Kinds::TEXT, "a text"),
            (Kinds::TIME, "a time"),
            (Kinds::ARRAY, "an array"),
            (Kinds::MAP, "a map"),
            (Kinds::CUSTOMER, "a customer"),
            (Kinds::REP, "a rep"),
        ];
        if self.is_any() {
            return "anything".into();
        }
        if Self::NUMBER.within(self) && self.without(Self::NUMBER).without(Self::UNIT).is_empty() {
            return "a number".into();
        }
        let names: Vec<&str> = NAMES
            .iter()
            .filter(|(kind, _)| self.has(*kind))
            .map(|(_, name)| *name)
            .collect();
        if names.is_empty() {
            "absent".into()
        } else {
            names.join(" or ")
        }
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::BOOL,
            Kind::Int => Self::INT,
            Kind::Float => Self::FLOAT,
            Kind::Text => Self::TEXT,
            Kind::Tags => Self::ARRAY,
            Kind::Time => Self::TIME,
        }
    }
}

impl From<Side> for Kinds {
    fn from(side: Side) -> Self {
        match side {
            Side::Customer => Self::CUSTOMER,
            Side::Rep => Self::REP,
        }
    }
}

impl From<Type> for Kinds {
    /// What a parameter of that type takes.
    fn from(kind: Type) -> Self {
        match kind {
            Type::Bool => Self::BOOL,
            Type::Int => Self::INT,
            Type::Float => Self::FLOAT,
            Type::Number => Self::NUMBER,
            Type::Text => Self::TEXT,
            Type::Time => Self::TIME,
            Type::Texts | Type::Array => Self::ARRAY,
            Type::Map => Self::MAP,
            Type::Customer => Self::CUSTOMER,
            Type::Rep => Self::REP,
            Type::Any | Type::Same | Type::Found => Self::ANY,
        }
    }
}

/// A range of numbers. An end may be excluded, and so may zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) low_open: bool,
    pub(super) high_open: bool,
    pub(super) not_zero: bool,
}

impl Interval {
    pub(super) const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        low_open: false,
        high_open: false,
        not_zero: false,
    };

    pub(super) const fn closed(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            ..Self::ALL
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.low > self.high || (self.low == self.high && (self.low_open || self.high_open))
    }

    pub(super) fn has_zero(self) -> bool {
        let above = self.low < 0.0 || (self.low == 0.0 && !self.low_open);
        let below = self.high > 0.0 || (self.high == 0.0 && !self.high_open);
        above && below && !self.not_zero
    }

    pub(super) fn join(self, other: Self) -> Self {
        let (low, low_open) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Less => (self.low, self.low_open),
            std::cmp::Ordering::Greater => (other.low, other.low_open),
            std::cmp::Ordering::Equal => (self.low, self.low_open && other.low_open),
        };
        let (high, high_open) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Greater => (self.high, self.high_open),
            std::cmp::Ordering::Less => (other.high, other.high_open),
            std::cmp::Ordering::Equal => (self.high, self.high_open && other.high_open),
        };
        Self {
            low,
            high,
            low_open,
            high_open,
            not_zero: !self.has_zero() && !other.has_zero(),
        }
    }

    pub(super) fn meet(self, other: Self) -> Self {
        let (low, low_open) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Greater => (self.low, self.low_open),
            std::cmp::Ordering::Less => (other.low, other.low_open),
            std::cmp::Ordering::Equal => (self.low, self.low_open || other.low_open),
        };
        let (high, high_open) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Less => (self.high, self.high_open),
            std::cmp::Ordering::Greater => (other.high, other.high_open),
            std::cmp::Ordering::Equal => (self.high, self.high_open || other.high_open),
        };
        Self {
            low,
            high,
            low_open,
            high_open,
            not_zero: self.not_zero || other.not_zero,
        }
    }
}

/// Who lists texts, and the whole list.
pub(super) type Declared = (Rc<str>, Rc<[Arc<str>]>);

/// The texts that a value can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Texts {
    pub(super) set: Rc<[Arc<str>]>,
    /// What lists them, for messages, and the whole list: a field, the roles; `None` for literals
    /// of the policy.
    pub(super) declared: Option<Declared>,
}

impl Texts {
    /// All texts of a list.
    pub(super) fn listed(by: &str, all: Vec<Arc<str>>) -> Self {
        let set: Rc<[Arc<str>]> = all.into();
        Self {
            set: Rc::clone(&set),
            declared: Some((by.into(), set)),
        }
    }
}

/// What is known about a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ty {
    pub(super) kinds: Kinds,
    /// Of its numbers.
    pub(super) interval: Interval,
    /// Of its texts; any where `None`.
    pub(super) texts: Option<Texts>,
    /// Texts that it is not, where nothing lists those that it is.
    pub(super) never: Option<Rc<[Arc<str>]>>,
    /// The bool that it is, where that is known.
    pub(super) truth: Option<bool>,
    /// Of an array's elements.
    pub(super) element: Option<Rc<Ty>>,
    /// A map's entries, where they are all known.
    pub(super) entries: Option<Rc<BTreeMap<Arc<str>, Ty>>>,
    /// Whether it depends on data rather than on literals and constants alone.
    pub(super) varies: bool,
}

impl Ty {
    pub(super) const fn of(kinds: Kinds) -> Self {
        Self {
            kinds,
            interval: Interval::ALL,
            texts: None,
            never: None,
            truth: None,
            element: None,
            entries: None,
            varies: true,
        }
    }

    pub(super) const fn any() -> Self {
        Self::of(Kinds::ANY)
    }

    pub(super) const fn literal(kinds: Kinds) -> Self {
        let mut ty = Self::of(kinds);
        ty.varies = false;
        ty
    }

    pub(super) const fn number(kinds: Kinds, value: f64) -> Self {
        let mut ty = Self::literal(kinds);
        ty.interval = Interval::closed(value, value);
        ty
    }

    pub(super) fn text(text: &Arc<str>) -> Self {
        Self {
            texts: Some(Texts {
                set: Rc::from([Arc::clone(text)]),
                declared: None,
            }),
            ..Self::literal(Kinds::TEXT)
        }
    }

    pub(super) fn array(element: Self) -> Self {
        Self {
            varies: element.varies,
            element: Some(Rc::new(element)),
            ..Self::of(Kinds::ARRAY)
        }
    }

    /// The same value where it is known to be of these kinds only.
    pub(super) fn only(mut self, kinds: Kinds) -> Self {
        self.kinds = self.kinds.and(kinds);
        self
    }

    pub(super) fn present(self) -> Self {
        let kinds = if self.kinds.is_any() {
            Kinds::ANY
        } else {
            self.kinds.without(Kinds::UNIT)
        };
        Self { kinds, ..self }
    }

    /// Whether its texts come from a list of the schema rather than from the policy.
    pub(super) fn is_of_list(&self) -> bool {
        (self.texts.as_ref()).is_none_or(|texts| texts.declared.is_some())
    }

    /// The one number that it is.
    pub(super) fn known_number(&self) -> Option<f64> {
        let known = self.kinds.within(Kinds::NUMBER)
            && !self.kinds.is_empty()
            && self.interval.low == self.interval.high
            && !self.varies;
        known.then_some(self.interval.low)
    }

    /// The one text that it is.
    pub(super) fn known_text(&self) -> Option<&Arc<str>> {
        match &self.texts {
            Some(texts) if self.kinds == Kinds::TEXT && texts.set.len() == 1 => texts.set.first(),
            _ => None,
        }
    }

    /// One or the other.
    pub(super) fn join(self, other: Self) -> Self {
        if self == other || other.kinds.is_empty() {
            return self;
        }
        if self.kinds.is_empty() {
            return other;
        }
        let numbers = |ty: &Self| ty.kinds.has(Kinds::NUMBER);
        let interval = match (numbers(&self), numbers(&other)) {
            (true, true) => self.interval.join(other.interval),
            (false, _) => other.interval,
            (_, false) => self.interval,
        };
        let texts = match (self.kinds.has(Kinds::TEXT), other.kinds.has(Kinds::TEXT)) {
            (true, true) => joined(self.texts, other.texts),
            (false, _) => other.texts,
            (_, false) => self.texts,
        };
        let never = match (self.kinds.has(Kinds::TEXT), other.kinds.has(Kinds::TEXT)) {
            (true, true) => match (self.never, other.never) {
                (Some(a), Some(b)) => {
                    Some(a.iter().filter(|text| b.contains(text)).cloned().collect())
                }
                _ => None,
            },
            (false, _) => other.never,
            (_, false) => self.never,
        };
        let element = match (self.kinds.has(Kinds::ARRAY), other.kinds.has(Kinds::ARRAY)) {
            (true, true) => match (self.element, other.element) {
                (Some(a), Some(b)) if a == b => Some(a),
                (Some(a), Some(b)) => Some(Rc::new((*a).clone().join((*b).clone()))),
                _ => None,
            },
            (false, _) => other.element,
            (_, false) => self.element,
        };
        let entries = match (self.kinds.has(Kinds::MAP), other.kinds.has(Kinds::MAP)) {
            (true, true) => None,
            (false, _) => other.entries,
            (_, false) => self.entries,
        };
        let truth = match (self.kinds.has(Kinds::BOOL), other.kinds.has(Kinds::BOOL)) {
            (true, true) => self.truth.filter(|_| self.truth == other.truth),
            (false, _) => other.truth,
            (_, false) => self.truth,
        };
        Self {
            kinds: self.kinds.or(other.kinds),
            interval,
            texts,
            never,
            truth,
            element,
            entries,
            varies: true,
        }
    }
}

fn joined(a: Option<Texts>, b: Option<Texts>) -> Option<Texts> {
    let (a, b) = (a?, b?);
    if a.set.len() + b.set.len() > 64 {
        return None;
    }
    let mut set: Vec<Arc<str>> = a.set.iter().chain(b.set.iter()).cloned().collect();
    set.sort();
    set.dedup();
    let declared = match (a.declared, b.declared) {
        (Some(a), Some(b)) if a == b => Some(a),
        _ => None,
    };
    Some(Texts {
        set: set.into(),
        declared,
    })
}
