//! The view that every rule reads: built once per message, total, with what could not be read
//! recorded beside the values. Derived views are made on first use and shared.

pub mod address;
pub mod attachment;
pub mod auth_results;
pub mod charset;
pub mod date;
pub mod domain;
pub(crate) mod files;
pub mod header_text;
pub mod headers;
pub mod html;
pub mod language;
pub mod mailing_list;
pub mod param;
pub mod part;
mod password;
mod problem;
pub mod random;
pub mod received;
pub mod signature;
pub mod text;
pub(crate) mod transfer;
mod tree;
pub mod url;
mod view;

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};

use sekisho_config::Limits;

use crate::lexicon::{Lexicon, Terms};
use address::Mailbox;
use attachment::Attachment;
use headers::{Field, FieldRange};
use html::Html;
use part::{Part, TransferEncoding};
pub use problem::Problem;
use signature::Signature;
use text::Text;
use url::Link;

/// The SMTP envelope (RFC 5321, section 2.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM without angle brackets; empty is the null sender, `None` unknown.
    pub mail_from: Option<String>,
    /// RCPT TO without angle brackets, in order.
    pub recipients: Vec<String>,
}

/// One message: the mail itself or one attached to it.
#[derive(Clone, Debug)]
pub struct Head {
    /// Which bytes the ranges are over; see [`Part::source`].
    pub source: usize,
    /// Its header fields, in order.
    pub fields: Vec<FieldRange>,
}

/// A message and everything that is read from it.
pub struct Message<'a> {
    sources: Vec<Cow<'a, [u8]>>,
    envelope: &'a Envelope,
    limits: &'a Limits,
    messages: Vec<Head>,
    parts: Vec<Part>,
    problems: RefCell<Vec<Problem>>,
    from: OnceCell<Vec<Mailbox>>,
    subject: OnceCell<String>,
    bodies: OnceCell<view::Bodies>,
    links: OnceCell<Vec<Link>>,
    signature: OnceCell<Option<Signature>>,
    attachments: OnceCell<Vec<Attachment>>,
    terms: OnceCell<Terms>,
    wants_file_texts: bool,
}

impl<'a> Message<'a> {
    /// Reads the structure of a raw message (CRLF or LF line ends). Never fails.
    pub fn new(raw: &'a [u8], envelope: &'a Envelope, limits: &'a Limits) -> Message<'a> {
        let tree = tree::read(raw, limits);
        Message {
            sources: tree.sources,
            envelope,
            limits,
            messages: tree.messages,
            parts: tree.parts,
            problems: RefCell::new(tree.problems),
            from: OnceCell::new(),
            subject: OnceCell::new(),
            bodies: OnceCell::new(),
            links: OnceCell::new(),
            signature: OnceCell::new(),
            attachments: OnceCell::new(),
            terms: OnceCell::new(),
            wants_file_texts: false,
        }
    }

    /// The same, but the texts of documents that come along are read too; see
    /// [`Attachment::texts`].
    #[must_use]
    pub fn with_file_texts(self) -> Message<'a> {
        Message { wants_file_texts: true, attachments: OnceCell::new(), ..self }
    }

    /// Whether texts of documents are wanted.
    pub(crate) fn wants_file_texts(&self) -> bool {
        self.wants_file_texts
    }

    /// The SMTP envelope.
    pub fn envelope(&self) -> &Envelope {
        self.envelope
    }

    /// The bounds in force.
    pub fn limits(&self) -> &Limits {
        self.limits
    }

