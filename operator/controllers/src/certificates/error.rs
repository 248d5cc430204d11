//! What can go wrong on the way to a registered webhook.

/// A round that did not finish. All of these are tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server did not give or take an object.
    #[error("could not {verb} {object}")]
    Api {
        /// What was tried: `read`, `create`, `replace`, `apply`, `delete`.
        verb: &'static str,
        /// Kind and name.
        object: String,
        /// What the API server said.
        #[source]
        source: kube::Error,
    },
    /// A certificate could not be made.
    #[error("could not make the {what}")]
    Certificate {
        /// `CA` or `leaf`.
        what: &'static str,
        /// What the library said.
        #[source]
        source: rcgen::Error,
    },
    /// A validity would lie outside what a certificate can say: the clock is far off.
    #[error("the clock says {now}, which no certificate can be made for; set the clock")]
    Clock {
        /// What the clock said.
        now: jiff::Timestamp,
    },
}

impl Error {
    /// For `map_err`: what was tried on which object.
    pub(crate) fn api(verb: &'static str, object: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let object = object.into();
        move |source| Self::Api { verb, object, source }
    }
}
