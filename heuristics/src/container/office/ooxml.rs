//! OOXML packages (ECMA-376, ISO/IEC 29500): Word, Excel and PowerPoint since 2007, and their kin.
//!
//! Way in: [`read`], from the ZIP reader. A part is what its root element or its content says, not
//! what folder it lies in: names and folders are the sender's to choose, and office programs follow
//! content types and relationships. Parts are unpacked one after the other; what only text is had
//! from is left packed where no text is wanted. Broken XML ends its part.

use super::super::observation::{Observation, Place, excerpt};
use super::super::zip::{Archive, Entry};
use super::super::{Content, Encryption, Kind, Member, Role, Visit, magic};
use super::field::{self, Fields};
use super::sheet::{self, SharedStrings};
use super::xlsb::{self, BinaryPart};
use super::xml::{self, Event, Events};
use super::{Lines, file_names, property, remote, unpacked, vba};

/// Reads the parts of a package.
pub(in super::super) fn read(archive: &Archive<'_>, visit: &mut Visit<'_>) {
    let mut parts: Vec<(Part, &Entry<'_>)> = Vec::new();
    for entry in archive.files() {
        let head = archive.unpack(entry, HEAD);
        if !visit.budget().take_bytes(head.len()) {
            return;
        }
        parts.push((Part::of(&lower(entry.name), &head), entry));
    }
    parts.sort_by_key(|(part, _)| part.order());
    let mut package = Package::default();
    for (part, entry) in parts {
        package.name = lower(entry.name);
        if let Part::Binary(kind) = part {
            if !package.binary(kind, archive, entry, visit) {
                break;
            }
        } else if part.is_of_interest(visit.wants_text()) {
            let content = unpacked(archive, entry, visit);
            if !visit.budget().take_work(content.len()) {
                break;
            }
            match part {
                Part::BinaryBook(part) => package.binary_book(part, &content, visit),
                // Its root stands behind more than a head.
                Part::Late => {
                    let part = Part::of(&package.name, &content);
                    package.xml(part, &xml::decode(&content), visit);
                }
                _ => package.xml(part, &xml::decode(&content), visit),
            }
        }
    }
    package.finish(visit);
}

/// Reads a document that is one XML file: all parts of a package, or Word 2003's own form.
pub(super) fn flat(text: &str, links: &mut Vec<Observation>, visit: &mut Visit<'_>) {
    let mut package = Package::default();
    package.relationships(text, visit);
    for tag in tags(text).filter(|t| t.name == "attachedTemplate") {
        let target = tag.attribute("val").unwrap_or_default();
        remote::observation(&target).into_iter().for_each(|o| visit.observe(o));
    }
    package.story(text, Place::Body, visit);
    links.append(&mut package.links);
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// No XML.
    Binary(Kind),
    /// Records of a binary workbook.
    BinaryBook(BinaryPart),
    ContentTypes,
    ExternalLink,
    Labels,
    /// XML whose root is not among the first bytes.
    Late,
    MacroSheet,
    /// No text for people.
    Other,
    Properties,
    Relationships,
    SharedStrings,
    Sheet,
    /// Text of a word processor, with fields.
    Story(Place),
    /// Text in `t` elements: slides, drawings, comments.
    Text(Place),
    Workbook,
}

impl Part {
    /// `name` is in lower case.
    fn of(name: &str, head: &[u8]) -> Part {
        use Part::*;
        let is_xml = [".xml", ".rels", ".vml"].iter().any(|e| name.ends_with(e));
        let text = xml::decode(head);
        // Archives hold tags somewhere, too.
        let Some(root) = xml::root(&text).filter(|_| text.trim_start().starts_with('<')) else {
            return match xlsb::part_of(head) {
                _ if is_xml => Late,
                Some(part) => BinaryBook(part),
                None => Binary(magic::kind(head)),
            };
        };
        match root.name {
            "Properties" | "coreProperties" => Properties,
            "Relationships" => Relationships,
            "ThreadedComments" | "cmLst" | "notes" => Text(Place::Note),
            "Types" => ContentTypes,
            "chartSpace" | "dataModel" | "sld" | "wsDr" => Text(Place::Body),
            "comments" | "endnotes" | "footnotes" => Story(Place::Note),
            "chartsheet" | "dialogsheet" | "worksheet" => Sheet,
            "document" | "glossaryDocument" => Story(Place::Body),
            "externalLink" => ExternalLink,
            "ftr" => Story(Place::Footer),
            "hdr" => Story(Place::Header),
            "labelList" => Labels,
            "macrosheet" => MacroSheet,
            // What stands on a master is seen on every slide.
            "sldLayout" | "sldMaster" => Text(Place::Footer),
            "sst" => SharedStrings,
            "workbook" => Workbook,
            _ if is_xml => Other,
            _ => Binary(magic::kind(head)),
        }
    }

    /// When it is read: strings before the cells that name them, and what does something before
    /// what only says something.
    fn order(self) -> u8 {
        use Part::*;
        match self {
            Late | Relationships => 0,
            BinaryBook(BinaryPart::Book) | ContentTypes | Workbook => 1,
            BinaryBook(BinaryPart::Strings)
            | ExternalLink
            | MacroSheet
            | SharedStrings
            | Story(_) => 2,
            Binary(_) => 3,
            BinaryBook(BinaryPart::Sheet) | Labels | Other | Properties | Sheet | Text(_) => 4,
        }
    }

    fn is_of_interest(self, wants_text: bool) -> bool {
        use Part::*;
        match self {
            ContentTypes | ExternalLink | Late | MacroSheet | Relationships | Story(_)
            | Workbook => true,
            BinaryBook(part) => wants_text || part == BinaryPart::Book,
            Labels | Properties | SharedStrings | Sheet | Text(_) => wants_text,
            Binary(_) | Other => false,
        }
    }
}

/// What is known of a package so far.
#[derive(Default)]
struct Package {
    /// Name of the part being read, lower case.
    name: String,
    /// Links, told last: a document may have more of them than are kept.
    links: Vec<Observation>,
    /// Parts that are Excel 4 macro sheets, lower case.
    macro_sheets: Vec<String>,
    /// Sheets of the workbook: relationship and name.
    sheets: Vec<(String, String)>,
    /// Sheets' relationships: identifier and target, lower case.
    targets: Vec<(String, String)>,
    shared: SharedStrings,
}

impl Package {
    fn xml(&mut self, part: Part, text: &str, visit: &mut Visit<'_>) {
        match part {
            Part::ContentTypes => self.content_types(text),
            Part::ExternalLink => external_link(text, visit),
            Part::Labels => labels(text, visit),
            Part::MacroSheet => {
                self.macro_sheet(self.name.clone());
                sheet::read(text, &self.shared, visit);
            }
            Part::Properties => property::read(text, visit),
            Part::Relationships => self.relationships(text, visit),
            Part::SharedStrings => self.shared = SharedStrings::read(text, visit),
            Part::Sheet => sheet::read(text, &self.shared, visit),
            Part::Story(place) => self.story(text, place, visit),
            Part::Text(place) => plain(text, place, visit),
            Part::Workbook => self.workbook(text, visit),
            Part::Binary(_) | Part::BinaryBook(_) | Part::Late | Part::Other => {}
        }
    }

    /// Relationships that lead out of the package (ECMA-376 part 2, 9.3).
    fn relationships(&mut self, text: &str, visit: &mut Visit<'_>) {
        // The data behind a chart is looked up when it is edited, not when it is shown.
        let is_chart = self.name.contains("charts/_rels/");
        for tag in tags(text).filter(|t| t.name == "Relationship") {
            let (Some(of), Some(target)) = (tag.attribute("Type"), tag.attribute("Target")) else {
                continue;
            };
            let of = of.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            let is_external =
                tag.attribute("TargetMode").is_some_and(|m| m.eq_ignore_ascii_case("External"));
            match of.as_str() {
                _ if !is_external => {
                    let is_macro = matches!(of.as_str(), "xlmacrosheet" | "xlintlmacrosheet");
                    let has_room = self.targets.len() < MOST_MACRO_SHEETS;
                    if let Some(id) = tag.attribute("Id").filter(|_| is_macro && has_room) {
                        self.targets.push((id.into_owned(), target.to_lowercase()));
                    }
                }
                "hyperlink" => self.link(Observation::Link(excerpt(&target))),
                _ if FETCHED.contains(&of.as_str()) && !is_chart => {
                    remote::observation(&target).into_iter().for_each(|o| visit.observe(o));
                }
                _ => {}
            }
        }
    }

    fn content_types(&mut self, text: &str) {
        for tag in tags(text).filter(|t| t.name == "Override") {
            let of = tag.attribute("ContentType").unwrap_or_default().to_ascii_lowercase();
            if of.contains("macrosheet")
                && let Some(name) = tag.attribute("PartName")
            {
                self.macro_sheet(name.trim_start_matches('/').to_lowercase());
            }
        }
    }

    fn workbook(&mut self, text: &str, visit: &mut Visit<'_>) {
        for tag in tags(text).filter(|t| t.name == "sheet") {
            let Some(name) = tag.attribute("name") else { continue };
            let id = tag.attributes().filter(|(n, _)| *n == "id").last();
            self.sheet(id.map(|(_, id)| id.into_owned()), name.into_owned(), visit);
        }
    }

    /// A part of a binary workbook.
    fn binary_book(&mut self, part: BinaryPart, content: &[u8], visit: &mut Visit<'_>) {
        match part {
            BinaryPart::Book => {
                for (id, name) in xlsb::sheet_names(content) {
                    self.sheet(Some(id), name, visit);
                }
            }
            BinaryPart::Sheet => xlsb::cells(content, &self.shared, visit),
            BinaryPart::Strings => self.shared = xlsb::shared_strings(content),
        }
    }

    /// A sheet's name; kept where it is one of macros.
    fn sheet(&mut self, id: Option<String>, name: String, visit: &mut Visit<'_>) {
        let id = id.filter(|id| self.targets.iter().any(|(target, _)| target == id));
        visit.text(Place::SheetName, name.as_str());
        if let Some(id) = id {
            self.sheets.push((id, name));
        }
    }

    fn story(&mut self, text: &str, place: Place, visit: &mut Visit<'_>) {
        let mut fields = Fields::default();
        let mut lines = Lines::new(visit);
        let (mut inside, mut in_run, mut in_fallback) = ("", false, false);
        for event in Events::new(text) {
            match event {
                Event::Start(tag) => match tag.name {
                    "t" | "instrText" => inside = tag.name,
                    "r" => in_run = true,
                    "Fallback" => in_fallback = true,
                    "tab" if in_run => lines.push("\t"),
                    "br" | "cr" => lines.push("\n"),
                    "fldChar" => {
                        let found = match tag.attribute("fldCharType").as_deref() {
                            Some("begin") => {
                                fields.begin();
                                None
                            }
                            Some("separate") => {
                                fields.separate();
                                None
                            }
                            _ => fields.end(),
                        };
                        self.tell(found, visit);
                    }
                    "fldSimple" => {
                        let code = tag.attribute("instr").unwrap_or_default();
                        self.tell(field::observation(&code), visit);
                    }
                    _ => {}
                },
                Event::End(name) => match name {
                    "t" | "instrText" => inside = "",
                    "r" => in_run = false,
                    "p" => lines.push("\n"),
                    // Cells of a row.
                    "tc" => lines.push("\t"),
                    "tr" => lines.push("\n"),
                    "Fallback" => in_fallback = false,
                    _ => {}
                },
                // The same once more, for readers that do not know the first form.
                Event::Text(text) if inside == "t" && !in_fallback => lines.push(&text),
                Event::Text(text) if inside == "instrText" => fields.push(&text),
                Event::Text(_) => {}
            }
        }
        for found in fields.finish() {
            self.tell(Some(found), visit);
        }
        lines.tell(place, visit);
    }

    /// A part that is no XML; `false` where no more members are wanted.
    fn binary(
        &mut self,
        kind: Kind,
        archive: &Archive<'_>,
        entry: &Entry<'_>,
        visit: &mut Visit<'_>,
    ) -> bool {
        if kind == Kind::Compound {
            let content = unpacked(archive, entry, visit);
            if vba::is_project(&content) {
                vba::read(&content, visit);
                return true;
            }
        }
        let is_embedded = ["embeddings/", "activex/"].iter().any(|f| self.name.contains(f));
        // Fonts and settings of printers are of no known kind. Who opens the document as an archive
        // sees its members anyway.
        if matches!(kind, Kind::Text | Kind::Unknown | Kind::Xml) && !is_embedded
            || visit.is_named("zip")
        {
            return true;
        }
        let mut unpack = |limit: usize| archive.unpack(entry, limit);
        visit.member(Member {
            names: file_names(&String::from_utf8_lossy(entry.name)),
            size: entry.size,
            encryption: Encryption::Clear,
            role: Role::Embedded,
            content: Content::Packed(&mut unpack),
        })
    }

    fn macro_sheet(&mut self, part: String) {
        if self.macro_sheets.len() < MOST_MACRO_SHEETS && !self.macro_sheets.contains(&part) {
            self.macro_sheets.push(part);
        }
    }

    fn link(&mut self, link: Observation) {
        if self.links.len() < MOST_LINKS {
            self.links.push(link);
        }
    }

    fn tell(&mut self, found: Option<Observation>, visit: &mut Visit<'_>) {
        match found {
            Some(link @ Observation::Link(_)) => self.link(link),
            Some(other) => visit.observe(other),
            None => {}
        }
    }

    fn finish(mut self, visit: &mut Visit<'_>) {
        for part in &self.macro_sheets {
            let id = self.targets.iter().find(|(_, t)| part.ends_with(t.trim_start_matches('/')));
            let named = id.and_then(|(id, _)| self.sheets.iter().find(|(i, _)| i == id));
            let name = named.map_or(part, |(_, name)| name);
            visit.observe(Observation::ExcelMacroSheet(excerpt(name)));
        }
        self.links.drain(..).for_each(|link| visit.observe(link));
    }
}

/// Links to DDE servers (`ddeLink`); links to other workbooks are fetched when asked for.
fn external_link(text: &str, visit: &mut Visit<'_>) {
    for tag in tags(text).filter(|t| t.name == "ddeLink") {
        let word = |name| tag.attribute(name).unwrap_or_default();
        let said = format!("{} {}", word("ddeService"), word("ddeTopic"));
        visit.observe(Observation::Dde(excerpt(&said)));
    }
}

/// Sensitivity labels (MS-OFFCRYPTO 2.6): identifiers, of which the names are elsewhere.
fn labels(text: &str, visit: &mut Visit<'_>) {
    for tag in tags(text).filter(|t| t.name == "label") {
        let is_removed = tag.attribute("removed").is_some_and(|r| matches!(&*r, "1" | "true"));
        if let Some(id) = tag.attribute("id").filter(|_| !is_removed) {
            visit.text(Place::Label, &*id);
        }
    }
}

/// Text in `t` elements (DrawingML) or `text` (comments), a paragraph a line.
fn plain(text: &str, place: Place, visit: &mut Visit<'_>) {
    let mut lines = Lines::new(visit);
    let mut inside = false;
    for event in Events::new(text) {
        match event {
            Event::Start(tag) => match tag.name {
                "t" | "text" => inside = true,
                "br" => lines.push("\n"),
                _ => {}
            },
            Event::End("t") => inside = false,
            Event::End("text") => {
                inside = false;
                lines.push("\n");
            }
            Event::End("p") => lines.push("\n"),
            Event::Text(text) if inside => lines.push(&text),
            _ => {}
        }
    }
    lines.tell(place, visit);
}

fn tags(text: &str) -> impl Iterator<Item = xml::Tag<'_>> {
    Events::new(text).filter_map(|e| match e {
        Event::Start(tag) => Some(tag),
        _ => None,
    })
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).replace('\\', "/").to_lowercase()
}

/// Types of relationship whose target is fetched on opening, as template or object.
const FETCHED: &[&str] =
    &["afchunk", "attachedtemplate", "control", "frame", "oleobject", "package", "subdocument"];

/// Bytes of a part that tell what it is.
const HEAD: usize = 4 * 1024;

/// Links kept of one document.
const MOST_LINKS: usize = 64;

/// Macro sheets kept of one document.
const MOST_MACRO_SHEETS: usize = 64;
