//! HTML files that come along: scripts, forms, links, and pages that build a file out of
//! themselves.
//!
//! A page in a mail shows text; a page in a file runs. What a person sees of it is read by
//! [`message::html`](crate::message::html), once; a second pass over the tags reads what runs.
//! Smuggling is a page that decodes a file from its own text and has the browser save it, so that
//! no scanner on the way sees a file; it needs a few functions of the browser, whose names are
//! looked for. Who takes the names apart (`'crea' + 'teObjectURL'`) is seen as a script only.

use super::markup::{self, Piece, Tag, Tags};
use super::observation::{Observation, Place, excerpt};
use super::{Kind, Visit, svg};
use crate::message::html;

/// Reads a page, or an HTML application.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !markup::is_affordable(content, WORK_A_BYTE, visit) {
        return;
    }
    let text = markup::decoded(content);
    if visit.kind() == Kind::Html && markup::root(&text) == Some(Kind::Svg) {
        visit.set_kind(Kind::Svg);
        return svg::read(content, visit);
    }
    let page = html::read(0, &text);
    let run = Run::of(&text);
    // What matters most comes first: of one file not everything is kept.
    if let Some(smuggling) = run.smuggling() {
        visit.observe(Observation::Smuggling(smuggling));
    }
    for script in &run.scripts {
        visit.observe(Observation::Script(excerpt(script)));
    }
    for source in &run.sources {
        visit.observe(Observation::Link(excerpt(source)));
    }
    for form in page.forms.iter().take(MOST_FORMS) {
        visit.observe(Observation::Form(excerpt(&form.action)));
    }
    let anchors = page.anchors.iter().map(|a| &a.target);
    let links = page.refresh.iter().chain(&run.frames).chain(anchors);
    let followed = links.filter(|l| leads_out(l)).take(MOST_LINKS);
    for link in followed {
        visit.observe(Observation::Link(excerpt(link)));
    }
    for address in page.images.iter().chain(&run.frames) {
        markup::embedded(address, visit);
    }
    if visit.wants_text() {
        visit.text(Place::Body, page.visible);
        for hidden in page.hidden {
            visit.text(Place::Body, hidden.text);
        }
    }
}

/// Links told of one page; two views of a page cost one reading each.
const MOST_LINKS: usize = 50;

/// Forms told of one page.
const MOST_FORMS: usize = 5;

/// Scripts, and their sources, told of one page.
const MOST_SCRIPTS: usize = 5;

/// Frames looked at in one page.
const MOST_FRAMES: usize = 50;

/// Decoding, what is seen, what runs. A page of nothing but attributes takes so long, and twenty
/// times its size of memory.
const WORK_A_BYTE: usize = 16;

/// What runs in a page.
#[derive(Default)]
struct Run {
    /// The text of script elements, the first of them.
    scripts: Vec<String>,
    /// Where scripts are fetched from.
    sources: Vec<String>,
    /// What frames show.
    frames: Vec<String>,
    /// All that runs, lower case: scripts, event handlers, script links.
    code: String,
    /// A link that saves a file written into it.
    saves: Option<String>,
}

impl Run {
    fn of(text: &str) -> Run {
        let mut run = Run::default();
        let mut in_script = false;
        for piece in Tags::of_html(text) {
            match piece {
                Piece::Start(tag) => {
                    in_script = tag.name == "script" && is_code(&tag);
                    run.start(&tag);
                }
                Piece::Text(script) if in_script => run.script(&script),
                Piece::End(_) => in_script = false,
                Piece::Text(_) | Piece::Note(_) => {}
            }
        }
        run
    }

    fn start(&mut self, tag: &Tag) {
        for (name, value) in &tag.attributes {
            if name.starts_with("on") || markup::is_script_link(value) {
                self.code.push_str(&value.to_ascii_lowercase());
                self.code.push('\n');
            }
        }
        match tag.name.as_str() {
            "script" => {
                let source = tag.value("src").or(tag.href()).unwrap_or_default();
                if is_elsewhere(source) && self.sources.len() < MOST_SCRIPTS {
                    self.sources.push(source.to_owned());
                }
            }
            "iframe" | "frame" | "embed" | "object" => {
                let shown = tag.value("src").or(tag.value("data")).unwrap_or_default();
                if !shown.is_empty() && self.frames.len() < MOST_FRAMES {
                    self.frames.push(shown.to_owned());
                }
                if let Some(page) = tag.value("srcdoc")
                    && self.frames.len() < MOST_FRAMES
                {
                    self.frames.push(format!("data:text/html,{}", page.replace('%', "%25")));
                }
            }
            "a" | "area" if tag.value("download").is_some() => {
                let href = tag.href().unwrap_or_default();
                let is_file =
                    href.trim_start().get(..5).is_some_and(|s| s.eq_ignore_ascii_case("data:"));
                if is_file && self.saves.is_none() {
                    let name = tag.value("download").unwrap_or_default();
                    self.saves = Some(format!("download={name} href={href}"));
                }
            }
            _ => {}
        }
    }

