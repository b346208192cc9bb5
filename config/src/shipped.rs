//! The shipped files: the defaults, and at the same time the commented samples that are installed
//! for administrators. The numbers have no other home.
//!
//! Way in: [`SAMPLES`]. Convention inside the files: a line that begins with `#` and a blank is
//! prose; `#` without a blank is a setting that is off, and is valid when uncommented. The tests
//! of [`crate`] hold both.

/// Name and text of each file, in the order in which they are best read.
pub(crate) const SAMPLES: [(&str, &str); 13] = [
    ("filter.toml", include_str!("../defaults/filter.toml")),
    ("thresholds.toml", include_str!("../defaults/thresholds.toml")),
    ("weights.toml", include_str!("../defaults/weights.toml")),
    ("actions.toml", include_str!("../defaults/actions.toml")),
    ("senders.toml", include_str!("../defaults/senders.toml")),
    ("authentication.toml", include_str!("../defaults/authentication.toml")),
    ("scanner.toml", include_str!("../defaults/scanner.toml")),
    ("outbound.toml", include_str!("../defaults/outbound.toml")),
    ("notify.toml", include_str!("../defaults/notify.toml")),
    ("records.toml", include_str!("../defaults/records.toml")),
    ("hold.toml", include_str!("../defaults/hold.toml")),
    ("store.toml", include_str!("../defaults/store.toml")),
    ("lists.toml", include_str!("../defaults/lists.toml")),
];
