//! What a policy or its host may ask of strategy `optimal`.

/// Settings of [`Optimal`](super::Optimal). Prices are in millionths of score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OptimalSettings {
    /// What leaving a demand open costs; none means that as many demands as possible are served,
    /// and among as many the higher priority and then tier, before scores count. With a price those do
    /// not come first; `min_load` and [`Balance::Leximin`] do.
    pub unassigned_price: Option<i64>,
    /// What taking a customer from its present owner costs, whether another gets it or nobody.
    pub move_price: i64,
    /// How many customers may go from their present owners to others at most. Demands that are left
    /// open do not count here.
    pub max_moves: Option<u64>,
    /// Whether and how loads are evened out.
    pub balance: Balance,
    /// The share of its capacity that each rep should at least carry. Where it cannot be had, as
    /// little as possible is missing: this comes after serving demands and before scores.
    pub min_load: Option<f64>,
    /// The share of its capacity that no rep may exceed.
    pub max_load: Option<f64>,
    /// Roles that one rep should have together for a customer: each list is one such set.
    pub same_rep: Vec<Vec<u16>>,
    /// Roles that different reps should have for a customer: each list is one such set.
    pub different_rep: Vec<Vec<u16>>,
}

/// How loads are evened out. A load share is what a rep carries, before and by this allocation,
/// divided by its capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Balance {
    /// Not at all.
    #[default]
    None,
    /// Each rep costs this price times the square of its load share; where demands count differently
    /// for it, what that is at the 64ths of its capacity, and in between on a line.
    Price(i64),
    /// The greatest load share as small as possible, then the next, and so on: after serving
    /// demands and before scores; before [`OptimalSettings::unassigned_price`] too, so that with one
    /// nobody is served who can stay open. Where reps differ in capacity, how many demands reach a share
    /// counts rather than how many reps, and where demands differ in workload, a steep price on the
    /// share comes near it; the result is not called exact.
    Leximin,
}
