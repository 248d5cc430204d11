//! `WWW-Authenticate`: which proof a registry wants.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// A challenge that can be answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A token of that realm.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
    /// Name and password with each request.
    Basic,
}

impl Challenge {
    /// The best one offered: a token, which shows the registry no password, before a password.
    pub(crate) fn best(headers: &HeaderMap) -> Option<Self> {
        let mut best = None;
        for value in headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok()) {
            for (scheme, params) in challenges(value) {
                if scheme.eq_ignore_ascii_case("bearer") {
                    let get = |name: &str| {
                        params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone())
                    };
                    if let Some(realm) = get("realm") {
                        return Some(Self::Bearer { realm, service: get("service"), scope: get("scope") });
                    }
                } else if scheme.eq_ignore_ascii_case("basic") {
                    best = Some(Self::Basic);
                }
            }
        }
        best
    }
}

type Params = Vec<(String, String)>;

/// Schemes with their parameters; one header may hold several, separated by the same comma as parameters.
fn challenges(value: &str) -> Vec<(String, Params)> {
    let mut found: Vec<(String, Params)> = Vec::new();
    for part in split_outside_quotes(value, ',') {
        let part = part.trim();
        let (name, text) = part.split_once('=').unwrap_or((part, ""));
        let name = match name.trim().rsplit_once(' ') {
            Some((scheme, name)) => {
                found.push((scheme.trim().to_owned(), Vec::new()));
                name
            }
            None if text.is_empty() => {
                found.push((name.trim().to_owned(), Vec::new()));
                continue;
            }
            None => name.trim(),
        };
        if let Some((_, params)) = found.last_mut() {
            params.push((name.to_owned(), text.trim().trim_matches('"').to_owned()));
        }
    }
    found
}

/// The pieces of `text` between separators that stand outside double quotes.
pub(crate) fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

    use super::Challenge;

    fn best(values: &[&'static str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        Challenge::best(&headers)
    }

    #[test]
    fn a_token_is_preferred_to_a_password_wherever_it_is_offered() {
        let wanted = Challenge::Bearer {
            realm: "https://auth.example/token".into(),
            service: Some("registry".into()),
            scope: Some("repository:a/b:pull,push".into()),
        };
        let bearer = r#"Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push""#;
        assert_eq!(best(&[bearer]), Some(wanted));
        assert!(matches!(best(&["Basic realm=\"x\"", bearer]), Some(Challenge::Bearer { .. })));
        let both = r#"Basic realm="x", bearer realm="https://auth.example/token""#;
        assert!(matches!(best(&[both]), Some(Challenge::Bearer { .. })));
    }

    #[test]
    fn basic_is_found_with_and_without_a_realm_and_others_are_not_answered() {
        assert_eq!(best(&["Basic"]), Some(Challenge::Basic));
        assert_eq!(best(&["Basic realm=\"a, b\""]), Some(Challenge::Basic));
        assert_eq!(best(&["Negotiate", "Bearer service=\"no realm\""]), None);
        assert_eq!(best(&[]), None);
    }
}
