//! Tables for one run: the cases of the leaves, and the answers for each combination of them.
//!
//! A case is stood for by one value in it. The operations of a part run once over all combinations
//! of those values; cases that never make a difference are then taken together.

use std::collections::{BTreeSet, HashMap};

use super::super::lanes::{Arg, Lanes, Scalar, Ty};
use super::super::op::compare::Compare;
use super::super::program::N;
use super::super::run::Run;
use super::super::slots::with_args;
use super::cases::{Cases, Keys, Nan};
use super::plan::{MOST_CASES, Part};

/// A part of the program as a table of the run.
#[derive(Debug, Clone, Default)]
pub(in crate::kernel) struct Table {
    leaves: Vec<(N, Cases)>,
    /// The answers of each root by the number of the combination.
    answers: Vec<Lanes>,
    /// The numbers of the batch at hand.
    numbers: Vec<u8>,
}

/// The cases of one leaf, each with a value that stands for it.
struct Leaf {
    node: N,
    split: Split,
    values: Vec<Scalar>,
    /// How far apart the combinations of neighbouring cases are.
    stride: usize,
}

/// What lies between the cases of a leaf. Numbers have the case below the first cut first; floats
/// have NaN last; texts have every other text first.
enum Split {
    Flags,
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Vec<u32>),
}

impl Table {
    /// Computes the table of a part; `None` where a leaf is compared with a number of the run at
    /// which nothing is known to turn.
    pub(in crate::kernel) fn new(part: &Part, run: &mut Run<'_>) -> Option<Self> {
        let mut leaves = Vec::with_capacity(part.leaves.len());
        let mut lanes = 1;
        for (node, turns) in &part.leaves {
            let (split, values) = split(run, *node, turns)?;
            let stride = lanes;
            lanes *= values.len();
            leaves.push(Leaf {
                node: *node,
                split,
                values,
                stride,
            });
        }
        if lanes > MOST_CASES {
            return None; // the plan has seen to it
        }
        let computed = compute(part, run, &leaves, lanes);
        let roots: Vec<&Lanes> = part
            .roots
            .iter()
            .filter_map(|root| computed.get(root))
            .collect();
        let mut table = Self::default();
        let mut kept: Vec<(Vec<usize>, usize, usize)> = Vec::new(); // cases, their stride in lanes, and in the table
        let mut size = 1;
        for leaf in &leaves {
            let joined = Joined::new(leaf, &roots, lanes);
            if joined.first.len() > 1 {
                table.leaves.push((leaf.node, joined.cases(leaf, size)?));
                kept.push((joined.first.clone(), leaf.stride, size));
                size *= joined.first.len();
            }
        }
        let lane = |number: usize| -> usize {
            (kept.iter())
                .map(|(first, from, to)| first[number / to % first.len()] * from)
                .sum()
        };
        for (root, lanes) in part.roots.iter().zip(roots) {
            let mut answers = Lanes::new(run.program.nodes[root.ix()].ty, MOST_CASES);
            for number in 0..size {
                answers.set(number, lanes.arg().at(lane(number)));
            }
            table.answers.push(answers);
        }
        Some(table)
    }

    /// Finds the combination of each lane.
    pub(in crate::kernel) fn find<'a>(&mut self, lanes: usize, leaf: impl Fn(N) -> Arg<'a>) {
        self.numbers.resize(lanes, 0);
        if self.leaves.is_empty() {
            self.numbers.fill(0);
        }
        for (at, (node, cases)) in self.leaves.iter().enumerate() {
            cases.add(leaf(*node), at == 0, &mut self.numbers);
        }
    }

    /// Reads the answers of a root.
    pub(in crate::kernel) fn read(&self, root: usize, out: &mut Lanes) {
        match (&self.answers[root], out) {
            (Lanes::Bool(answers), Lanes::Bool(out)) => read(answers, &self.numbers, out),
            (Lanes::Word(answers), Lanes::Word(out)) => read(answers, &self.numbers, out),
            (Lanes::Long(answers), Lanes::Long(out)) => read(answers, &self.numbers, out),
            (Lanes::Float(answers), Lanes::Float(out)) => read(answers, &self.numbers, out),
            (Lanes::Set(answers), Lanes::Set(out)) => read(answers, &self.numbers, out),
            _ => {} // types agree by building
        }
    }

    /// The answer of a root, where it is the same for all rows.
    pub(in crate::kernel) fn fixed(&self, root: usize) -> Option<Scalar> {
        (self.leaves.is_empty()).then(|| self.answers[root].arg().at(0))
    }
}

fn read<T: Copy>(answers: &[T], numbers: &[u8], out: &mut [T]) {
    // A byte is always a place in such an array.
    if let Ok(answers) = <&[T; MOST_CASES]>::try_from(answers) {
        for (out, number) in out.iter_mut().zip(numbers) {
            *out = answers[usize::from(*number)];
        }
    }
}

