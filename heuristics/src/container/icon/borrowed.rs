//! What the icon that a shortcut takes from elsewhere looks like: known by where it comes from.
//!
//! A shortcut holds no picture; it names a file and the number of an icon in it. Programs of Windows
//! and of its office world, and the icon libraries of the shell, are told by name; a document by its
//! extension, since Windows looks up its icon by that. Way in: [`pretended`], which also weighs what is
//! started: a shortcut to Word that shows Word's icon shows what it is.

use super::Likeness;

/// What a shortcut pretends to be whose icon comes from `icon` (a path or name, number `index`) while
/// it starts one of `targets`; `None` where the icon says nothing else than the target.
pub(in crate::container) fn pretended<'t>(
    icon: &str,
    index: i32,
    targets: impl IntoIterator<Item = &'t str>,
) -> Option<Likeness> {
    let file = file_name(icon);
    let likeness = of_source(&file, index)?;
    let mut targets = targets
        .into_iter()
        .map(|t| t.trim().trim_matches('"'))
        .filter(|t| !t.is_empty())
        .peekable();
    targets.peek()?;
    let is_honest = |target: &str| is_honest(target, &file, likeness);
    (!targets.all(is_honest)).then_some(likeness)
}

/// The index at the end of an icon location: `shell32.dll,-4`.
pub(in crate::container) fn split_index(location: &str) -> (&str, i32) {
    let split = location
        .rsplit_once(',')
        .and_then(|(file, index)| Some((file, index.trim().parse::<i32>().ok()?)));
    split.unwrap_or((location, 0))
}

/// Icons by library, name and number; negative numbers name the resource (`DefaultIcon` in the
/// registry), others count. `shell32.dll` and `imageres.dll` kept theirs since Windows 2000 and Vista.
#[rustfmt::skip]
static LIBRARIES: &[(&str, Likeness, &[i32])] = &[
    // Unknown file and document, both blank sheets; the folders of one's own documents and pictures.
    ("shell32.dll", Likeness::Document, &[0, 1, -1, -2]),
    ("shell32.dll", Likeness::Folder, &[3, 4, 19, 20, 126, 127, 128, 129, -4, -5, -20, -21, -235, -236, -237, -238]),
    ("shell32.dll", Likeness::Text, &[69, 70, -151, -152]),
    ("shell32.dll", Likeness::Archive, &[-174]),
    ("imageres.dll", Likeness::Document, &[2, 80, 85, -2, -85]),
    ("imageres.dll", Likeness::Folder, &[3, 4, 5, 107, 108, 153, 175, -3, -4, -5, -112, -113, -162, -184, -1002, -1003, -1023]),
    ("imageres.dll", Likeness::Text, &[97, -102]),
    ("imageres.dll", Likeness::Picture, &[65, 66, 67, 68, 78, -70, -71, -72, -83, -122]),
    ("imageres.dll", Likeness::Archive, &[165, -174]),
];

/// Programs and libraries all of whose icons look alike for this purpose, without extension.
#[rustfmt::skip]
static PROGRAMS: &[(Likeness, &[&str])] = &[
    (Likeness::Archive, &["zipfldr", "7zfm", "7z", "7zg", "winrar", "rar", "unrar", "winzip32", "winzip64", "lhaplus", "lhaz", "explzh", "cubeice", "bandizip", "peazip"]),
    (Likeness::Document, &["winword", "wordicon", "wordview", "wordpad", "write", "swriter", "soffice", "taro", "ichitaro", "wps", "onenote", "joticon", "onenotem"]),
    (Likeness::Folder, &["explorer"]),
    (Likeness::Pdf, &["acrobat", "acrord32", "acrord64", "acrodist", "pdfprevhndlr", "foxitreader", "foxitpdfreader", "foxitpdfeditor", "foxitphantom", "sumatrapdf", "pdfxcview", "pdfxedit", "pdfelement", "wpspdf", "justpdf", "cubepdf", "nitropdf", "slimpdf"]),
    (Likeness::Picture, &["mspaint", "photoviewer", "photos", "i_view32", "i_view64", "shimgvw", "viewer", "massigra", "vix"]),
    (Likeness::Presentation, &["powerpnt", "pptico", "pptview", "simpress", "wpp"]),
    (Likeness::Spreadsheet, &["excel", "xlicons", "xlview", "scalc", "et"]),
    (Likeness::Text, &["notepad", "notepad++", "sakura", "hidemaru", "terapad", "mery", "emeditor"]),
];

