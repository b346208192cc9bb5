//! Icons of the themes under `/usr/share/icons`, classed by the names that the freedesktop.org icon
//! naming specification and the media types give them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use sekisho_heuristics::container::icon::Likeness;

use super::render::Renderer;
use super::{Class, NONE, Sample, class_of, numbers, recoloured};

/// Themes that were made from each other: they are learnt from, or kept back, together.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Name in tables.
    pub name: &'static str,
    /// Folders of the themes.
    pub themes: &'static [&'static str],
    /// Debian package and licence.
    pub from: &'static str,
    /// Never learnt from: what the table is measured on.
    pub kept_back: bool,
}

/// Every family. The first is what [`super::drawn`] makes.
#[rustfmt::skip]
pub static FAMILIES: &[Family] = &[
    Family { name: "drawn here", themes: &[], from: "corpus/src/icons/drawn.rs", kept_back: false },
    Family { name: "Adwaita", themes: &["Adwaita"], from: "adwaita-icon-theme, LGPL-3 or CC-BY-SA-3.0", kept_back: false },
    Family { name: "bloom", themes: &["bloom", "bloom-classic", "Vintage", "Sea"], from: "deepin-icon-theme, LGPL-3", kept_back: false },
    Family { name: "breeze", themes: &["breeze"], from: "breeze-icon-theme, LGPL-3", kept_back: false },
    Family { name: "elementary", themes: &["elementary"], from: "elementary-icon-theme, GPL-3", kept_back: false },
    Family { name: "elementary-xfce", themes: &["elementary-xfce"], from: "elementary-xfce-icon-theme, GPL-2", kept_back: false },
    Family { name: "Faba", themes: &["Faba", "Moka"], from: "faba-icon-theme, moka-icon-theme, GPL-3 or CC-BY-SA-4.0", kept_back: false },
    Family { name: "Faenza", themes: &["Faenza", "Obsidian"], from: "faenza-icon-theme, obsidian-icon-theme, GPL-3", kept_back: false },
    Family { name: "gartoon", themes: &["gartoon"], from: "gnome-icon-theme-gartoon, GPL-2", kept_back: false },
    Family { name: "gnome", themes: &["gnome", "mate", "menta"], from: "gnome-icon-theme, GPL-2; mate-icon-theme, LGPL-3 or CC-BY-SA", kept_back: false },
    Family { name: "Numix", themes: &["Numix", "Numix-Circle"], from: "numix-icon-theme, numix-icon-theme-circle, GPL-3", kept_back: true },
    Family { name: "nuoveXT2", themes: &["nuoveXT2"], from: "lxde-icon-theme, LGPL-3", kept_back: false },
    Family { name: "Nuovo", themes: &["Nuovo", "yasis"], from: "gnome-icon-theme-nuovo, gnome-icon-theme-yasis, GPL-2", kept_back: false },
    Family { name: "oxygen", themes: &["oxygen"], from: "oxygen-icon-theme, LGPL-3", kept_back: true },
    Family { name: "Paper", themes: &["Paper"], from: "paper-icon-theme, CC-BY-SA-3.0", kept_back: false },
    Family { name: "Papirus", themes: &["Papirus", "ePapirus"], from: "papirus-icon-theme, GPL-3", kept_back: false },
    Family { name: "suru", themes: &["suru"], from: "suru-icon-theme, CC-BY-SA-3.0", kept_back: true },
    Family { name: "Tango", themes: &["Tango"], from: "tango-icon-theme, public domain", kept_back: false },
    Family { name: "ukui", themes: &["ukui"], from: "ukui-themes, GPL-3", kept_back: true },
];

/// Icons of one kind that are taken of a theme: of applications that are learnt from, of those that
/// are measured, of anything else.
const MOST_LEARNT: usize = 350;
const MOST_MEASURED: usize = 1500;
const MOST_OTHERS: usize = 80;

/// Names of one class that are taken of a theme; some have a folder for everything.
const MOST_NAMES: usize = 14;

/// Sides that drawings are made in where their folder names none.
const SIDES: [usize; 4] = [16, 32, 48, 128];

