//! What is known at one point of a function: locals, and what conditions told about fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::syntax::ast::{Expr, ExprKind};

use super::super::shape;
use super::ty::Ty;

/// A local in scope.
#[derive(Debug, Clone)]
pub(super) struct Local {
    name: Arc<str>,
    ty: Ty,
    /// Distinguishes it from others of the same name.
    id: u32,
    /// The condition that it was given, as a number of the checker's, while that still holds.
    pub(super) means: Option<u32>,
}

/// Something that conditions tell about: a local, a field of one, or what is computed from them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    id: u32,
    /// The field; for [`COMPUTED`], the shape.
    field: Option<Arc<str>>,
}

impl Place {
    /// Whether it changes with that local.
    fn is_of(&self, local: u32) -> bool {
        self.id == local
            || (self.id == COMPUTED
                && (self.field.as_deref())
                    .is_some_and(|shape| shape.contains(&format!("#{local};"))))
    }
}

/// What is known at one point.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    locals: Vec<Local>,
    facts: BTreeMap<Place, Ty>,
    /// Whether nothing comes here: behind a `return`.
    pub(super) dead: bool,
    /// Whether there is a fact about something computed.
    computed: bool,
}

/// The number of the host's `params`, which is no local.
const PARAMS: u32 = u32::MAX;

/// The number of what is no local and no field of one: `x ?? 0`, `days_since(x)`.
const COMPUTED: u32 = u32::MAX - 1;

impl State {
    pub(super) fn bind(&mut self, name: &Arc<str>, ty: Ty, id: u32) {
        self.locals.push(Local {
            name: Arc::clone(name),
            ty,
            id,
            means: None,
        });
    }

    /// Says which condition the local bound last was given.
    pub(super) fn means(&mut self, condition: u32) {
        if let Some(local) = self.locals.last_mut() {
            local.means = Some(condition);
        }
    }

    /// The condition that a local was given.
    pub(super) fn meaning(&self, name: &str) -> Option<u32> {
        (self.locals.iter().rev())
            .find(|local| &*local.name == name)?
            .means
    }

    /// Forgets what locals mean where a condition does not hold any more.
    pub(super) fn forget_meanings(&mut self, gone: &dyn Fn(u32) -> bool) {
        for local in &mut self.locals {
            local.means = local.means.filter(|means| !gone(*means));
        }
    }

    /// The same locals, without what conditions told.
    pub(super) fn without_facts(&self) -> Self {
        Self {
            facts: BTreeMap::new(),
            computed: false,
            ..self.clone()
        }
    }

    /// How many locals there are; for [`Self::leave`].
    pub(super) fn mark(&self) -> usize {
        self.locals.len()
    }

    /// Drops the locals since the mark.
    pub(super) fn leave(&mut self, mark: usize) {
        self.locals.truncate(mark);
    }

    pub(super) fn local(&self, name: &str) -> Option<&Ty> {
        let local = self
            .locals
            .iter()
            .rev()
            .find(|local| &*local.name == name)?;
        let place = Place {
            id: local.id,
            field: None,
        };
        Some(self.facts.get(&place).unwrap_or(&local.ty))
    }

    /// Gives a local another value; what was known about it and its fields is gone.
    pub(super) fn assign(&mut self, name: &str, ty: Ty) {
        if let Some(local) = self
            .locals
            .iter_mut()
            .rev()
            .find(|local| &*local.name == name)
        {
            local.ty = ty;
            local.means = None;
            let id = local.id;
            self.facts.retain(|place, _| !place.is_of(id));
        }
    }

    /// The place that an expression reads, where it is a local or a field of one.
    pub(super) fn place(&self, expr: &Expr) -> Option<Place> {
        match &expr.kind {
            ExprKind::Variable(name) => Some(Place {
                id: self.id(name)?,
                field: None,
            }),
            ExprKind::Field { receiver, name, .. } => match &receiver.kind {
                ExprKind::Variable(root) => Some(Place {
                    id: self.id(root)?,
                    field: Some(Arc::clone(&name.text)),
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The place of what an expression computes; all that is computed from the same is the same.
    pub(super) fn place_of(&self, expr: &Expr) -> Option<Place> {
        if let Some(place) = self.place(expr) {
            return Some(place);
        }
        let varies = std::cell::Cell::new(false);
        let shape = shape::of(expr, &|name| {
            let Some(id) = self.id(name) else {
                return Some(name.to_owned());
            };
            varies.set(true);
            Some(format!("#{id};"))
        })?;
        varies.get().then(|| Place {
            id: COMPUTED,
            field: Some(shape.into()),
        })
    }

    /// What is known about something computed.
    pub(super) fn computed(&self, expr: &Expr) -> Option<&Ty> {
        if !self.computed {
            return None;
        }
        let place = self.place_of(expr)?;
        self.facts.get(&place)
    }

    fn id(&self, name: &str) -> Option<u32> {
        if let Some(local) = self.locals.iter().rev().find(|local| &*local.name == name) {
            return Some(local.id);
        }
        (name == "params").then_some(PARAMS)
    }

    pub(super) fn fact(&self, place: &Place) -> Option<&Ty> {
        self.facts.get(place)
    }

    pub(super) fn learn(&mut self, place: Place, ty: Ty) {
        self.computed |= place.id == COMPUTED;
        self.facts.insert(place, ty);
    }

    /// What holds where two ways meet.
    pub(super) fn join(self, other: Self) -> Self {
        if self.dead {
            return other;
        }
        if other.dead {
            return self;
        }
        let mut facts: BTreeMap<Place, Ty> = BTreeMap::new();
        for (place, ty) in &self.facts {
            if let Some(known) = other.facts.get(place) {
                facts.insert(place.clone(), ty.clone().join(known.clone()));
            }
        }
        let mut locals = Vec::with_capacity(self.locals.len());
        for (a, b) in self.locals.into_iter().zip(other.locals) {
            let place = Place {
                id: a.id,
                field: None,
            };
            // What one way knows by a condition, the other may know by an assignment.
            let known = match (self.facts.get(&place), other.facts.get(&place)) {
                (None, None) => None,
                (x, y) => Some(x.unwrap_or(&a.ty).clone().join(y.unwrap_or(&b.ty).clone())),
            };
            let ty = a.ty.join(b.ty);
            if let Some(known) = known.filter(|known| *known != ty) {
                facts.insert(place, known);
            }
            let means = a.means.filter(|_| a.means == b.means);
            locals.push(Local { ty, means, ..a });
        }
        Self {
            computed: facts.keys().any(|place| place.id == COMPUTED),
            locals,
            facts,
            dead: false,
        }
    }

    /// Forgets the values of the locals that differ from an earlier point, but for their kinds: a
    /// loop may change them any number of times.
    pub(super) fn widen(&mut self, after: &Self) {
        for (local, after) in self.locals.iter_mut().zip(&after.locals) {
            if local.ty != after.ty {
                local.ty = Ty::of(local.ty.kinds.or(after.ty.kinds));
                let id = local.id;
                self.facts.retain(|place, _| !place.is_of(id));
            }
            local.means = local.means.filter(|_| local.means == after.means);
        }
    }
}
