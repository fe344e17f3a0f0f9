//! `switch`: exact values first, then ranges, each in the order of the arms, as the interpreter
//! looks them up. Matching is by kind and value: `7.0` misses `7`, but ranges of ints take floats.

use crate::language::edge::Relation;
use crate::syntax::ast::{Arm, Expr, Pattern, PatternKind};

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::compare::Compare;
use super::super::op::source::Constant;
use super::super::program::N;
use super::statements::End;
use super::value::{Atom, Val};
use super::{Lowered, Lowering};

/// Which patterns of an arm are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Exact,
    Ranges,
}

impl Lowering<'_> {
    pub(super) fn switch(
        &mut self,
        subject: &Expr,
        arms: &[Arm],
        default: Option<&Expr>,
    ) -> Lowered<(Val, End)> {
        let subject = self.open(subject)?;
        // The rows that take each arm, in the order in which they are looked at.
        let mut taken: Vec<(usize, N)> = Vec::new();
        let mut left = Builder::TRUE;
        for pass in [Pass::Exact, Pass::Ranges] {
            for (at, arm) in arms.iter().enumerate() {
                self.b.span = arm.span;
                let mut rows = self.matches(&subject, &arm.patterns, pass);
                if rows == Builder::FALSE {
                    continue;
                }
                if let Some(guard) = &arm.guard {
                    let asked = self.b.and(left, rows);
                    let guard = self.maybe(asked, |s| {
                        let value = s.open(guard)?;
                        Ok(s.truth(&value, guard.span))
                    })?;
                    rows = self.b.and(rows, guard);
                }
                taken.push((at, rows));
                left = self.b.and_not(left, rows);
            }
        }
        self.arms(&taken, arms, default)
    }

    /// The first of the arms whose rows hold, else the default.
    fn arms(
        &mut self,
        taken: &[(usize, N)],
        arms: &[Arm],
        default: Option<&Expr>,
    ) -> Lowered<(Val, End)> {
        match taken {
            [] => match default {
                Some(default) => self.expression(default),
                None => Ok((Val::unit(), End::Open)),
            },
            [(at, rows), rest @ ..] => {
                let (at, rows) = (*at, *rows);
                self.branch(
                    rows,
                    |s| s.expression(&arms[at].body),
                    |s| s.arms(rest, arms, default),
                )
            }
        }
    }

    /// The rows on which one of the patterns matches.
    fn matches(&mut self, subject: &Val, patterns: &[Pattern], pass: Pass) -> N {
        let mut rows = Builder::FALSE;
        for pattern in patterns {
            let range = matches!(pattern.kind, PatternKind::Range { .. });
            if range != (pass == Pass::Ranges) {
                continue;
            }
            for alt in &subject.alts {
                let same = self.pattern(&alt.atom, &pattern.kind);
                let same = self.b.and(alt.when, same);
                rows = self.b.or(rows, same);
            }
        }
        rows
    }

    fn pattern(&mut self, atom: &Atom, pattern: &PatternKind) -> N {
        if matches!((atom, pattern), (Atom::Unit, PatternKind::Unit)) {
            return Builder::TRUE;
        }
        let Some((ty, node)) = atom.ty(&self.b) else {
            return Builder::FALSE;
        };
        match (ty, pattern) {
            (Ty::Bool, PatternKind::Bool(true)) => node,
            (Ty::Bool, PatternKind::Bool(false)) => self.b.not(node),
            (Ty::Int, PatternKind::Int(x)) => {
                self.same(node, Constant::Int(*x), Compare::Int(Relation::Equal))
            }
            (Ty::Float, PatternKind::Float(x)) => {
                self.same(node, Constant::Float(*x), Compare::SameFloat)
            }
            (Ty::Text, PatternKind::Text(x)) => {
                self.same(node, Constant::Text(x.clone()), Compare::SameText)
            }
            (
                Ty::Int,
                PatternKind::Range {
                    start,
                    end,
                    inclusive,
                },
            ) => {
                let low = Compare::Int(Relation::GreaterOrEqual);
                let low = self.same(node, Constant::Int(*start), low);
                let high = match inclusive {
                    true => Relation::LessOrEqual,
                    false => Relation::Less,
                };
                let high = self.same(node, Constant::Int(*end), Compare::Int(high));
                self.b.and(low, high)
            }
            (
                Ty::Float,
                PatternKind::Range {
                    start,
                    end,
                    inclusive,
                },
            ) => {
                let empty = if *inclusive {
                    start > end
                } else {
                    start >= end
                };
                if empty {
                    return Builder::FALSE;
                }
                #[expect(clippy::cast_precision_loss, reason = "as the interpreter does")]
                let (low, high) = (*start as f64, *end as f64);
                let low = self.b.constant(Constant::Float(low));
                let high = self.b.constant(Constant::Float(high));
                let inclusive = *inclusive;
                let between = Op::Compare(Compare::Between { inclusive });
                self.b.node(between, &[node, low, high])
            }
            _ => Builder::FALSE,
        }
    }

    fn same(&mut self, node: N, constant: Constant, compare: Compare) -> N {
        let constant = self.b.constant(constant);
        self.b.node(Op::Compare(compare), &[node, constant])
    }
}
