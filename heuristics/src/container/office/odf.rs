//! OpenDocument (ISO/IEC 26300): texts, sheets, presentations, as packages.
//!
//! Way in: [`read`], from the ZIP reader. The manifest says what is encrypted; a document with any
//! encrypted part counts as encrypted, since suites encrypt all parts or none. Macros lie in `Basic/`
//! and `Scripts/`; of libraries only their modules count, since every document lists an empty one.

use super::super::observation::{Observation, Place, excerpt};
use super::super::zip::{Archive, Entry};
use super::super::{Content, Encryption, Kind, Member, Role, Visit, magic};
use super::xml::{self, Event, Events, Tag};
use super::{Lines, file_names, remote, unpacked};

/// Reads the parts of a package.
pub(in super::super) fn read(archive: &Archive<'_>, visit: &mut Visit<'_>) {
    let mut links = Vec::new();
    for entry in archive.files() {
        let name = String::from_utf8_lossy(entry.name).into_owned();
        let is_xml = name.ends_with(".xml") || name.ends_with(".xba") || name.ends_with(".xlb");
        if name.starts_with("Scripts/") && entry.size > 0 {
            visit.observe(Observation::Macro(excerpt(&name)));
        } else if is_xml {
            let content = unpacked(archive, entry, visit);
            if !visit.budget().take_work(content.len()) {
                break;
            }
            part(&xml::decode(&content), &mut links, visit);
        } else if !embedded(&name, archive, entry, visit) {
            break;
        }
    }
    links.drain(..).for_each(|link| visit.observe(link));
}

/// Reads one part by its root element; also documents that are one XML file.
pub(super) fn part(text: &str, links: &mut Vec<Observation>, visit: &mut Visit<'_>) {
    let Some(root) = xml::root(text) else { return };
    match root.name {
        "manifest" => manifest(text, visit),
        "module" => module(&root, text, visit),
        "document" | "document-content" | "document-meta" | "document-styles" => {
            document(text, links, visit);
        }
        _ => {}
    }
}

fn manifest(text: &str, visit: &mut Visit<'_>) {
    let is_encrypted =
        |e: &Event<'_>| matches!(e, Event::Start(Tag { name: "encryption-data", .. }));
    if Events::new(text).any(|e| is_encrypted(&e)) {
        visit.set_encryption(Encryption::Encrypted);
    }
}

fn module(root: &Tag<'_>, text: &str, visit: &mut Visit<'_>) {
    let mut source = Events::new(text).filter_map(|e| match e {
        Event::Text(text) => Some(text),
        _ => None,
    });
    let is_code = |line: &str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('\'') && !line.starts_with("REM ")
    };
    if source.any(|text| text.lines().any(is_code)) {
        let name = root.attribute("name").unwrap_or_default();
        visit.observe(Observation::Macro(excerpt(&name)));
    }
}

/// Where in a document the reader is; elements set it, their ends give it back.
struct Story {
    place: Place,
    lines: Lines,
    /// Elements open, so that an end is matched with its start.
    until: &'static str,
}

