//! Japanese prose with several errors that native writers do not make.
//!
//! The row asks for a feeling; this measures what can be shown: broken endings and particles, kana
//! that are missing or lack their mark, kanji in the place of katakana, lost characters, blanks and
//! marks in wrong places. Each error is shown. Innocent: people who learn Japanese, and translated
//! notices, hence few points; one slip, which everybody makes, is silent. Dodged by copying honest
//! mail, which most attackers do, and by machines that write well.

use std::borrow::Cow;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words, is_unshowable};
use crate::japanese::slips;
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "unnatural-japanese",
    clause: Some("body-1"),
    group: Group::Text,
    // Honest writers from abroad make the same errors; with any sign of sender or link it warns.
    points: 20,
    says: Words {
        ja: "日本語として不自然な箇所が複数あります（{evidence}）。",
        en: "The Japanese reads unnaturally in several places ({evidence}).",
    },
    means: Words {
        ja: "助詞や語尾の誤り、濁点の抜け、単語の途中の空白、形の似た別の文字など、日本語を母語とする人が\
             書かない誤りが複数あります。海外で作られた標的型攻撃メールやフィッシングメールによく見られ\
             ます。外国の取引先や翻訳されたお知らせでも起こるため、差出人に心当たりがあるか確認してください。",
        en: "Several errors are of a kind that native writers do not make: wrong particles or endings, \
             missing voiced marks, blanks inside words, characters that only look right. They are common \
             in attacks made abroad. Partners abroad and translated notices have them too, so ask \
             yourself whether you know the sender.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let lists = &facts.settings.lists;
    // A mail's plain text says what its HTML says; the errors of both would be the same ones, but
    // not its length.
    let texts = mail.texts();
    let any_html = texts.iter().any(|text| text.html && text.message == 0);
    let shown = texts.iter().filter(|text| text.html == any_html || text.message != 0);
    let prose = [mail.subject()].into_iter().chain(shown.map(|text| text.own()));
    let prose: Vec<Cow<'_, str>> = prose.map(without_unseen).collect();
    let prose = prose.iter().map(AsRef::as_ref);
    let errors = slips::errors(prose, &lists.broken_japanese, &lists.translated_japanese)?;
    let shown = errors.verdict()?;
    let first: Vec<String> = shown.iter().take(SHOWN).map(|words| format!("「{words}」")).collect();
    Some(Evidence::new(first.concat()))
}

/// The text as a person reads it, without what is put between letters for programs.
fn without_unseen(text: &str) -> Cow<'_, str> {
    // Kana and ideographs are told by one comparison.
    let is_unseen = |c: char| match c {
        ' '..='~' | '\n' | '\t' | '\u{3000}'..='\u{3163}' | '\u{4E00}'..='\u{9FFF}' => false,
        _ => is_unshowable(c),
    };
    if text.is_ascii() || !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|&c| !is_unseen(c)).collect())
}

