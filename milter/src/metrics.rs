//! Numbers for a monitoring system, in Prometheus' text format, and whether we are well.
//!
//! Way in: [`Metrics`], counted by the handler; [`serve`] answers `/metrics`, `/healthz` (the
//! process answers) and `/readyz` (it takes mail). Labels are few and known beforehand: no address,
//! no subject, nothing a sender wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::record::Record;
use crate::store::queue::Counts;

/// What is counted.
pub struct Metrics {
    registry: Registry,
    mails: Family<Way, Counter>,
    findings: Family<Sign, Counter>,
    failures: Family<Stage, Counter>,
    seconds: Histogram,
    bytes: Counter,
    store_away: Gauge,
    spool_bytes: Gauge,
    not_remembered: Gauge,
    audit_lost: Gauge,
    ready: AtomicBool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Way {
    direction: String,
    decision: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sign {
    id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stage {
    stage: String,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("sekisho");
        let mails = Family::default();
        registry.register("mails", "Mails judged", mails.clone());
        let findings = Family::default();
        registry.register("findings", "Times an indicator or a rule spoke", findings.clone());
        let failures = Family::default();
        registry.register("failures", "Mails that could not be judged, by stage", failures.clone());
        let seconds = Histogram::new(BOUNDS);
        registry.register("judging_seconds", "Time from end of message to answer", seconds.clone());
        let bytes = Counter::default();
        registry.register("mail_bytes", "Bytes of judged mails", bytes.clone());
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, Gauge::clone(&gauge));
            gauge
        };
        let store_away = gauge("store_away", "1 while the store does not answer");
        let spool_bytes = gauge("spool_bytes", "Bytes that wait on disk for the store");
        let not_remembered = gauge("not_remembered", "Entries left out for want of room");
        let audit_lost = gauge("audit_lost", "Entries that the audit log could not take");
        let ready = AtomicBool::new(false);
        Metrics {
            registry,
            mails,
            findings,
            failures,
            seconds,
            bytes,
            store_away,
            spool_bytes,
            not_remembered,
            audit_lost,
            ready,
        }
    }
}

impl Metrics {
    /// Counts a judged mail.
    pub fn judged(&self, record: &Record) {
        let (direction, decision) = (record.direction.clone(), record.decision.clone());
        self.mails.get_or_create(&Way { direction, decision }).inc();
        for found in &record.findings {
            self.findings.get_or_create(&Sign { id: found.id.clone() }).inc();
        }
        self.seconds.observe(Duration::from_micros(record.took_us).as_secs_f64());
        self.bytes.inc_by(record.size);
    }

    /// Counts a mail that could not be judged; `stage` is one of few.
    pub fn failed(&self, stage: &'static str) {
        self.failures.get_or_create(&Stage { stage: stage.to_owned() }).inc();
    }

    /// How the queue to the store does.
    pub fn set_store(&self, counts: &Counts) {
        let read =
            |count: &AtomicU64| i64::try_from(count.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        self.store_away.set(read(&counts.away));
        self.spool_bytes.set(read(&counts.spool_bytes));
        self.not_remembered.set(read(&counts.left_out));
    }

    /// Entries that the audit log lost since the start.
    pub fn set_audit_lost(&self, lost: u64) {
        self.audit_lost.set(i64::try_from(lost).unwrap_or(i64::MAX));
    }

    /// Says whether mail is taken.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// Status and body for a request path.
    fn answer(&self, path: &str) -> (StatusCode, String) {
        match path {
            "/metrics" => (StatusCode::OK, self.text()),
            "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
            "/readyz" if self.ready.load(Ordering::Relaxed) => {
                (StatusCode::OK, "ready\n".to_owned())
            }
            "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
            _ => (StatusCode::NOT_FOUND, "known are /metrics, /healthz, /readyz\n".to_owned()),
        }
    }
}

/// Answers until `stop`. Each connection gets one answer, within [`PATIENCE`].
pub async fn serve(listener: TcpListener, metrics: Arc<Metrics>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (Ok((connection, _)), Ok(place)) = (accepted, places.clone().try_acquire_owned())
        else {
            continue;
        };
        let metrics = metrics.clone();
        tokio::spawn(async move {
            // Whoever does not ask or read in time is not answered.
            let _ = timeout(PATIENCE, answer_one(connection, &metrics)).await;
            drop(place);
        });
    }
}

async fn answer_one(connection: TcpStream, metrics: &Metrics) -> Result<(), hyper::Error> {
    let service = service_fn(|request: Request<Incoming>| async move {
        let (status, body) = match request.method() {
            &Method::GET | &Method::HEAD => metrics.answer(request.uri().path()),
            _ => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        };
        let response = Response::builder().status(status).header(CONTENT_TYPE, TYPE);
        response.body(Full::new(Bytes::from(body)))
    });
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(LONGEST_REQUEST)
        .serve_connection(TokioIo::new(connection), service)
        .await
}

/// What `encode` writes.
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the buckets of time, seconds.
const BOUNDS: [f64; 12] =
    [0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Connections answered at once; further ones are closed.
const CONNECTIONS: usize = 16;

/// Bytes of a request that are read.
const LONGEST_REQUEST: usize = 16 << 10;

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::record::Found;

    async fn ask(metrics: Arc<Metrics>, request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, metrics, stop.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        serving.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn what_was_judged_is_counted() {
        let metrics = Arc::new(Metrics::default());
        let record = Record {
            direction: "inbound".into(),
            decision: "banner".into(),
            size: 1000,
            took_us: 500,
            findings: vec![Found { id: "double-extension".into(), ..Found::default() }],
            ..Record::default()
        };
        metrics.judged(&record);
        metrics.judged(&record);
        metrics.failed("judging");
        let answer = ask(metrics, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
        for line in [
            " 200 OK",
            "sekisho_mails_total{direction=\"inbound\",decision=\"banner\"} 2",
            "sekisho_findings_total{id=\"double-extension\"} 2",
            "sekisho_failures_total{stage=\"judging\"} 1",
            "sekisho_judging_seconds_bucket{le=\"0.001\"} 2",
            "sekisho_mail_bytes_total 2000",
            "# EOF",
        ] {
            assert!(answer.contains(line), "{line} is missing in\n{answer}");
        }
    }

    #[tokio::test]
    async fn health_and_readiness() {
        let metrics = Arc::new(Metrics::default());
        let status = async |path: &str| {
            let answer = ask(metrics.clone(), &format!("GET {path} HTTP/1.0\r\n\r\n")).await;
            answer.split(' ').nth(1).unwrap().to_owned()
        };
        assert_eq!(status("/healthz").await, "200");
        assert_eq!(status("/readyz").await, "503");
        metrics.set_ready(true);
        assert_eq!(status("/readyz").await, "200");
        assert_eq!(status("/").await, "404");
        assert!(ask(metrics.clone(), "POST / HTTP/1.0\r\n\r\n").await.contains(" 405 "));
    }
}
