//! A private PostgreSQL: its own cluster in a temporary folder, on a port of loopback that nobody
//! uses, nothing of the machine's own touched.
//!
//! Way in: [`Postgres::is_installed`], then [`Postgres::start`]. PostgreSQL refuses to run as root, so
//! root starts it as `nobody`. Dropping it stops the server and removes the folder, on a panic as
//! well.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::postfix::free_port;
use crate::wait;

/// A PostgreSQL of the test's own.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Whether PostgreSQL is installed (Debian: postgresql).
    pub fn is_installed() -> bool {
        programs().is_some()
    }

    /// Makes a cluster, starts it and waits until it answers.
    pub fn start() -> Result<Postgres, String> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let folder = tempfile::Builder::new().prefix("sekisho-postgres-").tempdir();
        let folder = folder.map_err(|e| format!("temporary folder: {e}"))?;
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).map_err(|e| e.to_string())?;
        }
        let postgres = Postgres { folder, programs, port: free_port() };
        let data = postgres.data();
        postgres.run("initdb", |c| {
            c.arg("-D").arg(&data).args(["-A", "trust", "-U", USER, "-E", "UTF8"]);
            c.args(["--locale=C.UTF-8", "--no-sync"])
        })?;
        postgres.resume()?;
        Ok(postgres)
    }

    /// Starts the server of a cluster that was stopped.
    pub fn resume(&self) -> Result<(), String> {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60",
            self.port,
            self.folder.path().display()
        );
        let log = self.folder.path().join("log");
        let data = self.data();
        self.run("pg_ctl", |c| {
            c.arg("start")
                .arg("-D")
                .arg(&data)
                .arg("-l")
                .arg(&log)
                .arg("-w")
                .arg("-o")
                .arg(&options)
        })
    }

    /// Has the server offer TLS from its next start on, with a certificate of its own for 127.0.0.1;
    /// returns the certificate's file.
    pub fn offer_tls(&self) -> Result<PathBuf, String> {
        let data = self.data();
        let (key, certificate) = (data.join("server.key"), data.join("server.crt"));
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            ])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .map_err(|e| format!("openssl: {e}"))?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        if is_root() {
            chown(&key, Some(NOBODY), Some(NOBODY)).map_err(|e| e.to_string())?;
        }
        let settings = data.join("postgresql.auto.conf");
        fs::write(settings, "ssl = on\n").map_err(|e| e.to_string())?;
        Ok(certificate)
    }

    /// Stops the server at once, connections cut, as in a crash: it recovers when it is resumed.
    pub fn stop(&self) -> Result<(), String> {
        let data = self.data();
        self.run("pg_ctl", |c| c.arg("stop").arg("-D").arg(&data).args(["-m", "immediate", "-w"]))
    }

    /// The URL of a database of its own, made empty.
    pub fn database(&self) -> Result<String, String> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("store{}", MADE.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port))
    }

    /// Executes SQL in the database of a URL.
    pub fn sql_at(&self, url: &str, sql: &str) -> Result<String, String> {
        self.sql(url.rsplit('/').next().unwrap_or_default(), sql)
    }

    fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER, "-d", database])
            .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .map_err(|e| format!("psql: {e}"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(format!("{sql}: {}", text(&output.stderr))),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run<'c>(
        &self,
        program: &str,
        with: impl FnOnce(&mut Command) -> &mut Command + 'c,
    ) -> Result<(), String> {
        let mut command = Command::new(self.programs.join(program));
        // The server keeps what it inherits open, so it must inherit no pipe that is read to its end.
        let out = self.folder.path().join(format!("{program}.out"));
        let file = fs::File::create(&out).map_err(|e| e.to_string())?;
        with(&mut command).current_dir("/").stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let status = command.status().map_err(|e| format!("{program}: {e}"))?;
        if status.success() {
            return Ok(());
        }
        let said =
            |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        Err(format!("{program}: {status} {} {}", said(&format!("{program}.out")), said("log")))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.stop().is_ok() {
            let _ = wait::until("the server to end", || {
                (!self.data().join("postmaster.pid").exists()).then_some(())
            });
        }
    }
}

/// Where Debian has the programs of the newest version, or the PATH has them.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = newest.map(|version| version.join("bin")).into_iter();
    folders.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

const USER: &str = "sekisho";

/// PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;