    fn script(&mut self, script: &str) {
        self.code.push_str(&script.to_ascii_lowercase());
        self.code.push('\n');
        if !script.trim().is_empty() && self.scripts.len() < MOST_SCRIPTS {
            self.scripts.push(script.to_owned());
        }
    }

    /// What shows that the page saves a file that it holds.
    fn smuggling(&self) -> Option<String> {
        let place = |names: &[&str]| names.iter().find_map(|name| self.code.find(name));
        let decodes = || place(DECODES).is_some() || has_long_literal(&self.code);
        let at = place(SAVES).or_else(|| {
            let builds = place(BUILDS)?;
            (place(HANDS_OVER).is_some() && decodes()).then_some(builds)
        });
        let seen = at.map(|at| {
            let from = self.code.floor_char_boundary(at.saturating_sub(40));
            excerpt(self.code.get(from..).unwrap_or_default())
        });
        seen.or_else(|| self.saves.as_deref().map(excerpt))
    }
}

/// Functions that do nothing but save what a script made.
const SAVES: &[&str] = &["mssaveoropenblob", "mssaveblob"];

/// What makes an address for a file that a script made, or is one.
const BUILDS: &[&str] = &["createobjecturl", "new blob(", "new file(", "data:application/"];

/// What gives such a file to the person.
const HANDS_OVER: &[&str] = &[
    ".click(",
    "dispatchevent(",
    ".download",
    "'download'",
    "\"download\"",
    "location",
    "window.open",
];

/// What makes bytes of text.
const DECODES: &[&str] = &["atob(", "charcodeat", "fromcharcode", "uint8array", "frombase64"];

/// Whether the code holds a base64 or hexadecimal literal longer than any address or picture mark.
fn has_long_literal(code: &str) -> bool {
    let is_digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\\');
    code.as_bytes().split(|b| !is_digit(b)).any(|run| run.len() >= LONG_LITERAL)
}

const LONG_LITERAL: usize = 1_000;

/// Whether a script element holds code, not data or a template.
fn is_code(tag: &Tag) -> bool {
    let kind = tag.value("type").unwrap_or_default().trim().to_ascii_lowercase();
    kind.is_empty() || kind == "module" || kind.contains("script")
}

/// Whether an address is of another place than the page.
fn is_elsewhere(address: &str) -> bool {
    let address = address.trim();
    address.starts_with("//") || address.contains("://") || address.starts_with("\\\\")
}

fn leads_out(link: &str) -> bool {
    let link = link.trim();
    let begins = |b: &str| link.get(..b.len()).is_some_and(|s| s.eq_ignore_ascii_case(b));
    !link.is_empty()
        && !link.starts_with('#')
        && !begins("data:")
        && !begins("about:")
        && !markup::is_script_link(link)
}

#[cfg(test)]
mod tests {
    use crate::container::Kind;
    use crate::container::qr::drawing::{code, encode};
    use crate::container::tree::check::{tree, tree_of, work};
    use proptest::prelude::*;

    #[track_caller]
    fn check(page: &str, expected: &[&str]) {
        let (files, problems) = tree("a.html", format!("<html>{page}").as_bytes(), &[]);
        let all = files.iter().flat_map(|f| f.observations.iter().map(|o| format!("{o:?}")));
        let seen: Vec<_> = all.chain(problems.iter().map(ToString::to_string)).collect();
        assert_eq!(seen, expected, "{page}");
    }

