//! One entry per parser for arbitrary bytes: each takes anything and must return.
//!
//! `tests/fuzz.rs` drives them with committed and mutated inputs at every `cargo test`; a
//! coverage-guided fuzzer takes the same functions as its targets.

use std::hint::black_box;
use std::sync::LazyLock;

use sekisho_config::Settings;

use crate::container::icon::{self, Picture};
use crate::container::name::Name;
use crate::container::{File, Kind, Tree, data_uri, magic};
use crate::facts::Facts;
use crate::history::{History, Known, Number, teaching};
use crate::inbound;
use crate::message::{
    Envelope, Message, address, auth_results, charset, domain, header_text, html, param, received,
    signature, text, url,
};
use crate::policy::Policy;

/// A parser under its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every parser.
pub static TARGETS: &[Target] = &[
    ("address", |bytes| {
        black_box(address::mailboxes(bytes, 100));
    }),
    ("arj", |bytes| {
        container(Kind::Arj, bytes);
    }),
    ("authentication-results", |bytes| {
        black_box(auth_results::parse(bytes));
    }),
    ("cab", |bytes| {
        container(Kind::Cab, bytes);
    }),
    ("charset", |bytes| {
        for label in [None, Some("iso-2022-jp"), Some("shift_jis"), Some("utf-7"), Some("nonsense")]
        {
            black_box(charset::decode(bytes, label, None));
        }
    }),
    ("data-uri", |bytes| {
        black_box(data_uri(&String::from_utf8_lossy(bytes)));
    }),
    ("disk", |bytes| {
        container(Kind::Disk, bytes);
    }),
    ("domain", |bytes| {
        let host = String::from_utf8_lossy(bytes);
        black_box(domain::to_ascii(&host));
        black_box(domain::registrable(&host));
    }),
    ("file-name", |bytes| {
        let name = Name::read(&String::from_utf8_lossy(bytes));
        black_box((name.seen(), name.shown(), name.padding()));
    }),
    ("header-text", |bytes| {
        black_box(header_text::decode(bytes));
    }),
    ("html", |bytes| {
        black_box(html::read(0, &String::from_utf8_lossy(bytes)));
        black_box(html::meta_charset(bytes));
    }),
    ("html-file", |bytes| {
        container(Kind::Html, bytes);
    }),
    ("icon-image", |bytes| {
        black_box(Picture::from_icon_image(bytes).and_then(|p| icon::likeness([&p])));
    }),
    ("link-text", |bytes| {
        container(Kind::InternetShortcut, bytes);
        container(Kind::LibraryMs, bytes);
    }),
    ("lnk", |bytes| {
        container(Kind::Lnk, bytes);
    }),
    ("lzh", |bytes| {
        container(Kind::Lzh, bytes);
    }),
    ("magic", |bytes| {
        black_box(magic::kind(bytes));
        black_box(magic::kind_by_tail(bytes));
    }),
    ("mail", |bytes| {
        container(Kind::Mail, bytes);
    }),
    ("message", |bytes| {
        let policy = &*POLICY;
        let envelope = Envelope::default();
        let mail = Message::new(bytes, &envelope, &policy.settings().filter.limits);
        let mut facts = Facts::unknown(policy.settings());
        facts.history = HISTORY.clone();
        black_box(inbound::judge(&mail, &facts, policy));
        black_box((teaching::sender(&mail), teaching::message_id(&mail)));
        black_box((teaching::answered_ids(&mail), teaching::signed_numbers(&mail)));
        black_box(teaching::encrypted_files(&mail));
    }),
    ("msg", |bytes| {
        container(Kind::Msg, bytes);
    }),
    ("ole", |bytes| {
        container(Kind::Compound, bytes);
    }),
    ("onenote", |bytes| {
        container(Kind::OneNote, bytes);
    }),
    ("packed", |bytes| {
        for kind in [Kind::Bzip2, Kind::Compress, Kind::Gzip, Kind::Xz, Kind::Zstd] {
            container(kind, bytes);
        }
    }),
    ("parameters", |bytes| {
        black_box(param::parse(bytes));
    }),
    ("pdf", |bytes| {
        container(Kind::Pdf, bytes);
    }),
    ("pe", |bytes| {
        container(Kind::Pe, bytes);
    }),
    ("picture", |bytes| {
        let kinds = [Kind::Bmp, Kind::Gif, Kind::Jpeg, Kind::Png, Kind::WebP];
        if let Some(&kind) = kinds.get(bytes.len() % kinds.len()) {
            container(kind, bytes);
        }
    }),
    ("rar", |bytes| {
        container(Kind::Rar, bytes);
    }),
    ("received", |bytes| {
        black_box(received::read(bytes));
    }),
    ("rtf", |bytes| {
        container(Kind::Rtf, bytes);
    }),
    ("sevenz", |bytes| {
        container(Kind::SevenZip, bytes);
    }),
    ("signature", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        black_box(text::quoted_from(&text));
        black_box(signature::find(&text));
    }),
    ("svg", |bytes| {
        container(Kind::Svg, bytes);
    }),
    ("tar", |bytes| {
        container(Kind::Tar, bytes);
    }),
    ("text", |bytes| {
        container(Kind::Text, bytes);
    }),
    ("tnef", |bytes| {
        container(Kind::Tnef, bytes);
    }),
    ("url", |bytes| {
        for found in url::find(&String::from_utf8_lossy(bytes), 100) {
            black_box(url::read(&found.url, None).map(|u| url::named_targets(&u)));
        }
    }),
    ("uuencode", |bytes| {
        container(Kind::Uuencode, bytes);
    }),
    ("vhd", |bytes| {
        container(Kind::Vhd, bytes);
    }),
    ("vhdx", |bytes| {
        container(Kind::Vhdx, bytes);
    }),
    ("xml", |bytes| {
        container(Kind::Xml, bytes);
    }),
    ("zip", |bytes| {
        container(Kind::Zip, bytes);
    }),
];

/// The shipped settings, compiled once: that takes longer than most inputs.
static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::new(Settings::default()).0);

/// A history that lets every indicator look.
static HISTORY: LazyLock<History> = LazyLock::new(|| History {
    sender: Some(Known::default()),
    answers_ours: Some(false),
    numbers: Some(vec![Number { digits: "0352535112".into(), is_fax: true }]),
    ..History::default()
});

/// Reads `bytes` as a file of `kind`, whatever its first bytes say.
fn container(kind: Kind, bytes: &[u8]) {
    let mut limits = POLICY.settings().filter.limits;
    (limits.members, limits.inflated_bytes, limits.work) = (100, 1 << 20, 1 << 24);
    let mut tree = Tree::new(&limits, vec!["infected".into()], true);
    let at = tree.add(File { kind, ..File::default() });
    tree.open(at, bytes);
    black_box(tree.into_parts());
}
