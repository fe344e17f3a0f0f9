//! Sales list management: tiers, owners, reasons.

pub mod allocation;
pub mod language;
pub mod model;
mod script;
pub mod syntax;
pub mod tiering;

pub use language::{Hook, Kind, Limits, Side, Time, TimeError, UtcOffset, Value};
#[doc(hidden)]
pub use script::{Sandbox, SandboxError, SandboxFacts};
