//! What all containers of one message together may cost.

use crate::message::Problem;

/// What is left of a message's limits, and what could not be read within them. Time is counted as
/// work, never by a clock, so that the same mail always gives the same answer.
#[derive(Clone, Debug)]
pub struct Budget {
    members: Purse,
    bytes: Purse,
    work: Purse,
    problems: Vec<Problem>,
}

/// One kind of allowance.
#[derive(Clone, Copy, Debug)]
struct Purse {
    left: usize,
    limit: usize,
}

impl Purse {
    fn new(limit: usize) -> Purse {
        Purse { left: limit, limit }
    }

    fn take(&mut self, amount: usize) -> bool {
        let left = self.left.checked_sub(amount);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

impl Budget {
    /// A budget of `members` archive members, `bytes` decoded or unpacked, and `work`: a unit is
    /// about a byte parsed or a pixel looked at.
    pub fn new(members: usize, bytes: usize, work: usize) -> Budget {
        Budget {
            members: Purse::new(members),
            bytes: Purse::new(bytes),
            work: Purse::new(work),
            problems: Vec::new(),
        }
    }

    /// Takes `bytes` that are about to be decoded or unpacked; where not enough is left, notes so
    /// and takes nothing.
    pub fn take_bytes(&mut self, bytes: usize) -> bool {
        let limit = self.bytes.limit;
        self.bytes.take(bytes) || self.refuse(Problem::Inflated(limit))
    }

    /// How many bytes may still be decoded or unpacked.
    pub fn bytes(&self) -> usize {
        self.bytes.left
    }

    /// How many bytes there were at first.
    pub fn bytes_limit(&self) -> usize {
        self.bytes.limit
    }

    /// Takes one member, where one is left.
    pub fn take_member(&mut self) -> bool {
        let limit = self.members.limit;
        self.members.take(1) || self.refuse(Problem::Members(limit))
    }

    /// How many members may still be listed.
    pub fn members(&self) -> usize {
        self.members.left
    }

    /// How many members there were at first.
    pub fn members_limit(&self) -> usize {
        self.members.limit
    }

    /// How many units of work are left.
    pub fn work(&self) -> usize {
        self.work.left
    }

    /// Takes `units` of work about to be done, where as many are left.
    pub fn take_work(&mut self, units: usize) -> bool {
        let limit = self.work.limit;
        self.work.take(units) || self.refuse(Problem::Work(limit))
    }

    /// Notes what could not be read, once.
    pub fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What could not be read, and which limits were met.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    fn refuse(&mut self, problem: Problem) -> bool {
        self.note(problem);
        false
    }
}
