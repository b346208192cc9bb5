//! A tiny authentication server for Postfix's smtpd: Dovecot's protocol, version 1.1, PLAIN alone.
//!
//! Way in: [`Sasl::listen`]. Every user whose password is [`PASSWORD`] is let in under the name he
//! gives. Dropping it ends the server.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The password of everybody.
pub const PASSWORD: &str = "open-sesame";

/// A running server.
pub struct Sasl {
    path: PathBuf,
    ended: Arc<AtomicBool>,
}

impl Sasl {
    /// Listens on a socket that everybody on this host may connect to.
    pub fn listen(path: &Path) -> io::Result<Sasl> {
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                // One smtpd a connection; each waits for its own answers only.
                std::thread::spawn(move || client.and_then(serve));
            }
        });
        Ok(Sasl { path: path.to_owned(), ended })
    }
}

impl Drop for Sasl {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = UnixStream::connect(&self.path);
    }
}

fn serve(mut client: UnixStream) -> io::Result<()> {
    client.write_all(GREETING.as_bytes())?;
    for line in BufReader::new(client.try_clone()?).lines() {
        if let Some(answer) = answer(&line?) {
            client.write_all(answer.as_bytes())?;
        }
    }
    Ok(())
}

/// The answer to one line of smtpd's; only AUTH gets one.
fn answer(line: &str) -> Option<String> {
    let mut fields = line.split('\t');
    let (command, id, mechanism) = (fields.next()?, fields.next()?, fields.next());
    if command != "AUTH" {
        return None;
    }
    let response = fields.find_map(|field| field.strip_prefix("resp="));
    let user = response.filter(|_| mechanism == Some("PLAIN")).and_then(let_in);
    Some(match user {
        Some(user) => format!("OK\t{id}\tuser={user}\n"),
        None => format!("FAIL\t{id}\treason=wrong name or password\n"),
    })
}

/// Who may come in with a response of PLAIN (RFC 4616): `[authzid] NUL authcid NUL password`.
fn let_in(response: &str) -> Option<String> {
    let decoded = mail_parser::decoders::base64::base64_decode(response.as_bytes())?;
    let decoded = String::from_utf8(decoded).ok()?;
    let mut fields = decoded.split('\0').skip(1);
    let (user, password) = (fields.next()?, fields.next()?);
    (password == PASSWORD && !user.is_empty()).then(|| user.to_owned())
}

const GREETING: &str = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::base64;

    #[test]
    fn the_right_password_lets_everybody_in() {
        let auth = |response: &str| {
            let response = base64(response.as_bytes());
            answer(&format!("AUTH\t7\tPLAIN\tservice=smtp\tnologin\tresp={}", response.trim()))
        };
        let right = auth(&format!("\0hanako\0{PASSWORD}"));
        assert_eq!(right.as_deref(), Some("OK\t7\tuser=hanako\n"));
        let refused = Some("FAIL\t7\treason=wrong name or password\n");
        assert_eq!(auth("\0hanako\0guess").as_deref(), refused);
        assert_eq!(auth(&format!("\0\0{PASSWORD}")).as_deref(), refused);
        assert_eq!(auth("").as_deref(), refused);
        assert_eq!(answer("AUTH\t7\tLOGIN\tservice=smtp").as_deref(), refused);
        assert_eq!(answer("CPID\t123"), None);
    }
}
