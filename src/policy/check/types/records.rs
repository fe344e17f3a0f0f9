//! Records that tests make of map literals: their keys are fields, their values of the kinds that
//! the schema says.

use crate::language::{FunctionSpec, Kind, Side, Source};
use crate::model::Field;
use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::{Diagnostic, nearest};

use super::Checker;
use super::ty::{Kinds, Ty};

/// What a record may be given beside fields.
const BESIDE: [&str; 2] = ["owners", "last_assigned"];

impl<'a> Checker<'a> {
    /// Reports what `customer(#{ … })` and `rep(#{ … })` cannot be made of.
    pub(super) fn record(&mut self, spec: &FunctionSpec, map: Option<&'a Expr>, types: &[Ty]) {
        let side = match spec.name {
            "customer" => Side::Customer,
            "rep" => Side::Rep,
            _ => return,
        };
        let Some(ExprKind::Map(entries)) = map.map(|map| &map.kind) else {
            return;
        };
        let known = types.first().and_then(|ty| ty.entries.clone());
        for (key, value) in entries {
            match self.world.field(side, &key.text) {
                Some(field) if field.source == Source::Ownership && field.kind == Kind::Text => {
                    let message = "the owner is given role by role".to_owned();
                    let finding = Diagnostic::error("wrong-record", key.span, message);
                    self.report(finding.with_help("write `owners: #{ developer: \"r1\" }`"));
                }
                Some(field) => {
                    if let Some(ty) = known.as_ref().and_then(|known| known.get(&key.text)) {
                        self.field_value(side, field, key, ty);
                        let list = self.record_field(side, key);
                        self.listed(&list, (ty, value.span));
                        if let Some(element) = &list.element {
                            self.listed_among((element, None), value, ty);
                        }
                    }
                }
                None if key.text.as_ref() == BESIDE[side as usize] => {}
                None => self.no_such_field(side, key),
            }
        }
    }

    fn field_value(&mut self, side: Side, field: &Field, key: &Name, ty: &Ty) {
        let wanted = match field.kind {
            Kind::Float => Kinds::NUMBER,
            Kind::Time => Kinds::TIME.or(Kinds::TEXT),
            other => Kinds::from(other),
        };
        if ty.kinds.is_any() || ty.kinds.is_empty() || ty.kinds.has(wanted.or(Kinds::UNIT)) {
            return;
        }
        let message = format!(
            "`{}` of a {} is {}, not {}",
            field.name,
            side.name(),
            match field.kind {
                Kind::Tags => "an array of texts".to_owned(),
                Kind::Time => "a time, or a text that tells one".to_owned(),
                _ => wanted.describe(),
            },
            ty.kinds.describe()
        );
        self.report(Diagnostic::error("wrong-record", key.span, message));
    }

    fn no_such_field(&mut self, side: Side, key: &Name) {
        let finding = Diagnostic::error(
            "unknown-field",
            key.span,
            format!(
                "a {} has no field `{}`",
                side.name(),
                crate::syntax::clipped(&key.text)
            ),
        );
        let fields = self.world.fields(side).iter();
        let near = nearest(&key.text, fields.map(|field| field.name.as_str()));
        self.report(match near {
            Some(near) if near.is_ascii() => finding.with_suggestion(Some(near)),
            Some(near) => finding.with_help(format!("did you mean `\"{near}\"`?")),
            None => finding.with_help("fields of your own must be in the schema"),
        });
    }
}