    #[test]
    fn scripts() {
        check("<script>a()</script>", &["Script(\"a()\")"]);
        check("<SCRIPT type='text/jscript'>a()", &["Script(\"a()\")"]);
        check(
            "<script src='https://a.example/a.js'></script>",
            &["Link(\"https://a.example/a.js\")"],
        );
        check("<svg><style><script>a()</script></style></svg>", &["Script(\"a()\")"]);
        check("<script type='application/ld+json'>{}</script>", &[]);
        check("<script src='a.js'> </script>", &[]);
        check("<!-- <script>a()</script> --><title><script>a()</script></title>", &[]);
    }

    #[test]
    fn forms_and_links() {
        check(
            "<form action='https://a.example/p'><input></form>",
            &["Form(\"https://a.example/p\")"],
        );
        check("<a href='https://a.example/'>a</a>", &["Link(\"https://a.example/\")"]);
        let refresh = "<meta http-equiv=refresh content='0;url=https://a.example/'>";
        check(refresh, &["Link(\"https://a.example/\")"]);
        check("<iframe src='https://a.example/'></iframe>", &["Link(\"https://a.example/\")"]);
        check("<a href='#a'>a</a><a href='javascript:a()'>b</a>", &[]);
    }

    #[test]
    fn smuggling() {
        let saved = "<script>navigator.msSaveOrOpenBlob(b, 'a.iso')</script>";
        check(
            saved,
            &[
                "Smuggling(\"navigator.mssaveoropenblob(b, 'a.iso')\")",
                "Script(\"navigator.msSaveOrOpenBlob(b, 'a.iso')\")",
            ],
        );
        let link = "<a download='a.zip' href='data:application/zip;base64,UEs='>a</a>";
        check(link, &["Smuggling(\"download=a.zip href=data:application/zip;base64,UEs=\")"]);
        let handler = "<body onload='x=atob(y);l.href=URL.createObjectURL(new Blob(x));l.click()'>";
        check(
            handler,
            &["Smuggling(\"x=atob(y);l.href=url.createobjecturl(new blob(x));l.click()\")"],
        );
    }

    #[test]
    fn ordinary_scripts_do_not_smuggle() {
        check(
            "<script>u=URL.createObjectURL(f);img.src=u</script>",
            &["Script(\"u=URL.createObjectURL(f);img.src=u\")"],
        );
        check("<script>t=atob(s);location=t</script>", &["Script(\"t=atob(s);location=t\")"]);
        check(
            "<a download href='https://a.example/a.pdf'>a</a>",
            &["Link(\"https://a.example/a.pdf\")"],
        );
    }

    #[test]
    fn what_is_written_into_it() {
        let png = encode(code(2), image::ImageFormat::Png);
        let digits: String = png.iter().map(|b| format!("%{b:02x}")).collect();
        check(
            &format!("<img src='data:image/png,{digits}'>"),
            &["QrCode(\"https://qr.example/a\")"],
        );
        check(
            "<iframe src='data:text/html,<html><script>a()</script>'></iframe>",
            &["Script(\"a()\")"],
        );
        check(
            "<iframe srcdoc='<html><script>a(&quot;100%41&quot;)</script>'></iframe>",
            &["Script(\"a(\\\"100%41\\\")\")"],
        );
    }

    #[test]
    fn a_page_pays_for_the_attributes_that_it_may_be_made_of() {
        let page: String = (0..1000).map(|n| format!("a{n}=b ")).collect();
        let page = format!("<html><p {page}>");
        assert_eq!(work(page.as_bytes(), &[]), 16 * page.len());
    }

    #[test]
    fn text_and_hidden_text_are_read_where_wanted() {
        let page = "<html><p>社外秘</p><p hidden>b</p>";
        let (files, _) = tree("a.html", page.as_bytes(), &[]);
        let texts: Vec<_> = files[0].texts.iter().map(|t| t.text.trim()).collect();
        assert_eq!(texts, ["社外秘", "b"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_page_stops_us(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("<html>"), Just("<script>"), Just("</script>"), Just("<svg>"), Just("'>"),
                    Just("<a download href='data:,"), Just("createObjectURL"), Just(".click("),
                    Just("<iframe srcdoc='"), Just("atob("), Just("<!--"), Just("あ"), Just("<meta "),
                ],
                0..40,
            ),
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            tree_of(Kind::Html, "", pieces.concat().as_bytes(), &[]);
            tree_of(Kind::Hta, "", &bytes, &[]);
        }
    }
}
