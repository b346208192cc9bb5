//! A Japanese mail holds characters that Japanese does not write, or was made on a Chinese system.
//!
//! A writer whose keyboard and templates are Chinese leaves 「下记」 for 「下記」, a Chinese charset label,
//! or a Chinese font round the Japanese. Innocent: partners in China and Taiwan who write Japanese,
//! hence few points; people and places in old forms (髙, 國), which are not in the set. Mail without
//! kana is Chinese and may be. Dodged by clean new forms; a part in ISO-2022-JP cannot even hold the
//! others. Each kind is looked for in what the sender wrote, not in what he quotes.

use std::collections::HashSet;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::japanese::Census;
use crate::japanese::chinese::Chinese;
use crate::japanese::words;
use crate::message::Message;
use crate::message::charset;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "foreign-han",
    clause: Some("body-2"),
    group: Group::Text,
    // Names and quotations are left out; the rest is a slip of a Chinese writer, honest ones
    // included.
    points: 20,
    says: Words {
        ja: "日本語のメールですが、日本語では使わない中国語の漢字や設定が含まれています（{evidence}）。",
        en: "This Japanese mail holds Chinese characters or settings that Japanese does not use \
             ({evidence}).",
    },
    means: Words {
        ja: "簡体字や繁体字は日本語の文章では使われません。中国語の文字コードやフォントが指定されている\
             日本語のメールも、日本語以外の環境で作られたことを示します。海外の取引先が日本語で書いた\
             メールでも見られるため、差出人に心当たりがあるか確認してください。人名・地名の旧字体や\
             異体字は対象外です。",
        en: "Japanese prose does not use simplified or traditional Chinese characters. A Chinese \
             charset or font round Japanese text also shows that the mail was made on a system that is \
             not Japanese. Partners abroad who write in Japanese do this too, so ask yourself whether \
             you know the sender. Old forms in names of persons and places do not count.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let lists = &facts.settings.lists;
    if !is_japanese(mail) {
        return None;
    }
    let words = words::Words::new(&lists.chinese_words);
    let mut chinese = Chinese::default();
    chinese.search(mail.subject(), &words);
    mail.from().iter().for_each(|from| chinese.search(&from.name, &words));
    // A partner abroad, who says so, signs with the name of his firm as it is written there.
    let abroad = mail.signature().filter(|signature| signature.is_abroad());
    mail.texts().iter().for_each(|text| match abroad {
        Some(signature) => chinese.search(&without(text.own(), &signature.text), &words),
        None => chinese.search(text.own(), &words),
    });
    let names = mail.attachments().iter().flat_map(|file| &file.names);
    names.for_each(|name| chinese.search(&name.text, &words));

    let characters = chinese.is_told().then(|| chinese.shown());
    let label = charset_label(mail);
    let font = chinese_font(mail, |font| lists.chinese_fonts.contains(font));
    let seen: Vec<String> = characters.into_iter().chain(label).chain(font).collect();
    (!seen.is_empty()).then(|| Evidence::new(seen.join(", ")))
}

/// The lines of `text` but for those that stand in the signature.
fn without(text: &str, signature: &str) -> String {
    let signed: HashSet<&str> = signature.lines().map(str::trim).collect();
    let rest = text.lines().filter(|line| !signed.contains(line.trim()));
    rest.collect::<Vec<_>>().join("\n")
}

/// Whether it is a Japanese mail: kana in the text, or ideographs in a Japanese charset. Old mail
/// of others is not the sender's text, but short answers above it are.
fn is_japanese(mail: &Message<'_>) -> bool {
    let own = mail.texts().iter().map(|text| Census::of(text.own()));
    let whole = own.fold(Census::of(mail.subject()), Census::and);
    whole.is_japanese()
        || whole.han > 0
            && mail.parts().iter().any(|part| {
                let label = part.charset.as_deref().and_then(charset::for_label);
                label.is_some_and(|encoding| {
                    matches!(encoding.name(), "ISO-2022-JP" | "Shift_JIS" | "EUC-JP")
                })
            })
}

/// The label of a Chinese charset on Japanese text: of a part, or of an encoded word in the subject.
fn charset_label(mail: &Message<'_>) -> Option<String> {
    for text in mail.texts() {
        let Some(part) = mail.parts().get(text.part) else { continue };
        let meta = mail.htmls().iter().find(|html| html.part == text.part);
        let meta = meta.and_then(|html| html.meta_charset.as_deref());
        let labels = [part.charset.as_deref(), meta];
        if let Some(label) = labels.into_iter().flatten().find(|label| is_chinese_label(label))
            && Census::of(text.own()).is_japanese()
        {
            return Some(format!("charset={}", label.trim()));
        }
    }
    let subject = mail.field("subject")?.value;
    let label = memchr::memmem::find_iter(subject, b"=?").find_map(|at| {
        let word = subject.get(at.saturating_add(2)..)?;
        let end = word.iter().take(40).position(|b| matches!(b, b'?' | b'*'))?;
        std::str::from_utf8(word.get(..end)?).ok().filter(|label| is_chinese_label(label))
    })?;
    Census::of(mail.subject()).is_japanese().then(|| format!("charset={label}"))
}

