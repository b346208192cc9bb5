//! The real `sekisho run`, started with a configuration of the test's own.
//!
//! Way in: [`Sekisho::start`]. Settings are written as TOML, on top of [`BASE`]: [`OWN_DOMAIN`] is
//! ours, there is no DNS, and the log goes to a file. Dropping it kills the process and removes
//! its folder, on a panic as well.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::postfix::{OWN_DOMAIN, free_port};
use crate::wait;

/// Configuration files by name, e.g. `("thresholds.toml", "[thresholds]\nbanner = 1\n")`.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// Where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A port on loopback.
    Port(u16),
    /// A unix socket.
    Socket(PathBuf),
}

/// A running sekisho, or one that was killed and can be started again.
pub struct Sekisho {
    folder: TempDir,
    at: At,
    offline: bool,
    host: Option<String>,
    child: Option<Child>,
}

impl Sekisho {
    /// Starts one on a free port and waits until it takes connections.
    pub fn start(files: Files<'_>) -> Result<Sekisho, String> {
        Sekisho::start_at(At::Port(free_port()), files)
    }

    /// Starts one at a given place.
    pub fn start_at(at: At, files: Files<'_>) -> Result<Sekisho, String> {
        let mut sekisho = Sekisho::prepared(at, files)?;
        sekisho.restart()?;
        Ok(sekisho)
    }

    /// Everything but the process; [`Sekisho::restart`] starts it.
    pub fn prepared(at: At, files: Files<'_>) -> Result<Sekisho, String> {
        let folder = tempfile::Builder::new().prefix("sekisho-test-").tempdir();
        let folder = folder.map_err(|e| format!("temporary folder: {e}"))?;
        fs::create_dir(folder.path().join("etc")).map_err(|e| e.to_string())?;
        let sekisho = Sekisho { folder, at, offline: true, host: None, child: None };
        sekisho.configure(files).map_err(|e| format!("configuration: {e}"))?;
        Ok(sekisho)
    }

    /// The same, but it may ask what its configuration names: clamd, name servers.
    pub fn prepared_online(files: Files<'_>) -> Result<Sekisho, String> {
        let mut sekisho = Sekisho::prepared(At::Port(free_port()), files)?;
        sekisho.offline = false;
        Ok(sekisho)
    }

    /// The same, but it believes to be on a host of this name, as on a machine of its own (root).
    #[must_use]
    pub fn on_host(mut self, name: &str) -> Sekisho {
        self.host = Some(name.to_owned());
        self
    }

    /// Runs a command of the same binary with the same configuration and state: `sekisho ARGUMENTS`.
    pub fn ask(&self, arguments: &[&str]) -> Result<Output, String> {
        let mut command = self.command()?;
        command.args(arguments).arg("--config").arg(self.configuration());
        command.stdin(Stdio::null()).output().map_err(|e| format!("sekisho {arguments:?}: {e}"))
    }

    /// The folder of its state.
    pub fn state(&self) -> PathBuf {
        self.path("state/sekisho")
    }

    /// Number of the running process; `None` where it was killed.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Writes a new configuration; a running one notices it on [`Sekisho::reload`].
    pub fn configure(&self, files: Files<'_>) -> io::Result<()> {
        let mut all: BTreeMap<&str, String> = BTreeMap::new();
        all.insert("filter.toml", BASE.replace("@OWN@", OWN_DOMAIN));
        for (name, content) in files {
            all.entry(name).or_default().push_str(content);
        }
        for (name, content) in all {
            fs::write(self.folder.path().join("etc").join(name), content)?;
        }
        Ok(())
    }

    /// Starts one whose log goes elsewhere; [`Sekisho::log`] knows nothing of it.
    pub fn start_logging_to(
        at: At,
        files: Files<'_>,
        log: impl Into<Stdio>,
    ) -> Result<Sekisho, String> {
        let mut sekisho = Sekisho::prepared(at, files)?;
        sekisho.launch(Stdio::null(), log.into())?;
        Ok(sekisho)
    }

    /// The folder of its configuration.
    pub fn configuration(&self) -> PathBuf {
        self.path("etc")
    }

    /// Starts the process, again after a kill, and waits until it takes connections.
    pub fn restart(&mut self) -> Result<(), String> {
        self.kill();
        let log = File::options().create(true).append(true).open(self.path("log"));
        let log = log.map_err(|e| format!("log: {e}"))?;
        self.launch(log.try_clone().map_err(|e| e.to_string())?.into(), log.into())
    }

