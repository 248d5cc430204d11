//! Who signs: a GitHub Actions workflow, as its identity token describes it.

use serde_json::{Value, json};

/// A workflow run. Its claims become the certificate's identity and extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// `OWNER/REPOSITORY`.
    pub repository: String,
    /// File name under `.github/workflows/`.
    pub file: String,
    /// Full ref, `refs/heads/main`.
    pub git_ref: String,
    /// Commit, 40 hex digits.
    pub commit: String,
    /// `github-hosted` or `self-hosted`.
    pub runner_environment: String,
    /// `push`, `workflow_dispatch`, …
    pub event: String,
    /// `public` or `private`.
    pub visibility: String,
}

impl Default for Workflow {
    fn default() -> Self {
        Self {
            repository: "shop/cart".to_owned(),
            file: "release.yml".to_owned(),
            git_ref: "refs/heads/main".to_owned(),
            commit: "4f1c0a9e2b7d83560c1e9f24a8b6d7035e92c1fa".to_owned(),
            runner_environment: "github-hosted".to_owned(),
            event: "push".to_owned(),
            visibility: "public".to_owned(),
        }
    }
}

impl Workflow {
    /// The default workflow in another repository.
    pub fn of(repository: &str) -> Self {
        Self { repository: repository.to_owned(), ..Self::default() }
    }

    /// The certificate's subject: what a policy's signer names.
    pub fn identity(&self) -> String {
        format!("https://github.com/{}", self.workflow_ref())
    }

    fn workflow_ref(&self) -> String {
        format!("{}/.github/workflows/{}@{}", self.repository, self.file, self.git_ref)
    }

    /// The claims that GitHub's issuer puts into such a run's token, times and issuer apart.
    pub(super) fn claims(&self) -> Value {
        let owner = self.repository.split('/').next().unwrap_or_default();
        json!({
            "sub": format!("repo:{}:ref:{}", self.repository, self.git_ref),
            "repository": self.repository,
            "repository_id": "1296269",
            "repository_owner": owner,
            "repository_owner_id": "583231",
            "repository_visibility": self.visibility,
            "ref": self.git_ref,
            "ref_type": "branch",
            "sha": self.commit,
            "workflow": "release",
            "workflow_ref": self.workflow_ref(),
            "workflow_sha": self.commit,
            "job_workflow_ref": self.workflow_ref(),
            "job_workflow_sha": self.commit,
            "event_name": self.event,
            "run_id": "1164",
            "run_attempt": "1",
            "runner_environment": self.runner_environment,
        })
    }
}
