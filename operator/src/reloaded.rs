//! The registry client under the configuration now in force.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use fetch::{Answer, Ask, ConfigError, Descriptor, Listing, Registry, Resolved, Source};
use names::{Digest, ImageRef, Repository};
use tokio::sync::watch;

use crate::configuration::Configuration;

/// Replaced as a whole when the configuration changes: what one was told of hosts and CAs never meets the other's
/// answers. Its caches start anew, which costs one fetch an image.
pub(crate) struct Reloaded(ArcSwap<Registry>);

impl Reloaded {
    /// A client for the configuration as it is, kept current from then on.
    pub(crate) fn new(
        mut configuration: watch::Receiver<Arc<Configuration>>,
    ) -> Result<Arc<Self>, ConfigError> {
        let first = Registry::new(&configuration.borrow_and_update().fetch())?;
        let reloaded = Arc::new(Self(ArcSwap::from_pointee(first)));
        let kept = Arc::clone(&reloaded);
        tokio::spawn(async move {
            while configuration.changed().await.is_ok() {
                let told = configuration.borrow_and_update().fetch();
                match Registry::new(&told) {
                    Ok(registry) => kept.0.store(Arc::new(registry)),
                    Err(error) => {
                        tracing::error!(%error, "the changed registries cannot be used; those before stay");
                    }
                }
            }
        });
        Ok(reloaded)
    }
}

impl Source for Reloaded {
    fn resolve<'a>(&'a self, image: &'a ImageRef, ask: Ask<'a>) -> Answer<'a, Resolved> {
        let registry = self.0.load_full();
        Box::pin(async move { registry.resolve(image, ask).await })
    }

    fn candidates<'a>(
        &'a self,
        repository: &'a Repository,
        digest: &'a Digest,
        ask: Ask<'a>,
    ) -> Answer<'a, Listing> {
        let registry = self.0.load_full();
        Box::pin(async move { registry.candidates(repository, digest, ask).await })
    }

    fn bundle<'a>(
        &'a self,
        repository: &'a Repository,
        candidate: &'a Descriptor,
        ask: Ask<'a>,
    ) -> Answer<'a, Vec<Bytes>> {
        let registry = self.0.load_full();
        Box::pin(async move { registry.bundle(repository, candidate, ask).await })
    }
}
