//! Conditions that all our kinds carry, by the rules of kstatus, and the reasons that go with them.
//!
//! An Event about the same matter has the same reason.

/// Positive polarity, always present: `True` once the object's present generation is in effect.
pub const READY: &str = "Ready";

/// Abnormal-true, present only while `True`: the controller is at work and expects to finish by itself.
pub const RECONCILING: &str = "Reconciling";

/// Abnormal-true, present only while `True`: nothing gets better until somebody changes something.
pub const STALLED: &str = "Stalled";

/// `Ready=True`: the policy was compiled and judges.
pub const REASON_COMPILED: &str = "Compiled";

/// `Ready=False`, `Stalled=True`: the policy cannot be compiled. The images it selects are undecided.
pub const REASON_POLICY_INVALID: &str = "PolicyInvalid";
