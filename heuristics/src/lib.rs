//! The pure core of sekisho: bytes and facts in, findings and a decision out.
//!
//! Way in: [`inbound::judge`]. Nothing here opens a socket, reads a clock, a file or the
//! environment, or waits; what the outside has to say comes in as [`facts::Facts`]. Nothing here
//! fails either: a mail that cannot be read whole is a mail with [`message::Problem`]s.
//!
//! Reading order: [`inbound`], [`indicator`], one file of [`indicators`], [`decision`].

pub mod arrangement;
pub mod container;
pub mod corporate_number;
pub mod counter;
pub mod decision;
pub mod facts;
pub mod fuzz;
pub mod history;
pub mod inbound;
pub mod indicator;
pub mod indicators;
pub mod japanese;
pub mod lexicon;
pub mod message;
pub mod names;
pub mod outbound;
pub mod policy;
pub mod public_body;
pub mod replay;
pub mod score;
pub mod telephone;