    fn launch(&mut self, stdout: Stdio, stderr: Stdio) -> Result<(), String> {
        let listen = match &self.at {
            At::Port(port) => format!("inet:127.0.0.1:{port}"),
            At::Socket(path) => format!("unix:{}", path.display()),
        };
        let child = self
            .command()?
            .arg("run")
            .args(self.offline.then_some("--offline"))
            .arg("--config")
            .arg(self.configuration())
            .args(["--listen", &listen])
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(|e| format!("sekisho run: {e}"))?;
        self.child = Some(child);
        let waited = wait::until("sekisho to take connections", || {
            if self.has_ended().is_some() {
                return Some(false);
            }
            let up = match &self.at {
                At::Port(port) => TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok(),
                At::Socket(path) => UnixStream::connect(path).is_ok(),
            };
            up.then_some(true)
        });
        match waited {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("sekisho ended at once:\n{}", self.log())),
            Err(why) => Err(format!("{why}:\n{}", self.log())),
        }
    }

    fn command(&self) -> Result<Command, String> {
        let binary = binary()?;
        let mut command = match &self.host {
            None => Command::new(binary),
            Some(host) => {
                let mut command = Command::new("unshare");
                let named = "hostname \"$0\" && exec \"$@\"";
                command.args(["--uts", "sh", "-c", named, host]).arg(binary);
                command
            }
        };
        command.env("XDG_STATE_HOME", self.path("state")).env_remove("NOTIFY_SOCKET");
        Ok(command)
    }

    /// The port it listens on; 0 for a unix socket.
    pub fn port(&self) -> u16 {
        match self.at {
            At::Port(port) => port,
            At::Socket(_) => 0,
        }
    }

    /// What it has logged so far, by all its processes.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Waits until the log holds `words`, `count` times at least.
    #[track_caller]
    pub fn logged(&self, words: &str, count: usize) {
        let waited = wait::until(&format!("the log to say {words:?}"), || {
            (self.log().matches(words).count() >= count).then_some(())
        });
        if let Err(why) = waited {
            panic!("{why}:\n{}", self.log());
        }
    }

    /// SIGHUP: read the configuration again.
    pub fn reload(&self) {
        self.signal("HUP");
    }

    /// SIGTERM: finish what is under way and end.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Whether the process has ended, and how.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok().flatten()
    }

    /// Waits until the process has ended by itself.
    pub fn wait(&mut self) -> Result<ExitStatus, String> {
        wait::until("sekisho to end", || self.has_ended())
    }

    /// SIGKILL, at once, whatever is under way. Again is harmless.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let pid = child.id().to_string();
            let _ = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status();
        }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }
}

impl Drop for Sekisho {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The binary `sekisho` of the same build: what `SEKISHO_BIN` names, else the one in the target
/// folder beside this test, built first if it is missing or older than a source.
pub fn binary() -> Result<PathBuf, String> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARY.get_or_init(find_binary).clone()
}

fn find_binary() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("SEKISHO_BIN") {
        return Ok(named.into());
    }
    let ours = std::env::current_exe().map_err(|e| format!("own path: {e}"))?;
    let folder = ours.ancestors().skip(1).find(|a| !a.ends_with("deps"));
    let folder = folder.ok_or("no target folder above this test")?;
    let binary = folder.join(format!("sekisho{}", std::env::consts::EXE_SUFFIX));
    if modified(&binary) < newest_source() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let profile = match folder.file_name().and_then(|n| n.to_str()) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        // What cargo tells a test of its package would have ring, and all above it, built anew.
        let of_package =
            |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut build = Command::new(cargo);
        names.filter(|name| of_package(name)).for_each(|name| {
            build.env_remove(name);
        });
        let built = build
            .args(["build", "--quiet", "--offline", "--bin", "sekisho", "--profile", profile])
            .current_dir(repository())
            .status()
            .map_err(|e| format!("cargo build: {e}"))?;
        if !built.success() {
            return Err(format!("cargo build --bin sekisho: {built}"));
        }
    }
    Ok(binary)
}

/// Root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository")
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|m| m.modified()).ok()
}

/// When the youngest source that goes into the binary was changed.
fn newest_source() -> Option<SystemTime> {
    let mut folders: Vec<PathBuf> =
        ["config", "heuristics", "milter"].iter().map(|p| repository().join(p)).collect();
    let mut newest = None;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "toml" || e == "txt") {
                newest = newest.max(modified(&path));
            }
        }
    }
    newest
}

/// `filter.toml` of every test; a test's own follows it.
const BASE: &str = "own_domains = [\"@OWN@\"]
own_networks = [\"127.0.0.0/8\", \"::1\"]
log = \"text\"
";
