//! How evenly something is spread over reps.

use serde::Serialize;

/// How evenly something is spread.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Balance {
    /// The Gini coefficient: 0 where all have the same, towards 1 where one has everything. 0 where
    /// there is nothing to spread.
    pub gini: f64,
    /// The greatest share over the mean, 1 where all have the same; nothing where there is nothing
    /// to spread.
    pub max_over_mean: Option<f64>,
}

impl Balance {
    /// Of amounts that are not negative. Time `O(n log n)`.
    ///
    /// The coefficient is that of C. Gini (1912), in the form over sorted amounts:
    /// `Σ (2i − n − 1) xᵢ ÷ (n Σ xᵢ)` with i from 1.
    ///
    /// ```
    /// use bookwright::Balance;
    /// assert_eq!(Balance::of(&[5.0, 5.0]).gini, 0.0);
    /// assert_eq!(Balance::of(&[0.0, 0.0, 0.0, 8.0]).gini, 0.75);
    /// assert_eq!(Balance::of(&[1.0, 3.0]).max_over_mean, Some(1.5));
    /// assert_eq!(Balance::of(&[]).max_over_mean, None);
    /// ```
    #[must_use]
    pub fn of(amounts: &[f64]) -> Self {
        let mut sorted = amounts.to_vec();
        sorted.sort_by(f64::total_cmp);
        let sum: f64 = sorted.iter().sum();
        let Some(&greatest) = sorted.last().filter(|_| sum > 0.0) else {
            return Self::default();
        };
        let count = sorted.len() as f64;
        let weighted: f64 = (sorted.iter().zip(1_u32..))
            .map(|(amount, place)| (2.0 * f64::from(place) - count - 1.0) * amount)
            .sum();
        Self {
            gini: (weighted / (count * sum)).max(0.0),
            max_over_mean: Some(greatest * count / sum),
        }
    }
}
