//! The way to a PostgreSQL: its URL, TLS, the pool.
//!
//! Way in: [`pool`]. `sslmode=require` (as `verify-full`) asks for a certificate that the system's
//! roots, or those in `sslrootcert`, vouch for, in the server's name; `prefer` encrypts where the
//! server can and checks nothing, for who accepts clear text cannot be protected by a check.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sekisho_config::DatabaseUrl;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::StoreError;

/// A pool of connections, none of them made yet.
pub(super) fn pool(url: &DatabaseUrl) -> Result<Pool, StoreError> {
    let broken = |why: String| StoreError::Broken(format!("{url}: {why}"));
    let (plain, roots) = split(url.secret());
    let mut config = Config::from_str(&plain).map_err(|e| broken(e.to_string()))?;
    let tls = tls(config.get_ssl_mode(), roots.as_deref()).map_err(broken)?;
    let asked = config.get_options().unwrap_or_default();
    config.options(format!("{asked} {SESSION}").trim_start());
    config.application_name("sekisho");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config, tls, recycling);
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(CONNECT * 2))
        .wait_timeout(Some(CONNECT))
        .build();
    pool.map_err(|e| broken(e.to_string()))
}

/// The URL without what only we read, and the file of roots. libpq's `verify-*` become `require`.
fn split(url: &str) -> (String, Option<PathBuf>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut roots = None;
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", file)) => roots = Some(PathBuf::from(percent_decoded(file))),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(pair),
        }
    }
    (format!("{place}?{}", kept.join("&")), roots)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix('%').and_then(|r| r.get(..2));
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tls(mode: SslMode, roots: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let config = match mode {
        SslMode::Require => builder.with_root_certificates(trusted(roots)?).with_no_client_auth(),
        _ => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unchecked(provider)))
            .with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}

fn trusted(file: Option<&Path>) -> Result<RootCertStore, String> {
    let bundles = SYSTEM_ROOTS.iter().map(Path::new);
    let file = file.or_else(|| bundles.into_iter().find(|bundle| bundle.is_file()));
    let file = file.ok_or("no root certificates on this system; name a file by sslrootcert=")?;
    let unreadable = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|e| unreadable(&e))?;
    let mut roots = RootCertStore::empty();
    // One that cannot be read vouches for nobody, and is no harm among the others.
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    if roots.is_empty() {
        return Err(unreadable(&"holds no certificate"));
    }
    Ok(roots)
}

/// Believes every certificate, but not that somebody else's is the server's own.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Where systems keep their roots: Debian, Red Hat, BSD.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// What each session is told: our tables by their bare names, and an end to what takes too long.
const SESSION: &str = "-c search_path=sekisho -c statement_timeout=60s";

/// Connections of one host.
const CONNECTIONS: usize = 8;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_we_read_is_taken_out_of_the_url() {
        let (url, roots) = split("postgres://u@h/d?sslmode=verify-full&sslrootcert=/a%20b.pem&x=1");
        assert_eq!(url, "postgres://u@h/d?sslmode=require&x=1");
        assert_eq!(roots.as_deref(), Some(Path::new("/a b.pem")));
        assert_eq!(split("postgres://h/d"), ("postgres://h/d".to_owned(), None));
    }

    #[test]
    fn escapes() {
        for (written, read) in [("a%2Fb", "a/b"), ("%", "%"), ("%zz", "%zz"), ("%4", "%4")] {
            assert_eq!(percent_decoded(written), read);
        }
    }
}
