//! What the library reports, read with suspicion.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use sigstore_verify::crypto::FulcioCiClaims;
use sigstore_verify::{SubjectAltName, VerificationResult};

use crate::bundle::Fault;
use crate::proof::{Claims, Identity};
use crate::refused::{Reason, Step};

/// Which checks the library says it made. With any `skip_…` of its policy it returns success and `false` here
/// (jdx/mise pull request 9260 shipped that).
#[derive(Clone, Copy)]
pub(super) struct Checks {
    pub(super) certificate: bool,
    pub(super) sct: bool,
    pub(super) log: bool,
}

impl Checks {
    pub(super) fn of(result: &VerificationResult) -> Self {
        Self {
            certificate: result.certificate_verified(),
            sct: result.sct_verified(),
            log: result.tlog_verified(),
        }
    }

    /// Step 19 for a certificate: chain, certificate log, log and a time. The times come back sorted.
    pub(super) fn keyless(self, times: &[Timestamp]) -> Result<Vec<Timestamp>, Fault> {
        demand(self.certificate, "the certificate")?;
        demand(self.sct, "the certificate's log")?;
        demand(!times.is_empty(), "the time")?;
        self.logged(times)
    }

    /// Step 19 for a key: the log. The times come back sorted.
    pub(super) fn logged(self, times: &[Timestamp]) -> Result<Vec<Timestamp>, Fault> {
        demand(self.log, "the log")?;
        let mut times = times.to_vec();
        times.sort_unstable();
        Ok(times)
    }
}

fn demand(checked: bool, what: &'static str) -> Result<(), Fault> {
    if checked { Ok(()) } else { Err(Fault::new(Step::Complete, Reason::Unchecked(what))) }
}

/// Step 21. The library reports no identity where the certificate's name is of another kind than these two.
pub(super) fn identity(
    name: Option<&SubjectAltName>,
    issuer: Option<&str>,
) -> Result<(Identity, String), Fault> {
    let missing = |what| Fault::new(Step::Identity, Reason::Missing(what));
    let identity = match name {
        Some(SubjectAltName::Uri(uri)) => Identity::Uri(uri.clone()),
        Some(SubjectAltName::Email(address)) => Identity::Email(address.clone()),
        None | Some(_) => return Err(missing("a URI or e-mail identity")),
    };
    if identity.as_str().is_empty() {
        return Err(missing("a URI or e-mail identity"));
    }
    let issuer = issuer.filter(|issuer| !issuer.is_empty()).ok_or_else(|| missing("the issuer"))?;
    Ok((identity, issuer.to_owned()))
}

pub(super) fn claims(of: &FulcioCiClaims) -> Claims {
    Claims {
        build_signer_uri: of.build_signer_uri.clone(),
        build_signer_digest: of.build_signer_digest.clone(),
        runner_environment: of.runner_environment.clone(),
        source_repository: of.source_repository_uri.clone(),
        source_repository_digest: of.source_repository_digest.clone(),
        source_repository_ref: of.source_repository_ref.clone(),
        source_repository_identifier: of.source_repository_identifier.clone(),
        source_repository_owner: of.source_repository_owner_uri.clone(),
        source_repository_owner_identifier: of.source_repository_owner_identifier.clone(),
        build_config_uri: of.build_config_uri.clone(),
        build_config_digest: of.build_config_digest.clone(),
        build_trigger: of.build_trigger.clone(),
        run_invocation_uri: of.run_invocation_uri.clone(),
        source_repository_visibility: of.source_repository_visibility_at_signing.clone(),
        deployment_environment: of.deployment_environment.clone(),
    }
}
