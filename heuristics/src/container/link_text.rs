//! Shortcuts that are texts: `.url`, `.desktop`, `.library-ms`, `.search-ms`, `.settingcontent-ms`.
//!
//! Way in: [`read_entries`] for those in INI form, [`read_markup`] for those in XML. Only the few values
//! that say what is opened under which icon are looked for; everything is linear in the first
//! [`MOST_BYTES`].

use super::Visit;
use super::lnk::tell;
use crate::message::charset;

/// Bytes that are read: none of these files is larger than a few kilobytes.
const MOST_BYTES: usize = 64 * 1024;

/// `[InternetShortcut]` and `[Desktop Entry]`.
pub(super) fn read_entries(content: &[u8], visit: &mut Visit<'_>) {
    let Some(text) = text(content, visit) else { return };
    let mut section = String::new();
    let mut found = Entries::default();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_ascii_lowercase();
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if matches!(section.as_str(), "internetshortcut" | "desktop entry") {
            found.take(key.trim(), value.trim());
        }
    }
    let Entries { target, working, icon, index } = found;
    let (target, arguments) = match program_and_arguments(&target) {
        Some((program, arguments)) => (program.to_owned(), arguments.to_owned()),
        None => (target, String::new()),
    };
    let target = if target.is_empty() { working } else { target };
    let icon = if index.is_empty() { icon } else { format!("{icon},{index}") };
    tell(&[target], &arguments, &icon, visit);
}

/// Library, search and settings shortcuts.
pub(super) fn read_markup(content: &[u8], visit: &mut Visit<'_>) {
    let Some(text) = text(content, visit) else { return };
    let lower = text.to_ascii_lowercase();
    let value = |tag: &&str| element(&text, &lower, tag);
    let targets: Vec<String> = TARGETS.iter().filter_map(value).collect();
    let icon = ICONS.iter().find_map(value).unwrap_or_default();
    let (program, arguments) = match targets.first().and_then(|t| program_and_arguments(t)) {
        Some((program, arguments)) => (program.to_owned(), arguments.to_owned()),
        None => (targets.first().cloned().unwrap_or_default(), String::new()),
    };
    tell(&[program], &arguments, &icon, visit);
}

/// Elements that say what is opened, and under which icon; lower case.
static TARGETS: [&str; 3] = ["deeplink", "url", "include"];
static ICONS: [&str; 3] = ["iconreference", "icon", "iconfile"];

#[derive(Default)]
struct Entries {
    target: String,
    working: String,
    icon: String,
    index: String,
}

impl Entries {
    /// Takes a value of a key that counts; the first one stays.
    fn take(&mut self, key: &str, value: &str) {
        let place = match key.to_ascii_lowercase().as_str() {
            "url" | "exec" => &mut self.target,
            "workingdirectory" => &mut self.working,
            "iconfile" | "icon" => &mut self.icon,
            "iconindex" => &mut self.index,
            _ => return,
        };
        if place.is_empty() {
            value.clone_into(place);
        }
    }
}

/// A command line parted into program and arguments; `None` for a URL or a path alone.
fn program_and_arguments(command: &str) -> Option<(&str, &str)> {
    if command.contains("://") {
        return None;
    }
    let (program, rest) = match command.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => command.split_once(char::is_whitespace)?,
    };
    Some((program, rest.trim()))
}

/// What stands in the first element of this name, whatever its prefix or attributes. `lower` is
/// `text` in lower case.
fn element(text: &str, lower: &str, name: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(name).map(|at| from + at) {
        from = at + name.len();
        let opens = lower.get(..at)?.ends_with(['<', ':']);
        let after = lower.get(from..)?;
        if opens && after.starts_with(|c: char| c == '>' || c.is_whitespace()) {
            let start = from + after.find('>')? + 1;
            let end = start + lower.get(start..)?.find('<')?;
            let value = text.get(start..end)?.trim();
            return (!value.is_empty()).then(|| value.replace("&amp;", "&"));
        }
    }
    None
}

fn text(content: &[u8], visit: &mut Visit<'_>) -> Option<String> {
    let content = content.get(..MOST_BYTES).unwrap_or(content);
    let is_paid = visit.budget().take_work(content.len());
    is_paid.then(|| charset::decode(content, None, None).text.into_owned())
}

#[cfg(test)]
mod tests {
    use crate::container::icon::Likeness;
    use crate::container::observation::Observation;
    use crate::container::tree::check;

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, expected: [&str; 3], icon: Option<Likeness>) {
        let (files, _) = check::tree("a", text.as_ref(), &[]);
        let [target, arguments, from] = expected.map(str::to_owned);
        let shortcut = Observation::Shortcut { target, arguments, icon: from };
        let expected: Vec<Observation> =
            [shortcut].into_iter().chain(icon.map(Observation::Icon)).collect();
        assert_eq!(files[0].observations, expected);
    }

    #[test]
    fn internet_shortcuts() {
        check(
            "[InternetShortcut]\r\nURL=https://www.example.com/\r\n",
            ["https://www.example.com/", "", ""],
            None,
        );
        check(
            "[InternetShortcut]\r\nURL=file://host.example/share/a.exe\r\nIconIndex=3\r\nIconFile=C:\\Windows\\System32\\shell32.dll\r\n",
            ["file://host.example/share/a.exe", "", r"C:\Windows\System32\shell32.dll,3"],
            Some(Likeness::Folder),
        );
        check(
            "[InternetShortcut]\nURL=https://www.example.com/\nIconFile=https://www.example.com/favicon.ico\nIconIndex=0\n",
            ["https://www.example.com/", "", "https://www.example.com/favicon.ico,0"],
            None,
        );
        let wide = "\u{FEFF}[InternetShortcut]\r\nURL=http://a.example/".encode_utf16();
        let wide: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
        check(wide, ["http://a.example/", "", ""], None);
    }

    #[test]
    fn desktop_entries() {
        check(
            "[Desktop Entry]\nType=Application\nName=報告書\nExec=sh -c \"curl a.example\"\nIcon=application-pdf\n[Desktop Action a]\nExec=b\n",
            ["sh", "-c \"curl a.example\"", "application-pdf"],
            Some(Likeness::Pdf),
        );
        check("[Desktop Entry]\nExec=firefox\nIcon=firefox\n", ["firefox", "", "firefox"], None);
    }

    #[test]
    fn libraries_and_searches() {
        check(
            "<?xml version='1.0'?><libraryDescription><iconReference>imageres.dll,-1002</iconReference><simpleLocation><url>\\\\host.example@80\\a</url></simpleLocation></libraryDescription>",
            [r"\\host.example@80\a", "", "imageres.dll,-1002"],
            None,
        );
        check(
            "<PCSettings><SearchableContent><ApplicationInformation><DeepLink>%windir%\\system32\\cmd.exe /c calc</DeepLink><Icon>%windir%\\system32\\shell32.dll,-4</Icon></ApplicationInformation></SearchableContent></PCSettings>",
            [r"%windir%\system32\cmd.exe", "/c calc", r"%windir%\system32\shell32.dll,-4"],
            Some(Likeness::Folder),
        );
    }

    #[test]
    fn what_never_ends_is_read_to_its_end() {
        for text in [
            "[InternetShortcut]\nURL=",
            "[InternetShortcut]\n=\n==",
            "<persistedQuery><url",
            "<libraryDescription><url>",
        ] {
            check::tree("a", text.as_bytes(), &[]);
        }
    }
}