/// Every sample of one family.
pub fn samples(root: &Path, family: usize, renderer: &Renderer) -> Vec<Sample> {
    let Some(found) = FAMILIES.get(family) else { return Vec::new() };
    let mut out = Vec::new();
    for theme in found.themes {
        let mut files = Vec::new();
        walk(&root.join(theme), &mut files);
        for icon in choose(&files, found.kept_back) {
            out.extend(draw(theme, family, &icon, renderer));
        }
    }
    out
}

/// An icon file.
#[derive(Clone, Debug)]
struct IconFile {
    path: PathBuf,
    /// Without links: many names are one picture.
    real: PathBuf,
    section: Section,
    stem: String,
    side: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Applications,
    Others,
    Types,
    Places,
}

/// An icon that was chosen, with the files of its sizes.
struct Chosen {
    class: Class,
    stem: String,
    files: Vec<IconFile>,
}

fn walk(folder: &Path, out: &mut Vec<IconFile>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.contains('@') || name.contains("symbolic") {
            continue;
        }
        if path.is_dir() {
            if !path.is_symlink() {
                walk(&path, out);
            }
        } else if let Some(icon) = icon_file(path) {
            out.push(icon);
        }
    }
}

fn icon_file(path: PathBuf) -> Option<IconFile> {
    let extension = path.extension()?.to_str()?;
    if !matches!(extension, "png" | "svg") {
        return None;
    }
    let folders: Vec<&str> = path.parent()?.iter().filter_map(|p| p.to_str()).collect();
    let section = folders.iter().rev().find_map(|f| match *f {
        "apps" => Some(Section::Applications),
        "devices" | "categories" | "status" => Some(Section::Others),
        "mimetypes" | "mimes" => Some(Section::Types),
        "places" | "filesystems" => Some(Section::Places),
        _ => None,
    })?;
    let side = folders.iter().rev().find_map(|f| f.split('x').next()?.parse().ok());
    let stem = path.file_stem()?.to_str()?.trim_start_matches("gnome-mime-").to_lowercase();
    let real = path.canonicalize().ok()?;
    Some(IconFile { path, real, section, stem, side })
}

/// The icons that are taken: all classes, and some of those that are none of them.
fn choose(files: &[IconFile], all_applications: bool) -> Vec<Chosen> {
    let typed: BTreeSet<&Path> =
        files.iter().filter(|f| f.section >= Section::Types).map(|f| f.real.as_path()).collect();
    let mut seen = BTreeSet::new();
    let mut icons: BTreeMap<(Class, bool, String), Vec<IconFile>> = BTreeMap::new();
    for file in files {
        let is_type = file.section >= Section::Types;
        let class = match file.section {
            Section::Types | Section::Places => class_of_file(file),
            // Folders and documents stand among states and categories too.
            Section::Others if is_of_file_program(&file.stem) => None,
            Section::Others | Section::Applications => Some(NONE),
        };
        let Some(class) = class else { continue };
        // What an application borrows from the types is none of its own.
        if (!is_type && typed.contains(file.real.as_path())) || !seen.insert(file.real.clone()) {
            continue;
        }
        let is_application = file.section == Section::Applications;
        let key = (class, is_application, file.stem.clone());
        icons.entry(key).or_default().push(file.clone());
    }
    let mut by_kind: BTreeMap<(Class, bool), Vec<Chosen>> = BTreeMap::new();
    for ((class, is_application, stem), files) in icons {
        by_kind.entry((class, is_application)).or_default().push(Chosen { class, stem, files });
    }
    let most = |class: Class, is_application: bool| match (class, is_application) {
        (NONE, true) if all_applications => MOST_MEASURED,
        (NONE, true) => MOST_LEARNT,
        (NONE, false) => MOST_OTHERS,
        _ => MOST_NAMES,
    };
    by_kind
        .into_iter()
        // Of devices and the like nobody takes a measure.
        .filter(|((class, is_application), _)| {
            !all_applications || *class != NONE || *is_application
        })
        .flat_map(|((class, is_application), mut chosen)| {
            chosen.sort_by_key(|c| (rank(&c.stem), hash(&c.stem)));
            chosen.truncate(most(class, is_application));
            chosen
        })
        .collect()
}

