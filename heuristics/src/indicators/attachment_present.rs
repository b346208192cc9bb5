//! A file comes along.
//!
//! Nearly every targeted mail brings a file or a link, and so does half of all business mail: worth
//! little alone, it counts with what else is found. What only belongs to how a mail is shown or
//! signed is no file; see [`crate::message::attachment::Attachment::incidental`].

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "attachment-present",
    clause: Some("attachment-1"),
    group: Group::Attachment,
    // A row of the table, and in most honest business mail: the least a row has.
    points: 5,
    says: Words {
        ja: "添付ファイルがあります（{files}）。", en: "A file is attached ({files})."
    },
    means: Words {
        ja: "メールにファイルが添付されています。業務のメールでもごく普通のことですので、これだけで\
             疑う必要はありません。ほかの兆候と重なったときの手がかりになります。",
        en: "The mail brings a file. Business mail does so all the time, so this alone is no reason \
             for doubt; it counts together with other signs.",
    },
    look,
};

/// Files named in the evidence.
const MOST_NAMED: usize = 3;

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let mut files = all.iter().filter(|f| f.parent.is_none() && !f.incidental);
    let mut names = files.next()?.path(all, None);
    for file in files.by_ref().take(MOST_NAMED - 1) {
        names.push_str(", ");
        names.push_str(&file.path(all, None));
    }
    match files.count() {
        0 => {}
        more => names.push_str(&format!(", +{more}")),
    }
    Some(Evidence::new(&names).with("files", &names))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::{alternative, mixed, part, related, report};

    #[test]
    fn fires_for_files_in_whatever_form() {
        let named = part("application/pdf; name=a.pdf", "", "JVBERi0xLjc=");
        assert_eq!(fires(&INDICATOR, mixed(&named)), "a.pdf");
        let unnamed = part("application/pdf", "attachment", "JVBERi0xLjc=");
        assert_eq!(fires(&INDICATOR, mixed(&unnamed)), "(application/pdf)");
        let text = part("text/plain", "attachment; filename=a.txt", "YQ==");
        assert_eq!(fires(&INDICATOR, mixed(&text)), "a.txt");
        let inline = part("text/plain; name=a.txt", "inline", "YQ==");
        assert_eq!(fires(&INDICATOR, mixed(&inline)), "a.txt");
        let photo = part("image/jpeg; name=a.jpg", "inline", "/9j/");
        assert_eq!(fires(&INDICATOR, mixed(&photo)), "a.jpg");
        let root = "Content-Type: application/zip; name=a.zip\n\nPK";
        assert_eq!(fires(&INDICATOR, root), "a.zip");
        let attached = "--b\nContent-Type: message/rfc822; name=a.eml\n\nSubject: a\n\nb\n";
        assert_eq!(fires(&INDICATOR, mixed(attached)), "a.eml");
        let invitation = part("text/calendar; name=a.ics", "attachment", "YQ==");
        assert_eq!(fires(&INDICATOR, mixed(&invitation)), "a.ics");
    }

    #[test]
    fn names_a_few_and_counts_the_rest() {
        let many: String = (1..=5)
            .map(|i| part(&format!("application/pdf; name={i}.pdf"), "", "JVBERi0="))
            .collect();
        assert_eq!(fires(&INDICATOR, mixed(&many)), "1.pdf, 2.pdf, 3.pdf, +2");
    }

    #[test]
    fn silent_for_what_belongs_to_the_mail_itself() {
        silent(&INDICATOR, "Subject: a\n\ntext");
        silent(&INDICATOR, mixed(&part("text/plain", "", "YQ==")));
        silent(&INDICATOR, mixed(&part("text/plain", "inline", "YQ==")));
        silent(&INDICATOR, mixed(&part("application/pgp-signature; name=s.asc", "", "YQ==")));
        silent(
            &INDICATOR,
            mixed(&part("application/pkcs7-signature; name=smime.p7s", "attachment", "MAA=")),
        );
        silent(&INDICATOR, "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nMIAG");
        silent(&INDICATOR, alternative(&part("text/calendar; name=invite.ics", "", "YQ==")));
        silent(&INDICATOR, alternative(&part("text/x-amp-html", "", "YQ==")));
    }

    #[test]
    fn silent_for_pictures_that_the_page_shows() {
        let inline = "image/png; name=logo.png";
        silent(&INDICATOR, related("<p>a", &part(inline, "inline", "iVBORw0KGgo=")));
        let by_id = "Content-ID: <logo@a.example>\n";
        let attached =
            part(inline, "attachment", "iVBORw0KGgo=").replacen("\n", &format!("\n{by_id}"), 1);
        silent(&INDICATOR, related("<img src='cid:logo@a.example'>", &attached));
        fires(&INDICATOR, related("<img src='cid:other@a.example'>", &attached));
        let by_place = "Content-Location: http://a.example/logo.png\n";
        let attached =
            part(inline, "attachment", "iVBORw0KGgo=").replacen("\n", &format!("\n{by_place}"), 1);
        silent(&INDICATOR, related("<img src='http://a.example/logo.png'>", &attached));
    }

    #[test]
    fn silent_for_delivery_reports() {
        let returned = "--b\nContent-Type: message/rfc822\n\nSubject: a\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-\n";
        silent(&INDICATOR, report(&part("message/delivery-status", "", "")));
        silent(&INDICATOR, report(&part("text/rfc822-headers", "", "U3ViamVjdDogYQ==")));
        silent(&INDICATOR, report(returned));
        let beside = part("application/pdf; name=a.pdf", "", "JVBERi0=");
        assert_eq!(fires(&INDICATOR, report(&beside)), "a.pdf");
    }
}
