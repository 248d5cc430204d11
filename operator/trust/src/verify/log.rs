//! Checks on log entries that the library leaves out.

use jiff::Timestamp;
use sigstore_verify::types::TransparencyLogEntry;

use crate::bundle::Fault;
use crate::refused::{Reason, Step};
use crate::root::LogDates;

/// Step 12. The library asks that *one* entry carry a proof; an entry with neither proof nor promise beside
/// it would pass unchecked.
pub(super) fn each_entry_carries_its_proof(entries: &[TransparencyLogEntry]) -> Result<(), Fault> {
    let fault = |reason| Fault::new(Step::LogProof, reason);
    if entries.is_empty() {
        return Err(fault(Reason::Missing("a log entry")));
    }
    for (entry, log_entry) in entries.iter().enumerate() {
        let Some(proof) = &log_entry.inclusion_proof else {
            return Err(fault(Reason::Unproved { entry, part: "inclusion proof" }));
        };
        if proof.checkpoint.is_empty() {
            return Err(fault(Reason::Unproved { entry, part: "checkpoint" }));
        }
    }
    Ok(())
}

/// Step 20. The library accepts a checkpoint signed by *any* log of the root, whatever log the entry names,
/// and looks only at the beginning of that log's window. Where no time is proved the log must be in use now:
/// nothing shows that the entry is older than the log's end.
pub(super) fn each_entry_is_of_a_log_in_use(
    entries: &[TransparencyLogEntry],
    logs: &[LogDates],
    times: &[Timestamp],
    now: Timestamp,
) -> Result<(), Fault> {
    let fault = |reason| Fault::new(Step::LogWindow, reason);
    let at = if times.is_empty() { std::slice::from_ref(&now) } else { times };
    for (entry, log_entry) in entries.iter().enumerate() {
        let named = log_entry.log_id.key_id.as_bytes();
        let log =
            logs.iter().find(|log| log.id() == named).ok_or_else(|| fault(Reason::UnknownLog { entry }))?;
        if signed_by_another(log_entry, logs, named) {
            return Err(fault(Reason::OtherLog { entry }));
        }
        if let Some(part) = contradicted(log_entry) {
            return Err(fault(Reason::Contradicted { entry, part }));
        }
        if let Some(&time) = at.iter().find(|&&time| !log.covers(time)) {
            return Err(fault(Reason::LogClosed { entry, time }));
        }
    }
    Ok(())
}

/// Whether a signature on the checkpoint bears the hint of a log of the root other than the one named. Hints
/// are the first four bytes of a log's id; the library verified one that matches *a* log, so if none matches
/// another, it was this one's.
fn signed_by_another(entry: &TransparencyLogEntry, logs: &[LogDates], named: &[u8]) -> bool {
    let checkpoint = entry.inclusion_proof.as_ref().and_then(|proof| proof.checkpoint.checkpoint());
    checkpoint.is_some_and(|checkpoint| {
        checkpoint.signatures().iter().any(|signature| {
            logs.iter().any(|log| log.id() != named && log.id().starts_with(signature.key_id.as_slice()))
        })
    })
}

/// What an inclusion proof repeats and says otherwise. The library decides by the signed checkpoint and by the
/// entry's own index and never looks at the copies; whoever shows or stores them would be shown something unproved.
/// Only Rekor v1 counts its shards together: there the entry's index, over all of them, is another number, and the
/// entry is known by its integrated time.
fn contradicted(entry: &TransparencyLogEntry) -> Option<&'static str> {
    let proof = entry.inclusion_proof.as_ref()?;
    let checkpoint = proof.checkpoint.checkpoint()?;
    if proof.tree_size != checkpoint.tree_size() {
        Some("tree size")
    } else if &proof.root_hash != checkpoint.root_hash() {
        Some("root hash")
    } else if entry.integrated_time.is_none() && proof.log_index != entry.log_index {
        Some("index")
    } else {
        None
    }
}
