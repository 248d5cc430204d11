//! The real socket: TLS by certificates made here, renewal, limits, and leaving.

use std::path::Path as FilePath;

use axum::http::StatusCode;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Version,
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
};
use prometheus_client::registry::Registry;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Notify, oneshot},
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use verdict::Judgement;

use super::*;
use crate::{
    court::fake::{FakeCourt, clean, denied},
    review::MAX_BODY,
};

const NAME: &str = "webhook.tidewaiter-system.svc";
const POD: &[u8] = include_bytes!("../../testdata/pod-create.json");

/// A test may take this long before it is called stuck; nothing here waits for it.
const STUCK: Duration = Duration::from_secs(30);

fn quick() -> Limits {
    Limits { linger: Duration::ZERO, ..Limits::default() }
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue_into(&self, folder: &FilePath) {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![NAME.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        std::fs::write(folder.join("tls.crt"), leaf.pem()).unwrap();
        std::fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
    }
}

/// A running server and what a client needs to trust it.
struct Running {
    authority: Authority,
    folder: TempDir,
    certificate: Arc<Certificate>,
    address: std::net::SocketAddr,
    leave: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Running {
    async fn start(court: FakeCourt, limits: Limits) -> Self {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
        authority.issue_into(folder.path());
        let certificate = Certificate::in_folder(folder.path());
        certificate.poll().await.unwrap();
        Self::start_with(authority, folder, certificate, court, limits).await
    }

    async fn start_with(
        authority: Authority,
        folder: TempDir,
        certificate: Arc<Certificate>,
        court: FakeCourt,
        limits: Limits,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock: crate::Clock = Arc::new(jiff::Timestamp::now);
        let clerk = Clerk::new(court, clock, crate::Metrics::register(&mut Registry::default()));
        let (leave, left) = oneshot::channel::<()>();
        let served = serve(listener, Arc::clone(&certificate), clerk, limits, async {
            let _ = left.await;
        });
        let served = tokio::spawn(served);
        Self { authority, folder, certificate, address, leave: Some(leave), served }
    }

    async fn tls(&self, protocol: &str) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.0.der().clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let stream = TcpStream::connect(self.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(NAME).unwrap(), stream).await
    }

    async fn connect(&self) -> http1::SendRequest<Full<Bytes>> {
        let (sender, connection) =
            http1::handshake(TokioIo::new(self.tls("http/1.1").await.unwrap())).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// The leaf that a new connection is shown.
    async fn leaf(&self) -> Vec<u8> {
        let stream = self.tls("http/1.1").await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }

    fn leave(&mut self) {
        self.leave.take().unwrap().send(()).unwrap();
    }
}

fn post_to(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let uri = format!("https://{NAME}{path}");
    Request::post(uri).header("host", NAME).body(Full::new(body.into())).unwrap()
}

fn get_from(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header("host", NAME).body(Full::default()).unwrap()
}

async fn text(response: hyper::Response<Incoming>) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn ask(
    client: &mut http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, String) {
    client.ready().await.unwrap();
    text(client.send_request(request).await.unwrap()).await
}

#[tokio::test]
async fn a_review_is_answered_over_tls_by_either_protocol() {
    let server = Running::start(FakeCourt::judging(denied), quick()).await;
    let mut client = server.connect().await;
    let response = client.send_request(post_to("/validate?timeout=10s", POD)).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let (status, body) = text(response).await;
    assert_eq!(status, StatusCode::OK);
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["response"]["uid"], "6f8a1c1e-0001-4000-8000-000000000001");
    assert_eq!(answer["response"]["allowed"], false);

    let stream = server.tls("h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut h2, connection) =
        http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = h2.send_request(post_to("/pin?timeout=10s", POD)).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let answer: Value = serde_json::from_str(&text(response).await.1).unwrap();
    assert_eq!(answer["response"]["allowed"], true);
}

#[tokio::test]
async fn what_is_no_review_gets_an_http_error() {
    let server = Running::start(FakeCourt::judging(clean), quick()).await;
    let mut client = server.connect().await;
    assert_eq!(ask(&mut client, post_to("/validate", "{}")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(&mut client, post_to("/elsewhere", POD)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(&mut client, get_from("/validate")).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let mut client = server.connect().await;
    let (status, body) = ask(&mut client, post_to("/validate", vec![b' '; MAX_BODY + 1])).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body, format!("the body is larger than {MAX_BODY} bytes\n"));
}

#[tokio::test]
async fn a_panic_in_one_request_leaves_the_connection_and_the_next_request_alone() {
    let court = FakeCourt::judging(|image| panic!("tripped over {image}"));
    let server = Running::start(court, quick()).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        let (status, body) = ask(&mut client, post_to("/validate", POD)).await;
        assert_eq!(status, StatusCode::OK);
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["response"]["uid"], "6f8a1c1e-0001-4000-8000-000000000001");
        assert_eq!(answer["response"]["auditAnnotations"]["codes"], "InternalError");
    }
}

#[tokio::test]
async fn a_replica_is_ready_only_once_all_is_listed() {
    for (ready, status) in [(false, StatusCode::SERVICE_UNAVAILABLE), (true, StatusCode::OK)] {
        let mut court = FakeCourt::judging(clean);
        court.ready = ready;
        let server = Running::start(court, quick()).await;
        let mut client = server.connect().await;
        assert_eq!(ask(&mut client, get_from("/readyz")).await.0, status);
        assert_eq!(ask(&mut client, get_from("/livez")).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn nothing_is_served_until_a_certificate_is_there() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let certificate = Certificate::in_folder(folder.path());
    let server =
        Running::start_with(authority, folder, certificate, FakeCourt::judging(clean), quick()).await;
    assert!(server.tls("http/1.1").await.is_err());
    server.authority.issue_into(server.folder.path());
    server.certificate.poll().await.unwrap();
    let mut client = server.connect().await;
    assert_eq!(ask(&mut client, get_from("/readyz")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_new_leaf_is_shown_to_new_connections_and_drops_no_kept_one() {
    let server = Running::start(FakeCourt::judging(clean), quick()).await;
    let mut kept = server.connect().await;
    assert_eq!(ask(&mut kept, post_to("/validate", POD)).await.0, StatusCode::OK);
    let first = server.leaf().await;
    server.authority.issue_into(server.folder.path());
    assert!(server.certificate.poll().await.unwrap());
    assert_ne!(server.leaf().await, first);
    assert_eq!(ask(&mut kept, post_to("/validate", POD)).await.0, StatusCode::OK);
}

/// A court that says when it is asked and answers when it is told.
fn waiting() -> (FakeCourt, Arc<Notify>, Arc<Notify>) {
    let (asked, tell) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut court = FakeCourt::judging(clean);
    let (heard, told) = (Arc::clone(&asked), Arc::clone(&tell));
    court.judge = Box::new(move |image, _stage| -> BoxFuture<'static, Judgement> {
        let (heard, told) = (Arc::clone(&heard), Arc::clone(&told));
        Box::pin(async move {
            heard.notify_one();
            told.notified().await;
            clean(&image)
        })
    });
    (court, asked, tell)
}

#[tokio::test]
async fn leaving_answers_what_is_running_and_then_takes_nothing_new() {
    let (court, asked, tell) = waiting();
    let mut server = Running::start(court, quick()).await;
    let mut client = server.connect().await;
    let running = tokio::spawn(async move { ask(&mut client, post_to("/validate", POD)).await });
    asked.notified().await;
    server.leave();
    // The listener is closed before anything is waited for: refused means that draining has begun.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.served.is_finished(), "it waits for the running request");
    tell.notify_one();
    assert_eq!(running.await.unwrap().0, StatusCode::OK);
    timeout(STUCK, server.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn while_lingering_a_replica_is_unready_and_still_answers() {
    let limits = Limits { linger: STUCK, ..Limits::default() };
    let mut server = Running::start(FakeCourt::judging(clean), limits).await;
    let mut client = server.connect().await;
    assert_eq!(ask(&mut client, get_from("/readyz")).await.0, StatusCode::OK);
    server.leave();
    let (status, body) = timeout(STUCK, async {
        loop {
            let answer = ask(&mut client, get_from("/readyz")).await;
            if answer.0 != StatusCode::OK {
                return answer;
            }
        }
    })
    .await
    .unwrap();
    assert_eq!((status, body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "leaving\n"));
    let mut another = server.connect().await;
    assert_eq!(ask(&mut another, post_to("/validate", POD)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_stuck_request_cannot_hold_up_leaving() {
    let (court, asked, _never) = waiting();
    let limits = Limits { drain: Duration::from_millis(50), ..quick() };
    let mut server = Running::start(court, limits).await;
    let mut client = server.connect().await;
    let running =
        tokio::spawn(async move { client.send_request(post_to("/validate?timeout=30s", POD)).await });
    asked.notified().await;
    server.leave();
    timeout(STUCK, server.served).await.unwrap().unwrap();
    assert!(running.await.unwrap().is_err());
}

#[tokio::test]
async fn a_silent_client_is_dropped_after_the_handshake_limit() {
    let limits = Limits { handshake: Duration::from_millis(50), ..quick() };
    let server = Running::start(FakeCourt::judging(clean), limits).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let read = timeout(STUCK, silent.read(&mut [0; 1])).await.expect("the server hangs up");
    assert_eq!(read.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_client_that_sends_no_request_after_the_handshake_is_dropped_too() {
    let limits = Limits { handshake: Duration::from_millis(200), ..quick() };
    let server = Running::start(FakeCourt::judging(clean), limits).await;
    for begun in ["", "POST /validate HTTP/1.1\r\nhost: "] {
        let mut silent = server.tls("http/1.1").await.unwrap();
        silent.write_all(begun.as_bytes()).await.unwrap();
        let read = timeout(STUCK, silent.read(&mut [0; 1])).await.expect("the server hangs up");
        assert_eq!(read.unwrap_or(0), 0, "{begun:?}");
    }
}

#[tokio::test]
async fn a_connection_over_the_limit_waits_until_another_ends() {
    let limits = Limits { connections: 1, ..quick() };
    let server = Running::start(FakeCourt::judging(clean), limits).await;
    let mut first = server.connect().await;
    assert_eq!(ask(&mut first, get_from("/livez")).await.0, StatusCode::OK);
    let mut second = pin!(server.tls("http/1.1"));
    assert!(timeout(Duration::from_millis(100), second.as_mut()).await.is_err());
    drop(first);
    timeout(STUCK, second).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_old_connection_is_asked_to_end_after_its_request() {
    let (court, asked, tell) = waiting();
    let limits = Limits { age: Duration::from_millis(50), ..quick() };
    let server = Running::start(court, limits).await;
    let stream = server.tls("http/1.1").await.unwrap();
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let ended = tokio::spawn(connection);
    let running = client.send_request(post_to("/validate", POD));
    asked.notified().await;
    // Older than its age by now or in a moment; either way the request is answered before the end.
    tell.notify_one();
    assert_eq!(text(running.await.unwrap()).await.0, StatusCode::OK);
    timeout(STUCK, ended).await.expect("the server ends the connection").unwrap().unwrap();
    drop(client);
}
