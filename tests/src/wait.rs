//! Waiting for something to become true: looked at often, given up after a bound.

use std::time::{Duration, Instant};

/// Looks until `look` has something, at most [`BOUND`]. `Err` says for what it waited.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, String> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if start.elapsed() > BOUND {
            return Err(format!("waited {} s in vain for {what}", BOUND.as_secs()));
        }
        std::thread::sleep(STEP);
    }
}

/// Far longer than anything takes on a busy machine with two cores.
pub const BOUND: Duration = Duration::from_secs(30);

const STEP: Duration = Duration::from_millis(15);
