//! A real clamd with two signatures of the test's own, on a unix socket in a folder of its own.
//!
//! Way in: [`Clamd::start`]. Dropping it kills the process and removes its folder. It knows the
//! EICAR test file and [`MARK`], nothing else, so it starts at once and needs no download.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::wait;

/// A text that this clamd takes for malware, under the name `Sekisho.Mark`.
pub const MARK: &str = "sekisho mark of malware";

/// The EICAR test file, which every scanner knows; in halves, so that no scanner takes this source
/// for it.
pub fn eicar() -> String {
    let halves = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
    halves.concat()
}

/// A running clamd.
pub struct Clamd {
    folder: TempDir,
    child: Child,
}

impl Clamd {
    /// Whether clamd is installed (Debian: clamav-daemon).
    pub fn is_installed() -> bool {
        Command::new(PROGRAM).arg("--version").output().is_ok()
    }

    /// Starts one and waits until it answers.
    pub fn start() -> Result<Clamd, String> {
        let folder = tempfile::Builder::new().prefix("sekisho-clamd-").tempdir();
        let folder = folder.map_err(|e| format!("temporary folder: {e}"))?;
        let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
        let signatures =
            format!("Eicar-Test:0:0:{}\nSekisho.Mark:0:*:{}\n", hex(&eicar()), hex(MARK));
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            fs::write(path(name), text).map_err(|e| format!("{name}: {e}"))
        };
        fs::create_dir(path("db")).map_err(|e| e.to_string())?;
        write("db/test.ndb", &signatures)?;
        let settings = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nStreamMaxLength 1M\n",
            path("clamd.sock").display(),
            path("db").display()
        );
        write("clamd.conf", &settings)?;
        let child = Command::new(PROGRAM)
            .arg("--config-file")
            .arg(path("clamd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("clamd: {e}"))?;
        let clamd = Clamd { folder, child };
        wait::until("clamd to answer", || clamd.answers().then_some(()))?;
        Ok(clamd)
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("clamd.sock")
    }

    /// Ends it at once; its socket stays behind, as after a crash.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn answers(&self) -> bool {
        let ask = || {
            let mut stream = UnixStream::connect(self.socket())?;
            stream.write_all(b"zPING\0")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok::<_, std::io::Error>(answer.starts_with("PONG"))
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Debian has it where only administrators look.
const PROGRAM: &str = "/usr/sbin/clamd";