fn draw(theme: &str, family: usize, icon: &Chosen, renderer: &Renderer) -> Vec<Sample> {
    let mut out: Vec<Sample> = Vec::new();
    let is_learnt = !FAMILIES.get(family).is_some_and(|f| f.kept_back);
    let mut add = |picture: &sekisho_heuristics::container::icon::Picture, is_varied: bool| {
        let Some(features) = numbers(picture) else { return };
        if out.iter().any(|s| s.features == features) {
            return;
        }
        out.push(Sample {
            class: icon.class,
            family,
            icon: format!("{theme}/{}", icon.stem),
            is_application: icon.files.iter().any(|f| f.section == Section::Applications),
            is_of_file_program: icon.class == NONE && is_of_file_program(&icon.stem),
            side: picture.width(),
            is_varied,
            features,
        });
    };
    let mut sides = BTreeSet::new();
    for file in &icon.files {
        let wanted: Vec<usize> = match file.side {
            _ if file.path.extension().is_some_and(|e| e == "png") => vec![0],
            Some(side) if (16..=256).contains(&side) => vec![side],
            Some(_) => vec![],
            None => SIDES.to_vec(),
        };
        for side in wanted {
            let Some(picture) = renderer.file(&file.path, side) else { continue };
            // A few sizes say all; what applications look like in between says nothing new.
            let step = [16, 24, 32, 48, 64, 128, 256, 512].iter().filter(|&&s| s < picture.width());
            if picture.width() < 16
                || !sides.insert(step.count())
                || (sides.len() > 3 && icon.class == NONE)
            {
                continue;
            }
            add(&picture, false);
            if is_learnt && icon.class != NONE {
                let seed = hash(&(theme, &icon.stem, picture.width()));
                let share = |shift: u32| (seed >> shift & 0xFF) as f32 / 255.0;
                // Folders come in every colour; what a sheet is of, its colour tells.
                let turn = if icon.class == class_of(Likeness::Folder) {
                    share(0)
                } else {
                    (share(0) - 0.5) * 0.06
                };
                let changed = recoloured(&picture, turn, share(8) * 0.5, share(16) * 0.25);
                changed.iter().for_each(|p| add(p, true));
            }
        }
    }
    out
}

/// The class by the name of what a link leads to, or by its own.
fn class_of_file(file: &IconFile) -> Option<Class> {
    let real = file.real.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let real = real.trim_start_matches("gnome-mime-").to_lowercase();
    class_by_name(&real).or_else(|| class_by_name(&file.stem))
}

/// The class that a type or a place has by its name; `None` where people would not agree.
fn class_by_name(stem: &str) -> Option<Class> {
    use Likeness::*;
    let likeness = CLASSES.iter().find(|(_, names)| names.contains(&stem)).map(|(l, _)| *l);
    let folder = stem == "folder" || stem.starts_with("folder-") && !stem.contains("trash");
    likeness.or(folder.then_some(Folder)).map(class_of)
}

/// Names that every theme has go first.
fn rank(stem: &str) -> usize {
    const FIRST: &[&str] = &[
        "folder",
        "folder-open",
        "folder-documents",
        "folder-download",
        "folder-yellow",
        "folder-blue",
        "folder-orange",
        "application-pdf",
        "x-office-document",
        "x-office-spreadsheet",
        "x-office-presentation",
        "application-msword",
        "application-zip",
        "package-x-generic",
        "text-x-generic",
        "image-x-generic",
    ];
    FIRST.iter().position(|f| *f == stem).unwrap_or(FIRST.len())
}

