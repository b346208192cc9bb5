//! Characters and words that Chinese writes and Japanese does not.
//!
//! A character of GB 2312 that no Japanese charset (CP932) holds is a simplified form (们, 认, 账) or
//! everyday Chinese (您). Measured on word lists weighted by frequency, that is a quarter of all
//! characters of Chinese and two in 100,000 of Japanese; of 43,681 names of Japanese persons it hits
//! none. Tables of variants are no use: they call 国 and 会 Chinese. Characters that no charset of
//! mail holds (說, 戶, 𠮷) say nothing, since names and old texts have them.
//!
//! Traditional characters cannot be told by sets at all, because Japanese once wrote the same: there
//! it is the words (點擊, 我們), from the list `chinese_words`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::LONGEST;
use super::words::{Pair, Words};
use encoding_rs::{BIG5, Encoding, GBK, SHIFT_JIS};

/// What of a text is Chinese.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chinese {
    /// Simplified characters, each once, in order.
    pub simplified: Vec<char>,
    /// Characters that Chinese alone uses today, but that old books of Japan may hold; each once.
    pub rare: Vec<char>,
    /// Words of the list, each once.
    pub words: Vec<String>,
}

impl Chinese {
    /// Whether it says anything: one simplified form or word does, of rare characters it takes
    /// [`ENOUGH_RARE`].
    pub fn is_told(&self) -> bool {
        !self.simplified.is_empty() || !self.words.is_empty() || self.rare.len() >= ENOUGH_RARE
    }

    /// What was seen, for a person: `下记账, 點擊`.
    pub fn shown(&self) -> String {
        let characters: String = self.simplified.iter().chain(&self.rare).take(SHOWN).collect();
        let characters = Some(characters).filter(|c| !c.is_empty());
        let words = self.words.iter().take(SHOWN).cloned();
        characters.into_iter().chain(words).collect::<Vec<_>>().join(", ")
    }

    /// Adds what stands in `text`. Lines that came through a wrong charset are left out: what is
    /// Chinese there nobody wrote.
    pub fn search(&mut self, text: &str, words: &Words<'_>) {
        if text.is_ascii() {
            return;
        }
        let text = match text.char_indices().nth(LONGEST) {
            Some((end, _)) => text.get(..end).unwrap_or(text),
            None => text,
        };
        for line in text.split('\n').filter(|line| !line.is_ascii()) {
            let mut garbled = None;
            let mut is_garbled = || *garbled.get_or_insert_with(|| is_garbled(line));
            let mut last = (0, '\n');
            for (at, c) in line.char_indices() {
                let (start, first) = std::mem::replace(&mut last, (at, c));
                if !('\u{4E00}'..='\u{9FFF}').contains(&c) {
                    continue;
                }
                match SETS.kind(c) {
                    Kind::Neither => {}
                    _ if is_garbled() => break,
                    Kind::Simplified => push(&mut self.simplified, c),
                    Kind::Rare => push(&mut self.rare, c),
                }
                if words.may_begin(Pair::new(first, c))
                    && let Some(word) = words.at(line.get(start..).unwrap_or_default())
                    && !is_garbled()
                    && !self.words.iter().any(|w| w == word)
                    && self.words.len() < MOST
                {
                    self.words.push(word.to_owned());
                }
            }
        }
    }
}

/// Whether a line was decoded with a wrong charset somewhere on its way: replacement characters, or
/// what the kana of UTF-8 become when they are read as GBK (銇, 銈, 銉) or CP932 (縺, 繧, 繝).
fn is_garbled(line: &str) -> bool {
    let mut marks = 0;
    for c in line.chars() {
        match c {
            '\u{FFFD}' | '锟' => return true,
            '銇' | '銈' | '銉' | '縺' | '繧' | '繝' => marks += 1,
            _ => {}
        }
    }
    marks >= 2
}

fn push(list: &mut Vec<char>, c: char) {
    if list.len() < MOST && !list.contains(&c) {
        list.push(c);
    }
}

/// What a character is evidence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Neither,
    /// A simplified form: traditional Chinese (Big5) does not write it either.
    Simplified,
    /// Written by both kinds of Chinese and by no Japanese charset.
    Rare,
}

struct Sets {
    chinese: Box<[u64]>,
    traditional: BTreeSet<char>,
}

impl Sets {
    fn kind(&self, c: char) -> Kind {
        let at = usize::try_from(u32::from(c)).unwrap_or(usize::MAX).wrapping_sub(FIRST);
        match self.chinese.get(at / 64).map(|bits| bits >> (at % 64) & 1) {
            Some(1) if self.traditional.contains(&c) => Kind::Rare,
            Some(1) => Kind::Simplified,
            _ => Kind::Neither,
        }
    }
}

/// Computed once from the tables of the decoder itself: no data of our own can be wrong.
static SETS: LazyLock<Sets> = LazyLock::new(|| {
    let mut sets = Sets { chinese: vec![0; HAN.div_ceil(64)].into(), traditional: BTreeSet::new() };
    for c in gb2312().chars().filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(c)) {
        if !can_encode(SHIFT_JIS, c) && !STANDARD.contains(c) {
            let at = usize::try_from(u32::from(c)).unwrap_or(usize::MAX).wrapping_sub(FIRST);
            if let Some(bits) = sets.chinese.get_mut(at / 64) {
                *bits |= 1 << (at % 64);
            }
            // 您 and its like are everyday Chinese and in no book of Japan.
            if can_encode(BIG5, c) && !EVERYDAY.contains(c) {
                sets.traditional.insert(c);
            }
        }
    }
    sets
});