fn is_chinese_label(label: &str) -> bool {
    let label = label.trim();
    let is_hz = label.eq_ignore_ascii_case("hz-gb-2312") || label.eq_ignore_ascii_case("hz");
    is_hz
        || charset::for_label(label)
            .is_some_and(|encoding| matches!(encoding.name(), "GBK" | "gb18030" | "Big5"))
}

/// A font made for Chinese that is named before every font made for Japanese, in HTML that is
/// Japanese. International templates name one of each country, Japan's first.
fn chinese_font(mail: &Message<'_>, is_in_or_under: impl Fn(&str) -> bool) -> Option<String> {
    mail.htmls().iter().find_map(|html| {
        let named = html.fonts.iter().find_map(|font| {
            let name = font.to_lowercase();
            let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
            if is_in_or_under(name) {
                return Some(Some(font));
            }
            JAPANESE_FONTS.iter().any(|known| name.contains(known)).then_some(None)
        });
        let font = named.flatten()?;
        Census::of(&html.visible).is_japanese().then(|| format!("font: {font}"))
    })
}

/// What the names of fonts made for Japanese hold, lower case.
const JAPANESE_FONTS: [&str; 17] = [
    "メイリオ",
    "meiryo",
    "ゴシック",
    "明朝",
    "gothic",
    "ｺﾞｼｯｸ",
    "mincho",
    "hiragino kaku",
    "hiragino mincho",
    "hiragino maru",
    "hiragino sans w",
    "ヒラギノ",
    "osaka",
    "noto sans jp",
    "noto serif jp",
    "noto sans cjk jp",
    "biz ud",
];

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::look_with;

    fn look_at(mail: impl AsRef<[u8]>) -> Option<String> {
        let lists = |settings: &mut sekisho_config::Settings| {
            let lists = &mut settings.lists;
            lists.chinese_words = ["點擊", "帳戶", "我們"].map(str::to_owned).into();
            lists.chinese_fonts =
                ["simsun", "微软雅黑", "microsoft yahei"].map(str::to_owned).into();
        };
        look_with(&INDICATOR, mail, lists, |_| {}).map(|e| e.shown().to_owned())
    }

    #[track_caller]
    fn fires(mail: impl AsRef<[u8]>, shown: &str) {
        assert_eq!(look_at(mail).as_deref(), Some(shown));
    }

    #[track_caller]
    fn silent(mail: impl AsRef<[u8]>) {
        assert_eq!(look_at(mail.as_ref()), None, "{}", String::from_utf8_lossy(mail.as_ref()));
    }

    fn mail(subject: &str, body: &str) -> String {
        format!(
            "From: a@example.com\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
    }

    fn html(body: &str) -> String {
        format!("Subject: x\nContent-Type: text/html; charset=utf-8\n\n{body}\n")
    }

    const JAPANESE: &str = "下記の内容をご確認ください。";

    #[test]
    fn fires_on_characters_wherever_a_person_sees_them() {
        fires(mail("お知らせ", "下记のURLからご確認ください。"), "记");
        fires(mail("【重要】账户のお知らせ", JAPANESE), "账户");
        fires(mail("お知らせ", "ご確認ください。\n点击这里"), "击这");
        fires(mail("お知らせ", "こちらを點擊してください。您の帳戶"), "您, 點擊, 帳戶");
        fires(html("<p>お客様へ</p><b>请</b>ご確認ください。"), "请");
        fires(format!("From: 客户サービス <a@example.com>\n{}", mail("x", JAPANESE)), "户");
        let file = "Content-Type: multipart/mixed; boundary=b\nSubject: お知らせ\n\n--b\n\
                    Content-Type: text/plain; charset=utf-8\n\nご確認ください。\n--b\n\
                    Content-Type: application/pdf; name=\"发票.pdf\"\n\
                    Content-Disposition: attachment; filename=\"发票.pdf\"\n\nx\n--b--\n";
        fires(file, "发");
    }

    #[test]
    fn a_partner_abroad_signs_as_it_is_written_there() {
        let signed = |text: &str, number: &str| {
            let signature = format!("-- \n王 麗\n上海欧恩贸易有限公司\nTEL: {number}");
            mail("納期の件", &format!("{JAPANESE}{text}\n\n{signature}"))
        };
        silent(signed("", "+86-21-5012-3456"));
        fires(signed("请", "+86-21-5012-3456"), "请");
        assert!(look_at(signed("", "03-5256-1234")).is_some());
    }

    #[test]
    fn fires_on_charset_labels() {
        let (bytes, _, _) = encoding_rs::GBK.encode(JAPANESE);
        for label in ["gb2312", "GBK", "gb18030", "\"GB2312\""] {
            let head = format!("Content-Type: text/plain; charset={label}\n\n");
            let shown = format!("charset={}", label.trim_matches('"'));
            fires([head.as_bytes(), &bytes].concat(), &shown);
        }
        let (bytes, _, _) = encoding_rs::BIG5.encode("ご確認ください。");
        let head = b"Content-Type: text/plain; charset=big5\n\n".as_slice();
        fires([head, &bytes].concat(), "charset=big5");
        // お知らせ
        fires("Subject: =?GB2312?B?pKrWqqTppLs=?=\n\nx\n", "charset=GB2312");
    }

    #[test]
    fn fires_on_fonts_round_japanese() {
        fires(
            html("<p style=\"font-family: 微软雅黑\">ご確認をお願いします。</p>"),
            "font: 微软雅黑",
        );
        fires(html("<font face='SimSun'>ご確認をお願いします。</font>"), "font: SimSun");
        fires(
            html(
                "<p style='font-family:Arial,\"Microsoft YaHei\",sans-serif'>ご確認をお願いします。",
            ),
            "font: Microsoft YaHei",
        );
    }

    #[test]
    fn sees_the_supplementary_kanji_and_the_chinese_set_of_iso_2022_jp() {
        // 你 in JIS X 0212 (0x3021 and on), after ご確認.
        let supplement = b"Content-Type: text/plain; charset=iso-2022-jp-1\n\n\
            \x1b$B$43NG'$/$@$5$$\x1b$(D0d\x1b(B\n";
        let told = look_at(supplement);
        assert_eq!(told.as_deref(), None, "a kanji of the supplement is no Chinese: {told:?}");
        // 请 in GB 2312 (0x4767), after ご確認ください.
        let chinese = b"Content-Type: text/plain; charset=iso-2022-jp-2\n\n\
            \x1b$B$43NG'$/$@$5$$\x1b$AGk\x1b(B\n";
        fires(chinese, "请");
    }

    #[test]
    fn silent_for_names_places_and_old_texts() {
        for text in [
            "髙橋様、﨑山様、濵田様、渡邊様、齋藤様、澤田様に送りました。",
            "國學院大學と慶應義塾の先生がたへご案内します。",
            "說田、戶塚、內山、吳屋、𠮷野家にご連絡ください。",
            "學問のすゝめに曰く、天は人の上に人を造らずと言へり。",
            "躾、辻、凪、峠、榊、畑、匂、働、込の字は国字です。",
            "体、国、学、会、来、万、号、点、当は日本語でも使います。",
        ] {
            silent(mail("お知らせ", text));
        }
    }

    #[test]
    fn silent_for_wholly_chinese_mail() {
        silent(mail("账户通知", "请您点击下面的链接，确认您的账户。"));
        silent(mail("帳戶通知", "請您點擊下面的連結，我們會確認。"));
        silent(mail("鲜の每日", "欢迎选购每日坚果，新年礼盒特价优惠，全场包邮，请您放心下单。"));
        let (bytes, _, _) = encoding_rs::GBK.encode("请您点击下面的链接，确认您的账户。");
        let head = b"Content-Type: text/plain; charset=gb2312\n\n".as_slice();
        silent([head, &bytes].concat());
    }

    #[test]
    fn silent_for_quoted_mail_and_fonts_of_every_country() {
        silent(mail(
            "Re: 打合せ",
            "承知しました。ご連絡ありがとうございます。\n\n> 请您确认我们的账户\n> 谢谢\n",
        ));
        silent(html(
            "<p style='font-family:Meiryo,\"Hiragino Kaku Gothic ProN\",\"Microsoft YaHei\"'>ご案内です。",
        ));
        silent(html("<p style='font-family:SimSun'>Please confirm.</p>"));
    }

    #[test]
    fn silent_for_what_was_decoded_wrongly() {
        let garbled = encoding_rs::GBK.decode("お客様のアカウントを確認".as_bytes()).0.into_owned();
        silent(mail("お知らせ", &format!("ご確認ください。\n{garbled}")));
        silent("\u{0}");
        silent("");
    }
}
