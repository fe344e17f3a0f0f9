//! Where values come from: constants, fields, the role, the moment, the policy's parameters.
//!
//! These have no operands; the run loads them, since it knows the rows. A field that may be absent
//! is two nodes: its values (arbitrary where absent) and its presence.

use std::fmt;
use std::sync::Arc;

use crate::language::{Kind, Side};

use super::super::lanes::Ty;

/// A constant of a program.
#[derive(Debug, Clone)]
pub(in crate::kernel) enum Constant {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    /// Texts as a set; the interpreter has an array, so only what ignores order may read it.
    Tags(Arc<[Arc<str>]>),
    Time(i64),
}

/// By bits: `0.0` and `-0.0` are two constants.
impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) | (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Tags(a), Self::Tags(b)) => a == b,
            _ => false,
        }
    }
}
impl Eq for Constant {}
impl std::hash::Hash for Constant {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Bool(x) => x.hash(state),
            Self::Int(x) | Self::Time(x) => x.hash(state),
            Self::Float(x) => x.to_bits().hash(state),
            Self::Text(x) => x.hash(state),
            Self::Tags(x) => x.hash(state),
        }
    }
}

impl Constant {
    /// What columns hold where a value is absent; `None` for tags, which are not.
    pub(in crate::kernel) fn zero(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Bool => Self::Bool(false),
            Kind::Int => Self::Int(0),
            Kind::Float => Self::Float(0.0),
            Kind::Text => Self::Text("".into()),
            Kind::Time => Self::Time(0),
            Kind::Tags => return None,
        })
    }

    pub(in crate::kernel) const fn ty(&self) -> Ty {
        match self {
            Self::Bool(_) => Ty::Bool,
            Self::Int(_) => Ty::Int,
            Self::Float(_) => Ty::Float,
            Self::Text(_) => Ty::Text,
            Self::Tags(_) => Ty::Tags,
            Self::Time(_) => Ty::Time,
        }
    }
}

/// A node without operands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum Source {
    Constant(Constant),
    /// The values of a field.
    Field {
        side: Side,
        kind: Kind,
        name: Arc<str>,
        /// Whether the schema lets it be absent; its column then holds zero where it is.
        optional: bool,
    },
    /// Where the field is not absent.
    Present {
        side: Side,
        name: Arc<str>,
    },
    /// A parameter of the policy, by its path in `params`.
    Parameter {
        path: Arc<[Arc<str>]>,
        kind: Kind,
    },
    /// The name of the role at hand.
    Role,
    /// The moment of the plan.
    Now,
}

/// The type of a field's values.
pub(in crate::kernel) const fn kind_ty(kind: Kind) -> Ty {
    match kind {
        Kind::Bool => Ty::Bool,
        Kind::Int => Ty::Int,
        Kind::Float => Ty::Float,
        Kind::Text => Ty::Text,
        Kind::Tags => Ty::Tags,
        Kind::Time => Ty::Time,
    }
}

impl Source {
    pub(super) const fn ty(&self) -> Ty {
        match self {
            Self::Constant(constant) => constant.ty(),
            Self::Field { kind, .. } | Self::Parameter { kind, .. } => kind_ty(*kind),
            Self::Present { .. } => Ty::Bool,
            Self::Role => Ty::Text,
            Self::Now => Ty::Time,
        }
    }

    /// The record it reads, if any.
    pub(in crate::kernel) const fn side(&self) -> Option<Side> {
        match self {
            Self::Field { side, .. } | Self::Present { side, .. } => Some(*side),
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(Constant::Bool(x)) => write!(f, "{x}"),
            Self::Constant(Constant::Int(x)) => write!(f, "{x}"),
            Self::Constant(Constant::Float(x)) => write!(f, "{x:?}"),
            Self::Constant(Constant::Text(x)) => write!(f, "{x:?}"),
            Self::Constant(Constant::Tags(x)) => write!(f, "{x:?}"),
            Self::Constant(Constant::Time(x)) => write!(f, "{x} us"),
            Self::Field { side, name, .. } => write!(f, "{}.{name}", side.name()),
            Self::Present { side, name, .. } => write!(f, "has {}.{name}", side.name()),
            Self::Parameter { path, .. } => write!(f, "params.{}", path.join(".")),
            Self::Role => f.write_str("role"),
            Self::Now => f.write_str("now"),
        }
    }
}
