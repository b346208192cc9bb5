//! What an icon looks like to people: a document, a folder, or nothing but itself.
//!
//! Way in: [`likeness`] for the images of one icon. A picture becomes numbers ([`features`]), a small
//! forest that learnt from free icon themes votes on them ([`forest`]). Which icon a shortcut borrows
//! from a program of Windows, [`borrowed`] knows by its name.

mod canvas;
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
