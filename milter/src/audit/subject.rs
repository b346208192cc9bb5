//! The subject as records keep it (setting `subject` in `records.toml`).

use sekisho_config::SubjectKept;

use super::entry::Hash;

/// `subject` as it is written down.
pub fn kept(how: SubjectKept, subject: &str) -> String {
    match how {
        SubjectKept::Full => subject.to_owned(),
        SubjectKept::Hashed if subject.is_empty() => String::new(),
        SubjectKept::Hashed => {
            // Half of the digits tell subjects apart well enough, and make guessing no easier.
            let digits = Hash::of(subject.trim().as_bytes()).to_string();
            format!("sha256:{}", digits.get(..32).unwrap_or_default())
        }
        SubjectKept::Masked => match subject.char_indices().nth(SHOWN) {
            Some((at, _)) => {
                let shown = subject.get(..at).unwrap_or_default();
                format!("{shown}…({} characters)", subject.chars().count())
            }
            // So short, nothing would be masked.
            None if subject.is_empty() => String::new(),
            None => format!("…({} characters)", subject.chars().count()),
        },
    }
}

/// Characters that stay.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_in_three_ways() {
        let subject = "請求書の送付について";
        assert_eq!(kept(SubjectKept::Full, subject), subject);
        assert_eq!(kept(SubjectKept::Masked, subject), "請求書の…(10 characters)");
        assert_eq!(kept(SubjectKept::Masked, "極秘"), "…(2 characters)");
        assert_eq!(kept(SubjectKept::Hashed, "a"), "sha256:ca978112ca1bbdcafac231b39a23dc4d");
        for how in [SubjectKept::Full, SubjectKept::Masked, SubjectKept::Hashed] {
            assert_eq!(kept(how, ""), "");
        }
    }
}
