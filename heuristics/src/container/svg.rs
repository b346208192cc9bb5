//! SVG drawings: what runs when one is opened, where its links lead, pictures written into it.
//!
//! A drawing opens in the browser like a page, so what can run in a page can run in it: script
//! elements of any prefix, event handlers (also those an animation sets), script links, pages in
//! frames or in foreign objects, style sheets that transform. Drawings of editors hold foreign
//! objects with formatted text; that alone is no script.
//!
//! The tokenizer is html5gum's, which knows no end of nesting to run into; entities that the
//! drawing declares itself are put in once, not again in each other.

use super::Visit;
use super::markup::{self, Piece, Tag, Tags};
use super::observation::{Observation, Place, excerpt};

/// Reads a drawing.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !markup::is_affordable(content, WORK_A_BYTE, visit) {
        return;
    }
    let text = resolved(markup::decoded(content));
    let mut script: Option<String> = None;
    let mut shown = String::new();
    let mut links = 0;
    let wants_text = visit.wants_text();
    for piece in Tags::of_xml(&text) {
        match piece {
            Piece::Start(tag) => {
                tell(script.take(), visit);
                script = begun(&tag, visit);
                if tag.name == "a"
                    && let Some(link) = tag.href().filter(|l| leads_out(l) && links < MOST_LINKS)
                {
                    links += 1;
                    visit.observe(Observation::Link(excerpt(link)));
                }
                if matches!(tag.name.as_str(), "feimage" | "image" | "img" | "use")
                    && let Some(address) = tag.href().or(tag.value("src"))
                {
                    markup::embedded(address, visit);
                }
            }
            Piece::Text(more) => match &mut script {
                Some(script) => script.push_str(more.get(..MOST_SCRIPT).unwrap_or(&more)),
                None if wants_text => shown.push_str(&more),
                None => {}
            },
            Piece::End(_) => {
                tell(script.take(), visit);
                if wants_text && !shown.ends_with('\n') {
                    shown.push('\n');
                }
            }
            Piece::Note(note) => {
                if note.starts_with("?xml-stylesheet") && note.contains("xsl") {
                    tell(Some(note), visit);
                }
            }
        }
    }
    tell(script, visit);
    visit.text(Place::Body, shown);
}

/// Links told of one drawing.
const MOST_LINKS: usize = 50;

/// Bytes of a script kept for an excerpt.
const MOST_SCRIPT: usize = 4_096;

/// Decoding and reading as tags; attributes take longest.
const WORK_A_BYTE: usize = 12;

/// What a tag begins that runs, in words of its own; the text of a script follows.
fn begun(tag: &Tag, visit: &mut Visit<'_>) -> Option<String> {
    if let Some(script) = tag.script() {
        tell(Some(script), visit);
    }
    let sets_handler = || {
        let set = tag.value("attributename").unwrap_or_default().trim().to_ascii_lowercase();
        set.starts_with("on")
    };
    match tag.name.as_str() {
        "script" | "handler" | "listener" => {
            let source = tag.href().or(tag.value("src")).unwrap_or_default();
            Some(if source.is_empty() { String::new() } else { format!("{source} ") })
        }
        "iframe" | "frame" | "embed" | "object" | "form" => Some(tag.shown()),
        "meta" if is_refresh(tag) => Some(tag.shown()),
        "animate" | "set" if sets_handler() => Some(tag.shown()),
        _ => None,
    }
}

fn is_refresh(tag: &Tag) -> bool {
    tag.value("http-equiv").is_some_and(|v| v.trim().eq_ignore_ascii_case("refresh"))
}

fn tell(script: Option<String>, visit: &mut Visit<'_>) {
    if let Some(script) = script {
        visit.observe(Observation::Script(excerpt(&script)));
    }
}

fn leads_out(link: &str) -> bool {
    !link.starts_with('#') && !link.trim().is_empty() && !markup::is_script_link(link)
}