/// Browsers: their first icon is their own, the others are those of the files they open.
static BROWSERS: &[&str] = &["msedge", "chrome", "firefox", "brave", "iexplore"];

/// Extensions of documents: an icon location with one of them shows the icon of such documents.
#[rustfmt::skip]
static EXTENSIONS: &[(Likeness, &[&str])] = &[
    (Likeness::Archive, &["zip", "rar", "7z", "lzh", "lha", "cab", "tar", "gz"]),
    (Likeness::Document, &["doc", "docx", "docm", "rtf", "odt", "jtd", "dot", "dotx", "wps", "xdw", "one", "eml", "msg"]),
    (Likeness::Pdf, &["pdf"]),
    (Likeness::Picture, &["jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "heic", "webp"]),
    (Likeness::Presentation, &["ppt", "pptx", "pptm", "pps", "ppsx", "odp"]),
    (Likeness::Spreadsheet, &["xls", "xlsx", "xlsm", "xlsb", "csv", "ods"]),
    (Likeness::Text, &["txt", "log", "md"]),
];

/// Names of icons, of Linux desktops and of icon files that say what they show.
#[rustfmt::skip]
static NAMES: &[(Likeness, &[&str])] = &[
    (Likeness::Archive, &["package-x-generic", "application-zip", "application-x-archive", "file-roller", "zip"]),
    (Likeness::Document, &["x-office-document", "application-msword", "libreoffice-writer", "document", "word", "doc", "docx"]),
    (Likeness::Folder, &["folder", "inode-directory", "system-file-manager", "user-home", "folder-documents", "folder-open"]),
    (Likeness::Pdf, &["application-pdf", "evince", "okular", "acroread", "pdf", "adobe", "acrobat"]),
    (Likeness::Picture, &["image-x-generic", "image-jpeg", "image-png", "jpg", "image", "picture", "photo"]),
    (Likeness::Presentation, &["x-office-presentation", "application-vnd.ms-powerpoint", "libreoffice-impress", "ppt", "pptx", "powerpoint"]),
    (Likeness::Spreadsheet, &["x-office-spreadsheet", "application-vnd.ms-excel", "libreoffice-calc", "excel", "xls", "xlsx"]),
    (Likeness::Text, &["text-x-generic", "text-plain", "accessories-text-editor", "txt", "text", "notepad"]),
];

/// What the icon looks like that is number `index` in `file` (lower case, without folders).
fn of_source(file: &str, index: i32) -> Option<Likeness> {
    let library = LIBRARIES.iter().find(|(name, _, all)| *name == file && all.contains(&index));
    if let Some((_, likeness, _)) = library {
        return Some(*likeness);
    }
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    match extension {
        "exe" | "dll" | "cpl" | "scr" if BROWSERS.contains(&stem) => {
            (index != 0).then_some(Likeness::Pdf)
        }
        "exe" | "dll" | "cpl" | "scr" => by_word(PROGRAMS, stem),
        // A file of this type, or a picture that says by its name what it shows.
        "ico" | "icl" | "svg" | "png" => by_word(NAMES, stem),
        _ => by_word(EXTENSIONS, extension).or_else(|| by_word(NAMES, file)),
    }
}

fn by_word(table: &[(Likeness, &[&str])], word: &str) -> Option<Likeness> {
    table.iter().find(|(_, words)| words.contains(&word)).map(|(likeness, _)| *likeness)
}

/// Whether a target is what an icon of `likeness` from `icon_file` promises: the program whose icon it
/// is, a file of that kind, or a folder.
fn is_honest(target: &str, icon_file: &str, likeness: Likeness) -> bool {
    let file = file_name(target);
    if file == icon_file {
        return true;
    }
    let is_web = starts_with(target, "http:") || starts_with(target, "https:");
    let extension = file.rsplit_once('.').map_or("", |(_, e)| e);
    let path_extension =
        if is_web { extension.split(['?', '#']).next().unwrap_or("") } else { extension };
    match likeness {
        // Names in folders without an extension are folders, and Explorer opens such.
        Likeness::Folder => !is_web && (extension.is_empty() || file == "explorer.exe"),
        // The word processor's icon is on its own documents too.
        _ => by_word(EXTENSIONS, path_extension) == Some(likeness),
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

/// The last component of a path, lower case, without quotes and what the sender padded it with.
fn file_name(path: &str) -> String {
    let path = path.trim().trim_matches('"').trim_end_matches(['\\', '/']);
    let last = path.rsplit(['\\', '/']).next().unwrap_or(path);
    last.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Likeness::*;

    #[track_caller]
    fn check(icon: &str, target: &str, expected: Option<Likeness>) {
        let (file, index) = split_index(icon);
        assert_eq!(pretended(file, index, [target]), expected, "{icon} on {target}");
    }

    const CMD: &str = r"C:\Windows\System32\cmd.exe";

    #[test]
    fn icons_of_the_shell() {
        check(r"%SystemRoot%\System32\shell32.dll,3", CMD, Some(Folder));
        check(r"%SystemRoot%\System32\SHELL32.dll,-4", CMD, Some(Folder));
        check(r"C:\Windows\System32\shell32.dll,70", CMD, Some(Text));
        check(r"C:\Windows\System32\imageres.dll,-102", CMD, Some(Text));
        check(r"C:\Windows\System32\imageres.dll,67", CMD, Some(Picture));
        check(r"C:\Windows\System32\imageres.dll,165", CMD, Some(Archive));
        // A printer, a globe.
        check(r"C:\Windows\System32\shell32.dll,16", CMD, None);
        check(r"C:\Windows\System32\shell32.dll,13", CMD, None);
    }

    #[test]
    fn icons_of_office_programs() {
        check(
            r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE,1",
            CMD,
            Some(Document),
        );
        check(r"C:\Windows\Installer\{90160000-0011}\xlicons.exe,1", CMD, Some(Spreadsheet));
        check(r"C:\Program Files\Adobe\Acrobat DC\Acrobat\AcroRd32.exe,0", CMD, Some(Pdf));
        check(r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe,11", CMD, Some(Pdf));
        check(r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe,0", CMD, None);
        check(r"%windir%\explorer.exe", CMD, Some(Folder));
        check("notepad.exe", r"C:\Windows\System32\mshta.exe", Some(Text));
    }

    #[test]
    fn icons_looked_up_by_extension_or_name() {
        check(r".\report.pdf", CMD, Some(Pdf));
        check(r"%CD%\見積書.xlsx", "powershell.exe", Some(Spreadsheet));
        check(r"\\server.example\share\pdf.ico", CMD, Some(Pdf));
        check("application-pdf", "sh", Some(Pdf));
        check("firefox", "firefox", None);
        check("logo.ico", CMD, None);
        check("", CMD, None);
    }

    #[test]
    fn a_shortcut_that_starts_what_it_shows_pretends_nothing() {
        check(r"C:\Office16\WINWORD.EXE,0", r"C:\Office16\WINWORD.EXE", None);
        check(r"C:\Office16\WINWORD.EXE,1", r"D:\文書\報告.docx", None);
        check(r"shell32.dll,3", r"\\server.example\share", None);
        check(r"shell32.dll,3", r"C:\Windows\explorer.exe", None);
        check(r"acrord32.exe,1", "https://www.example.com/a.pdf?b=1", None);
        check(r"shell32.dll,3", "", None);
    }

    #[test]
    fn one_of_several_targets_is_enough() {
        let targets = [r"C:\a.pdf", CMD];
        assert_eq!(pretended("acrobat.exe", 0, targets), Some(Pdf));
    }

    #[test]
    fn a_web_page_is_neither_folder_nor_document() {
        check("shell32.dll,3", "https://www.example.com/share", Some(Folder));
        check("imageres.dll,-102", "file://host.example/a.js", Some(Text));
    }
}
