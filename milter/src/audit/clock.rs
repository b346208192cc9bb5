//! Two clocks side by side: one that people set, and one that only runs.
//!
//! Way in: [`Clock`] for whoever writes, [`Watch`] to notice that the wall clock jumped. A clock
//! that is only made faster or slower (NTP corrects at most 0.5 ms a second) is no jump; a host that
//! slept shows as a jump ahead, for its steady clock slept too.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub wall_ms: i64,
    /// Time since some fixed moment, never set.
    pub steady: Duration,
}

/// Who tells the time.
pub trait Clock: Send {
    /// Now.
    fn now(&mut self) -> Moment;
}

/// The clocks of the host.
#[derive(Debug)]
pub struct HostClock(Instant);

impl Default for HostClock {
    fn default() -> HostClock {
        HostClock(Instant::now())
    }
}

impl Clock for HostClock {
    fn now(&mut self) -> Moment {
        let mut moment = Moment { wall_ms: 0, steady: Duration::ZERO };
        // Stopped between the two readings, the clocks would seem to differ: read again.
        for _ in 0..3 {
            let before = self.0.elapsed();
            moment.wall_ms = wall_ms();
            moment.steady = self.0.elapsed();
            if moment.steady.saturating_sub(before) < BETWEEN_READINGS {
                break;
            }
        }
        moment
    }
}

fn wall_ms() -> i64 {
    let since = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => since(before.duration()).saturating_neg(),
    }
}

/// Notices jumps of the wall clock.
pub(super) struct Watch {
    base: Moment,
}

impl Watch {
    pub(super) fn new(now: Moment) -> Watch {
        Watch { base: now }
    }

    /// By how many milliseconds the wall clock jumped since it was last looked at: positive is
    /// ahead. `None` where it did not, by less than [`BOUND_MS`].
    pub(super) fn jump(&mut self, now: Moment) -> Option<i64> {
        let steady = now.steady.saturating_sub(self.base.steady);
        let wall = now.wall_ms.saturating_sub(self.base.wall_ms);
        let off = wall.saturating_sub(i64::try_from(steady.as_millis()).unwrap_or(i64::MAX));
        let jumped = off.unsigned_abs() >= BOUND_MS.unsigned_abs();
        // A base of long ago would add up what NTP corrects bit by bit.
        if jumped || steady >= BASE_HOLDS {
            self.base = now;
        }
        jumped.then_some(off)
    }
}

/// From how much on a difference is a jump: a leap second is none.
pub(super) const BOUND_MS: i64 = 2000;

const BASE_HOLDS: Duration = Duration::from_secs(60);

const BETWEEN_READINGS: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall_ms: i64, seconds: u64) -> Moment {
        Moment { wall_ms, steady: Duration::from_secs(seconds) }
    }

    #[test]
    fn jumps_are_told_once_and_slow_corrections_never() {
        let mut watch = Watch::new(at(0, 0));
        assert_eq!(watch.jump(at(1_000, 1)), None);
        assert_eq!(watch.jump(at(3_999, 2)), None);
        assert_eq!(watch.jump(at(5_000, 3)), Some(2_000));
        assert_eq!(watch.jump(at(6_000, 4)), None);
        assert_eq!(watch.jump(at(-3_594_000, 5)), Some(-3_601_000));
        // 0.5 ms a second for a whole day.
        let mut watch = Watch::new(at(0, 0));
        for second in 1..86_400u64 {
            let wall = i64::try_from(second * 1000 + second / 2).unwrap();
            assert_eq!(watch.jump(at(wall, second)), None, "{second}");
        }
    }
}
