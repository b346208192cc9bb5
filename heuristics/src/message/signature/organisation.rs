//! Lines that look like the name of an organisation.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Whether a line (NFKC, blanks trimmed) looks like the name of an organisation: a legal form, a
/// public body or an institution. That it is no sentence, the caller knows.
pub(super) fn is_organisation(folded: &str) -> bool {
    if folded.len() > LONGEST || folded.contains('@') || folded.contains("〒") {
        return false;
    }
    let is_ascii = folded.is_ascii();
    if !is_ascii && INSIDE.as_ref().is_some_and(|inside| inside.is_match(folded)) {
        return true;
    }
    let is_company = |word: &str| {
        let word = word.trim_matches([',', '.', '(', ')']);
        ENGLISH_FORMS.iter().any(|form| form.eq_ignore_ascii_case(word))
    };
    let mut words = folded.split_whitespace();
    // `Ltd.` alone is no name.
    let first = words.clone().next();
    if first.is_some() && words.clone().skip(1).any(is_company) {
        return true;
    }
    !is_ascii
        && words.any(|word| {
            let word = word.trim_end_matches([')', '」', ',', '、', '】']);
            // Addresses write the prefecture at the start of a word that goes on; alone it is a
            // body.
            word.ends_with(LAST_LETTERS)
                && !word.starts_with(|c: char| c.is_ascii())
                && word.chars().nth(2).is_some()
                && ENDINGS.iter().any(|ending| word.ends_with(ending))
        })
}

/// Legal forms and parts of the names of bodies, wherever in a line they stand; none is ASCII.
/// `None` where it could not be built, which their number makes impossible.
static INSIDE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // Of the kinds it is the one that takes little memory.
    let kind = Some(AhoCorasickKind::ContiguousNFA);
    AhoCorasick::builder().kind(kind).build(FORMS.iter().chain(&BODIES)).ok()
});

const LONGEST: usize = 240;

/// Legal forms, NFKC: ㈱ and （株） are `(株)` by then.
const FORMS: [&str; 33] = [
    "株式会社",
    "(株)",
    "有限会社",
    "(有)",
    "合同会社",
    "(同)",
    "合資会社",
    "合名会社",
    "特例有限",
    "(合)",
    "社団法人",
    "財団法人",
    "(社)",
    "(財)",
    "(一社)",
    "(公社)",
    "(一財)",
    "(公財)",
    "独立行政法人",
    "(独)",
    "国立研究開発法人",
    "国立大学法人",
    "公立大学法人",
    "学校法人",
    "医療法人",
    "社会福祉法人",
    "宗教法人",
    "特殊法人",
    "認可法人",
    "弁護士法人",
    "税理士法人",
    "監査法人",
    "NPO法人",
];

const ENGLISH_FORMS: [&str; 14] = [
    "co",
    "co.,ltd",
    "co.ltd",
    "ltd",
    "limited",
    "inc",
    "corp",
    "corporation",
    "llc",
    "k.k",
    "gmbh",
    "university",
    "ministry",
    "institute",
];

/// How the names of bodies and institutions end, as a word of their own.
const ENDINGS: [&str; 46] = [
    "省",
    "庁",
    "局",
    "県",
    "都",
    "府",
    "市役所",
    "区役所",
    "町役場",
    "村役場",
    "役所",
    "役場",
    "委員会",
    "裁判所",
    "検察庁",
    "警察署",
    "警察本部",
    "消防署",
    "消防本部",
    "税務署",
    "労働基準監督署",
    "ハローワーク",
    "保健所",
    "年金事務所",
    "年金機構",
    "機構",
    "公社",
    "公団",
    "大学",
    "大学院",
    "高等学校",
    "学校",
    "学園",
    "病院",
    "銀行",
    "信用金庫",
    "信用組合",
    "農協",
    "組合",
    "協会",
    "連合会",
    "連盟",
    "商工会議所",
    "研究所",
    "事務局",
    "支社",
];

/// With what all of [`ENDINGS`] end: one look that most words do not pass.
const LAST_LETTERS: [char; 24] = [
    '省', '庁', '局', '県', '都', '府', '所', '場', '会', '署', '部', 'ク', '構', '社', '団', '学',
    '院', '校', '園', '行', '庫', '合', '協', '盟',
];

/// What stands inside the name of a public body.
const BODIES: [&str; 8] =
    ["国税局", "警視庁", "県警", "府警", "道警", "法務局", "教育委員会", "内閣府"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations() {
        for line in [
            "株式会社サンプル 営業部",
            "サンプル(株)",
            "総務省 情報流通行政局",
            "経済産業省",
            "サンプル県 税務課",
            "サンプル市役所 総務課",
            "サンプル大学 文学部",
            "サンプル銀行 本店",
            "独立行政法人サンプル機構",
            "一般社団法人サンプル協会",
            "Sample Co., Ltd.",
            "Sample Corporation",
            "サンプル県警察本部 生活安全課",
        ] {
            assert!(is_organisation(line), "{line}");
        }
    }

    #[test]
    fn other_lines() {
        for line in [
            "山田太郎",
            "東京都千代田区霞が関1-1",
            "神奈川県横浜市中区1-2-3",
            "TEL 03-1234-5678",
            "営業部",
            "株式会社サンプルの件でご連絡いたします。",
            "a@corp.example.co.jp",
            "Ltd.",
            "",
        ] {
            assert!(
                !is_organisation(line) || crate::message::signature::is_sentence(line),
                "{line}"
            );
        }
    }

    #[test]
    fn the_last_letters_are_those_of_the_endings() {
        let last = |word: &&str| word.chars().next_back().unwrap();
        let endings: std::collections::BTreeSet<char> = ENDINGS.iter().map(last).collect();
        assert_eq!(endings, LAST_LETTERS.into_iter().collect());
        assert!(FORMS.iter().chain(&BODIES).all(|part| !part.is_ascii()));
    }
}
