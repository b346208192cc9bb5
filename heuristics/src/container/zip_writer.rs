//! A small ZIP writer for tests: stored and deflated members, and every oddity that the reader has
//! to bear. Nothing here is checked; a wrong archive is what most tests want.

use std::io::Write;

/// How a member is marked as encrypted (its bytes are not).
#[derive(Clone, Copy)]
pub(crate) enum ZipCipher {
    /// WinZip's AES: method 99.
    Aes,
    /// PKWARE's own: flag bit 0.
    ZipCrypto,
}

/// One member.
#[derive(Clone)]
pub(crate) struct File {
    name: Vec<u8>,
    local_name: Vec<u8>,
    content: Vec<u8>,
    size: u32,
    extra: Vec<u8>,
    flags: u16,
    method: u16,
    zip64: bool,
    shared: bool,
}

impl File {
    pub(crate) fn new(name: impl AsRef<[u8]>, content: &[u8]) -> File {
        File {
            name: name.as_ref().to_vec(),
            local_name: name.as_ref().to_vec(),
            content: content.to_vec(),
            size: u32::try_from(content.len()).unwrap(),
            extra: Vec::new(),
            flags: 0,
            method: 0,
            zip64: false,
            shared: false,
        }
    }

    pub(crate) fn utf8(mut self) -> File {
        self.flags |= 1 << 11;
        self
    }

    pub(crate) fn deflated(mut self) -> File {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(&self.content).unwrap();
        self.content = encoder.finish().unwrap();
        self.method = 8;
        self
    }

    /// Packed by another method; `packed` is what it gives.
    pub(crate) fn packed_by(mut self, method: u16, packed: &[u8]) -> File {
        self.content = packed.to_vec();
        self.method = method;
        self
    }

    pub(crate) fn encrypted(mut self, cipher: ZipCipher) -> File {
        self.flags |= 1;
        if matches!(cipher, ZipCipher::Aes) {
            self.method = 99;
        }
        self
    }

    /// WinZip's field: AE-2, 256 bits, stored.
    pub(crate) fn aes_field(mut self) -> File {
        self.extra.extend(*b"\x01\x99\x07\0\x02\0AE\x03\0\0");
        self
    }

    /// Another name for some readers.
    pub(crate) fn unicode_path(mut self, name: &str) -> File {
        let len = u16::try_from(name.len() + 5).unwrap();
        self.extra.extend(0x7075u16.to_le_bytes());
        self.extra.extend(len.to_le_bytes());
        self.extra.extend([1, 0, 0, 0, 0]);
        self.extra.extend(name.as_bytes());
        self
    }

    /// Another name in the local header.
    pub(crate) fn local_name(mut self, name: &str) -> File {
        self.local_name = name.into();
        self
    }

    /// Another size than it has.
    pub(crate) fn size(mut self, size: u32) -> File {
        self.size = size;
        self
    }

    /// Sizes and offset in a zip64 extra field, and zip64 records at the end.
    pub(crate) fn zip64(mut self) -> File {
        self.zip64 = true;
        self
    }

    /// No data of its own: points to the first member's.
    pub(crate) fn same_data_as_first(mut self) -> File {
        self.shared = true;
        self
    }
}

/// The archive.
pub(crate) fn zip(files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut central = Vec::new();
    for (i, file) in files.iter().enumerate() {
        let packed = u32::try_from(file.content.len()).unwrap();
        let offset = if file.shared && i > 0 { 0 } else { u32::try_from(out.len()).unwrap() };
        if offset > 0 || i == 0 {
            out.extend(b"PK\x03\x04\x14\0");
            put16(&mut out, &[file.flags, file.method, 0, 0]);
            put32(&mut out, &[0, packed, file.size]);
            put16(&mut out, &[len16(&file.local_name), 0]);
            out.extend(&file.local_name);
            out.extend(&file.content);
        }
        let mut extra = file.extra.clone();
        let (mut size, mut stored, mut at) = (file.size, packed, offset);
        if file.zip64 {
            put16(&mut extra, &[1, 24]);
            for value in [size, stored, at] {
                extra.extend(u64::from(value).to_le_bytes());
            }
            (size, stored, at) = (u32::MAX, u32::MAX, u32::MAX);
        }
        central.extend(b"PK\x01\x02\x14\0\x14\0");
        put16(&mut central, &[file.flags, file.method, 0, 0]);
        put32(&mut central, &[0, stored, size]);
        put16(&mut central, &[len16(&file.name), len16(&extra), 0, 0, 0]);
        put32(&mut central, &[0, at]);
        central.extend(&file.name);
        central.extend(&extra);
    }
    let start = out.len() as u64;
    out.extend(&central);
    let (count, size) = (files.len() as u64, central.len() as u64);
    let zip64 = files.iter().any(|f| f.zip64);
    if zip64 {
        let end = out.len() as u64;
        out.extend(b"PK\x06\x06");
        put64(&mut out, &[44]);
        put16(&mut out, &[45, 45]);
        put32(&mut out, &[0, 0]);
        put64(&mut out, &[count, count, size, start]);
        out.extend(b"PK\x06\x07");
        put32(&mut out, &[0]);
        put64(&mut out, &[end]);
        put32(&mut out, &[1]);
    }
    out.extend(b"PK\x05\x06");
    let narrow = |value: u64| if zip64 { u32::MAX } else { u32::try_from(value).unwrap() };
    let count = (count & 0xFFFF) as u16;
    put16(&mut out, &[0, 0, count, count]);
    put32(&mut out, &[narrow(size), narrow(start)]);
    put16(&mut out, &[0]);
    out
}

fn len16(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap()
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

fn put64(out: &mut Vec<u8>, values: &[u64]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}
