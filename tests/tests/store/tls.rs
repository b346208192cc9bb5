//! What `sslmode` asks of a PostgreSQL.

use sekisho_config::{DatabaseUrl, Settings, Store as StoreSettings};
use sekisho_milter::store::Memory;
use sekisho_tests::postgres::Postgres;

use crate::faults::until;

/// Sessions of ours, by whether they are encrypted.
const SESSIONS: &str = "SELECT string_agg(DISTINCT ssl::text, ',') FROM pg_stat_ssl \
    JOIN pg_stat_activity USING (pid) WHERE application_name = 'sekisho'";

#[tokio::test]
async fn tls_is_taken_or_demanded() {
    if crate::server().is_none() {
        return;
    }
    let server = Postgres::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = server.database().unwrap();
    let open = async |query: &str| {
        let url = Some(DatabaseUrl::new(&format!("{url}{query}")).unwrap());
        let store = Memory::new(&StoreSettings { url, ..Settings::default().store }, folder.path());
        let store = store.unwrap();
        store.open().await.map(|()| store)
    };
    let sessions = || server.sql_at(&url, SESSIONS).unwrap();

    let store = open("").await.unwrap();
    assert_eq!(sessions(), "false", "preferred, and not to be had");
    assert!(open("?sslmode=require").await.is_err());
    drop(store);

    let certificate = server.offer_tls().unwrap();
    server.stop().unwrap();
    server.resume().unwrap();
    for (query, expected) in [("", "true"), ("?sslmode=disable", "false")] {
        let store = open(query).await.unwrap();
        assert_eq!(sessions(), expected, "{query}");
        drop(store);
        until("the session to end", async || sessions().is_empty()).await;
    }
    let trusted = format!("?sslmode=require&sslrootcert={}", certificate.display());
    let store = open(&trusted).await.unwrap();
    assert_eq!(sessions(), "true");
    drop(store);
    let error = open("?sslmode=require").await.err().unwrap().to_string();
    assert!(error.contains("certificate"), "the system vouches for nobody's own: {error}");
}
