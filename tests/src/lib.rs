//! placeholder
pub mod fake_postfix;
pub mod outcome;
