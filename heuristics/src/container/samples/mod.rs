//! Files made by real tools, for tests; see README.md beside this.

use std::io::Read;

use flate2::read::GzDecoder;

/// Takes both layers of gzip off.
pub(crate) fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(GzDecoder::new(packed)).read_to_end(&mut out).unwrap();
    out
}

/// The sample of this name, as it lies beside this file.
macro_rules! sample {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/container/samples/", $name))[..]
    };
}

/// The sample of this name that lies beside this file with `.gz.gz` after it.
macro_rules! unpacked_sample {
    ($name:literal) => {
        $crate::container::samples::unpacked(include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/container/samples/",
            $name,
            ".gz.gz"
        )))
    };
}

pub(crate) use sample;
pub(crate) use unpacked_sample;
