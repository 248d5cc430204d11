//! The cast: one image an act, each attested for real by cosign.

use anyhow::Result;
use e2e::{
    cosign::Signer,
    documents::{AiProvenance, Scan, Tool},
    sigstore::Workflow,
    tidewaiter::{Evidence, Tidewaiter},
};
use jiff::SignedDuration;

/// References by tag, as a person would write them.
pub(crate) struct Images {
    pub(crate) bare: String,
    pub(crate) without_provenance: String,
    pub(crate) unapproved_model: String,
    pub(crate) mostly_unknown: String,
    pub(crate) scanned_long_ago: String,
    pub(crate) vulnerable: String,
    pub(crate) good: String,
    pub(crate) good_digest: String,
    pub(crate) other_workflow: String,
    pub(crate) key_signed: String,
    pub(crate) unknown_key: String,
}

impl Images {
    /// Pushes and attests, all at the same time.
    pub(crate) async fn push(tidewaiter: &Tidewaiter<'_>) -> Result<Self> {
        let now = tidewaiter.now;
        let good = Evidence::good(now);
        let without_provenance = Evidence { ai_provenance: None, ..good.clone() };
        let by = |ai_provenance| Evidence { ai_provenance: Some(ai_provenance), ..good.clone() };
        let unapproved_model = by(AiProvenance {
            tools: vec![Tool::claude_code("acme/coder-9", 1200)],
            ..AiProvenance::good(now)
        });
        let mostly_unknown = by(AiProvenance { human: 1200, unknown: 2000, ..AiProvenance::good(now) });
        let nine_days_ago = now - SignedDuration::from_hours(9 * 24);
        let scanned_long_ago = Evidence { scan: Some(Scan::finished(nine_days_ago)), ..good.clone() };
        let vulnerable = Evidence { scan: Some(Scan::good(now).with("CRITICAL", 1)), ..good.clone() };

        let ci = tidewaiter.ci();
        let other = Workflow::of("shop/other");
        let other = Signer::Workflow(&tidewaiter.sigstore, &other);
        let stranger = tidewaiter.cosign.generate_key_pair("stranger").await?;

        let (_, _, _, _, _, _, good_image, _, _, _) = tokio::try_join!(
            tidewaiter.image("shop/bare", "1"),
            tidewaiter.attested("shop/without-provenance", "1", &without_provenance, ci),
            tidewaiter.attested("shop/unapproved-model", "1", &unapproved_model, ci),
            tidewaiter.attested("shop/mostly-unknown", "1", &mostly_unknown, ci),
            tidewaiter.attested("shop/scanned-long-ago", "1", &scanned_long_ago, ci),
            tidewaiter.attested("shop/vulnerable", "1", &vulnerable, ci),
            tidewaiter.attested("shop/cart", "1.4", &good, ci),
            tidewaiter.attested("shop/other-workflow", "1", &good, other),
            tidewaiter.attested("shop/key-signed", "1", &good, Signer::Key(&tidewaiter.key)),
            tidewaiter.attested("shop/unknown-key", "1", &good, Signer::Key(&stranger)),
        )?;
        let tagged = |repository: &str| tidewaiter.tagged(repository, "1");
        Ok(Self {
            bare: tagged("shop/bare"),
            without_provenance: tagged("shop/without-provenance"),
            unapproved_model: tagged("shop/unapproved-model"),
            mostly_unknown: tagged("shop/mostly-unknown"),
            scanned_long_ago: tagged("shop/scanned-long-ago"),
            vulnerable: tagged("shop/vulnerable"),
            good: tidewaiter.tagged("shop/cart", "1.4"),
            good_digest: good_image.digest,
            other_workflow: tagged("shop/other-workflow"),
            key_signed: tagged("shop/key-signed"),
            unknown_key: tagged("shop/unknown-key"),
        })
    }
}
