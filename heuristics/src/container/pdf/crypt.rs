//! Encryption of PDF by passwords (ISO 32000-2, 7.6).
//!
//! `lopdf` does the arithmetic: it gets a document that holds nothing but the encryption dictionary
//! read here, never the file. A file that opens without a password is clear whatever its
//! permissions say; one whose handler is not the standard one (certificates) is encrypted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lopdf::encryption::PasswordAlgorithm;
use lopdf::encryption::crypt_filters::CryptFilter;
use lopdf::{Document, EncryptionState, StringFormat};

use super::object::{Dict, Object};
use crate::container::Visit;

/// What decrypts a file.
pub(super) struct Key {
    file: Vec<u8>,
    texts: Arc<dyn CryptFilter>,
    streams: Arc<dyn CryptFilter>,
    metadata: bool,
}

/// The key that the first fitting password gives, and which password that was; the empty one is
/// tried by whoever names it. Each costs the work of hashing it.
pub(super) fn open(
    encrypt: &Dict,
    id: &[u8],
    passwords: &[String],
    visit: &mut Visit<'_>,
) -> Option<(Key, usize)> {
    let document = document(encrypt, id)?;
    let is_slow = encrypt.count("R").is_none_or(|revision| revision > 4);
    let work = if is_slow { SLOW_PASSWORD } else { PASSWORD };
    passwords.iter().enumerate().find_map(|(i, password)| {
        if !visit.budget().take_work(work) {
            return None;
        }
        let key = catch_unwind(AssertUnwindSafe(|| key(&document, password)));
        Some((key.ok().flatten()?, i))
    })
}

/// Units of work that trying one password takes: rounds of MD5 and RC4, as user and as owner.
const PASSWORD: usize = 10_000;

/// The same since revision 5: rounds of SHA-2 and AES over some kilobytes each (7.6.4.3.4).
const SLOW_PASSWORD: usize = 450_000;

impl Key {
    /// Decrypts every text in an object.
    pub(super) fn decrypt_texts(&self, id: (u32, u16), object: &mut Object) {
        let Ok(key) = self.texts.compute_key(&self.file, id) else { return };
        let mut open = vec![object];
        while let Some(object) = open.pop() {
            match object {
                Object::Text(text) => {
                    if let Ok(clear) = self.texts.decrypt(&key, text) {
                        *text = clear;
                    }
                }
                Object::Array(values) => open.extend(values),
                Object::Dict(dict) => open.extend(dict.values_mut()),
                _ => {}
            }
        }
    }

    /// The data of a stream; `None` where they are not encrypted, or not by this key.
    pub(super) fn decrypt_stream(
        &self,
        id: (u32, u16),
        dict: &Dict,
        data: &[u8],
    ) -> Option<Vec<u8>> {
        let kind = dict.name("Type");
        if kind == b"XRef" || (kind == b"Metadata" && !self.metadata) {
            return None;
        }
        let key = self.streams.compute_key(&self.file, id).ok()?;
        self.streams.decrypt(&key, data).ok()
    }
}

fn key(document: &Document, password: &str) -> Option<Key> {
    let algorithm = PasswordAlgorithm::try_from(document).ok()?;
    let bytes = algorithm.sanitize_password(password).ok()?;
    let fits = algorithm.authenticate_user_password(document, &bytes).is_ok()
        || algorithm.authenticate_owner_password(document, &bytes).is_ok();
    if !fits {
        return None;
    }
    let state = EncryptionState::decode(document, &bytes).ok()?;
    Some(Key {
        file: state.file_encryption_key().to_vec(),
        texts: state.get_string_filter(),
        streams: state.get_stream_filter(),
        metadata: state.encrypt_metadata(),
    })
}

/// A document of nothing but what encrypts it.
fn document(encrypt: &Dict, id: &[u8]) -> Option<Document> {
    let mut document = Document::new();
    let text = |bytes: &[u8]| lopdf::Object::String(bytes.to_vec(), StringFormat::Hexadecimal);
    let at = document.add_object(lopdf::Object::Dictionary(converted(encrypt)?));
    document.trailer.set("Encrypt", lopdf::Object::Reference(at));
    document.trailer.set("ID", lopdf::Object::Array(vec![text(id), text(id)]));
    Some(document)
}

/// The dictionary as the library has it, with the crypt filters it names.
fn converted(dict: &Dict) -> Option<lopdf::Dictionary> {
    let mut out = lopdf::Dictionary::new();
    for (key, value) in dict.entries() {
        let value = match value {
            // Crypt filters stand two levels down.
            Object::Dict(filters) if key == b"CF" => {
                let mut all = lopdf::Dictionary::new();
                for (name, filter) in filters.entries() {
                    all.set(name.to_vec(), lopdf::Object::Dictionary(flat(filter.dict()?)));
                }
                lopdf::Object::Dictionary(all)
            }
            value => match plain(value) {
                Some(value) => value,
                None => continue,
            },
        };
        out.set(key.to_vec(), value);
    }
    Some(out)
}

fn flat(dict: &Dict) -> lopdf::Dictionary {
    let entries = dict.entries().filter_map(|(k, v)| Some((k.to_vec(), plain(v)?)));
    entries.collect()
}

fn plain(value: &Object) -> Option<lopdf::Object> {
    Some(match value {
        Object::Name(name) => lopdf::Object::Name(name.clone()),
        Object::Text(text) => lopdf::Object::String(text.clone(), StringFormat::Literal),
        // Permissions are 32 bits, with or without a sign.
        Object::Number(number) => lopdf::Object::Integer(*number as i64),
        Object::Bool(is) => lopdf::Object::Boolean(*is),
        _ => return None,
    })
}
