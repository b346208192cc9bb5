//! What the tests that drive sekisho from outside are made of.
//!
//! [`postfix`] starts a private Postfix, [`sekisho`] the real binary beside it, [`smtp`] sends,
//! [`maildir`] reads what arrived, [`letters`] writes mail in every charset and structure. [`staff`]
//! has other people's programs write and submit mail, and [`sasl`] lets them log in. Where no
//! Postfix can be had, [`fake_postfix`] plays its side of the protocol and [`outcome`] tells what
//! Postfix would have made of the answers. [`holdd`] is the companion at the hold queue, [`memory`] a
//! store for tests.

// Test equipment: what fails here fails the test that uses it, at once and with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stderr)]

pub mod clamd;
pub mod fake_postfix;
pub mod holdd;
pub mod letters;
pub mod maildir;
pub mod memory;
pub mod outcome;
pub mod postfix;
pub mod postgres;
pub mod sasl;
pub mod sekisho;
pub mod smtp;
pub mod staff;
pub mod wait;
