//! Office documents, written by small hands: see `samples`.

mod odf;
mod ole;
mod ooxml;
mod rtf;
pub(crate) mod samples;
mod text;

use super::super::tree::check;

/// What reading a file tells: members as `name kind`, observations, texts as `place: text`,
/// problems.
fn told(content: &[u8]) -> Vec<String> {
    told_of("a", content)
}

fn told_of(name: &str, content: &[u8]) -> Vec<String> {
    let (files, problems) = check::tree(name, content, &[]);
    let mut told = Vec::new();
    for (i, file) in files.iter().enumerate() {
        let name = file.names.first().map_or("-", |n| n.text.as_str());
        if i > 0 || file.encryption != super::super::Encryption::Clear {
            told.push(format!("{name} {:?} {:?}", file.kind, file.encryption));
        }
        told.extend(file.observations.iter().map(|o| format!("{o:?}")));
        told.extend(file.texts.iter().map(|t| format!("{:?}: {}", t.place, t.text.escape_debug())));
    }
    told.extend(problems.iter().map(ToString::to_string));
    told
}
