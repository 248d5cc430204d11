//! All matching credentials, tried in turn as the kubelet does.

use std::future::Future;

use crate::Error;
use crate::keychain::Credential;

/// Credentials tried for one question: each may cost three exchanges, and a Pod that brings more for one
/// repository brings them to be tried, not to be served.
const MOST: usize = 16;

/// The first conclusive answer. A refusal, "not found" or an inconclusive answer passes the question to
/// the next credential: a private repository hides from the wrong one. Without any credential it is
/// asked anonymously.
pub(crate) async fn in_turn<T, F: Future<Output = Result<T, Error>>>(
    credentials: &[Credential],
    is_conclusive: impl Fn(&T) -> bool,
    ask: impl Fn(Option<Credential>) -> F,
) -> Result<T, Error> {
    let Some((first, rest)) = credentials.split_first() else { return ask(None).await };
    let mut best = ask(Some(first.clone())).await;
    for credential in rest.iter().take(MOST - 1) {
        match &best {
            Ok(answer) if is_conclusive(answer) => break,
            Ok(_) | Err(Error::Refused { .. } | Error::NotFound { .. }) => {}
            Err(
                Error::RateLimited { .. }
                | Error::Unreachable { .. }
                | Error::Invalid { .. }
                | Error::Limit { .. }
                | Error::Deadline { .. }
                | Error::ForbiddenAddress { .. },
            ) => break,
        }
        let answer = ask(Some(credential.clone())).await;
        // "Nothing there" said to one credential is not unsaid by refusing the next.
        if best.is_err() || !matches!(answer, Err(Error::Refused { .. } | Error::NotFound { .. })) {
            best = answer;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::in_turn;
    use crate::Error;
    use crate::keychain::Credential;

    fn credential(user: &str) -> Credential {
        Credential::new(user.into(), "p".into(), None)
    }

    fn refused() -> Error {
        Error::Refused { host: "h".into(), what: "w".into(), status: 403 }
    }

    /// Asks with credentials 0, 1, 2 …, each of which gets its scripted answer; `Some(n)` is conclusive
    /// when it is not 0. Returns how many were tried, too.
    async fn play(script: Vec<Result<u8, Error>>) -> (Result<u8, Error>, usize) {
        let credentials: Vec<_> = (0..script.len()).map(|n| credential(&n.to_string())).collect();
        let script = RefCell::new(script.into_iter());
        let answer = in_turn(
            &credentials,
            |answer| *answer != 0,
            |credential| {
                assert!(credential.is_some());
                std::future::ready(script.borrow_mut().next().expect("no more asked than scripted"))
            },
        )
        .await;
        (answer, credentials.len() - script.into_inner().len())
    }

    #[tokio::test]
    async fn the_next_credential_is_tried_after_a_refusal_and_not_after_an_answer() {
        assert!(matches!(play(vec![Err(refused()), Ok(7), Ok(8)]).await, (Ok(7), 2)));
        assert!(matches!(play(vec![Err(refused()), Err(refused())]).await, (Err(Error::Refused { .. }), 2)));
    }

    #[tokio::test]
    async fn an_empty_answer_is_kept_only_when_no_other_credential_sees_more() {
        assert!(matches!(play(vec![Ok(0), Ok(3)]).await, (Ok(3), 2)));
        assert!(matches!(play(vec![Ok(0), Err(refused())]).await, (Ok(0), 2)));
    }

    #[tokio::test]
    async fn an_outage_is_not_answered_by_another_credential() {
        let down = Error::Deadline { host: "h".into(), what: "w".into() };
        assert!(matches!(play(vec![Err(down), Ok(1)]).await, (Err(Error::Deadline { .. }), 1)));
    }

    #[tokio::test]
    async fn a_pod_with_a_hundred_credentials_has_sixteen_tried() {
        assert_eq!(play((0..100).map(|_| Err(refused())).collect()).await.1, 16);
    }

    #[tokio::test]
    async fn without_credentials_the_question_is_asked_anonymously() {
        let answer = in_turn(&[], |_| true, |credential| std::future::ready(Ok(credential.is_none()))).await;
        assert!(matches!(answer, Ok(true)));
    }
}
