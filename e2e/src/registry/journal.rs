//! What was asked of the registry's front: counts, and how many round trips ran one after another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A manifest by tag.
    ManifestTag,
    /// A manifest by digest.
    ManifestDigest,
    /// The referrers API.
    Referrers,
    /// A blob, or an upload of one.
    Blob,
    /// A bearer token.
    Token,
    /// Anything else, the version check among it.
    Other,
}

/// One request at the front.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// What it asked for.
    pub kind: Kind,
    /// Path, without the query.
    pub path: String,
    /// The user it was admitted as; empty for none.
    pub user: String,
    /// HTTP status; 0 while it is not answered.
    pub status: u16,
    /// Arrival, in microseconds since counting began.
    pub started_at_micros: u64,
    /// Answer, in microseconds since counting began; 0 while it is not answered.
    pub ended_at_micros: u64,
}

/// Requests in the order of their arrival.
#[derive(Debug, Clone)]
pub struct Requests(pub Vec<Request>);

impl Requests {
    /// How many there were.
    pub fn total(&self) -> usize {
        self.0.len()
    }

    /// How many asked for this.
    pub fn of(&self, kind: Kind) -> usize {
        self.0.iter().filter(|request| request.kind == kind).count()
    }

    /// How many of these ran one after another: the largest set of requests of which no two overlap. Add some
    /// latency before relying on it, else requests sent together may be over before the next arrives.
    pub fn round_trips(&self) -> usize {
        let mut spans: Vec<(u64, u64)> = self
            .0
            .iter()
            .filter(|request| request.ended_at_micros > 0)
            .map(|request| (request.ended_at_micros, request.started_at_micros))
            .collect();
        spans.sort_unstable();
        let mut count = 0;
        let mut free_from = 0;
        for (ended, started) in spans {
            if started >= free_from {
                count += 1;
                free_from = ended;
            }
        }
        count
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|request| writeln!(f, "{} {} {}", request.method, request.path, request.status))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Request, Requests};

    fn request(started_at_micros: u64, ended_at_micros: u64) -> Request {
        let (method, path, user) = ("GET".to_owned(), "/v2/".to_owned(), String::new());
        Request { method, kind: Kind::Other, path, user, status: 200, started_at_micros, ended_at_micros }
    }

    #[test]
    fn requests_sent_together_are_one_round_trip() {
        let together = Requests(vec![request(0, 20), request(1, 21), request(2, 22)]);
        assert_eq!(together.round_trips(), 1);
        let chained = Requests(vec![request(0, 20), request(21, 41), request(22, 42), request(43, 60)]);
        assert_eq!(chained.round_trips(), 3);
    }

    #[test]
    fn a_request_without_an_answer_is_counted_but_is_no_round_trip() {
        let hanging = Requests(vec![request(5, 0)]);
        assert_eq!((hanging.total(), hanging.round_trips()), (1, 0));
    }
}
