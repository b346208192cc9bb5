//! The shell of sekisho: the milter protocol, facts from outside, actions, the command line.
//!
//! Way in: [`cli`] for people, [`server::serve`] with a [`handler::Checkpoint`] for mail servers.
//! A library so that tests can drive every part from outside; the binary only calls
//! [`cli::main`].
//!
//! Reading order: [`handler`], [`filter`], [`act::plan`], [`session`], [`wire`].

pub mod act;
pub mod answer;
pub mod audit;
pub mod books;
pub mod cli;
pub mod commands;
pub mod direction;
pub mod facts;
pub mod filter;
pub mod handler;
pub mod holdd;
pub mod holds;
pub mod in_flight;
pub mod incident;
pub mod key_file;
pub mod log;
pub mod memory;
pub mod metrics;
pub mod notice;
pub mod notify;
pub mod paper;
pub mod preview;
pub mod received;
pub mod record;
pub mod recording;
pub mod report;
pub mod reported;
pub mod server;
pub mod session;
pub mod socket;
pub mod state_dir;
pub mod store;
pub mod stored;
pub mod wire;

/// How a server is told to stop.
pub use tokio_util::sync::CancellationToken;
