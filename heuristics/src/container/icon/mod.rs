//! What an icon looks like to people: a document, a folder, or nothing but itself.
//!
//! Way in: [`likeness`] for the images of one icon. A picture becomes numbers ([`features`]), a small
//! forest that learnt from free icon themes votes on them ([`forest`]). Which icon a shortcut borrows
//! from a program of Windows, [`borrowed`] knows by its name.

pub(super) mod borrowed;
mod canvas;
#[cfg(test)]
pub(crate) mod drawing;
pub mod features;
pub mod forest;
pub mod picture;

pub use picture::Picture;

/// What people take a file for by its icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Packed files.
    Archive,
    /// Word processor document.
    Document,
    /// Folder.
    Folder,
    /// PDF.
    Pdf,
    /// Picture.
    Picture,
    /// Presentation.
    Presentation,
    /// Spreadsheet.
    Spreadsheet,
    /// Plain text.
    Text,
}

/// What an icon is taken for that comes in these sizes; `None` for one that looks like itself.
pub fn likeness<'p>(images: impl IntoIterator<Item = &'p Picture>) -> Option<Likeness> {
    let found = images.into_iter().filter_map(likeness_of);
    let (best, _) = found.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    Some(best)
}

/// What one picture is taken for, and how surely.
fn likeness_of(picture: &Picture) -> Option<(Likeness, f32)> {
    let votes = forest::votes(TABLE, &features::of(picture)?);
    let (none, some) = votes.split_first()?;
    let (at, _) = some.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (1.0 - none >= forest::needed(TABLE)).then_some((*Likeness::ALL.get(at)?, 1.0 - none))
}

static TABLE: &[u8] = include_bytes!("../../../data/icons.bin");

impl Likeness {
    /// All of them, in the order of the forest's classes.
    pub const ALL: [Likeness; forest::CLASSES - 1] = {
        use Likeness::*;
        [Archive, Document, Folder, Pdf, Picture, Presentation, Spreadsheet, Text]
    };

    /// Name in Japanese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        use Likeness::*;
        match self {
            Archive => ("圧縮ファイル", "archive"),
            Document => ("文書ファイル", "document"),
            Folder => ("フォルダー", "folder"),
            Pdf => ("PDFファイル", "PDF"),
            Picture => ("画像ファイル", "picture"),
            Presentation => ("プレゼンテーション", "presentation"),
            Spreadsheet => ("表計算ファイル", "spreadsheet"),
            Text => ("テキストファイル", "text file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::drawing::{self, Drawing};
    use super::*;

    /// Every size by itself, and all together.
    #[track_caller]
    fn check(drawing: &Drawing, expected: Option<Likeness>) {
        let pictures: Vec<Picture> = [16, 24, 32, 48, 256].map(|s| drawing.picture(s)).into();
        for picture in pictures.iter().filter(|p| p.width() > 16) {
            assert_eq!(likeness([picture]), expected, "{} pixels", picture.width());
        }
        assert_eq!(likeness(&pictures), expected);
    }

    #[test]
    fn documents_and_folders_are_recognised() {
        check(&drawing::word(), Some(Likeness::Document));
        check(&drawing::excel(), Some(Likeness::Spreadsheet));
        check(&drawing::pdf(), Some(Likeness::Pdf));
        check(&drawing::text(), Some(Likeness::Text));
        check(&drawing::folder(), Some(Likeness::Folder));
    }

    #[test]
    fn what_programs_have_for_an_icon_is_theirs() {
        check(&drawing::game(), None);
        check(&drawing::window(), None);
        check(&drawing::shield(), None);
    }

    #[test]
    fn pictures_without_anything_in_them_look_like_nothing() {
        let picture = |pixel| Picture::new(32, 32, vec![pixel; 32 * 32]).unwrap();
        assert_eq!(likeness([&picture([0, 0, 0, 0])]), None);
        assert_eq!(likeness([]), None);
        assert_eq!(Picture::new(2, 2, vec![[0; 4]; 4]), None);
        assert_eq!(Picture::new(32, 32, vec![[0; 4]; 4]), None);
        features::of(&picture([255, 255, 255, 255]));
    }

    #[test]
    fn any_table_ends() {
        for byte in [0, 1, 255] {
            for length in [0, 2, 7, 8, 13, 1000] {
                forest::votes(&vec![byte; length], &[7; 20]);
            }
        }
    }
}
