//! What an icon looks like.

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

impl Likeness {
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
