//! Answers of admission held to the exact codes they give: a denial for one thing more is another denial. Asked by
//! dry run, so that nothing is made and no node asks the registry for the image.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Tidewaiter;
use crate::{Output, manifest::Kind};

/// A Pod of one container to ask with.
#[must_use]
pub fn pod(namespace: &str, image: &str) -> Value {
    Kind::Pod.of(namespace, "probe", image)
}

/// The codes that a denial begins with, in its own order; empty where `said` holds no denial of ours.
#[must_use]
pub fn codes_of(said: &str) -> Vec<&str> {
    let Some((before, denial)) = said.split_once("denied the request: ") else { return Vec::new() };
    if !before.contains("tidewaiter.dev\"") {
        return Vec::new();
    }
    denial.split_once(": ").map(|(codes, _)| codes.split(", ").collect()).unwrap_or_default()
}

impl Tidewaiter<'_> {
    /// Asks, and makes sure that `manifest` is let in.
    ///
    /// # Errors
    /// When it is not, with what was said.
    pub async fn admits(&self, manifest: &Value) -> Result<Output> {
        let answer = self.dry_run(manifest).await?;
        ensure!(answer.succeeded(), "was to be admitted: {}", answer.stderr);
        Ok(answer)
    }

    /// Asks, and makes sure that `manifest` is denied for these codes, and no others.
    ///
    /// # Errors
    /// When it is admitted, or denied for others.
    pub async fn denies(&self, manifest: &Value, codes: &[&str]) -> Result<Output> {
        let answer = self.dry_run(manifest).await?;
        ensure!(!answer.succeeded(), "was to be denied for {codes:?}: {}", answer.stdout);
        let found = codes_of(&answer.stderr);
        ensure!(found == codes, "was to be denied for {codes:?}: {}", answer.stderr);
        Ok(answer)
    }

    /// Asks until `manifest` is denied for these codes and no others, which it is once a change is in force.
    ///
    /// # Errors
    /// When it never is.
    pub async fn comes_to_deny(&self, manifest: &Value, codes: &[&str]) -> Result<Output> {
        self.await_answer(manifest, |answer| codes_of(&answer.stderr) == codes)
            .await
            .with_context(|| format!("wanted were the codes {codes:?}"))
    }

    /// Asks until `manifest` is let in.
    ///
    /// # Errors
    /// When it never is.
    pub async fn comes_to_admit(&self, manifest: &Value) -> Result<Output> {
        self.await_answer(manifest, Output::succeeded).await
    }
}

#[cfg(test)]
mod tests {
    use super::codes_of;

    #[test]
    fn the_codes_of_a_denial_are_read_and_those_of_another_webhook_are_not() {
        let said = "Error from server (Forbidden): admission webhook \"pods.validate.tidewaiter.dev\" denied the \
                    request: SbomMissing, ScanMissing: host/cart:1 was turned away by AIToolPolicy \"shop\"\n  …";
        assert_eq!(codes_of(said), ["SbomMissing", "ScanMissing"]);
        assert!(codes_of(&said.replace("tidewaiter.dev", "example.com")).is_empty());
        assert!(codes_of("pod/probe created (server dry run)").is_empty());
    }
}
