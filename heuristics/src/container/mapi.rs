//! What TNEF and Outlook messages share: MAPI properties (MS-OXPROPS) and how a message's text and
//! files are told.

use std::borrow::Cow;

use super::observation::{Observation, Place, excerpt};
use super::{Content, Encryption, Member, Role, Visit, lzfu, uuencode};
use crate::message::charset;
use crate::message::param::{FileName, NameForm};
use crate::message::url;

/// Property identifiers.
pub(super) mod id {
    pub(in super::super) const SUBJECT: u16 = 0x0037;
    pub(in super::super) const BODY: u16 = 0x1000;
    pub(in super::super) const RTF: u16 = 0x1009;
    pub(in super::super) const HTML: u16 = 0x1013;
    pub(in super::super) const DISPLAY_NAME: u16 = 0x3001;
    pub(in super::super) const DATA: u16 = 0x3701;
    pub(in super::super) const SHORT_NAME: u16 = 0x3704;
    pub(in super::super) const LONG_NAME: u16 = 0x3707;
    pub(in super::super) const INTERNET_CODE_PAGE: u16 = 0x3FDE;
    pub(in super::super) const CODE_PAGE: u16 = 0x3FFD;
}

/// Property types.
pub(super) mod kind {
    pub(in super::super) const OBJECT: u16 = 0x000D;
    pub(in super::super) const STRING: u16 = 0x001E;
    pub(in super::super) const UNICODE: u16 = 0x001F;
    pub(in super::super) const BINARY: u16 = 0x0102;
}

/// Links told of one text.
const MOST_LINKS: usize = 50;

/// A message's text in every form it is given.
#[derive(Default)]
pub(super) struct Body<'a> {
    /// Subject.
    pub(super) subject: String,
    /// Plain text.
    pub(super) plain: String,
    /// HTML.
    pub(super) html: Option<Cow<'a, [u8]>>,
    /// Compressed RTF.
    pub(super) rtf: Option<Cow<'a, [u8]>>,
}

impl Body<'_> {
    /// Tells the text: links and files in it, the pages as members. `false`: no more are wanted.
    pub(super) fn tell(self, visit: &mut Visit<'_>) -> bool {
        if !self.subject.is_empty() {
            visit.text(Place::Property, self.subject);
        }
        if !plain(&self.plain, visit) {
            return false;
        }
        let html = self.html.is_none_or(|html| page(html, visit));
        html && self.rtf.is_none_or(|packed| {
            let left = visit.budget().bytes();
            let rtf = lzfu::unpack(&packed, left);
            let is_paid = visit.budget().take_bytes(rtf.len());
            rtf.is_empty() || !is_paid || page(Cow::Owned(rtf), visit)
        })
    }
}

/// Tells a plain text. `false`: no more members are wanted.
pub(super) fn plain(text: &str, visit: &mut Visit<'_>) -> bool {
    if text.is_empty() || !visit.budget().take_work(text.len()) {
        return true;
    }
    for found in url::find(text, MOST_LINKS) {
        visit.observe(Observation::Link(excerpt(&found.url)));
    }
    if visit.wants_text() {
        visit.text(Place::Body, text);
    }
    uuencode::find(text.as_bytes()).all(|encoded| encoded.tell(visit))
}

/// Tells the text of a message that is a page; nobody would call it a file.
pub(super) fn page(content: Cow<'_, [u8]>, visit: &mut Visit<'_>) -> bool {
    let (size, encryption) = (content.len() as u64, Encryption::Clear);
    let content = Content::Whole(content);
    visit.member(Member { names: Vec::new(), size, encryption, role: Role::Embedded, content })
}

/// Tells an attached file. Names that are empty or stand twice are left out.
pub(super) fn file(names: Vec<String>, content: Cow<'_, [u8]>, visit: &mut Visit<'_>) -> bool {
    let mut kept: Vec<FileName> = Vec::with_capacity(names.len());
    for text in names {
        let text = text.trim_end_matches('\0').to_owned();
        if !text.is_empty() && !kept.iter().any(|name| name.text == text) {
            kept.push(FileName { text, form: NameForm::ArchiveEntry });
        }
    }
    let (names, size, encryption) = (kept, content.len() as u64, Encryption::Clear);
    let content = Content::Whole(content);
    visit.member(Member { names, size, encryption, role: Role::File, content })
}

/// Text of a string property.
pub(super) fn string(kind: u16, bytes: &[u8], code_page: Option<u32>) -> String {
    let text = match kind {
        kind::UNICODE => {
            let units = bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
        }
        _ => charset::decode(bytes, code_page.and_then(label), None).text.into_owned(),
    };
    text.trim_end_matches('\0').to_owned()
}

/// Charset label of a Windows code page.
fn label(code_page: u32) -> Option<&'static str> {
    Some(match code_page {
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 => "windows-1252",
        50220..=50222 => "iso-2022-jp",
        51932 | 20932 => "euc-jp",
        54936 => "gb18030",
        65001 => "utf-8",
        _ => return None,
    })
}
