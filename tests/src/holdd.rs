//! The real `sekisho holdd` beside a private Postfix.
//!
//! Way in: [`Holdd::start`]. Needs root, as the companion does. Dropping it kills the process.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::postfix::Postfix;
use crate::sekisho::binary;
use crate::wait;

/// A running companion, or one that was killed and can be started again.
pub struct Holdd {
    folder: TempDir,
    arguments: Vec<String>,
    group: String,
    child: Option<Child>,
}

impl Holdd {
    /// Starts one for this Postfix and waits until it says that it is ready. It hears `users`, whom
    /// their group lets reach the socket.
    pub fn start(postfix: &Postfix, users: &[u32], group: u32) -> Result<Holdd, String> {
        let folder = tempfile::Builder::new().prefix("sekisho-holdd-").tempdir();
        let folder = folder.map_err(|e| format!("temporary folder: {e}"))?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .map_err(|e| e.to_string())?;
        let config = postfix.configuration().display().to_string();
        let mut arguments = vec!["--postfix-config".to_owned(), config];
        arguments.extend(["--group".to_owned(), group.to_string()]);
        for user in users {
            arguments.extend(["--allow-user".to_owned(), user.to_string()]);
        }
        let mut holdd = Holdd { folder, arguments, group: group.to_string(), child: None };
        holdd.restart()?;
        Ok(holdd)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Starts the process, again after a kill, and waits for its READY=1.
    pub fn restart(&mut self) -> Result<(), String> {
        self.kill();
        let notify = self.folder.path().join("notify");
        let _ = fs::remove_file(&notify);
        let heard = UnixDatagram::bind(&notify).map_err(|e| e.to_string())?;
        heard.set_read_timeout(Some(Duration::from_millis(20))).map_err(|e| e.to_string())?;
        let log =
            fs::File::options().create(true).append(true).open(self.folder.path().join("log"));
        // The rights of sekisho-holdd.service and no others: what Postfix's commands need is told by
        // the tests, not by its manual.
        let child = Command::new("setpriv")
            .args(["--no-new-privs", "--inh-caps=-all", "--clear-groups", "--regid"])
            .arg(&self.group)
            .args(["--bounding-set", RIGHTS])
            .arg(binary()?)
            .arg("holdd")
            .arg("--socket")
            .arg(self.socket())
            .args(&self.arguments)
            .env("NOTIFY_SOCKET", &notify)
            .env_remove("JOURNAL_STREAM")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.map_err(|e| e.to_string())?)
            .spawn()
            .map_err(|e| format!("sekisho holdd: {e}"))?;
        self.child = Some(child);
        let waited = wait::until("sekisho holdd to be ready", || {
            let mut said = [0; 256];
            let read = heard.recv(&mut said).unwrap_or_default();
            let ready = said.get(..read)?.starts_with(b"READY=1");
            let mut ended = || self.child.as_mut()?.try_wait().ok().flatten();
            if ready { Some(true) } else { ended().map(|_| false) }
        });
        match waited {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("sekisho holdd ended at once:\n{}", self.log())),
            Err(why) => Err(format!("{why}:\n{}", self.log())),
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// SIGKILL. Again is harmless.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Holdd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `CapabilityBoundingSet=` of sekisho-holdd.service, as setpriv(1) writes it.
const RIGHTS: &str = "-all,+setuid,+setgid,+dac_read_search";
