//! What the tests that drive sekisho from outside are made of.
//!
//! [`postfix`] starts a private Postfix, [`sekisho`] the real binary beside it, [`smtp`] sends,
//! [`maildir`] reads what arrived, [`letters`] writes mail in every charset and structure. Where no
//! Postfix can be had, [`fake_postfix`] plays its side of the protocol and [`outcome`] tells what
//! Postfix would have made of the answers.

// Test equipment: what fails here fails the test that uses it, at once and with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stderr)]

pub mod clamd;
pub mod fake_postfix;
pub mod letters;
pub mod maildir;
pub mod outcome;
pub mod postfix;
pub mod postgres;
pub mod sekisho;
pub mod smtp;
pub mod wait;
