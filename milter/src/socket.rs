//! The sockets on which mail servers reach us.
//!
//! Way in: [`Sockets::bind`], then [`Sockets::accept`]. Invariants: nobody can connect to a unix
//! socket before its group and mode are as configured, unless the umask already lets him; a socket
//! file is taken over only when nobody listens on it; on drop our own socket files, and only those,
//! are removed. [`BindError`] names the address and the cause, for the administrator.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use std::time::Duration;

use sekisho_config::Listen;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Listening sockets.
#[derive(Debug)]
pub struct Sockets {
    sockets: Vec<Socket>,
}

/// A connection of either kind.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Inet(TcpStream),
    /// Over a unix socket.
    Unix(UnixStream),
}

/// What a conversation needs of a connection.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send {
    /// Tells the kernel that no answer will follow what was read so far.
    ///
    /// TCP puts off acknowledgements by 40 ms, hoping to send them with an answer, and Postfix
    /// holds back the end of a mail until its beginning is acknowledged (Nagle). A filter that says
    /// nothing until the end of the message would cost each mail these 40 ms.
    fn acknowledge(&self);
}

impl Transport for TcpStream {
    fn acknowledge(&self) {
        // Only slower without it.
        let _ = self.set_quickack(true);
    }
}

impl Transport for UnixStream {
    fn acknowledge(&self) {}
}

/// An address on which we cannot listen.
#[derive(Debug)]
pub struct BindError {
    /// The address as configured.
    pub address: String,
    /// Why not.
    pub cause: String,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: {}", self.address, self.cause)
    }
}

impl std::error::Error for BindError {}

impl Sockets {
    /// Listens on all of `addresses`, or on none. `mode` and `group` are for unix sockets; a group
    /// is a name in /etc/group or a number.
    pub async fn bind(
        addresses: &[Listen],
        mode: u32,
        group: Option<&str>,
    ) -> Result<Sockets, BindError> {
        let mut sockets = Vec::with_capacity(addresses.len());
        for address in addresses {
            let (shown, bound) = match address {
                Listen::Inet { host, port } => {
                    let bound = TcpListener::bind((host.as_str(), *port)).await;
                    (format!("inet:{host}:{port}"), bound.map(Socket::Inet))
                }
                Listen::Unix(path) => {
                    let bound = bind_unix(path, mode, group).await;
                    (format!("unix:{}", path.display()), bound)
                }
            };
            let bound = bound.map_err(|e| BindError { address: shown, cause: e.to_string() });
            sockets.push(bound?);
        }
        Ok(Sockets { sockets })
    }

    /// Waits for a connection on any of them.
    pub async fn accept(&self) -> io::Result<Stream> {
        std::future::poll_fn(|context| {
            let mut accepted = self.sockets.iter().map(|socket| socket.poll_accept(context));
            accepted.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }

    /// Every address as Postfix writes it, with the ports that the system chose.
    pub fn addresses(&self) -> Vec<String> {
        let shown = |socket: &Socket| match socket {
            Socket::Inet(listener) => listener.local_addr().map(|a| format!("inet:{a}")),
            Socket::Unix { path, .. } => Ok(format!("unix:{}", path.display())),
        };
        self.sockets.iter().filter_map(|socket| shown(socket).ok()).collect()
    }

    /// TCP addresses in the order in which they were configured, with the ports that the system
    /// chose.
    pub fn inet_addresses(&self) -> Vec<SocketAddr> {
        let inet = self.sockets.iter().filter_map(|socket| match socket {
            Socket::Inet(listener) => listener.local_addr().ok(),
            Socket::Unix { .. } => None,
        });
        inet.collect()
    }
}

#[derive(Debug)]
enum Socket {
    Inet(TcpListener),
    Unix { listener: UnixListener, path: PathBuf, identity: (u64, u64) },
}

impl Socket {
    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        match self {
            Socket::Inet(listener) => listener.poll_accept(context).map(|accepted| {
                let (stream, _) = accepted?;
                // One write per answer: waiting for more to send would only add 40 ms.
                stream.set_nodelay(true)?;
                Ok(Stream::Inet(stream))
            }),
            Socket::Unix { listener, .. } => {
                listener.poll_accept(context).map_ok(|(stream, _)| Stream::Unix(stream))
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Socket::Unix { path, identity, .. } = self {
            // A successor may have put its own socket there already.
            if identity_of(path).is_ok_and(|now| now == *identity) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

async fn bind_unix(path: &Path, mode: u32, group: Option<&str>) -> io::Result<Socket> {
    let group = group.map(group_id).transpose()?;
    remove_stale(path).await?;
    let listener = UnixListener::bind(path)?;
    let socket = Socket::Unix { listener, path: path.to_owned(), identity: identity_of(path)? };
    // The group first: with the mode first, the process's own group could connect for a moment.
    if group.is_some() {
        chown(path, None, group).map_err(not_a_member)?;
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    Ok(socket)
}

/// Removes a socket that a killed predecessor left behind.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let other = |what: &str| Err(io::Error::other(what.to_owned()));
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
        Ok(found) if !found.file_type().is_socket() => {
            return other("a file that is not a socket is in the way");
        }
        Ok(_) => {}
    }
    match tokio::time::timeout(PROBE, UnixStream::connect(path)).await {
        Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Ok(Err(e)) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(Err(e)) if e.kind() == io::ErrorKind::PermissionDenied => Err(e),
        _ => other("another process listens there"),
    }
}

fn not_a_member(error: io::Error) -> io::Error {
    let why = "socket_group needs a group that the user of this process is a member of";
    match error.kind() {
        io::ErrorKind::PermissionDenied => io::Error::other(format!("{why}: {error}")),
        _ => error,
    }
}

fn identity_of(path: &Path) -> io::Result<(u64, u64)> {
    let found = std::fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

/// The number of a group that is named in /etc/group, or given as a number.
pub(crate) fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    let groups = std::fs::read_to_string("/etc/group")?;
    find_group(&groups, group).ok_or_else(|| {
        io::Error::other(format!("no group {group} in /etc/group; a number would do as well"))
    })
}

/// The number of a group in the text of group(5): `name:password:number:members`.
fn find_group(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// How long a listener may take to accept when we ask whether it lives.
const PROBE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(path: &Path, mode: u32) -> Result<Sockets, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let addresses = [Listen::Unix(path.to_owned())];
        runtime.block_on(Sockets::bind(&addresses, mode, None)).map_err(|e| e.cause)
    }

    #[test]
    fn a_unix_socket_has_its_mode_and_goes_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("milter.sock");
        let sockets = bind(&path, 0o660).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o660);
        drop(sockets);
        assert!(!path.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_but_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("milter.sock");
        let living = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(bind(&path, 0o660).unwrap_err(), "another process listens there");
        drop(living);
        assert!(path.exists());
        bind(&path, 0o660).unwrap();
    }

    #[test]
    fn other_files_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("milter.sock");
        std::fs::write(&path, "precious").unwrap();
        assert_eq!(bind(&path, 0o660).unwrap_err(), "a file that is not a socket is in the way");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn groups_are_found_by_name() {
        let groups = "root:x:0:\nmail:x:8:\npostfix:x:107:sekisho\nbroken\n";
        assert_eq!(find_group(groups, "postfix"), Some(107));
        assert_eq!(find_group(groups, "post"), None);
        assert_eq!(find_group(groups, "broken"), None);
    }
}