/// The text with the entities put in that its document type declares (`<!ENTITY a "…">`), each
/// once: what stands in an entity is not looked at again, so nothing grows without end.
fn resolved(text: String) -> String {
    let entities = entities(&text);
    if entities.is_empty() {
        return text;
    }
    let most = text.len() + MOST_ENTITY_TEXT;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let name = from.get(1..).and_then(|n| n.get(..n.bytes().take(64).position(|b| b == b';')?));
        let value = name.and_then(|name| entities.iter().find(|(n, _)| *n == name));
        match (value, name) {
            (Some((_, value)), Some(name)) if out.len() + value.len() < most => {
                out.push_str(value);
                rest = from.get(name.len() + 2..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// Text that entities may add to a drawing, in bytes.
const MOST_ENTITY_TEXT: usize = 1024 * 1024;

/// Entities read of one drawing.
const MOST_ENTITIES: usize = 100;

/// Names and values that the document type declares.
fn entities(text: &str) -> Vec<(&str, &str)> {
    text.split("<!ENTITY").skip(1).take(MOST_ENTITIES).filter_map(entity).collect()
}

fn entity(declaration: &str) -> Option<(&str, &str)> {
    let (name, rest) = declaration.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = rest.get(1..)?.split_once(quote)?;
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::Kind;
    use crate::container::qr::drawing::{code, encode};
    use crate::container::tree::check::{tree, tree_of};
    use proptest::prelude::*;

    /// What is told of a drawing with this inside, whatever file of it it is told of.
    fn seen(content: &[u8]) -> Vec<String> {
        let (files, problems) = tree("a.svg", content, &[]);
        let all = files.iter().flat_map(|f| f.observations.iter().map(|o| format!("{o:?}")));
        all.chain(problems.iter().map(ToString::to_string)).collect()
    }

    #[track_caller]
    fn check(inside: &str, expected: &[&str]) {
        let drawing = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inside}</svg>");
        assert_eq!(seen(drawing.as_bytes()), expected, "{inside}");
    }

    #[test]
    fn scripts() {
        check("<script>alert(1)</script>", &["Script(\"alert(1)\")"]);
        check("<script><![CDATA[a()]]></script>", &["Script(\"\")"]);
        check("<script href='https://a.example/a.js'/>", &["Script(\"https://a.example/a.js\")"]);
        check("<s:script>b()</s:script>", &["Script(\"b()\")"]);
        check("<h:script xmlns:h='http://www.w3.org/1999/xhtml'>c()", &["Script(\"c()\")"]);
    }

    #[test]
    fn event_handlers() {
        check("<rect onclick='a()'/>", &["Script(\"onclick=a()\")"]);
        check("<rect onclick=''/>", &[]);
        let set = "<set attributeName='onclick' to='a()'/>";
        check(set, &["Script(\"<set attributename=onclick to=a()>\")"]);
        assert_eq!(seen(b"<svg onload=a()>"), ["Script(\"onload=a()\")"]);
    }

    #[test]
    fn script_links() {
        check("<a href='javascript:a()'>b</a>", &["Script(\"href=javascript:a()\")"]);
        let encoded = "<a xlink:href='&#106;ava&#x0A;script:a()'>b</a>";
        check(encoded, &["Script(\"xlink:href=java script:a()\")"]);
        check(
            "<a href='data:text/html;base64,PGI+'/>",
            &["Script(\"href=data:text/html;base64,PGI+\")"],
        );
    }

    #[test]
    fn entities_of_its_own() {
        let drawing = "<!DOCTYPE svg [<!ENTITY a \"javascript\"><!ENTITY b '<script>c()</script>'>\
                       ]><svg><a href='&a;:d()'/>&b;</svg>";
        let told = seen(drawing.as_bytes());
        assert!(told.contains(&"Script(\"href=javascript:d()\")".to_owned()), "{told:?}");
        assert!(told.contains(&"Script(\"c()\")".to_owned()), "{told:?}");
    }

    #[test]
    fn entities_that_grow_end() {
        let mut bomb = "<!DOCTYPE svg [".to_owned();
        let long = "x".repeat(60_000);
        bomb.push_str(&format!("<!ENTITY a '{long}'>]><svg>"));
        bomb.push_str(&"&a;".repeat(10_000));
        assert!(resolved(bomb.clone()).len() < bomb.len() + MOST_ENTITY_TEXT + 1);
        assert_eq!(seen(bomb.as_bytes()), [""; 0]);
    }

    #[test]
    fn pages_in_foreign_objects() {
        let frame = "<foreignObject><iframe src='https://a.example/'/></foreignObject>";
        check(frame, &["Script(\"<iframe src=https://a.example/>\")"]);
        let form = "<foreignObject><form action='https://a.example/'/></foreignObject>";
        check(form, &["Script(\"<form action=https://a.example/>\")"]);
        check("<foreignObject><div>text</div></foreignObject>", &[]);
    }

    #[test]
    fn style_sheets_that_transform() {
        let drawing = b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='#a'?><svg/>";
        assert_eq!(seen(drawing), ["Script(\"?xml-stylesheet type='text/xsl' href='#a'?\")"]);
    }

    #[test]
    fn plain_drawings_and_links() {
        check("<path d='M0 0'/><text>on and on</text><style>a{}</style>", &[]);
        check(
            "<a href='https://a.example/'>b</a><a href='#c'/>",
            &["Link(\"https://a.example/\")"],
        );
        check("<image href='logo.png'/>", &[]);
    }

    #[test]
    fn in_utf_16() {
        let drawing = "\u{FEFF}<svg><script>a()</script></svg>";
        let wide: Vec<u8> = drawing.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(seen(&wide), ["Script(\"a()\")"]);
    }

    #[test]
    fn pictures_written_into_it() {
        let png = encode(code(2), image::ImageFormat::Png);
        let digits: String = png.iter().map(|b| format!("%{b:02x}")).collect();
        let picture = format!("<image xlink:href='data:image/png,{digits}'/>");
        check(&picture, &["QrCode(\"https://qr.example/a\")"]);
        let inner = "<image href='data:image/svg+xml,%3Csvg onload=a()%3E'/>";
        check(inner, &["Script(\"onload=a()\")"]);
    }

    #[test]
    fn text_is_read_where_wanted() {
        let (files, _) =
            tree("a.svg", "<svg><text>社外秘</text><text>b</text></svg>".as_bytes(), &[]);
        assert_eq!(files[0].texts[0].text, "社外秘\nb\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_drawing_stops_us(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("<svg "), Just("<a:script>"), Just("</"), Just("<!ENTITY a '"), Just("'>"),
                    Just("&a;"), Just("href="), Just("javascript:"), Just("data:,"), Just("<!--"),
                    Just("<![CDATA["), Just(">"), Just("onload=1"), Just("あ"), Just("&#x"),
                ],
                0..40,
            ),
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            tree_of(Kind::Svg, "", pieces.concat().as_bytes(), &[]);
            tree_of(Kind::Svg, "", &bytes, &[]);
        }
    }
}
