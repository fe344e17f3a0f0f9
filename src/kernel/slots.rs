//! Buffers for the nodes of a program, shared by nodes that are not needed at the same time.

use super::lanes::{Arg, Lanes, Scalar, Ty};
use super::program::{N, Node};

/// Rows that are computed together: a buffer of floats is 8 KiB, so that a program's buffers stay
/// in the nearest caches.
pub(super) const BATCH: usize = 1024;

/// Which buffer each node writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    of: Vec<Option<u32>>,
    types: Vec<Ty>,
}

/// The storage of two types is one where their lanes are of one Rust type.
const fn storage(ty: Ty) -> Ty {
    match ty {
        Ty::Time => Ty::Int,
        Ty::Host => Ty::Text,
        other => other,
    }
}

impl Slots {
    /// Slots for the nodes of `computed`, which read the nodes of `read`; those of `kept` are not
    /// written over.
    pub(super) fn new(
        nodes: &[Node],
        computed: impl Fn(N) -> bool,
        read: impl Fn(N) -> Vec<N>,
        kept: impl Fn(N) -> bool,
    ) -> Self {
        let all = || (0..nodes.len()).map(|at| N(at as u32)); // a node's number is 32 bits
        let mut last_use: Vec<usize> = (0..nodes.len()).collect();
        for node in all().filter(|node| computed(*node)) {
            for arg in read(node) {
                last_use[arg.ix()] = node.ix();
            }
        }
        let mut ends: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut slots = Self {
            of: vec![None; nodes.len()],
            types: Vec::new(),
        };
        let mut free: Vec<u32> = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            if computed(N(at as u32)) {
                let ty = storage(node.ty);
                let reused = free
                    .iter()
                    .position(|slot| slots.types[*slot as usize] == ty);
                let slot = match reused {
                    Some(place) => free.swap_remove(place),
                    None => {
                        slots.types.push(ty);
                        (slots.types.len() - 1) as u32 // at most one a node
                    }
                };
                slots.of[at] = Some(slot);
                if !kept(N(at as u32)) {
                    ends[last_use[at]].push(at);
                }
            }
            for ended in std::mem::take(&mut ends[at]) {
                free.extend(slots.of[ended]);
            }
        }
        slots
    }

    pub(super) fn buffers(&self, lanes: usize) -> Buffers {
        Buffers {
            slots: self.types.iter().map(|ty| Lanes::new(*ty, lanes)).collect(),
        }
    }

    pub(super) fn get(&self, node: N) -> Option<usize> {
        self.of[node.ix()].map(|slot| slot as usize)
    }
}

/// The buffers themselves.
#[derive(Debug, Clone)]
pub(super) struct Buffers {
    pub(super) slots: Vec<Lanes>,
}

impl Buffers {
    pub(super) fn resize(&mut self, lanes: usize) {
        self.slots.iter_mut().for_each(|slot| slot.resize(lanes));
    }

    /// Takes a buffer out to write it while others are read.
    pub(super) fn take(&mut self, slot: usize) -> Lanes {
        std::mem::replace(&mut self.slots[slot], Lanes::Bool(Vec::new()))
    }
}

/// Hands a node's operands to `f`, without a vector where there are at most three.
#[inline]
pub(super) fn with_args<'a>(args: &[N], arg: impl Fn(N) -> Arg<'a>, f: impl FnOnce(&[Arg<'a>])) {
    match *args {
        [a] => f(&[arg(a)]),
        [a, b] => f(&[arg(a), arg(b)]),
        [a, b, c] => f(&[arg(a), arg(b), arg(c)]),
        _ => f(&args.iter().map(|node| arg(*node)).collect::<Vec<_>>()),
    }
}

/// One value for all lanes, or zero where there is none, which building excludes.
pub(super) fn all<'a>(scalar: Option<Scalar>, ty: Ty) -> Arg<'a> {
    Arg::from(scalar.unwrap_or(Scalar::zero(ty)))
}
