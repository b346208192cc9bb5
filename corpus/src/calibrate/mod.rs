//! Measures indicators on labelled mail and proposes points; what ships is a person's judgement.
//!
//! Way in: [`labels::read`] → [`sample::judge_all`] → [`report::rates`], [`report::overlaps`],
//! [`propose::propose`]. Everything is computed from the labels and the mails alone, in a fixed
//! order, without chance: the same folder gives the same report.
//!
//! Mails of one campaign are one observation told many times: rates and fits weigh every group of
//! mails alike, and the folds of the cross-validation never split a group.

pub mod labels;
pub mod propose;
pub mod report;
pub mod sample;
