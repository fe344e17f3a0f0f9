//! Reading fields of records and maps.

use std::rc::Rc;
use std::sync::Arc;

use crate::language::{FunctionSpec, Hook, Side};
use crate::model::Field;
use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::{Diagnostic, nearest};

use super::super::fold;
use super::Checker;
use super::ty::{Interval, Kinds, Texts, Ty};

impl<'a> Checker<'a> {
    /// The value of `receiver.name`.
    pub(super) fn field(
        &mut self,
        ty: &Ty,
        receiver: &Expr,
        name: &Name,
        optional: bool,
        bracket: bool,
    ) -> Ty {
        if ty.kinds.is_any() || ty.kinds.is_empty() {
            return Ty::any();
        }
        if ty.kinds.may_be_absent() && !optional {
            self.absent(ty, receiver.span, "read from");
            return Ty::any();
        }
        let present = ty.kinds.without(Kinds::UNIT);
        let value = if present == Kinds::CUSTOMER {
            self.record_field(Side::Customer, name)
        } else if present == Kinds::REP {
            self.record_field(Side::Rep, name)
        } else if present == Kinds::MAP {
            self.entry(ty, receiver, name)
        } else if present.has(Kinds::CUSTOMER) || present.has(Kinds::REP) || present.has(Kinds::MAP)
        {
            Ty::any()
        } else {
            self.property(present, name, bracket)
        };
        if ty.kinds.has(Kinds::UNIT) {
            value.join(Ty::literal(Kinds::UNIT))
        } else {
            value
        }
    }

    pub(super) fn record_field(&mut self, side: Side, name: &Name) -> Ty {
        let Some(field) = self.world.field(side, &name.text) else {
            self.unknown_field(side, name);
            return Ty::any();
        };
        self.too_early(side, field, name);
        let mut ty = of_field(side, field);
        if side == Side::Customer && field.name == "tier" {
            ty.texts = self.tier().texts;
        }
        if side == Side::Rep
            && field.name == "roles"
            && let Some(element) = &ty.element
        {
            let roles = Ty {
                texts: self.role().texts,
                ..(**element).clone()
            };
            ty.element = Some(Rc::new(roles));
        }
        if side == Side::Customer && field.name == "segment" {
            ty.texts.clone_from(&self.segments);
        }
        ty
    }

    fn unknown_field(&mut self, side: Side, name: &Name) {
        let other = match side {
            Side::Customer => Side::Rep,
            Side::Rep => Side::Customer,
        };
        let finding = Diagnostic::error(
            "unknown-field",
            name.span,
            format!(
                "a {} has no field `{}`",
                side.name(),
                crate::syntax::clipped(&name.text)
            ),
        );
        let fields = self
            .world
            .fields(side)
            .iter()
            .map(|field| field.name.as_str());
        let finding = match nearest(&name.text, fields) {
            Some(near) if near.is_ascii() => finding.with_suggestion(Some(near)),
            Some(near) => finding.with_help(format!("did you mean `[\"{near}\"]`?")),
            None if self.world.field(other, &name.text).is_some() => {
                finding.with_help(format!("`{}` is a field of a {}", name.text, other.name()))
            }
            None => finding.with_help("fields of your own must be in the schema"),
        };
        self.report(finding);
    }

    /// Reports a field that the plan fills only after this hook.
    fn too_early(&mut self, side: Side, field: &Field, name: &Name) {
        let Some(hook) = self.hook.filter(|_| side == Side::Customer) else {
            return;
        };
        let tiering = matches!(hook, Hook::Tier | Hook::Value);
        let early = match field.name.as_str() {
            "tier" => tiering || (hook == Hook::Segment && self.segments_first()),
            "segment" => hook == Hook::Segment || (tiering && !self.segments_first()),
            _ => false,
        };
        if early {
            let help = if &*name.text == "tier" {
                "the tier before this plan is `customer.current_tier`"
            } else {
                "read what the segment is made from"
            };
            self.report(
                Diagnostic::error(
                    "field-too-early",
                    name.span,
                    format!("`{}` is not known yet when `{hook}` runs", name.text),
                )
                .with_help(help),
            );
        }
    }

    /// Whether cuts are per segment, so that segments come before tiers.
    fn segments_first(&self) -> bool {
        if let Some(given) = self.world.given_tiers() {
            return given.needs_segments();
        }
        let mut found = false;
        if let Some(tiers) = self.script.constant("TIERS") {
            super::super::walk::expression(&tiers.value, &mut |expr| {
                if let ExprKind::Map(entries) = &expr.kind {
                    found |= entries.iter().any(|(key, value)| {
                        &*key.text == "per"
                            && matches!(&value.kind, ExprKind::Text(per) if &**per == "segment")
                    });
                }
            });
        }
        found
    }

