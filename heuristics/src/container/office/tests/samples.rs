//! The smallest documents that office programs would take for what they are.

use std::io::{Cursor, Write};

use crate::container::zip_writer::{File, zip};

/// A package of these parts.
pub(crate) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<_> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    package_of(&parts)
}

/// A package of these parts, some of them no text.
pub(crate) fn package_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let types = File::new("[Content_Types].xml", b"<Types/>");
    let given = parts.iter().map(|(name, content)| File::new(name, content).deflated());
    let has_types = parts.iter().any(|(name, _)| *name == "[Content_Types].xml");
    zip(&(!has_types).then_some(types).into_iter().chain(given).collect::<Vec<_>>())
}

/// A part of relationships, `(type, target, mode)`.
pub(crate) fn relationships(all: &[(&str, &str, &str)]) -> String {
    let one = |(i, (of, target, mode)): (usize, &(&str, &str, &str))| {
        let base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let mode = if mode.is_empty() { String::new() } else { format!(" TargetMode=\"{mode}\"") };
        format!("<Relationship Id=\"rId{i}\" Type=\"{base}/{of}\" Target=\"{target}\"{mode}/>")
    };
    let inner: String = all.iter().enumerate().map(one).collect();
    format!("<?xml version=\"1.0\"?><Relationships>{inner}</Relationships>")
}

/// A compound file of these streams, storages made as needed.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(f, _)| !f.is_empty()) {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(content).unwrap();
    }
    file.into_inner().into_inner()
}

/// The streams of a VBA project of one module, under `folder`.
pub(crate) fn project_streams(folder: &str, source: &str) -> Vec<(String, Vec<u8>)> {
    let module = [&[0x55; 64][..], &compressed(source)].concat();
    vec![
        (format!("{folder}/VBA/_VBA_PROJECT"), vec![0xCC, 0x61, 0, 0]),
        (format!("{folder}/VBA/dir"), compressed("dir")),
        (format!("{folder}/VBA/ThisDocument"), module),
    ]
}

/// A `vbaProject.bin` whose module has this source.
pub(crate) fn vba_project(source: &str) -> Vec<u8> {
    let streams = project_streams("", source);
    let streams: Vec<_> = streams.iter().map(|(p, c)| (p.as_str(), c.as_slice())).collect();
    compound(&streams)
}

/// Source as every module has it, with `code` behind its attributes.
pub(crate) fn module(code: &str) -> String {
    format!("Attribute VB_Name = \"ThisDocument\"\r\nOption Explicit\r\n{code}")
}

/// A compressed container (MS-OVBA, 2.4.1) of one chunk without copies.
pub(crate) fn compressed(source: &str) -> Vec<u8> {
    let mut data = Vec::new();
    for eight in source.as_bytes().chunks(8) {
        data.push(0);
        data.extend(eight);
    }
    let header = 0xB000 | u16::try_from(data.len() - 1).unwrap();
    [&[1][..], &header.to_le_bytes(), &data].concat()
}
