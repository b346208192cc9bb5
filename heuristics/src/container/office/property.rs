//! Properties of OOXML documents: core, application's and the users' own.
//!
//! Way in: [`read`]. Names of sensitivity labels stand among the users' own properties
//! (`MSIP_Label_…_Name`).

use super::super::Visit;
use super::super::observation::Place;
use super::xml::{Event, Events};

/// Tells the properties in a part whose root is `coreProperties` or `Properties`.
pub(super) fn read(text: &str, visit: &mut Visit<'_>) {
    let mut own: Option<String> = None;
    let mut element = "";
    let mut value = String::new();
    for event in Events::new(text) {
        match event {
            Event::Start(tag) => {
                value.clear();
                element = tag.name;
                if tag.name == "property" {
                    own = Some(tag.attribute("name").unwrap_or_default().into_owned());
                }
            }
            Event::Text(text) => value.push_str(&text),
            Event::End(name) => {
                if let Some(own) = &own {
                    tell(own, std::mem::take(&mut value), visit);
                } else if name == element && NAMES.contains(&name) {
                    visit.text(Place::Property, std::mem::take(&mut value));
                }
                if name == "property" {
                    own = None;
                }
                value.clear();
            }
        }
    }
}

/// Tells a user's own property: the name of a label, or the value of any other.
pub(super) fn tell(name: &str, value: String, visit: &mut Visit<'_>) {
    match name.strip_prefix("MSIP_Label_") {
        Some(label) if label.ends_with("_Name") => visit.text(Place::Label, value),
        Some(_) => {}
        None => visit.text(Place::Property, value),
    }
}

/// Properties that are the users' words.
const NAMES: &[&str] = &[
    "Company",
    "Manager",
    "category",
    "contentStatus",
    "creator",
    "description",
    "keywords",
    "lastModifiedBy",
    "subject",
    "title",
];
