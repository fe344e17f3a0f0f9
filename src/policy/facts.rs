//! What a script sees: a view in one role, as the interpreter asks for it.

use crate::language::{Side, Time, UtcOffset, Value};
use crate::model::{FieldIx, RoleIx, View};
use crate::script::Facts;

/// A view with the role at hand.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) view: View,
    pub(crate) role: Option<RoleIx>,
}

impl Facts for Seen {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        self.view
            .book()
            .schema()
            .field(side, name)
            .map(|field| field.0)
    }

    fn value(&self, side: Side, row: u32, field: u16) -> Value {
        self.view.value(side, row, FieldIx(field), self.role)
    }

    fn lookup(&self, table: &str, key: &str) -> Value {
        self.view.lookup(table, key)
    }

    fn now(&self) -> Option<Time> {
        Some(self.view.now())
    }

    fn offset(&self) -> UtcOffset {
        self.view.offset()
    }

    fn params(&self) -> Option<Value> {
        Some(Value::Map(self.view.params().clone()))
    }
}

/// The same, as if one field of one customer had another value.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) seen: Seen,
    pub(super) row: u32,
    pub(super) field: FieldIx,
    pub(super) value: Value,
}

impl Facts for Changed {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        self.seen.field(side, name)
    }

    fn value(&self, side: Side, row: u32, field: u16) -> Value {
        if side == Side::Customer && row == self.row && field == self.field.0 {
            return self.value.clone();
        }
        self.seen.value(side, row, field)
    }

    fn lookup(&self, table: &str, key: &str) -> Value {
        self.seen.lookup(table, key)
    }

    fn now(&self) -> Option<Time> {
        self.seen.now()
    }

    fn offset(&self) -> UtcOffset {
        self.seen.offset()
    }

    fn params(&self) -> Option<Value> {
        self.seen.params()
    }
}

impl From<crate::script::Stop> for crate::allocation::Stop {
    fn from(stop: crate::script::Stop) -> Self {
        match stop {
            crate::script::Stop::Cancelled => Self::Cancelled,
            crate::script::Stop::Deadline => Self::Deadline,
            crate::script::Stop::Operations => Self::Operations,
        }
    }
}