/// What tells the cases of a leaf apart in this run, and a value for each case.
fn split(run: &Run<'_>, node: N, turns: &BTreeSet<(Compare, N)>) -> Option<(Split, Vec<Scalar>)> {
    let mut cuts = Vec::new();
    for (compare, other) in turns {
        cuts.extend(compare.turns(run.scalars[other.ix()]?)?);
    }
    let ty = run.program.nodes[node.ix()].ty;
    Some(match ty {
        Ty::Bool => (Split::Flags, vec![Scalar::Bool(false), Scalar::Bool(true)]),
        Ty::Int | Ty::Time => {
            let mut cuts: Vec<i64> = cuts.iter().map(|cut| cut.bits().cast_signed()).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let values = [i64::MIN].iter().chain(&cuts);
            let values = values.map(|value| Scalar::Long(*value)).collect();
            (Split::Ints(cuts), values)
        }
        Ty::Float => {
            let mut cuts: Vec<f64> = cuts.iter().map(|cut| f64::from_bits(cut.bits())).collect();
            cuts.extend([-f64::MAX, f64::INFINITY]);
            cuts.sort_unstable_by(f64::total_cmp);
            cuts.dedup(); // zeros of both signs are one
            let below = [f64::NEG_INFINITY];
            let values = below.iter().chain(&cuts).chain(&[f64::NAN]);
            let values = values.map(|value| Scalar::Float(*value)).collect();
            (Split::Floats(cuts), values)
        }
        Ty::Text => {
            let keys: BTreeSet<u64> = cuts.iter().map(|key| key.bits()).collect();
            #[expect(clippy::cast_possible_truncation, reason = "a text is 32 bits")]
            let keys: Vec<u32> = keys.into_iter().map(|key| key as u32).collect();
            let other = (0..=u32::MAX).find(|text| !keys.contains(text))?;
            let values = std::iter::once(&other).chain(&keys);
            let values = values.map(|value| Scalar::Word(*value)).collect();
            (Split::Texts(keys), values)
        }
        Ty::Tags | Ty::Host => return None, // not compared
    })
}

/// Runs the operations of a part over all combinations of cases.
fn compute(part: &Part, run: &mut Run<'_>, leaves: &[Leaf], lanes: usize) -> HashMap<N, Lanes> {
    let nodes = &run.program.nodes;
    let mut computed: HashMap<N, Lanes> = HashMap::new();
    for leaf in leaves {
        let mut values = Lanes::new(nodes[leaf.node.ix()].ty, lanes);
        for lane in 0..lanes {
            values.set(lane, leaf.values[lane / leaf.stride % leaf.values.len()]);
        }
        computed.insert(leaf.node, values);
    }
    let mut cx = std::mem::take(&mut run.cx);
    for node in &part.within {
        let own = &nodes[node.ix()];
        let mut out = Lanes::new(own.ty, lanes);
        let arg = |arg: N| match computed.get(&arg) {
            Some(values) => values.arg(),
            None => super::super::slots::all(run.scalars[arg.ix()], nodes[arg.ix()].ty),
        };
        with_args(&own.args, arg, |args| own.op.eval(args, &mut out, &mut cx));
        computed.insert(*node, out);
    }
    run.cx = cx;
    computed
}

/// The cases of a leaf, taken together where they make no difference.
struct Joined {
    /// By case: the number of the joined case it belongs to.
    of: Vec<usize>,
    /// By joined case: the first of its cases.
    first: Vec<usize>,
}

impl Joined {
    fn new(leaf: &Leaf, roots: &[&Lanes], lanes: usize) -> Self {
        let same = |a: usize, b: usize| {
            let starts =
                (0..lanes).filter(|lane| (lane / leaf.stride).is_multiple_of(leaf.values.len()));
            starts.into_iter().all(|start| {
                roots.iter().all(|root| {
                    let at = |case: usize| root.arg().at(start + case * leaf.stride).bits();
                    at(a) == at(b)
                })
            })
        };
        let (mut of, mut first): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for case in 0..leaf.values.len() {
            // Between cuts only neighbours can be one; NaN may be the first, too.
            let nan = case + 1 == leaf.values.len();
            let known = match &leaf.split {
                Split::Flags | Split::Texts(_) => first.iter().position(|one| same(*one, case)),
                Split::Floats(_) if nan => {
                    let ends = [first.len().wrapping_sub(1), 0];
                    ends.into_iter()
                        .find(|end| first.get(*end).is_some_and(|one| same(*one, case)))
                }
                Split::Ints(_) | Split::Floats(_) => {
                    (first.len().checked_sub(1)).filter(|last| same(first[*last], case))
                }
            };
            of.push(known.unwrap_or(first.len()));
            if known.is_none() {
                first.push(case);
            }
        }
        Self { of, first }
    }

    /// How values fall into the joined cases, each adding its number times the stride.
    fn cases(&self, leaf: &Leaf, stride: usize) -> Option<Cases> {
        let byte = |number: usize| u8::try_from(number).ok(); // the table has no more than bytes
        // A cut stays where the cases on its sides are different ones.
        let stays = |cut: usize| self.of[cut] != self.of[cut + 1];
        let (one, number) = (byte(stride)?, |case: usize| byte(self.of[case] * stride));
        Some(match &leaf.split {
            Split::Flags => Cases::Flags { stride: one },
            Split::Ints(cuts) => Cases::Ints {
                cuts: kept(cuts, stays),
                stride: one,
            },
            Split::Floats(cuts) => {
                let (last, nan) = (self.of[cuts.len()], self.of[cuts.len() + 1]);
                Cases::Floats {
                    cuts: kept(cuts, stays),
                    stride: one,
                    nan: match nan {
                        _ if nan == last => Nan::Last,
                        0 => Nan::First,
                        _ => Nan::Own(number(cuts.len() + 1)?),
                    },
                }
            }
            Split::Texts(keys) => {
                let mut cases = Vec::new();
                for (at, key) in keys.iter().enumerate() {
                    if self.of[at + 1] != self.of[0] {
                        cases.push((*key, number(at + 1)?));
                    }
                }
                Cases::Texts(Keys::new(&cases, number(0)?)?)
            }
        })
    }
}

fn kept<T: Copy>(cuts: &[T], stays: impl Fn(usize) -> bool) -> Vec<T> {
    (cuts.iter().enumerate())
        .filter(|(at, _)| stays(*at))
        .map(|(_, cut)| *cut)
        .collect()
}
