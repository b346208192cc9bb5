//! placeholder

pub mod direction;
pub mod facts;
