//! cosign 3 as a program: it attests, and it is the oracle for what a verifier must accept.
//!
//! Every command can be printed as a person would type it; the demo does.

mod command;
mod signer;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use serde::Deserialize;

pub use self::{
    command::CosignCommand,
    signer::{KeyFiles, Signer},
};
use crate::{command::Output, documents::Document, world::World};

/// cosign with a home folder of its own, so that nothing of the machine's leaks in.
pub struct Cosign {
    program: PathBuf,
    folder: PathBuf,
    version: String,
    files: AtomicU32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

impl Cosign {
    /// Predicates, keys and tokens go into a folder of the world; `name` tells several in one world apart.
    pub async fn new(world: &World, name: &str) -> Result<Self> {
        let mut cosign = Self {
            program: world.tools().path("cosign")?.to_owned(),
            folder: world.folder(&format!("{name}-cosign"))?,
            version: String::new(),
            files: AtomicU32::new(0),
        };
        let version: Version =
            serde_json::from_str(&cosign.command(["version", "--json"]).run().await?.ok()?.stdout)?;
        cosign.version = version.git_version.trim_start_matches('v').to_owned();
        Ok(cosign)
    }

    /// Its version, `3.1.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Makes a pair of keys called `name`.
    pub async fn generate_key_pair(&self, name: &str) -> Result<KeyFiles> {
        let prefix = self.folder.join(name);
        self.command(["generate-key-pair", "--output-key-prefix", &prefix.display().to_string()])
            .run()
            .await?
            .ok()?;
        Ok(KeyFiles { private: prefix.with_extension("key"), public: prefix.with_extension("pub") })
    }

    /// Attests a document to `image`, `HOST/REPOSITORY@DIGEST`. Keyless takes about a second: the log's
    /// checkpoint interval.
    pub async fn attest(&self, image: &str, document: &dyn Document, signer: Signer<'_>) -> Result<()> {
        self.attest_command(image, document, signer).await?.run().await?.ok().map(drop)
    }

    /// Attests several documents at once, which for keyless ones costs little more than one.
    ///
    /// Only for a registry with the referrers API: in the fallback tag parallel writers lose each other's work.
    pub async fn attest_all(
        &self,
        image: &str,
        documents: &[&dyn Document],
        signer: Signer<'_>,
    ) -> Result<()> {
        try_join_all(documents.iter().map(|document| self.attest(image, *document, signer))).await.map(drop)
    }

    /// The command of [`Cosign::attest`], its predicate and token written to files.
    pub async fn attest_command(
        &self,
        image: &str,
        document: &dyn Document,
        signer: Signer<'_>,
    ) -> Result<CosignCommand> {
        let predicate = self.file("predicate.json", &document.predicate().to_string())?;
        let mut arguments = vec![
            "attest".to_owned(),
            "--yes".to_owned(),
            "--allow-http-registry".to_owned(),
            "--type".to_owned(),
            document.cosign_type().to_owned(),
            "--predicate".to_owned(),
            predicate,
        ];
        let mut add = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
        let (sigstore, signing_config) = match signer {
            Signer::Workflow(sigstore, workflow) => {
                add("--identity-token", self.file("token", &sigstore.token(workflow)?)?);
                (Some(sigstore), sigstore.signing_config_file())
            }
            Signer::WorkflowWithoutSct(sigstore, workflow) => {
                add("--identity-token", self.file("token", &sigstore.token(workflow)?)?);
                (Some(sigstore), sigstore.signing_config_without_sct_file())
            }
            Signer::Person(sigstore, address) => {
                add("--identity-token", self.file("token", &sigstore.person_token(address)?)?);
                (Some(sigstore), sigstore.signing_config_file())
            }
            Signer::Key(key) => {
                add("--key", key.private.display().to_string());
                (None, self.empty_signing_config().await?)
            }
            Signer::LoggedKey(sigstore, key) => {
                add("--key", key.private.display().to_string());
                (Some(sigstore), sigstore.signing_config_file())
            }
        };
        add("--signing-config", signing_config.display().to_string());
        if let Some(sigstore) = sigstore {
            add("--trusted-root", sigstore.trusted_root_file().display().to_string());
        }
        arguments.push(image.to_owned());
        Ok(self.command(arguments))
    }

