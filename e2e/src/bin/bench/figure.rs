//! One figure, and all of them as a table.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// How to measure again what is measured from outside.
const COMMAND: &str = "make bench";

/// What sigstore policy-controller was published to take on a machine of this kind, for one image with three key-signed
/// attestations in one tag; it remembers nothing, so its warm figures are its cold ones.
pub(crate) const ORIENTATION: &str =
    "sigstore policy-controller (published orientation, not measured in this run)";
/// What we hold ourselves to.
pub(crate) const AIM: &str = "the aim, at most";

/// A value, and what it is held against: `ratio` is the value over the compared one.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) compared_with: Option<String>,
    #[serde(default)]
    pub(crate) compared_value: Option<f64>,
    #[serde(default)]
    pub(crate) ratio: Option<f64>,
    pub(crate) command: String,
}

impl Figure {
    /// A value that is held against nothing.
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &str) -> Self {
        let (compared_with, compared_value, ratio) = (None, None, None);
        let (name, unit, command) = (name.into(), unit.to_owned(), COMMAND.to_owned());
        Self { name, value, unit, compared_with, compared_value, ratio, command }
    }

    /// The same, held against a value of the same unit.
    pub(crate) fn compared(self, with: &str, value: f64) -> Self {
        let ratio = Some(self.value / value);
        Self { compared_with: Some(with.to_owned()), compared_value: Some(value), ratio, ..self }
    }
}

/// One line a figure.
pub(crate) fn table(figures: &[Figure]) -> String {
    let width = figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or_default();
    let mut table = String::new();
    for Figure { name, value, unit, compared_with, compared_value, ratio, .. } in figures {
        let value = number(*value);
        let _ = write!(table, "{name:width$}  {value:>9} {unit:<12}");
        if let (Some(with), Some(other), Some(ratio)) = (compared_with, compared_value, ratio) {
            let _ = write!(table, " {:>6} × {:>9}  {with}", number(*ratio), number(*other));
        }
        let _ = writeln!(table);
    }
    table
}

/// With about three digits, whatever the size.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The value that `percent` of all are not above. `NAN` of nothing.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 50), 100.0);
        assert_eq!(percentile(&mut values, 99), 198.0);
        assert_eq!(percentile(&mut [7.0], 99), 7.0);
        assert!(percentile(&mut [], 50).is_nan());
    }

    #[test]
    fn a_comparison_is_shown_as_a_ratio_and_is_null_where_there_is_none() {
        let compared = Figure::new("a", 5.0, "ms").compared(AIM, 20.0);
        assert_eq!(compared.ratio, Some(0.25));
        let alone = Figure::new("longer", 1234.5, "ms");
        assert_eq!(
            table(&[compared, alone.clone()]),
            format!(
                "a            5.00 ms             0.25 ×      20.0  {AIM}\nlonger       1234 ms          \n"
            ),
        );
        let json = serde_json::to_value(alone).unwrap();
        assert!(
            json["compared_with"].is_null() && json["compared_value"].is_null() && json["ratio"].is_null()
        );
    }
}
