//! `Link: <…>; rel="next"`: where the next page is.

use reqwest::header::{HeaderMap, LINK};
use url::Url;

use crate::challenge::split_outside_quotes;
use crate::hosts::authority;

/// A link that must not be followed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ForeignLink;

/// The next page, or `None` when this is the last.
///
/// # Errors
/// The link is no URL or leaves the registry: a page elsewhere would be asked with this credential.
pub(crate) fn next(headers: &HeaderMap, current: &Url) -> Result<Option<Url>, ForeignLink> {
    for value in headers.get_all(LINK) {
        let value = value.to_str().map_err(|_| ForeignLink)?;
        for link in split_outside_quotes(value, ',') {
            let mut parts = split_outside_quotes(link, ';').map(str::trim);
            let target = parts.next().unwrap_or_default();
            let is_next = parts.any(|part| {
                part.split_once('=').is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
                })
            });
            if !is_next {
                continue;
            }
            let target = target.strip_prefix('<').and_then(|t| t.strip_suffix('>')).ok_or(ForeignLink)?;
            let url = current.join(target).map_err(|_| ForeignLink)?;
            let same = url.scheme() == current.scheme()
                && authority(&url) == authority(current)
                && url.username().is_empty()
                && url.password().is_none();
            return if same { Ok(Some(url)) } else { Err(ForeignLink) };
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, LINK};
    use url::Url;

    use super::{ForeignLink, next};

    fn follow(link: &'static str) -> Result<Option<String>, ForeignLink> {
        let mut headers = HeaderMap::new();
        headers.append(LINK, HeaderValue::from_static(link));
        let current = Url::parse("https://registry.example/v2/a/referrers/x").map_err(|_| ForeignLink)?;
        next(&headers, &current).map(|url| url.map(String::from))
    }

    #[test]
    fn relative_and_absolute_links_on_the_same_registry_are_followed() {
        let wanted = Ok(Some("https://registry.example/v2/a/referrers/x?n=2".to_owned()));
        assert_eq!(follow(r#"</v2/a/referrers/x?n=2>; rel="next""#), wanted);
        assert_eq!(follow(r#"<https://registry.example/v2/a/referrers/x?n=2>;rel=next"#), wanted);
        assert_eq!(follow(r#"</first>; rel="first", <?n=2>; title="a; b, c"; rel="next""#), wanted);
    }

    #[test]
    fn a_link_that_leaves_the_registry_is_an_error_not_the_last_page() {
        for link in [
            r#"<https://elsewhere.example/v2/a>; rel="next""#,
            r#"<http://registry.example/v2/a>; rel="next""#,
            r#"<https://registry.example:8443/v2/a>; rel="next""#,
            r#"<https://user@registry.example/v2/a>; rel="next""#,
            r#"/v2/a; rel="next""#,
        ] {
            assert_eq!(follow(link), Err(ForeignLink), "{link}");
        }
    }

    #[test]
    fn other_relations_are_not_the_next_page() {
        assert_eq!(follow(r#"</v2/a>; rel="prev""#), Ok(None));
    }
}
