//! One response body, read only as far as its cap.

use bytes::Bytes;
use reqwest::Response;

/// Why a body was not had.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// Longer than the cap, by its own announcement or in fact.
    TooLong,
    /// The connection or the content encoding broke.
    Transport(reqwest::Error),
}

/// How many bytes to make room for: what is announced, else the whole cap. `None` when the announcement
/// itself exceeds the cap.
pub(crate) fn room(response: &Response, cap: usize) -> Option<usize> {
    match response.content_length() {
        Some(announced) => usize::try_from(announced).ok().filter(|announced| *announced <= cap),
        None => Some(cap),
    }
}

/// The body, its content encoding undone before it is counted; dropped, connection and all, at the first
/// byte beyond the cap.
pub(crate) async fn read(mut response: Response, cap: usize) -> Result<Bytes, BodyError> {
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    let mut body = Vec::with_capacity(announced.min(cap));
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Transport)? {
        if chunk.len() > cap - body.len() {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}
