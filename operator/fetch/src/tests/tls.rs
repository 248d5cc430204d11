//! https with a CA of one's own.

use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use names::ImageRef;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::fake::{Shop, ask, router};
use crate::{Config, Error, Fault, HostConfig, Keychain, Registry, Source as _};

/// A shop behind https; its host and the PEM of its certificate.
async fn https_shop() -> (String, Vec<u8>) {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a PKCS#8 key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider's versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a matching key");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let host = listener.local_addr().expect("a bound listener").to_string();
    let shop = Shop::with_attestations(0);
    let script = Arc::new(move |seen| -> futures::future::BoxFuture<'static, _> {
        Box::pin(std::future::ready(shop.answer(&seen)))
    });
    let router = router(script, Arc::default());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, router) = (acceptor.clone(), router.clone());
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                let service = TowerToHyperService::new(router);
                Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await.ok()
            });
        }
    });
    (host, own.cert.pem().into_bytes())
}

#[tokio::test]
async fn only_a_ca_given_for_the_host_may_vouch_for_it() {
    let (host, pem) = https_shop().await;
    let image = ImageRef::parse(&format!("{host}/team/app:1")).expect("a good reference");
    let anonymous = Keychain::anonymous();
    for (ca_pem, wanted) in [(Some(pem), true), (None, false)] {
        let listed = HostConfig { host: host.clone(), any_address: true, ca_pem, ..HostConfig::default() };
        let config = Config { hosts: vec![listed], ..Config::default() };
        let registry = Registry::new(&config).expect("a good configuration");
        let answer = registry.resolve(&image, ask(&anonymous)).await;
        if wanted {
            assert!(answer.is_ok(), "{answer:?}");
        } else {
            let distrusted = matches!(answer, Err(Error::Unreachable { fault: Fault::Transport(_), .. }));
            assert!(distrusted, "{answer:?}");
        }
    }
}