/// Errors told in the banner.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};

    fn mail(subject: &str, body: &str) -> String {
        format!(
            "From: a@example.com\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
    }

    #[test]
    fn fires_on_particles_and_endings() {
        let shown = fires(
            &INDICATOR,
            mail(
                "お知らせ",
                "お客様のアカウントをを確認しました。\n下記のリンクをクリックしてくださ。\n",
            ),
        );
        assert_eq!(shown, "「をを」「くださ。」");
        fires(&INDICATOR, mail("ご重要なお知らせ", "情報を更新してくだい。よろしくお願い致しす。"));
        fires(
            &INDICATOR,
            mail("お知らせ", "現在ご利用いただけなない状態です。更新をお願いいたしまます。"),
        );
    }

    #[test]
    fn fires_on_missing_voiced_marks() {
        fires(
            &INDICATOR,
            mail("お知らせ", "ご利用いただきありかとうございます。内容をご確認くたさい。"),
        );
    }

    #[test]
    fn fires_on_blanks_between_words() {
        fires(
            &INDICATOR,
            mail(
                "お知らせ",
                "お客様 の アカウント に 問題 が 発生しましたので、内容 を 確認してください。",
            ),
        );
        fires(
            &INDICATOR,
            mail(
                "お知らせ",
                "ご本人様のご利 用かどうかを確 認させていただきたいお取 引がありました ので、ご連 絡させていただきました。",
            ),
        );
    }

    #[test]
    fn fires_on_look_alikes_and_translation() {
        fires(
            &INDICATOR,
            mail(
                "お知らせ",
                "お客様の力ードは停止されました。\u{410}mazonにログインしてください。",
            ),
        );
        fires(
            &INDICATOR,
            mail(
                "お知らせ",
                "残念ながら、あなたのロ座は停止されました。私たちはあなたのアカウントを確認しました。",
            ),
        );
    }

    #[test]
    fn fires_through_invisible_characters() {
        fires(&INDICATOR, mail("お知らせ", "内容を\u{200B}を確認してくだ\u{2060}さ。"));
    }

    #[test]
    fn silent_for_formal_letters() {
        silent(
            &INDICATOR,
            mail(
                "新製品発表会のご案内",
                "拝啓　晩秋の候、貴社ますますご清栄のこととお慶び申し上げます。平素は格別のご高配を賜り、厚く\n\
                 御礼申し上げます。\n　さて、弊社ではかねてより開発を進めてまいりました新製品が、このほど完成の運びと\n\
                 相成りました。つきましては、下記のとおり発表会を催したく存じますので、ご多用中誠に恐縮ではございま\n\
                 すが、何卒ご臨席賜りますようお願い申し上げます。\n敬具",
            ),
        );
    }

    #[test]
    fn silent_for_dialect() {
        silent(
            &INDICATOR,
            mail(
                "あしたの件",
                "まいど、お世話になってます。あしたの件やけど、ちょっと遅れるかもしれへんわ。ほんま堪忍な。\n\
                 資料は送っといたさかい、見といてくれたらええで。わからんかったら何でも聞いてや。\n\
                 そいぎ、また明日ばい。よかったら一緒に行くけん、待っとってくんしゃい。",
            ),
        );
    }

    #[test]
    fn silent_for_official_full_width_commas() {
        silent(
            &INDICATOR,
            mail(
                "通知",
                "標記の件について，下記のとおり通知します．なお，関係書類は，期日までに提出してください．\n\
                 提出に当たっては，記載事項に誤りがないか，改めて確認願います．",
            ),
        );
    }

    #[test]
    fn silent_for_technical_slang() {
        silent(
            &INDICATOR,
            mail(
                "デプロイの件",
                "本番がコケたので一旦revertしてます。DBのマイグレが詰まってるっぽいので、ログをgrepして\n\
                 原因切り分け中です。PR #123 をマージしたらCI回るはずなので、LGTMください。あとSlackにも投げときます。",
            ),
        );
    }

    #[test]
    fn silent_for_lists() {
        silent(
            &INDICATOR,
            mail(
                "持ち物",
                "・筆記用具\n・上履き\n・お弁当、水筒\n1) 受付\n2) 開会\n- 氏 名：山田 太郎 様\n- 住 所：東京都\n· 電話\n* その他",
            ),
        );
    }

    #[test]
    fn silent_for_all_hiragana() {
        silent(
            &INDICATOR,
            mail(
                "えんそくの おしらせ",
                "あしたは えんそくです。おべんとうと すいとうを もってきてください。あめが ふったら おやすみです。\n\
                 みんなで たのしく いきましょう。わからないことは せんせいに きいてね。",
            ),
        );
    }

    #[test]
    fn silent_for_half_width_katakana() {
        silent(
            &INDICATOR,
            mail(
                "振込のお知らせ",
                "ﾌﾘｺﾐ ｶ)ﾐﾎﾝｼﾖｳｼﾞ ｻﾏ ﾖﾘ ｺﾞﾆﾕｳｷﾝ ｶﾞ ｱﾘﾏｼﾀ｡\nお振込人：ﾔﾏﾀﾞ ﾀﾛｳ\n摘要：ｷﾕｳﾖ\nご確認ください。",
            ),
        );
    }

    #[test]
    fn silent_for_old_poems() {
        silent(
            &INDICATOR,
            mail(
                "今月の歌",
                "春過ぎて 夏来にけらし 白妙の 衣ほすてふ 天の香具山\n\
                 ひさかたの 光のどけき 春の日に しづ心なく 花の散るらむ\n\
                 今月は上の二首を取り上げます。ゐろりを囲みて読みませう。",
            ),
        );
    }

    #[test]
    fn silent_for_one_slip_in_an_honest_mail() {
        silent(
            &INDICATOR,
            mail(
                "打ち合わせの件",
                "いつもお世話になっております。先日は弊社までお越しいただき、ありがとうございました。\n\
                 ご依頼の資料をお送りしますので、内容をご確認くださ。\n\
                 ご不明な点がございましたら、お気軽にお問い合わせください。よろしくお願いいたします。",
            ),
        );
    }

    #[test]
    fn silent_for_translated_notices_without_errors() {
        silent(
            &INDICATOR,
            mail(
                "パスワードの変更",
                "あなたのアカウントのパスワードが変更されました。残念ながら、あなたのパスワードを元に戻すことはできません。",
            ),
        );
    }

    #[test]
    fn nonsense_is_survived() {
        silent(&INDICATOR, "");
        silent(&INDICATOR, mail("を", "\u{FFFD}?\u{200B}"));
    }
}