    /// `params`: the kinds of what `PARAMS` says; the host may give other values of those kinds.
    pub(super) fn params(&self) -> Ty {
        let Some((_, ty)) = self.constants.iter().find(|(name, _)| &**name == "PARAMS") else {
            return Ty {
                entries: self.script.constant("PARAMS").is_none().then(Rc::default),
                ..Ty::of(Kinds::MAP)
            };
        };
        opened(&Ty {
            kinds: Kinds::MAP,
            ..ty.clone()
        })
    }

    /// What `PARAMS` says where a path through `params` ends, unless the host says otherwise.
    pub(super) fn default_of(&self, expr: &Expr) -> Option<&'a Expr> {
        match &expr.kind {
            ExprKind::Variable(name) if &**name == "params" => {
                let params = self.script.constant("PARAMS")?;
                Some(fold::resolved(self.script, &params.value))
            }
            ExprKind::Field { receiver, name, .. } => {
                let ExprKind::Map(entries) = &self.default_of(receiver)?.kind else {
                    return None;
                };
                let (_, value) = entries.iter().find(|(key, _)| key.text == name.text)?;
                Some(fold::resolved(self.script, value))
            }
            _ => None,
        }
    }

    /// An entry of a map.
    fn entry(&mut self, ty: &Ty, receiver: &Expr, name: &Name) -> Ty {
        let Some(entries) = &ty.entries else {
            return Ty::any();
        };
        if let Some(value) = entries.get(&name.text) {
            return value.clone();
        }
        if FunctionSpec::named(&name.text).is_some_and(|spec| spec.property) {
            return Ty::any();
        }
        let (code, message, help) = match &receiver.kind {
            ExprKind::Variable(root) if &**root == "params" => (
                "unknown-param",
                format!("`PARAMS` has no `{}`", crate::syntax::clipped(&name.text)),
                format!(
                    "add it: `const PARAMS = #{{ {}: … }};`",
                    crate::syntax::clipped(&name.text)
                ),
            ),
            _ => (
                "unknown-key",
                format!(
                    "this map has no key `{}`",
                    crate::syntax::clipped(&name.text)
                ),
                "a missing key gives `()`; to allow for that, use `get(map, \"key\") ?? …`".into(),
            ),
        };
        let finding = Diagnostic::error(code, name.span, message);
        let near = nearest(&name.text, entries.keys().map(|key| &**key));
        self.report(match near {
            Some(near) => finding.with_suggestion(Some(near)),
            None => finding.with_help(help),
        });
        Ty::any()
    }

    /// A field of something that has none: `tags.len` is a function all the same.
    fn property(&mut self, kinds: Kinds, name: &Name, bracket: bool) -> Ty {
        if let Some(spec) = FunctionSpec::named(&name.text).filter(|spec| spec.property && !bracket)
        {
            let ty = Ty::of(kinds);
            return self.result_of(spec, &[ty]);
        }
        if bracket && kinds == Kinds::ARRAY {
            self.report(Diagnostic::error(
                "wrong-index",
                name.span,
                "an array is indexed with an int",
            ));
            return Ty::any();
        }
        let finding = Diagnostic::error(
            "unknown-field",
            name.span,
            format!(
                "{} has no field `{}`",
                kinds.describe(),
                crate::syntax::clipped(&name.text)
            ),
        );
        let finding = match FunctionSpec::named(&name.text) {
            Some(spec) => finding.with_help(format!("call the function: `{}()`", spec.name)),
            None => finding,
        };
        self.report(finding);
        Ty::any()
    }
}

/// A value of the same kinds; what is nested is replaced as a whole, and then has the same keys.
fn opened(ty: &Ty) -> Ty {
    let entry = |(key, ty): (&Arc<str>, &Ty)| (Arc::clone(key), opened(ty));
    Ty {
        entries: (ty.entries.as_ref()).map(|entries| Rc::new(entries.iter().map(entry).collect())),
        ..Ty::of(ty.kinds)
    }
}

/// What a field holds.
fn of_field(side: Side, field: &Field) -> Ty {
    let mut ty = Ty::of(Kinds::from(field.kind));
    if ty.kinds.within(Kinds::NUMBER) {
        ty.interval = Interval {
            low: field.min.unwrap_or(f64::NEG_INFINITY),
            high: field.max.unwrap_or(f64::INFINITY),
            low_open: field.open_below && field.min.is_some(),
            ..Interval::ALL
        };
    }
    let texts = (!field.allowed.is_empty()).then(|| {
        let all = field.allowed.iter().map(|text| Arc::from(text.as_str()));
        Texts::listed(&format!("{}.{}", side.name(), field.name), all.collect())
    });
    if ty.kinds == Kinds::ARRAY {
        ty.element = Some(Rc::new(Ty {
            texts,
            ..Ty::of(Kinds::TEXT)
        }));
    } else {
        ty.texts = texts;
    }
    if field.may_be_absent() {
        ty.kinds = ty.kinds.or(Kinds::UNIT);
    }
    ty
}
