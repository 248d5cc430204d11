//! The serving certificate: read from a mounted Secret, renewed while connections go on.
//!
//! The files are read again every few seconds and compared by content. Watching them for changes would
//! miss renewals: the kubelet swaps a symbolic link, and the old file sees no event. Own CA and
//! cert-manager look alike here: `tls.crt` (leaf first, then any intermediates) and `tls.key`.
//!
//! Not here: making certificates (`controllers`), or accepting connections (`server`).

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use names::Digest;
use rustls::{
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::io::AsyncReadExt;

/// How often the mounted files are read. The kubelet itself needs up to a minute to bring a new Secret to
/// the volume; reading two small files is cheap, and the first certificate is waited for at start.
const POLL: Duration = Duration::from_secs(2);

/// Largest file read, in bytes: a Secret holds at most 1 MiB.
const MAX_FILE: u64 = 1024 * 1024;

/// Most certificates in the chain. Public chains have three or four.
const MAX_CHAIN: usize = 16;

/// The certificate now in force, and where it comes from. Shared by the TLS acceptor and the poller.
pub struct Certificate {
    folder: PathBuf,
    current: ArcSwapOption<CertifiedKey>,
    /// Digest of the last pair of files looked at, good or bad, so that each is parsed and logged once.
    seen: Mutex<Option<Digest>>,
}

/// The mounted files make no usable certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file is absent or unreadable.
    #[error("could not read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is larger than a Secret can be.
    #[error("{} is larger than {MAX_FILE} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// `tls.crt` is not PEM.
    #[error("tls.crt is not a chain of PEM certificates")]
    Chain(#[source] rustls_pki_types::pem::Error),
    /// `tls.crt` holds none, or more than is reasonable.
    #[error("tls.crt holds {found} certificates; wanted 1 to {MAX_CHAIN}")]
    ChainLength {
        /// How many there are.
        found: usize,
    },
    /// `tls.key` is none of PKCS#8, SEC1 and PKCS#1.
    #[error("tls.key is not a private key in PKCS#8, SEC1 or PKCS#1 PEM")]
    Key(#[source] rustls_pki_types::pem::Error),
    /// The two do not belong together, or the key is of a kind that TLS does not use.
    #[error("tls.key does not fit tls.crt")]
    Pair(#[source] rustls::Error),
}

// === impl Certificate ===

impl Certificate {
    /// Reads from `tls.crt` and `tls.key` in `folder`, once polled. Nothing is served until then.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Arc<Self> {
        Arc::new(Self { folder: folder.into(), current: ArcSwapOption::empty(), seen: Mutex::new(None) })
    }

    /// Whether there is a certificate to serve with.
    pub fn is_loaded(&self) -> bool {
        self.current.load().is_some()
    }

    /// Polls for as long as the process lives. A pair that does not fit (the two files are not read at one
    /// instant) leaves the old one in force until the next round.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(POLL);
        loop {
            ticks.tick().await;
            match self.poll().await {
                Ok(true) => tracing::info!("serving certificate loaded"),
                Ok(false) => {}
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    serving = self.is_loaded(),
                    "serving certificate not loaded"
                ),
            }
        }
    }

    /// Looks once. `true` if a new certificate is in force, `false` if the files are those last looked at.
    pub async fn poll(&self) -> Result<bool, CertificateError> {
        let chain = read(&self.folder.join("tls.crt")).await?;
        let key = read(&self.folder.join("tls.key")).await?;
        let digest = Digest::sha256(format!("{}{}", Digest::sha256(&chain), Digest::sha256(&key)).as_bytes());
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.as_ref() == Some(&digest) {
                return Ok(false);
            }
            *seen = Some(digest);
        }
        self.current.store(Some(Arc::new(parse(&chain, &key)?)));
        Ok(true)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Certificate")
            .field("folder", &self.folder)
            .field("loaded", &self.is_loaded())
            .finish()
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |source| CertificateError::Read { path: path.to_owned(), source };
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let mut content = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut content).await.map_err(failed)?;
    if u64::try_from(content.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(CertificateError::TooLarge { path: path.to_owned() });
    }
    Ok(content)
}

fn parse(chain: &[u8], key: &[u8]) -> Result<CertifiedKey, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(chain)
        .take(MAX_CHAIN + 1)
        .collect::<Result<Vec<_>, _>>()
        .map_err(CertificateError::Chain)?;
    if chain.is_empty() || chain.len() > MAX_CHAIN {
        return Err(CertificateError::ChainLength { found: chain.len() });
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(CertificateError::Pair)
}

#[cfg(test)]
mod tests;