    /// Asks cosign itself whether `image` carries such an attestation: it ends with 0 if so.
    pub async fn verify_attestation(
        &self,
        image: &str,
        cosign_type: &str,
        signer: Signer<'_>,
    ) -> Result<Output> {
        self.verify_command(image, cosign_type, signer)?.run().await
    }

    /// The command of [`Cosign::verify_attestation`].
    pub fn verify_command(
        &self,
        image: &str,
        cosign_type: &str,
        signer: Signer<'_>,
    ) -> Result<CosignCommand> {
        let mut arguments = vec![
            "verify-attestation".to_owned(),
            "--allow-http-registry".to_owned(),
            "--type".to_owned(),
            cosign_type.to_owned(),
        ];
        let mut add = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
        let sigstore = match signer {
            Signer::Workflow(sigstore, workflow) | Signer::WorkflowWithoutSct(sigstore, workflow) => {
                add("--certificate-identity", workflow.identity());
                add("--certificate-oidc-issuer", sigstore.issuer().to_owned());
                Some(sigstore)
            }
            Signer::Person(sigstore, address) => {
                add("--certificate-identity", address.to_owned());
                add("--certificate-oidc-issuer", sigstore.person_issuer().to_owned());
                Some(sigstore)
            }
            Signer::Key(key) => {
                add("--key", key.public.display().to_string());
                None
            }
            Signer::LoggedKey(sigstore, key) => {
                add("--key", key.public.display().to_string());
                Some(sigstore)
            }
        };
        match sigstore {
            Some(sigstore) => add("--trusted-root", sigstore.trusted_root_file().display().to_string()),
            None => arguments.push("--insecure-ignore-tlog".to_owned()),
        }
        arguments.push(image.to_owned());
        Ok(self.command(arguments))
    }

    /// Writes a trusted root made of these parts, and returns it.
    pub(crate) async fn create_trusted_root(&self, out: &Path, parts: &[(&str, String)]) -> Result<String> {
        self.create("trusted-root", out, parts).await
    }

    /// Writes a signing config made of these parts, and returns it.
    pub(crate) async fn create_signing_config(&self, out: &Path, parts: &[(&str, String)]) -> Result<String> {
        self.create("signing-config", out, parts).await
    }

    async fn create(&self, what: &str, out: &Path, parts: &[(&str, String)]) -> Result<String> {
        let mut arguments = vec![what.to_owned(), "create".to_owned()];
        arguments.extend(parts.iter().map(|(flag, value)| format!("--{flag}={value}")));
        arguments.push(format!("--out={}", out.display()));
        self.command(arguments).run().await?.ok()?;
        std::fs::read_to_string(out).with_context(|| format!("{what} written by cosign"))
    }

    /// Without one, cosign 3 asks the public Sigstore where to sign, even with a key.
    async fn empty_signing_config(&self) -> Result<PathBuf> {
        let file = self.folder.join("empty-signing-config.json");
        if !file.exists() {
            // Parallel attests write the same bytes; the rename makes each write whole.
            let draft = self.file("draft.json", "")?;
            self.create_signing_config(Path::new(&draft), &[]).await?;
            std::fs::rename(draft, &file)?;
        }
        Ok(file)
    }

    fn command<I: IntoIterator<Item = S>, S: Into<String>>(&self, arguments: I) -> CosignCommand {
        CosignCommand {
            program: self.program.clone(),
            home: self.folder.clone(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    fn file(&self, name: &str, content: &str) -> Result<String> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{number}-{name}"));
        std::fs::write(&path, content).with_context(|| format!("{}", path.display()))?;
        Ok(path.display().to_string())
    }
}
