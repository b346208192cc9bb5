//! What is a label and what is not.

use super::{Class, Label, Manner, find};
use proptest::prelude::*;

fn words(text: &str, manner: Manner) -> Vec<&'static str> {
    find(text, manner).iter().map(|l| l.word).collect()
}

#[track_caller]
fn label(text: &str, word: &str) {
    assert_eq!(words(text, Manner::Prose), [word], "{text}");
}

#[track_caller]
fn none(text: &str) {
    assert_eq!(words(text, Manner::Prose), [""; 0], "{text}");
}

#[test]
fn alone_on_a_line_and_in_brackets() {
    label("社外秘", "社外秘");
    label("ご確認ください。\n\n■社外秘■\n\n以上", "社外秘");
    label("【部外秘】予算案", "部外秘");
    label("予算案（社外秘）", "社外秘");
    label("［極秘］人事", "極秘");
    label("極秘　人事案", "極秘");
    label("機密区分：社外秘", "社外秘");
    label("【機密】", "機密");
    label("【機密情報】", "機密");
    label("【社外秘・転送禁止】", "社外秘");
    label("㊙ 新製品", "マル秘");
    label("マル秘", "マル秘");
    label("(秘)", "秘");
    label("---- CONFIDENTIAL ----", "CONFIDENTIAL");
    label("STRICTLY CONFIDENTIAL", "CONFIDENTIAL");
    label("Private & Confidential", "CONFIDENTIAL");
    label("[Confidential] Budget", "CONFIDENTIAL");
    label("Top Secret", "TOP SECRET");
    assert_eq!(
        find("社内極秘資料\n極秘資料", Manner::Prose),
        [Label { class: Class::TopSecret, word: "極秘", of_attachment: false }]
    );
}

#[test]
fn spelled_apart() {
    label("社 外 秘", "社外秘");
    label("社\u{3000}外\u{3000}秘", "社外秘");
    label("社\u{200B}外秘", "社外秘");
    label("社外\n秘", "社外秘");
    label("社\n\n外\n\n秘", "社外秘");
    label("社\t外\t秘", "社外秘");
    label("Ｃ Ｏ Ｎ Ｆ Ｉ Ｄ Ｅ Ｎ Ｔ Ｉ Ａ Ｌ", "CONFIDENTIAL");
    label("C O N F I D E N T I A L", "CONFIDENTIAL");
    label("TOP\nSECRET", "TOP SECRET");
    label("社\u{FE00}外\u{FE00}秘", "社外秘");
    label("社\u{332}外\u{332}秘\u{332}", "社外秘");
    label("社外祕", "社外秘");
    label("\u{27E8}社外秘\u{27E9}", "社外秘");
    label("\u{1F512}社外秘\u{1F512}", "社外秘");
    label(
        "\u{1D402}\u{1D40E}\u{1D40D}\u{1D405}\u{1D408}\u{1D403}\u{1D404}\u{1D40D}\u{1D413}\u{1D408}\u{1D400}\u{1D40B}",
        "CONFIDENTIAL",
    );
    label(
        "\u{24B8}\u{24C4}\u{24C3}\u{24BB}\u{24BE}\u{24B9}\u{24BA}\u{24C3}\u{24C9}\u{24BE}\u{24B6}\u{24C1}",
        "CONFIDENTIAL",
    );
}

#[test]
fn said_of_the_matter() {
    label("本資料は社外秘です。", "社外秘");
    label("※社外秘でお願いします", "社外秘");
    label("This document is strictly confidential.", "CONFIDENTIAL");
    let of_attachment = |text: &str| find(text, Manner::Prose).iter().all(|l| l.of_attachment);
    assert!(of_attachment("添付は社外秘です。"));
    assert_eq!(words("添付は社外秘です。", Manner::Prose), ["社外秘"]);
    label("以下は社外秘扱いでお願いいたします。", "社外秘");
    label("本件、社外秘にてお願いいたします。", "社外秘");
    assert!(of_attachment("社外秘の資料をお送りします。"));
    assert_eq!(words("社外秘資料を送付いたします。", Manner::Prose), ["社外秘"]);
    none("社外秘の資料をメールで送らないでください。");
    none("この資料は社外秘ですか。");
    none("この資料は社外秘ではありません。");
}

#[test]
fn everyday_use() {
    none("機密保持契約を締結しました。");
    none("有機密度を測ります。");
    none("極秘裏に進めました。");
    none("極秘に来日した。");
    none("映画『極秘』の感想");
    none("秘書課の秘密");
    none("社外秘情報の取り扱いについて研修を行います。");
    none("極秘、社外秘、公開の三つに分けます。");
    none("極秘\n最も重要\n社外秘\n重要\n公開\nその他");
    none("This is not confidential.");
    none("Non-Confidential");
    none("NON CONFIDENTIAL");
    none("We keep your data confidential and safe.");
    none("Confidentiality Notice: a");
    none("CONFIDENTIAL DISCLOSURE AGREEMENT");
    none("CONFIDENTIAL\n\nThis message is intended only for the addressee.");
    none("This e-mail and any attachments are confidential.");
    none("stop secretary");
    none("機密情報の取り扱いについて");
    none("【研修】社外秘の扱い");
    none("秘、秘書、神秘");
    none("社外秘規程に従ってください。");
    none("The Confidential Computing Consortium");
}

#[test]
fn names_margins_and_marks() {
    let check = |text: &str, manner, word: &str| assert_eq!(words(text, manner), [word], "{text}");
    check("社外秘予算.xlsx", Manner::Title, "社外秘");
    check("予算_社外秘.xlsx", Manner::Title, "社外秘");
    check("予算社外秘.xlsx", Manner::Title, "社外秘");
    check("極秘_人事.docx", Manner::Title, "極秘");
    check("budget_confidential_v2.pdf", Manner::Title, "CONFIDENTIAL");
    check("社外秘 1/10", Manner::Margin, "社外秘");
    check("Example Corp. Confidential", Manner::Margin, "CONFIDENTIAL");
    check("Company-Confidential", Manner::Mark, "CONFIDENTIAL");
    check("Confidential \\ All Employees", Manner::Mark, "CONFIDENTIAL");
    let silent = |text: &str, manner| assert_eq!(words(text, manner), [""; 0], "{text}");
    silent("機密保持契約書.pdf", Manner::Title);
    silent("社外秘管理規程.pdf", Manner::Title);
    silent("極秘捜査.mp4", Manner::Title);
    silent("Confidential Disclosure Agreement.pdf", Manner::Title);
    silent("Non-Confidential", Manner::Mark);
}

#[test]
fn hostile_lengths_stay_linear() {
    for piece in ["秘", "社外秘", "confidential ", "c ", "社\n", "秘\n", "(極秘)", "private&"]
    {
        find(&piece.repeat(100_000), Manner::Prose);
    }
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,200}") {
        for manner in [Manner::Margin, Manner::Mark, Manner::Prose, Manner::Title] {
            find(&text, manner);
        }
    }

    #[test]
    fn pieces_never_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(&["社", "外", "秘", "㊙", "\n", "\t", " ", "【", "】", "は",
                "です", "confidential", "top", "secret", "not", "\u{3000}", "(", ")"][..]), 0..30),
    ) {
        find(&parts.concat(), Manner::Prose);
    }
}
