//! One measured figure, in the form of `.bench/latest.json`.

use serde::Serialize;

/// How to measure it again.
const COMMAND: &str = "cargo bench -p operator --bench in_process";

/// A value, and what it is held against.
#[derive(Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    compared_with: Option<&'static str>,
    compared_value: Option<f64>,
    ratio: Option<f64>,
    command: &'static str,
}

impl Figure {
    /// A value that is held against nothing.
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let (compared_with, compared_value, ratio) = (None, None, None);
        Self { name: name.into(), value, unit, compared_with, compared_value, ratio, command: COMMAND }
    }

    /// The same, held against a value of the same unit. The ratio is ours over theirs.
    pub(crate) fn compared(self, with: &'static str, value: f64) -> Self {
        let (compared_with, compared_value, ratio) = (Some(with), Some(value), Some(self.value / value));
        Self { compared_with, compared_value, ratio, ..self }
    }
}
