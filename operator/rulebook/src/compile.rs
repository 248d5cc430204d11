//! AIToolPolicy to [`Compiled`]: the one function that controller, webhook and command line compile by.
//!
//! What the schema's CEL rules say is said here again: a policy from a file met no API server.

mod require;
mod signers;
mod tools;

use std::sync::Arc;

use crds::{
    AIToolPolicy, AIToolPolicySpec,
    ai_tool_policy::{Mode as WrittenMode, OnUndecided as WrittenOnUndecided, OtherImages, Proof, Tags},
};
use names::Digest;
use verdict::{Mode, OnUndecided, PolicyId, Rules};

use self::signers::Bench;
use crate::{Compiled, Materials, materials::Used, policy_error::Faults, select::Select, shelf::Shelf};

/// Compiles one policy. Never fails as a whole: faults are in [`Compiled::rules`]. No field of this version needs
/// to know what time it is: `denied[].from` is compared when a verdict is made.
#[must_use]
pub fn compile(policy: &AIToolPolicy, materials: &Materials) -> Compiled {
    compile_on(&mut Shelf::default(), policy, id_of(policy), materials)
}

/// Which policy this is. The digest is of the spec as this version writes it, fields in a fixed order.
pub(crate) fn id_of(policy: &AIToolPolicy) -> PolicyId {
    let spec = serde_json::to_vec(&policy.spec).expect("a spec has string keys and finite numbers only");
    PolicyId {
        name: policy.metadata.name.clone().unwrap_or_default(),
        uid: policy.metadata.uid.clone().unwrap_or_default(),
        generation: policy.metadata.generation.unwrap_or_default(),
        digest: Digest::sha256(&spec),
    }
}

pub(crate) fn compile_on(
    shelf: &mut Shelf,
    policy: &AIToolPolicy,
    id: PolicyId,
    materials: &Materials,
) -> Compiled {
    let spec = &policy.spec;
    let mut faults = Faults::default();
    let mut used = Used::default();
    let select = Select::compile(&spec.select, &mut faults);
    let (mode, on_undecided) = (mode(spec.mode), on_undecided(spec.on_undecided));

    let mut bench = Bench { shelf, materials, used: &mut used, faults: &mut faults, anchors: Vec::new() };
    let signers = bench.signers(&spec.signers);
    let anchors = bench.anchors;
    let (sbom, ai_provenance, scan) = require::compile(&spec.require, &spec.signers, &mut faults);
    let tools = spec.tools.as_ref().map(|written| {
        if spec.require.ai_provenance.is_none() {
            faults.add(
                "spec.tools",
                "tools are read from AI provenance, which is not required",
                "require.aiProvenance beside tools",
                "add require.aiProvenance, or remove tools",
            );
        }
        tools::compile(written, &mut faults)
    });

    let faults = faults.into_inner();
    let (rules, anchors) = if faults.is_empty() {
        let rules =
            Rules { policy: id.clone(), mode, on_undecided, signers, sbom, ai_provenance, scan, tools };
        (Ok(Arc::new(rules)), anchors.into_iter().map(Arc::new).collect())
    } else {
        (Err(faults), Vec::new())
    };
    Compiled {
        id,
        mode,
        on_undecided,
        tags: spec.tags,
        other_images: spec.select.other_images,
        rules,
        anchors,
        insecure: insecure(spec),
        select,
        used,
    }
}

fn insecure(spec: &AIToolPolicySpec) -> Vec<String> {
    let mut insecure = Vec::new();
    if spec.on_undecided == WrittenOnUndecided::InsecureAllow {
        insecure.push("onUndecided: InsecureAllow".to_owned());
    }
    if spec.tags == Tags::InsecureAllow {
        insecure.push("tags: InsecureAllow".to_owned());
    }
    if spec.select.other_images == OtherImages::InsecureAllow {
        insecure.push("otherImages: InsecureAllow".to_owned());
    }
    let unproved = spec.signers.iter().filter(|signer| signer.proof == Proof::InsecureNone);
    insecure.extend(unproved.map(|signer| format!("signers[{}].proof: InsecureNone", signer.name)));
    insecure
}

const fn mode(written: WrittenMode) -> Mode {
    match written {
        WrittenMode::Enforce => Mode::Enforce,
        WrittenMode::Warn => Mode::Warn,
        WrittenMode::Audit => Mode::Audit,
    }
}

const fn on_undecided(written: WrittenOnUndecided) -> OnUndecided {
    match written {
        WrittenOnUndecided::Deny => OnUndecided::Deny,
        WrittenOnUndecided::InsecureAllow => OnUndecided::InsecureAllow,
    }
}
