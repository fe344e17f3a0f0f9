//! Transportation problems: many rows of demands, few nodes with limits.
//!
//! Successive shortest paths (Jewell 1958; Busacker & Gowen 1961) with potentials (Edmonds & Karp
//! 1972; Tomizawa 1971) on the graph contracted to its nodes: an arc from j to l is the row that
//! is cheapest to move there, kept in lazy heaps. With m nodes and a arcs, one search looks at no
//! more than m² contracted arcs, however many rows there are; a search is needed for each unit
//! that the starting prices put wrong.
//!
//! *Glossary.* A **row** is a demand or a class of equal ones with a supply; a **node** a limit;
//! the **sink** takes all, open demands too. **Price**: the dual of a node. **Excess**: what comes
//! into a node beyond what it passes on. **Swap**: moving a unit of a row between two of its arcs.
//!
//! *Deviations from the literature.* (1) Prices come first: those of a random sample of the rows,
//! solved the same way, then a few damped Newton steps on the dual (`refine`); only what is then
//! still wrong gets paths. (2) All nodes in excess share a search. Where they are more than those
//! that lack, it goes backward from the lacks and leaves each a path of its own: where classes move
//! by the hundred, hundreds of nodes send to a few. It ends when half of the excess has somewhere
//! to go; the depth-first search after it uses all arcs of reduced cost zero.
//! (3) Swaps beyond a `reach` are left out: prices never move so far that one could matter before
//! the graph is built anew with twice the reach. (4) Limits may be nested and rise in cost.
//!
//! *Overflow.* Costs are at most `Cost::EDGE` ÷ (nodes + 2) in size, checked before solving; a
//! price is at most the cost of a simple path, so sums stay below a quarter of the integer's
//! range. Totals are `i128`.

mod augment;
mod cost;
mod dense;
mod flow;
mod instance;
mod live;
mod network;
mod paths;
mod refine;
mod start;
mod swaps;

pub(in crate::allocation::optimal) use cost::Cost;
pub(in crate::allocation::optimal) use flow::Flow;
pub use instance::{Transport, Transported};
pub use live::LiveTransport;

pub(in crate::allocation::optimal) use network::{Network, Rise, mix};
pub(in crate::allocation::optimal) use start::{solve, solve_from};
