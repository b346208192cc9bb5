//! Which prefectures telephone numbers and postal codes belong to: the public plans as tables.
//!
//! Way in: [`area_code_prefectures`], [`postal_prefectures`]. Facts that no administrator changes,
//! so they are no lists; the files are written by the tools named in their headers, and read once.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Prefectures in which the area code `code` is used (`03`, `0422`), with `/` between them; `None`
/// where the plan has no such area code.
pub fn area_code_prefectures(code: &str) -> Option<&'static str> {
    static CODES: LazyLock<Table> = LazyLock::new(|| table(AREA_CODES));
    CODES.get(code).copied()
}

/// Prefectures in which addresses have the postal code `digits` (seven of them), with `/` between;
/// `None` where no postal code begins so.
pub fn postal_prefectures(digits: &str) -> Option<&'static str> {
    static PREFIXES: LazyLock<Table> = LazyLock::new(|| table(POSTAL_PREFIXES));
    let of = |length| PREFIXES.get(digits.get(..length)?);
    of(3).or_else(|| of(2)).copied()
}

/// Key and prefectures.
type Table = HashMap<&'static str, &'static str>;

fn table(text: &'static str) -> Table {
    rows(text).map(|(key, prefectures, _)| (key, prefectures)).collect()
}

/// The rows of a table: key, prefectures and what else stands there, with tabs between; `#` begins
/// a comment line.
fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (key, rest) = line.split_once('\t')?;
        let (prefectures, more) = rest.split_once('\t').unwrap_or((rest, ""));
        Some((key, prefectures, more))
    })
}

const AREA_CODES: &str = include_str!("../defaults/lists/area-codes.txt");
const POSTAL_PREFIXES: &str = include_str!("../defaults/lists/postal-prefixes.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes() {
        assert_eq!(area_code_prefectures("03"), Some("東京都"));
        assert_eq!(area_code_prefectures("06"), Some("兵庫県/大阪府"));
        assert_eq!(area_code_prefectures("0422"), Some("東京都"));
        assert_eq!(area_code_prefectures("04998"), Some("東京都"));
        assert_eq!(area_code_prefectures("09969"), Some("鹿児島県"));
        for none in ["", "0", "01", "02", "05", "085", "094", "0120", "090", "3", "+81"] {
            assert_eq!(area_code_prefectures(none), None, "{none}");
        }
    }

    #[test]
    fn postal_codes() {
        assert_eq!(postal_prefectures("1000001"), Some("千葉県/埼玉県/東京都"));
        assert_eq!(postal_prefectures("1050011"), Some("東京都"));
        assert_eq!(postal_prefectures("0600000"), Some("北海道"));
        assert_eq!(postal_prefectures("6308501"), Some("大阪府/奈良県"));
        assert_eq!(postal_prefectures(""), None);
        assert_eq!(postal_prefectures("あいう"), None);
    }

    #[test]
    fn tables_are_in_form() {
        for text in [AREA_CODES, POSTAL_PREFIXES] {
            assert!(text.starts_with("# ") && text.ends_with('\n') && !text.contains('\r'));
            let written = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).count();
            let rows: Vec<_> = rows(text).collect();
            assert_eq!(rows.len(), written, "every row has its columns");
            for pair in rows.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{:?} is out of order", pair[1]);
            }
            for (key, prefectures, _) in rows {
                assert!(key.bytes().all(|b| b.is_ascii_digit()), "{key}");
                let names: Vec<_> = prefectures.split('/').collect();
                assert!(names.is_sorted() && !names.contains(&""), "{key} {prefectures}");
                for name in names {
                    assert!(name.ends_with(['都', '道', '府', '県']), "{key} {name}");
                }
            }
        }
    }

    #[test]
    fn every_prefecture_has_area_codes_and_postal_codes() {
        for text in [AREA_CODES, POSTAL_PREFIXES] {
            let mut all: Vec<_> = rows(text).flat_map(|(_, p, _)| p.split('/')).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 47, "{all:?}");
        }
    }
}