    /// Header fields of the mail itself, in order.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields_of(0)
    }

    /// Header fields of one message: 0 is the mail itself.
    pub fn fields_of(&self, message: usize) -> impl Iterator<Item = Field<'_>> {
        let head = self.messages.get(message);
        let bytes = head.map_or(&[][..], |head| self.source(head.source));
        let fields = head.map_or(&[][..], |head| &head.fields);
        fields.iter().map(move |field| field.over(bytes))
    }

    /// First header field called `name` of the mail itself (ASCII case ignored).
    pub fn field(&self, name: &str) -> Option<Field<'_>> {
        let head = self.messages.first()?;
        let bytes = self.source(head.source);
        // Asked some dozens of times a mail: most fields are told by the length of their names.
        let ranges = head.fields.iter().filter(|field| field.name.len() == name.len());
        ranges.map(|field| field.over(bytes)).find(|field| field.is(name))
    }

    /// How many messages there are: 1 and the attached ones.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// Mailboxes of every From field of the mail itself, in order.
    pub fn from(&self) -> &[Mailbox] {
        self.from.get_or_init(|| self.mailboxes("from"))
    }

    /// The From mailbox with a domain, where the mail has exactly one. Words without a domain beside
    /// it change nothing: no sender hides his address by writing one.
    pub fn sole_from(&self) -> Option<&Mailbox> {
        let mut with_host = self.from().iter().filter(|from| !from.host.is_empty());
        with_host.next().filter(|_| with_host.next().is_none())
    }

    /// Mailboxes of every field called `name` of the mail itself, in order.
    pub fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        let limit = self.limits.recipients;
        self.fields()
            .filter(|f| f.is(name))
            .flat_map(|f| address::mailboxes(f.value, limit))
            .collect()
    }

    /// Subject, decoded; empty where there is none.
    pub fn subject(&self) -> &str {
        self.subject.get_or_init(|| self.field("subject").map(|f| f.text()).unwrap_or_default())
    }

    /// All parts, depth first; the mail itself is part 0.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Content of a part with its transfer encoding taken off.
    pub fn content(&self, part: &Part) -> Cow<'_, [u8]> {
        let raw = self.raw_body(part);
        match part.encoding {
            TransferEncoding::Base64 => Cow::Owned(transfer::base64(raw)),
            TransferEncoding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(raw)),
            _ => Cow::Borrowed(raw),
        }
    }

    /// Body of a part with its transfer encoding on.
    pub fn raw_body(&self, part: &Part) -> &[u8] {
        self.source(part.source).get(part.body.clone()).unwrap_or_default()
    }

    /// Every HTML body part, attached messages' included.
    pub fn htmls(&self) -> &[Html] {
        &self.bodies().htmls
    }

    /// Every text a person reads in the mail and in attached messages, plain and HTML.
    pub fn texts(&self) -> &[Text] {
        &self.bodies().texts
    }

    /// Every link of the mail and of attached messages.
    pub fn links(&self) -> &[Link] {
        self.links.get_or_init(|| view::links(self))
    }

    /// The sender's signature block.
    pub fn signature(&self) -> Option<&Signature> {
        self.signature
            .get_or_init(|| {
                let own = self.texts().iter().filter(|t| t.message == 0);
                own.filter_map(|t| signature::find(t.own())).next()
            })
            .as_ref()
    }

    /// Every file that comes along, members of archives included.
    pub fn attachments(&self) -> &[Attachment] {
        self.attachments.get_or_init(|| files::collect(self))
    }

    /// What its texts name as passwords, in order, each once; few.
    pub fn named_passwords(&self) -> Vec<String> {
        password::candidates(self.texts().iter().map(|text| text.content.as_str()))
    }

    /// Whether any part is a file that may be costly to look into: any but a picture that begins as
    /// one.
    pub fn has_costly_files(&self) -> bool {
        let mut files = self.parts.iter().filter(|part| files::is_file(part));
        files.any(|part| !files::begins_as_picture(self.raw_body(part)))
    }

    /// Where the lexicon's words stand. One lexicon a message: the first that is asked with counts.
    pub fn terms(&self, lexicon: &Lexicon) -> &Terms {
        self.terms.get_or_init(|| Terms::read(self, lexicon))
    }

    /// What could not be read so far, one line each, in English. Views not yet asked for have not
    /// been read.
    pub fn problems(&self) -> Vec<String> {
        self.problems.borrow().iter().map(Problem::to_string).collect()
    }

    /// Whether a container or document could not be looked at whole within the limits.
    pub fn container_limit(&self) -> Option<String> {
        self.attachments();
        self.problems.borrow().iter().find(|p| p.is_container_limit()).map(Problem::to_string)
    }

    /// The limits within which not every part could be listed.
    pub(crate) fn limits_met(&self) -> Vec<Problem> {
        self.problems.borrow().iter().filter(|p| p.is_container_limit()).cloned().collect()
    }

    fn source(&self, source: usize) -> &[u8] {
        self.sources.get(source).map(AsRef::as_ref).unwrap_or_default()
    }

    fn bodies(&self) -> &view::Bodies {
        self.bodies.get_or_init(|| view::bodies(self))
    }

    fn record(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}
