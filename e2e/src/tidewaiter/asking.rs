//! Questions to admission, asked as a person asks them: with kubectl. What the answer has to be is the
//! tests'.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::Tidewaiter;
use crate::{Output, manifest::Kind};

impl Tidewaiter<'_> {
    /// Creates the object.
    ///
    /// # Errors
    /// When kubectl cannot be run; that it was refused is in the output.
    pub async fn create(&self, manifest: &Value) -> Result<Output> {
        self.world().kubectl_with(&["create", "-f", "-"], &manifest.to_string()).await
    }

    /// Creates the object in a dry run on the server.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn dry_run(&self, manifest: &Value) -> Result<Output> {
        let arguments = ["create", "--dry-run=server", "-f", "-"];
        self.world().kubectl_with(&arguments, &manifest.to_string()).await
    }

    /// Waits until the namespace's policy is in force: an image without attestations is turned away for that.
    ///
    /// # Errors
    /// When it never is.
    pub async fn await_guard(&self, namespace: &str, bare: &str) -> Result<()> {
        let probe = Kind::Pod.of(namespace, "probe", bare);
        self.await_answer(&probe, |answer| denied(answer, &["SbomMissing"]).is_ok()).await.map(drop)
    }

    /// What a jsonpath finds in an object, or in a list of them.
    ///
    /// # Errors
    /// When there is no such object.
    pub async fn read(&self, namespace: &str, what: &[&str], path: &str) -> Result<String> {
        let path = format!("jsonpath={path}");
        let mut arguments = vec!["get"];
        arguments.extend(what);
        arguments.extend(["--namespace", namespace, "--output", &path]);
        Ok(self.world().kubectl(&arguments).await?.ok()?.stdout)
    }
}

/// Holds that admission turned the object away, and said all of this.
///
/// # Errors
/// When it did not.
pub fn denied(answer: &Output, says: &[&str]) -> Result<()> {
    ensure!(answer.code == 1 && answer.stderr.contains("denied the request"), "was not denied: {answer:?}");
    for wanted in says {
        ensure!(answer.stderr.contains(wanted), "does not say {wanted}: {answer:?}");
    }
    Ok(())
}

/// Holds that admission let the object pass without a word.
///
/// # Errors
/// When it did not.
pub fn admitted(answer: &Output) -> Result<()> {
    ensure!(answer.succeeded() && answer.stderr.is_empty(), "was not admitted without a word: {answer:?}");
    Ok(())
}
