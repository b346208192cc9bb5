//! placeholder
pub mod answer;
pub mod received;
pub mod session;
pub mod wire;
