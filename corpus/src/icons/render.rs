//! Icon files as pictures: PNG as it is, SVG by `rsvg-convert` (Debian's librsvg2-bin), each kept in a
//! folder so that the next run need not draw it again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_heuristics::container::icon::Picture;

/// Draws icons.
#[derive(Clone, Debug)]
pub struct Renderer {
    cache: PathBuf,
}

impl Renderer {
    /// A renderer that keeps what it draws in the folder `cache`.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn new(cache: &Path) -> Result<Renderer, String> {
        std::fs::create_dir_all(cache).map_err(|e| format!("{}: {e}", cache.display()))?;
        Ok(Renderer { cache: cache.to_owned() })
    }

    /// The picture of an icon file; a drawing `side` pixels wide.
    pub fn file(&self, path: &Path, side: usize) -> Option<Picture> {
        if path.extension().is_some_and(|e| e == "png") {
            return Picture::from_png(&std::fs::read(path).ok()?);
        }
        self.svg(&std::fs::read_to_string(path).ok()?, side)
    }

    /// The picture of a drawing.
    pub fn svg(&self, text: &str, side: usize) -> Option<Picture> {
        let mut hasher = DefaultHasher::new();
        (text, side).hash(&mut hasher);
        let name = format!("{:016x}", hasher.finish());
        let kept = self.cache.join(format!("{name}.png"));
        if !kept.exists() {
            let drawing = self.cache.join(format!("{name}.svg"));
            std::fs::write(&drawing, text).ok()?;
            let side = side.to_string();
            let mut command = Command::new("rsvg-convert");
            command.args(["-w", &side, "-h", &side, "-a", "-o"]).arg(&kept).arg(&drawing);
            let done = command.output();
            let _ = std::fs::remove_file(&drawing);
            if !done.ok()?.status.success() {
                // An empty file: not tried again.
                let _ = std::fs::write(&kept, b"");
            }
        }
        Picture::from_png(&std::fs::read(&kept).ok()?)
    }
}