fn document(text: &str, links: &mut Vec<Observation>, visit: &mut Visit<'_>) {
    let mut body = Lines::new(visit);
    let mut aside: Option<Story> = None;
    let (mut in_paragraph, mut is_property) = (0u32, false);
    let body_place = match memchr::memmem::find(text.as_bytes(), b"<office:spreadsheet") {
        Some(_) => Place::Cell,
        None => Place::Body,
    };
    for event in Events::new(text) {
        let in_cell = body_place == Place::Cell && aside.is_none();
        let lines = aside.as_mut().map_or(&mut body, |story| &mut story.lines);
        match event {
            Event::Start(tag) => {
                match tag.name {
                    "p" | "h" => in_paragraph += 1,
                    "s" => lines.push(" "),
                    "tab" => lines.push("\t"),
                    "line-break" => lines.push("\n"),
                    "table" => {
                        let name = tag.attribute("name").filter(|_| body_place == Place::Cell);
                        name.into_iter().for_each(|n| visit.text(Place::SheetName, &*n));
                    }
                    _ => acts(&tag, links, visit),
                }
                if aside.is_none()
                    && let Some((until, place)) = aside_of(tag.name)
                {
                    is_property = place == Place::Property;
                    aside = Some(Story { place, lines: Lines::new(visit), until });
                }
            }
            Event::End(name) => {
                match name {
                    "p" | "h" => {
                        in_paragraph = in_paragraph.saturating_sub(1);
                        if !in_cell {
                            lines.push("\n");
                        }
                    }
                    "table-cell" => lines.push("\t"),
                    "table-row" => lines.push("\n"),
                    _ => {}
                }
                if let Some(story) = aside.take_if(|s| s.until == name) {
                    is_property = false;
                    story.lines.tell(story.place, visit);
                }
            }
            Event::Text(text) if in_paragraph > 0 || is_property => lines.push(&text),
            Event::Text(_) => {}
        }
    }
    if let Some(story) = aside {
        story.lines.tell(story.place, visit);
    }
    body.tell(body_place, visit);
}

/// What an element does when the document is opened or a link followed.
fn acts(tag: &Tag<'_>, links: &mut Vec<Observation>, visit: &mut Visit<'_>) {
    let target = || tag.attribute("href").unwrap_or_default();
    match tag.name {
        "a" => {
            let target = target();
            if target.contains(':') && links.len() < MOST_LINKS {
                links.push(Observation::Link(excerpt(&target)));
            }
        }
        // Templates and sources of cells are looked up when somebody asks for it.
        "object" | "object-ole" | "floating-frame" | "plugin" | "applet" | "section-source" => {
            remote::observation(&target()).into_iter().for_each(|o| visit.observe(o));
        }
        "dde-connection-decl" | "dde-source" => {
            let word = |name| tag.attribute(name).unwrap_or_default();
            let said =
                format!("{} {} {}", word("dde-application"), word("dde-topic"), word("dde-item"));
            visit.observe(Observation::Dde(excerpt(&said)));
        }
        "event-listener" if target().starts_with("vnd.sun.star.script:") => {
            visit.observe(Observation::Macro(excerpt(&target())));
        }
        _ => {}
    }
}

/// Elements whose text is set apart from the body, with the place it has.
fn aside_of(element: &str) -> Option<(&'static str, Place)> {
    ASIDES.iter().find(|(name, _)| *name == element).copied()
}

const ASIDES: &[(&str, Place)] = &[
    ("annotation", Place::Note),
    ("creator", Place::Property),
    ("description", Place::Property),
    ("footer", Place::Footer),
    ("footer-first", Place::Footer),
    ("footer-left", Place::Footer),
    ("header", Place::Header),
    ("header-first", Place::Header),
    ("header-left", Place::Header),
    ("initial-creator", Place::Property),
    ("keyword", Place::Property),
    ("note", Place::Note),
    ("notes", Place::Note),
    ("subject", Place::Property),
    ("title", Place::Property),
    ("user-defined", Place::Property),
];

/// A part that is no XML, where it is of a known kind; `false` where no more members are wanted.
fn embedded(name: &str, archive: &Archive<'_>, entry: &Entry<'_>, visit: &mut Visit<'_>) -> bool {
    let head = archive.unpack(entry, magic::NEAR);
    if !visit.budget().take_bytes(head.len()) {
        return false;
    }
    let kind = magic::kind(&head);
    if matches!(kind, Kind::Text | Kind::Unknown | Kind::Xml) || visit.is_named("zip") {
        return true;
    }
    let mut unpack = |limit: usize| archive.unpack(entry, limit);
    visit.member(Member {
        names: file_names(name),
        size: entry.size,
        encryption: Encryption::Clear,
        role: Role::Embedded,
        content: Content::Packed(&mut unpack),
    })
}

/// Links kept of one document.
const MOST_LINKS: usize = 64;
