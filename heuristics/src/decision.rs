//! From points to what is done.

use sekisho_config::Thresholds;

/// What is done with a mail, from mildest to hardest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Delivered with our headers.
    Accept,
    /// Delivered with our headers; below the banner, for rules of mail clients.
    Tag,
    /// Delivered with a banner that says why.
    Banner,
    /// Delivered, changed as the clause says; outbound only.
    Convert,
    /// Put into Postfix's hold queue.
    Hold,
    /// Refused with 550 5.7.1.
    Reject,
}

impl Decision {
    /// The word used in headers, logs and `--format jsonl`.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Accept => "accept",
            Decision::Tag => "tag",
            Decision::Banner => "banner",
            Decision::Convert => "convert",
            Decision::Hold => "hold",
            Decision::Reject => "reject",
        }
    }
}

/// The hardest decision whose threshold the score reaches.
pub fn decide(score: u16, thresholds: &Thresholds) -> Decision {
    [
        (thresholds.reject, Decision::Reject),
        (thresholds.hold, Decision::Hold),
        (thresholds.banner, Decision::Banner),
        (thresholds.tag, Decision::Tag),
    ]
    .into_iter()
    .find(|(from, _)| from.is_some_and(|from| score >= from))
    .map_or(Decision::Accept, |(_, decision)| decision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hardest_threshold_reached_decides() {
        let t = Thresholds { tag: Some(20), banner: Some(40), hold: None, reject: Some(100) };
        let cases = [
            (0, Decision::Accept),
            (19, Decision::Accept),
            (20, Decision::Tag),
            (40, Decision::Banner),
            (99, Decision::Banner),
            (100, Decision::Reject),
        ];
        for (score, expected) in cases {
            assert_eq!(decide(score, &t), expected, "score {score}");
        }
    }
}
