//! Reading a request's body: bounded in size and time, and bounded over all requests together.
//!
//! Memory is claimed as the bytes arrive, not by what a header promises, so nobody can hold the budget
//! without sending. When it is spent, a request is turned back at once rather than queued: a queue of half
//! read bodies could never drain.
//!
//! Not here: what the bytes mean (`review`).

use std::sync::Arc;

use axum::{body::Body, http::StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use crate::review::MAX_BODY;

/// Bytes of all bodies being read or judged together. An API server sends some 250 requests at once over
/// one connection; a Pod's review is 10 to 40 KiB, so that is about 10 MiB, or eight of the largest bodies.
pub(crate) const BUDGET: usize = 64 * 1024 * 1024;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("too many bytes are being judged at once; try again in a moment")]
    Busy,
    #[error("the body did not arrive in the time the request states")]
    Late,
    #[error("the connection broke before the body ended")]
    Broken,
}

/// A whole body, and its claim on the memory of all.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    _claim: Option<OwnedSemaphorePermit>,
}

/// The memory that all bodies share.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Reads `body` to its end, by `deadline`.
    pub(crate) async fn read(&self, mut body: Body, deadline: Instant) -> Result<Held, BodyError> {
        let mut claim: Option<OwnedSemaphorePermit> = None;
        let mut bytes = Vec::new();
        while let Some(frame) = timeout_at(deadline, body.frame()).await.map_err(|_| BodyError::Late)? {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            if bytes.len() + data.len() > MAX_BODY {
                return Err(BodyError::TooLarge);
            }
            let size = u32::try_from(data.len()).map_err(|_| BodyError::TooLarge)?;
            let more = Arc::clone(&self.0).try_acquire_many_owned(size).map_err(|_| BodyError::Busy)?;
            match &mut claim {
                Some(claim) => claim.merge(more),
                None => claim = Some(more),
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Held { bytes: Bytes::from(bytes), _claim: claim })
    }
}

impl BodyError {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use futures::{StreamExt, stream};

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    fn in_frames(frames: usize, size: usize) -> Body {
        Body::from_stream(stream::iter(
            (0..frames).map(move |_| Ok::<_, Infallible>(Bytes::from(vec![b' '; size]))),
        ))
    }

    #[tokio::test]
    async fn the_largest_body_is_read_and_one_byte_more_is_not() {
        let budget = Budget::of_bytes(BUDGET);
        let read = budget.read(in_frames(2, MAX_BODY / 2), soon()).await.unwrap();
        assert_eq!(read.bytes.len(), MAX_BODY);
        let chained = in_frames(2, MAX_BODY / 2).into_data_stream().chain(Body::from("x").into_data_stream());
        assert_eq!(budget.read(Body::from_stream(chained), soon()).await.unwrap_err(), BodyError::TooLarge);
    }

    #[tokio::test]
    async fn bodies_share_one_budget_and_give_it_back() {
        let budget = Budget::of_bytes(100);
        let held = budget.read(in_frames(2, 30), soon()).await.unwrap();
        assert_eq!(budget.read(in_frames(2, 30), soon()).await.unwrap_err(), BodyError::Busy);
        drop(held);
        assert_eq!(budget.read(in_frames(2, 30), soon()).await.unwrap().bytes.len(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up_at_the_deadline() {
        let budget = Budget::of_bytes(100);
        let endless = Body::from_stream(
            stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]).chain(stream::pending()),
        );
        assert_eq!(budget.read(endless, soon()).await.unwrap_err(), BodyError::Late);
        assert_eq!(budget.read(in_frames(1, 100), soon()).await.unwrap().bytes.len(), 100, "given back");
    }
}
