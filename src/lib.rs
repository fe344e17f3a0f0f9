//! Sales list management: tiers, owners, reasons.

pub mod allocation;
pub mod language;
pub mod model;
pub mod syntax;
pub mod tiering;

pub use language::{Hook, Kind, Limits, Side, Time, TimeError, UtcOffset, Value};
