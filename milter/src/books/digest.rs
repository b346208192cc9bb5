//! Once a day, tells recipients which mails from outside wait in the quarantine of this host.
//!
//! Way in: [`keep_telling`], a task. The list is whole each day, so that a day that was missed, or on
//! which a notice was lost, needs no memory. When the store does not answer that day has none.

use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Date;
use sekisho_config::DigestEvery;
use tracing::{info, warn};

use super::deskwork::Hands;
use crate::notice::digest;
use crate::recording::host;
use crate::store::{State, Store, Wanted};

/// Tells them again and again.
pub(super) async fn keep_telling<S: Store>(store: Arc<S>, hands: Hands) {
    let at_start = Zoned::now();
    // Who starts within the hour has told them before, unless it is the first day.
    let hour = hands.settings.load().hold.digest.hour;
    let mut told = (at_start.hour() == hour).then(|| at_start.date());
    loop {
        tokio::time::sleep(ROUND).await;
        let settings = hands.settings.load_full();
        let asked = settings.hold.digest;
        let now = Zoned::now();
        if asked.every != DigestEvery::Day || !is_due(&now, asked.hour, told) {
            continue;
        }
        told = Some(now.date());
        let wanted =
            Wanted { host: host().to_owned(), states: vec![State::Held], ..Wanted::default() };
        match store.holds(&wanted).await {
            Ok(held) => {
                let notices = digest::notices(&held, &settings, hands.seals.as_ref());
                let count = notices.len();
                let sent = notices.into_iter().filter(|n| hands.outbox.send(&settings, n.clone()));
                info!("{} of {count} recipients are told of their quarantined mail", sent.count());
            }
            Err(why) => warn!("recipients are not told of quarantined mail today: {why}"),
        }
    }
}

fn is_due(now: &Zoned, hour: i8, told: Option<Date>) -> bool {
    now.hour() == hour && told != Some(now.date())
}

/// Well below an hour.
const ROUND: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_day_within_the_hour() {
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        let eight = at("2027-03-31T08:00:10+09:00[Asia/Tokyo]");
        let later = at("2027-03-31T08:59:50+09:00[Asia/Tokyo]");
        let tomorrow = at("2027-04-01T08:00:10+09:00[Asia/Tokyo]");
        assert!(is_due(&eight, 8, None));
        assert!(!is_due(&later, 8, Some(eight.date())));
        assert!(is_due(&tomorrow, 8, Some(eight.date())));
        assert!(!is_due(&eight, 9, None));
    }
}
