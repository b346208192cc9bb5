//! The shell of sekisho: the milter protocol, facts from outside, actions, the command line.

pub mod act;
