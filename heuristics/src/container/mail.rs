//! Stored mail messages (RFC 5322) and web archives (MHTML, RFC 2557) that come as files.
//!
//! Way in: `read`, which reads them as the mail itself is read, within the same limits. Messages
//! attached as message/rfc822 belong to the mail's own parts and never come here.

use std::borrow::Cow;

use super::observation::Place;
use super::{Content, Encryption, Kind, Member, Role, Visit, mapi};
use crate::message::part::{Part, TransferEncoding};
use crate::message::{Envelope, Message, charset};

/// Tells the message's files, its pages, and the links of its texts.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let (envelope, limits) = (Envelope::default(), visit.limits());
    let mail = Message::new(content, &envelope, &limits);
    for limit in mail.limits_met() {
        visit.budget().note(limit);
    }
    if visit.wants_text() {
        visit.text(Place::Property, mail.subject());
    }
    for part in mail.parts().iter().filter(|p| !p.is_multipart() && !holds_message(p)) {
        let is_encoded = part.encoding != TransferEncoding::Identity;
        if is_encoded && !visit.budget().take_bytes(mail.raw_body(part).len()) {
            return;
        }
        let content = mail.content(part);
        let goes_on = match () {
            () if !is_text(part) => file(&mail, part, content, visit),
            () if part.sub == "plain" => {
                let text = charset::decode(&content, part.charset.as_deref(), None).text;
                mapi::plain(&text, visit)
            }
            () => mapi::page(content, visit),
        };
        if !goes_on {
            return;
        }
    }
}

/// Whether the parts after it are what is in it.
fn holds_message(part: &Part) -> bool {
    part.main == "message" && matches!(part.sub.as_str(), "rfc822" | "global")
}

/// Text of the message, not sent as a file.
fn is_text(part: &Part) -> bool {
    let sub = part.sub.as_str();
    part.main == "text"
        && matches!(sub, "plain" | "html" | "xhtml" | "enriched")
        && !part.is_attached()
        && part.names.is_empty()
}

fn file(mail: &Message<'_>, part: &Part, content: Cow<'_, [u8]>, visit: &mut Visit<'_>) -> bool {
    let holder = part.parent.and_then(|id| mail.parts().get(id));
    let related = holder.is_some_and(|p| p.is("multipart", "related"));
    // What a page shows; of a web archive that is everything but the page.
    let is_shown = !part.is_attached()
        && (related || visit.kind() == Kind::Mht)
        && (part.content_id.is_some() || part.names.is_empty());
    let role = if is_shown { Role::Embedded } else { Role::File };
    let (names, size) = (part.names.clone(), content.len() as u64);
    let content = Content::Whole(content);
    visit.member(Member { names, size, encryption: Encryption::Clear, role, content })
}

#[cfg(test)]
mod tests {
    use super::super::tree::check::{lines, survives, tree};
    use super::super::zip_writer::{File, zip};
    use super::*;
    use crate::container::observation::Observation;
    use crate::message::files::samples::{attached, mixed, part};
    use proptest::prelude::*;

    const TEXT: &str = "From: a@a.example\nSubject: b\nMIME-Version: 1.0\n";

    #[track_caller]
    fn check(mail: &str, expected: &[&str]) {
        assert_eq!(lines("a.eml", mail.as_bytes(), &[])[1..], *expected);
    }

    #[test]
    fn files_of_a_stored_mail_are_told() {
        let inner = zip(&[File::new("c.gif", b"GIF89a..")]);
        let zip = format!("1 b.zip Zip {} Clear", inner.len());
        check(&format!("From: x\n{}", attached("b.zip", &inner)), &[&zip, "2 c.gif Gif 8 Clear"]);
        let parts = part("text/html", "", "PGh0bWw+") + &part("text/html; name=d", "", "PGh0bWw+");
        check(&format!("From: x\n{}", mixed(&parts)), &["1  Html 6 Clear", "1 d Html 6 Clear"]);
    }

    #[test]
    fn links_of_its_texts_are_seen() {
        let mail = format!("{TEXT}\nsee https://a.example/\nbegin 644 a.gif\n&1TE&.#EA\n`\nend\n");
        let (files, _) = tree("a.eml", mail.as_bytes(), &[]);
        assert_eq!(files[0].observations, [Observation::Link("https://a.example/".into())]);
        assert_eq!((files[1].names[0].text.as_str(), files[1].kind), ("a.gif", Kind::Gif));
        assert_eq!(files[0].texts[0].text, "b");
    }

    #[test]
    fn what_a_web_archive_shows_is_embedded() {
        let mail = "From: <Saved by a browser>\nSnapshot-Content-Location: http://a.example/\n\
            MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n\
            --b\nContent-Type: text/html\n\n<html>\n\
            --b\nContent-Type: image/gif\nContent-Location: http://a.example/b\n\nGIF89a\n--b--\n";
        let (files, _) = tree("a.mht", mail.as_bytes(), &[]);
        let said: Vec<_> = files.iter().map(|f| (f.kind, f.role)).collect();
        let embedded = Role::Embedded;
        assert_eq!(said, [(Kind::Mht, Role::File), (Kind::Html, embedded), (Kind::Gif, embedded)]);
    }

    #[test]
    fn mails_in_mails_end_at_the_limit() {
        let mut mail = format!("{TEXT}\nend");
        for _ in 0..25 {
            mail = format!("From: x\n{}", attached("a.eml", mail.as_bytes()));
        }
        let said = lines("a.eml", mail.as_bytes(), &[]);
        assert_eq!(said.len(), 22);
        assert!(said[21].starts_with("nested deeper than 20 levels"), "{said:?}");
    }

    #[test]
    fn parts_that_are_not_listed_are_told() {
        let parts = part("application/zip; name=a.zip", "", "UEsFBg==").repeat(1001);
        let said = lines("a.eml", format!("From: x\n{}", mixed(&parts)).as_bytes(), &[]);
        let expected = "more than 1000 MIME parts; the rest were not looked at";
        assert!(said.iter().any(|line| line == expected), "{:?}", said.last());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_damage_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        ) {
            let inner = format!("From: x\n{}", attached("b.gif", b"GIF89a"));
            let mut mail = format!("From: x\n{}", attached("a.eml", inner.as_bytes())).into_bytes();
            for (at, byte) in damage {
                let at = at.index(mail.len());
                mail[at] = byte;
            }
            survives(Kind::Mail, &mail);
        }
    }
}
