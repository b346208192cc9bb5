//! Sample mails with what is expected of them.
//!
//! Way in: [`cases`]. Each case is `cases/TOPIC/NAME.eml`, byte for byte as it would come in, and
//! beside it `NAME.toml`: why it is here, the envelope, what the outside told, and which indicators
//! must speak or be silent; of mail that leaves, which rules, and what is done. All mails are our own, written for this purpose. [`calibrate`] measures
//! labelled mail of somebody else's.

pub mod calibrate;
mod case;
pub mod icons;

pub use case::{Case, Expected, cases};
