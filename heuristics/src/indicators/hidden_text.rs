//! Text in the HTML that nobody sees.
//!
//! It feeds filters with harmless words, splits bait words so that no search finds them, or makes
//! one mail different from the next. Newsletters hide one short line innocently, the preheader that
//! mailboxes show beside the subject, often followed by padding; counting pixels and spacers hide no
//! text at all. What is hidden in Outlook alone (`mso-hide`) or on phones alone is seen elsewhere.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words, is_unshowable};
use crate::message::Message;
use crate::message::html::{Hidden, Why};

/// The HTML holds text that is made invisible.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "hidden-text",
    clause: None,
    group: Group::Text,
    // Not once in honest mail measured, but newsletters come near it.
    points: 25,
    says: Words {
        ja: "画面には表示されない文字が本文に埋め込まれています（{evidence}）。",
        en: "The text holds words that are made invisible ({evidence}).",
    },
    means: Words {
        ja: "背景と同じ色、大きさ0の文字、非表示の指定などにより、読む人には見えない文章が本文に含まれています。\
             迷惑メール対策をすり抜けるためによく使われます。\
             メールマガジンの一行目（プレヘッダー）のような40文字以内の1か所だけの非表示は対象外ですが、\
             長いプレヘッダーや、画面の幅によって内容を切り替えるメールマガジンで該当することがあります。",
        en: "By the colour of the background, a size of nothing or a rule not to show it, the mail \
             holds text that its reader does not see, mostly to slip past filters. One hidden line of \
             up to 40 characters (a newsletter's preheader) is not counted; longer ones are.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let hides = |hidden: &&Hidden| hidden.why != Why::OutlookOnly && says_something(&hidden.text);
    let mut blocks = mail.htmls().iter().flat_map(|html| &html.hidden).filter(hides);
    let first = blocks.next()?;
    let second = blocks.next();
    if second.is_none() && letters(&first.text).take(PREHEADER + 1).count() <= PREHEADER {
        return None;
    }
    // The longest of the first few says most.
    let shown = std::iter::once(first)
        .chain(second)
        .chain(blocks.take(LOOKED_AT))
        .max_by_key(|hidden| letters(&hidden.text).take(LOOKED_AT).count())?;
    let text: String = letters(&shown.text).take(SHOWN).collect();
    Some(Evidence::new(format!("「{}」: {}", text.trim(), shown.why.name())))
}

/// Whether there is a letter or digit; spacers and rules have none.
fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// The characters without padding: blanks (one stays between words) and what is never seen.
fn letters(text: &str) -> impl Iterator<Item = char> {
    let mut was_blank = true;
    text.chars().filter(move |c| {
        let is_blank = c.is_whitespace() || is_unshowable(*c);
        let kept = !is_blank || (!was_blank && *c == ' ');
        was_blank = is_blank;
        kept
    })
}

/// Most characters of the one hidden block that is no sign.
const PREHEADER: usize = 40;

/// Characters told as evidence.
const SHOWN: usize = 60;

/// Blocks, and characters of each, looked at for the evidence.
const LOOKED_AT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    const LONG: &str = "meadow kettle ribbon walnut harbor pencil silver garden";

    fn mail(html: &str) -> String {
        format!("From: a@news.example\nContent-Type: text/html; charset=utf-8\n\n{html}\n")
    }

    #[test]
    fn fires_for_every_way_to_hide() {
        for way in [
            "<p style='display:none'>T</p>",
            "<p style='visibility:hidden'>T</p>",
            "<p style='opacity:0'>T</p>",
            "<p style='font-size:0'>T</p>",
            "<p style='font-size:1px'>T</p>",
            "<p style='color:#ffffff'>T</p>",
            "<font color=white>T</font>",
            "<p style='position:absolute;left:-9999px'>T</p>",
            "<p style='text-indent:-9999px'>T</p>",
            "<p style='max-height:0;overflow:hidden'>T</p>",
            "<p style='position:absolute;clip:rect(0,0,0,0)'>T</p>",
            "<p hidden>T</p>",
            "<table bgcolor=#003366><tr><td bgcolor=white><font color='#fefefe'>T</font></table>",
            "<div style='background:#000'><div><span style='color:black'>T</span></div></div>",
            "<style>.x{display:none}</style><p class=x>T</p>",
            "<style>#x{color:#fff}</style><p id=x>T</p>",
            "<p class=x>T</p><style>p.x{font-size:0}</style>",
            "<p style='dis&#112;lay:none'>T</p>",
        ] {
            fires(&INDICATOR, mail(&format!("seen{}", way.replace('T', LONG))));
        }
    }

    #[test]
    fn evidence_shows_the_text_and_the_rule() {
        let shown = fires(&INDICATOR, mail(&format!("<p style='display:none'>{LONG}</p>")));
        assert_eq!(shown, format!("「{LONG}」: display:none"));
    }

    #[test]
    fn letters_hidden_between_letters_fire() {
        fires(&INDICATOR, mail("A<i style=font-size:0>x</i>m<i style=font-size:0>q</i>azon"));
    }

    #[test]
    fn silent_for_one_preheader_and_its_padding() {
        let preheader = "今月のお知らせと、倉庫移転に伴う営業日のご案内です";
        let padding = "&zwnj;&nbsp;&#847;&#8199;&shy;".repeat(90);
        for html in [
            format!("<div style='display:none'>{preheader}</div>x"),
            format!("<div style='display:none'>{preheader}{padding}</div>x"),
            format!("<div style='display:none'>{preheader}</div><div hidden>{padding}</div>x"),
        ] {
            silent(&INDICATOR, mail(&html));
        }
        let long = "あ".repeat(PREHEADER + 1);
        fires(&INDICATOR, mail(&format!("<div style='display:none'>{long}</div>x")));
        let two = "<div style='display:none'>a</div>x<div style='display:none'>b</div>";
        fires(&INDICATOR, mail(two));
    }

    #[test]
    fn silent_where_nothing_is_hidden() {
        for html in [
            format!("<p style='color:#cccccc'>{LONG}</p>"),
            format!("<td bgcolor=#003366><font color=white>{LONG}</font>"),
            format!("<style>.h{{background:#036}}.h p{{color:#fff}}</style><p class=h>{LONG}</p>"),
            format!("<!--[if mso]><p style='display:none'>{LONG}</p><![endif]-->x"),
            format!("<p style='mso-hide:all'>{LONG}</p>"),
            format!(
                "<style>@media (max-width:600px){{.d{{display:none}}}}</style><p class=d>{LONG}"
            ),
            "<img src=https://a.example/o.gif width=1 height=1 style='display:none'>x".to_owned(),
            "<td style='font-size:0;line-height:0'>&nbsp;</td><p style='font-size:1px'>.</p>"
                .into(),
            "plain".to_owned(),
        ] {
            silent(&INDICATOR, mail(&html));
        }
    }
}
