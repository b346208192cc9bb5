//! placeholder
pub mod answer;
pub mod received;
pub mod server;
pub mod session;
pub mod socket;
pub mod wire;

/// How a server is told to stop.
pub use tokio_util::sync::CancellationToken;
