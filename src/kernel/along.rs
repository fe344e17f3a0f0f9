//! What runs along the reps of a program of pairs: all of them, or one of each kind.

use super::lanes::Lanes;
use super::program::N;
use super::tables::{TableRow, Tables};

/// Columns of some reps.
#[derive(Debug, Clone, Default)]
pub(super) struct Along {
    /// How many reps there are.
    pub(super) count: usize,
    /// The values of what depends on the rep alone, by node.
    pub(super) values: Vec<Option<Lanes>>,
    /// Reps that lack what the schema promises.
    pub(super) missing: Option<Vec<bool>>,
    /// The rows of the tables for these reps, by group; none where the tables themselves have
    /// them.
    pub(super) rows: Vec<Vec<TableRow>>,
}

impl Along {
    /// So many reps, of whom nothing is known yet, for a program of so many nodes.
    pub(super) fn new(count: usize, nodes: usize) -> Self {
        Self {
            count,
            values: vec![None; nodes],
            missing: None,
            rows: Vec::new(),
        }
    }

    /// Some of these reps: what of them alone is needed, and the rows at which the tables stand.
    pub(super) fn pick(&self, reps: &[u32], needed: &[N], tables: &Tables) -> Self {
        let mut picked = Self::new(reps.len(), self.values.len());
        for node in needed {
            let values = self.values[node.ix()].as_ref();
            picked.values[node.ix()] = values.map(|values| values.gather(reps));
        }
        let missing = self.missing.as_ref();
        picked.missing = missing.map(|all| reps.iter().map(|rep| all[*rep as usize]).collect());
        let row = |row: &TableRow| TableRow {
            values: row.values.gather(reps),
            greatest: row.greatest,
        };
        picked.rows = (0..tables.groups())
            .map(|group| tables.rows(group).unwrap_or(&[]).iter().map(row).collect())
            .collect();
        picked
    }
}
