//! Sample archives made by real tools; `samples/README.md` says how.

/// The bytes of a sample.
macro_rules! sample {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/container/samples/", $name))[..]
    };
}

pub(crate) use sample;
