//! What a file does or holds beyond what it shows, as its reader saw it.

use super::icon::Likeness;

/// One thing a reader saw. Texts are the sender's words, cut to [`LONGEST`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Asks programs to run by dynamic data exchange (DDE); the command.
    Dde(String),
    /// A sheet of Excel 4 macros; its name.
    ExcelMacroSheet(String),
    /// A form that can send what is typed into it; where to.
    Form(String),
    /// The icon it takes looks like that of something else.
    Icon(Likeness),
    /// A program or command is started when it is opened (PDF launch action); what.
    Launch(String),
    /// A link a reader can follow; the URL as written.
    Link(String),
    /// A VBA project; a procedure that runs by itself, or the project's place.
    Macro(String),
    /// A QR code in a picture; what it says.
    QrCode(String),
    /// A template or object fetched from elsewhere on opening; URL or UNC path.
    Remote(String),
    /// Script that runs when it is opened; an excerpt.
    Script(String),
    /// What a shortcut starts.
    Shortcut {
        /// Program or URL.
        target: String,
        /// Command line arguments; may be empty.
        arguments: String,
        /// File and index the icon is taken from; may be empty.
        icon: String,
    },
    /// A page that builds a file out of its own text and saves it; an excerpt.
    Smuggling(String),
}

/// Longest text kept of one observation, in characters.
pub const LONGEST: usize = 300;

/// Where in a document a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// What is read first: paragraphs, slides, pages, the text of a text file.
    Body,
    /// A cell of a sheet.
    Cell,
    /// Page footer.
    Footer,
    /// Page header.
    Header,
    /// Sensitivity label.
    Label,
    /// Comment, footnote, speaker's note.
    Note,
    /// Document property: title, subject, keywords, category, …
    Property,
    /// Name of a sheet.
    SheetName,
}

/// Text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// Where it stands.
    pub place: Place,
    /// The text, paragraphs as lines.
    pub text: String,
}

/// `text` without control characters, cut to [`LONGEST`] characters.
pub(super) fn excerpt(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().take(LONGEST).map(blank).collect()
}
