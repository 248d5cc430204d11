//! How the house says an error aloud: in one line, with its causes.

use std::error::Error;

/// `error` and what caused it, joined by `: `. A cause that was told already is left out: not every library leaves
/// the telling of a cause to whoever prints the error.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Told {
        text: &'static str,
        #[source]
        cause: Option<Box<Self>>,
    }

    fn told(texts: &[&'static str]) -> Told {
        let (text, causes) = texts.split_first().unwrap();
        let cause = (!causes.is_empty()).then(|| Box::new(told(causes)));
        Told { text, cause }
    }

    #[test]
    fn an_error_is_told_with_its_causes_each_once() {
        assert_eq!(with_causes(&told(&["alone"])), "alone");
        assert_eq!(with_causes(&told(&["no list", "HTTP 500"])), "no list: HTTP 500");
        assert_eq!(
            with_causes(&told(&["no list: HTTP 500", "HTTP 500", "tired"])),
            "no list: HTTP 500: tired"
        );
    }
}