#[rustfmt::skip]
static CLASSES: &[(Likeness, &[&str])] = &[
    (Likeness::Archive, &[
        "package-x-generic", "package", "application-zip", "application-x-zip", "application-x-zip-compressed", "application-x-rar",
        "application-vnd.rar", "application-rar", "application-x-7z-compressed", "application-x-7zip", "application-7zip", "application-x-archive",
        "application-archive", "application-archive-zip", "application-x-compressed-tar", "application-x-compress", "application-x-tar",
        "application-x-gzip", "application-gzip", "application-x-lha", "application-x-lzma", "application-x-bzip", "zip", "tar", "rar", "gnome-package",
    ]),
    (Likeness::Document, &[
        "x-office-document", "application-msword", "application-vnd.ms-word", "application-vnd.oasis.opendocument.text",
        "application-vnd.openxmlformats-officedocument.wordprocessingml.document", "application-rtf", "text-rtf",
        "application-vnd.sun.xml.writer", "application-wps-office.doc", "application-wps-office.docx", "application-wps-office.wps",
        "application-document", "openofficeorg3-text", "libreoffice-text", "libreoffice-oasis-text", "application-x-abiword",
        "application-vnd.insync.link.drive.doc", "application-vnd.google-apps.document", "ooo-writer", "application-vnd.wordperfect",
    ]),
    (Likeness::Pdf, &["application-pdf", "application-x-pdf", "application-x-bzpdf", "application-x-gzpdf", "pdf", "gnome-mime-application-pdf"]),
    (Likeness::Picture, &[
        "image-x-generic", "image", "image-jpeg", "image-jpg", "image-png", "image-bmp", "image-gif", "image-tiff", "image-x-bmp",
        "application-images", "application-image-png", "application-image-jpg", "application-image-gif", "application-image-bmp",
    ]),
    (Likeness::Presentation, &[
        "x-office-presentation", "application-vnd.ms-powerpoint", "application-mspowerpoint", "application-powerpoint",
        "application-vnd.oasis.opendocument.presentation", "application-vnd.openxmlformats-officedocument.presentationml.presentation",
        "application-vnd.sun.xml.impress", "application-wps-office.ppt", "application-wps-office.pptx", "application-wps-office.dps",
        "application-presentation", "libreoffice-oasis-presentation", "application-vnd.google-apps.presentation",
        "application-vnd.insync.link.drive.slides",
    ]),
    (Likeness::Spreadsheet, &[
        "x-office-spreadsheet", "application-vnd.ms-excel", "application-msexcel", "application-excel",
        "application-vnd.oasis.opendocument.spreadsheet", "application-vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application-vnd.sun.xml.calc", "application-wps-office.xls", "application-wps-office.xlsx", "application-wps-office.et",
        "application-x-gnumeric", "libreoffice-oasis-spreadsheet", "application-table", "application-vnd.google-apps.spreadsheet",
        "application-vnd.insync.link.drive.sheet", "text-csv", "text-spreadsheet",
    ]),
    (Likeness::Text, &["text-x-generic", "text-plain", "text", "txt", "application-text", "text-x-readme", "text-x-plain", "ascii", "application-ascii"]),
    (Likeness::Folder, &["folder", "inode-directory", "gnome-fs-directory", "folder_open", "gtk-directory", "stock_folder"]),
];

/// Whether an application works on files, so that its icon may well show one.
fn is_of_file_program(stem: &str) -> bool {
    const PARTS: &[&str] = &[
        "7z",
        "abiword",
        "acro",
        "akonadi",
        "amipro",
        "archiv",
        "ark",
        "book",
        "calc",
        "caja",
        "calligra",
        "dir",
        "doc",
        "dolphin",
        "draw",
        "dropbox",
        "edit",
        "eog",
        "evince",
        "excel",
        "explorer",
        "file",
        "folder",
        "gnumeric",
        "gthumb",
        "gwenview",
        "image",
        "impress",
        "kate",
        "kword",
        "krusader",
        "kspread",
        "kpresenter",
        "kwrite",
        "leafpad",
        "libreoffice",
        "mousepad",
        "nautilus",
        "nemo",
        "note",
        "office",
        "okular",
        "ooo",
        "pack",
        "pad",
        "pcmanfm",
        "pdf",
        "photo",
        "pluma",
        "powerpoint",
        "present",
        "preview",
        "print",
        "reader",
        "rar",
        "scan",
        "sheet",
        "shotwell",
        "spread",
        "sublime",
        "synaptic",
        "tex",
        "thunar",
        "tracker",
        "txt",
        "view",
        "vim",
        "word",
        "wps",
        "writ",
        "xarchiver",
        "xpdf",
        "zip",
    ];
    PARTS.iter().any(|part| stem.contains(part))
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
