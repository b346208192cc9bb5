//! The bytes of mail that all connections hold together, bounded.
//!
//! Way in: [`InFlight`], one for the whole server; each message takes a [`Share`] and lets it grow
//! as its bytes come in. Invariant: a share gives back what it took when it is dropped, so that
//! nothing stays taken however a message ends: answered, aborted, cut off or by a panic. Nothing
//! fails; what there is no room for is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all messages hold together. Clones count the same bytes.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<AtomicUsize>);

/// What one message holds of it.
#[derive(Debug)]
pub struct Share {
    all: Arc<AtomicUsize>,
    most: usize,
    taken: usize,
}

impl InFlight {
    /// A share that holds nothing yet, and may grow while all shares together stay within `most`
    /// bytes.
    pub fn share(&self, most: usize) -> Share {
        Share { all: Arc::clone(&self.0), most, taken: 0 }
    }

    /// Bytes that all shares hold.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Takes so many bytes more, or none and says `false` where there is no room for them.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let more = |all: usize| all.checked_add(bytes).filter(|sum| *sum <= self.most);
        // A count and nothing else: no other memory is read on the strength of it.
        let grown = self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if grown {
            self.taken += bytes;
        }
        grown
    }

    /// Gives everything back.
    pub fn give_back(&mut self) {
        self.all.fetch_sub(std::mem::take(&mut self.taken), Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_grow_up_to_the_bound_together() {
        let all = InFlight::default();
        let (mut one, mut other) = (all.share(10), all.share(10));
        assert!(one.grow(6) && other.grow(4));
        assert!(!one.grow(1) && one.grow(0));
        assert!(!one.grow(usize::MAX));
        drop(other);
        assert!(one.grow(4));
        assert_eq!(all.bytes(), 10);
        one.give_back();
        drop(one);
        assert_eq!(all.bytes(), 0);
    }

    #[test]
    fn a_panic_gives_back_too() {
        let all = InFlight::default();
        let mut share = all.share(10);
        assert!(share.grow(10));
        let holds = move || -> () {
            let _share = share;
            panic!("while it holds them");
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(holds)).is_err());
        assert_eq!(all.bytes(), 0);
    }
}