/// The characters of GB 2312: the quarter of GBK with both bytes high and lead bytes up to F7. They
/// are decoded, because to encode one takes a search through the whole table.
fn gb2312() -> String {
    let row = |lead: u8| (0xA1..=0xFE).flat_map(move |trail| [lead, trail]);
    let bytes: Vec<u8> = (0xB0..=0xF7).flat_map(row).collect();
    GBK.decode_without_bom_handling(&bytes).0.into_owned()
}

fn can_encode(encoding: &'static Encoding, c: char) -> bool {
    let mut buffer = [0; 4];
    !encoding.encode(c.encode_utf8(&mut buffer)).2
}

const FIRST: usize = 0x4E00;
const HAN: usize = 0x9FFF - 0x4E00 + 1;

/// Everyday words that both kinds of Chinese write alike, and simplified forms that Big5 has as rare ones.
const EVERYDAY: &str = "优确异卡种适柜扑另您你她吗呢吧啊哪喂咱咖啡份扔扫换摔甩瞧碰给脖";

/// Forms that Japan's own lists (常用漢字表, 表外漢字字体表) print and CP932 lacks.
const STANDARD: &str = "俱吞囊搔焰瘦麴";

/// How many different rare characters it takes: fewer may be a quotation from an old book.
const ENOUGH_RARE: usize = 3;

/// Most kept of each kind.
const MOST: usize = 64;

/// Most shown of each kind.
const SHOWN: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gb2312_is_what_its_quarter_of_gbk_encodes() {
        let is_gb2312 = |c: &char| {
            let mut buffer = [0; 4];
            let (bytes, _, unmappable) = GBK.encode(c.encode_utf8(&mut buffer));
            !unmappable && matches!(bytes.as_ref(), [0xB0..=0xF7, 0xA1..=0xFE])
        };
        let is_han = |c: &char| ('\u{4E00}'..='\u{9FFF}').contains(c);
        let decoded: BTreeSet<char> = gb2312().chars().filter(is_han).collect();
        assert_eq!(decoded, ('\u{4E00}'..='\u{9FFF}').filter(is_gb2312).collect());
    }

    fn found(text: &str) -> Chinese {
        let list = ["點擊", "我們", "請查看"].map(str::to_owned).into();
        let mut chinese = Chinese::default();
        chinese.search(text, &Words::new(&list));
        chinese
    }

    #[test]
    fn simplified_characters() {
        for c in
            "们发说您请账户认记击这为时对还进车东门问题书长见电话码银确级选择订单邮优你她吗".chars()
        {
            assert_eq!(SETS.kind(c), Kind::Simplified, "{c}");
        }
        let count = ('\u{4E00}'..='\u{9FFF}').filter(|&c| SETS.kind(c) != Kind::Neither).count();
        assert_eq!(count, 3_385 - STANDARD.chars().count());
        assert_eq!(found("下记URLより账户をご确认").shown(), "记账户确认");
    }

    #[test]
    fn what_japanese_writes_is_none() {
        for text in [
            "髙橋 﨑山 濵田 渡邊 渡邉 齋藤 齊藤 澤田 國學院 龍谷 慶應義塾 德川 黑田 瀨戸 眞鍋 廣瀬 與謝野 嶋﨑 栁 神",
            "說 戶 內 吳 𠮷野家 錄 噓 摑 剝 頰 塡 繫 鷗 瀆 俱 侮 焰 搔 瘦 禰\u{E0100}",
            "躾 辻 凪 峠 榊 畑 匂 働 込 枠 塀 栃 鰯 鱈 俣 畠 樫 噺 匁 麿",
            "學問のすゝめ 天は人の上に人を造らず 體 數 據 點 發 變 會 員 帳 請 聯 絡 郵 號 碼 廳 縣 鐵",
            "体 国 学 会 来 万 与 号 点 当 台 区 医 断 乱 旧 双 蚕 虫 灯 礼 机 沈 芸",
            "叱る 填補 剥離 頬 葛\u{E0100}城 祇園 餅 餠 屛風",
        ] {
            assert!(!found(text).is_told(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn words_of_traditional_chinese() {
        assert_eq!(found("こちらを點擊してください。我們は").words, ["點擊", "我們"]);
        assert!(!found("點検 擊破 我 們").is_told());
    }

    #[test]
    fn rare_characters_need_company() {
        assert!(!found("璇璣と瑗").is_told());
        assert!(found("璇、瑗、琨、瑜、琬").rare.len() >= 3);
    }

    #[test]
    fn garbled_lines_are_left_out() {
        let utf8_as_gbk = GBK.decode("ご確認ください。お願いします。".as_bytes()).0;
        assert!(!found(&utf8_as_gbk).is_told(), "{utf8_as_gbk}");
        assert!(!found("锟斤拷锟斤拷 账户").is_told());
        assert!(!found("账\u{FFFD}户").is_told());
        assert!(found("账\u{FFFD}户\n账户").is_told());
    }

    #[test]
    fn much_is_survived() {
        let all: String = ('\u{4E00}'..='\u{7000}').collect();
        assert_eq!(found(&all).simplified.len(), MOST);
        assert!(found(&"點".repeat(50_000)).words.is_empty());
    }
}
