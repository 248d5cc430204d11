//! Which scanner made a scan: a short name that stays the same from version to version.
//!
//! Producers write a package URL, a web address or a plain word; all three name one scanner, and a newer
//! scan must be seen to replace the older one.

/// The program that scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanner {
    /// Lower-case name without version, such as `trivy`; `None` where the scan does not say.
    pub name: Option<String>,
    /// As stated, or as the package URL has it.
    pub version: Option<String>,
}

/// Longest name or version that is kept. `pkg:` URLs of real scanners have names of under 20 characters.
const MAX_TEXT: usize = 64;

// === impl Scanner ===

impl Scanner {
    /// From `scanner.uri` and `scanner.version`; the version stated apart wins over the one in the URI.
    pub(crate) fn read(uri: Option<&str>, version: Option<&str>) -> Self {
        let (name, in_uri) = split(uri.unwrap_or_default());
        let version = [version, in_uri].into_iter().flatten().map(str::trim).find(|text| !text.is_empty());
        Self { name: short(name).map(|name| name.to_ascii_lowercase()), version: version.and_then(short) }
    }
}

/// `pkg:github/aquasecurity/trivy@0.70.0?x#y` → (`trivy`, `0.70.0`); `https://host/org/trivy/` → `trivy`.
fn split(uri: &str) -> (&str, Option<&str>) {
    let uri = uri.trim();
    let path = uri.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let (name, version) = match last.rsplit_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (last, None),
    };
    let name = name.rsplit(':').next().unwrap_or_default();
    (name.strip_suffix(".git").unwrap_or(name), version)
}

/// A text that is fit to be kept and shown: bounded, and nothing that moves a cursor.
fn short(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("pkg:github/aquasecurity/trivy@0.70.0")]
    #[case("pkg:github/aquasecurity/trivy@0.69.9?os=linux#x")]
    #[case("pkg:trivy@1")]
    #[case("https://github.com/aquasecurity/trivy")]
    #[case("https://github.com/aquasecurity/trivy.git")]
    #[case("https://example.com/Trivy/")]
    #[case("trivy")]
    #[case(" trivy ")]
    fn every_spelling_of_one_scanner_is_one_name(#[case] uri: &str) {
        assert_eq!(Scanner::read(Some(uri), None).name.as_deref(), Some("trivy"));
    }

    #[test]
    fn the_version_stated_apart_wins_over_the_one_in_the_address() {
        let uri = Some("pkg:github/aquasecurity/trivy@0.70.0");
        assert_eq!(Scanner::read(uri, Some("0.71.0")).version.as_deref(), Some("0.71.0"));
        assert_eq!(Scanner::read(uri, Some("")).version.as_deref(), Some("0.70.0"));
    }

    #[rstest]
    #[case(None)]
    #[case(Some(""))]
    #[case(Some("///"))]
    #[case(Some("@1"))]
    fn a_scan_without_a_scanner_has_no_name(#[case] uri: Option<&str>) {
        assert_eq!(Scanner::read(uri, None).name, None);
    }

    #[test]
    fn a_hostile_name_is_cut_and_holds_no_control_characters() {
        let name = Scanner::read(Some(&format!("\u{1b}[2J{}", "x".repeat(5000))), None).name.unwrap();
        assert_eq!(name.len(), MAX_TEXT);
        assert!(!name.chars().any(char::is_control));
    }
}
