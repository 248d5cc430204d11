//! What is to be said about a report: the words of admission, object by object, and what admission would only write
//! down.

use verdict::{Class, Effect, Judgement, prose};

use crate::{
    check::{Checked, Report},
    terminal::legible,
};

/// Where a denial names its decision: nothing was recorded that could be looked up.
const NO_DECISION: &str = "not recorded (tidewaiter check)";

/// The words, a paragraph for each object with something to say.
pub(crate) fn render(report: &Report) -> String {
    let mut paragraphs: Vec<String> = report.checked.iter().filter_map(paragraph).collect();
    paragraphs.extend(report.not_checked.iter().map(|not| {
        let object = place(&not.object, &not.namespace);
        format!("{object} was not checked: {}", legible(&not.why))
    }));
    paragraphs.join("\n\n")
}

/// Said of a report without a single verdict, whatever its format: the exit code alone would look like a pass.
pub(crate) fn nothing_judged(report: &Report) -> Option<&'static str> {
    let judged = report.judgements().any(|judgement| !judgement.policies.is_empty());
    (!judged && report.not_checked.is_empty()).then_some(
        "note: nothing was judged: no AIToolPolicy speaks of any of these images\n\
         hint: a policy speaks of what its select.namespaces and select.images match; --namespace places objects \
         that name no namespace",
    )
}

fn paragraph(checked: &Checked) -> Option<String> {
    let judgements = checked.judgements.as_deref()?;
    let denial = prose::denial(judgements, NO_DECISION);
    let mut lines: Vec<String> = Some(denial).filter(|denial| !denial.is_empty()).into_iter().collect();
    lines.extend(prose::warnings(judgements).iter().map(|warning| format!("warning: {warning}")));
    lines.extend(judgements.iter().flat_map(notes));
    let object = place(&checked.object, &checked.namespace);
    (!lines.is_empty()).then(|| format!("{object}:\n{}", lines.join("\n")))
}

/// What admission would let pass without a word to whoever asks.
fn notes(judgement: &Judgement) -> Vec<String> {
    let image = legible(&judgement.image);
    if judgement.policies.is_empty() {
        return vec![format!(
            "note: {image} was not judged: no policy covers it, and otherImages is InsecureAllow wherever its \
             namespace is selected"
        )];
    }
    let findings = judgement.policies.iter().flat_map(|policy| {
        let audited = policy.effect() == Effect::Audit;
        policy.verdict.findings.iter().filter(move |finding| audited || finding.code.class() == Class::Notice)
    });
    findings.map(|finding| format!("note: {}: {image}: {}", finding.code, finding.sentence())).collect()
}

fn place(object: &str, namespace: &str) -> String {
    format!("{} in namespace {}", legible(object), legible(namespace))
}

#[cfg(test)]
mod tests {
    use verdict::{Code, Mode, OnUndecided};

    use super::*;
    use crate::ruling::tests::judgement;

    fn words(policies: &[(Mode, OnUndecided, Code)]) -> String {
        let checked = Checked {
            object: "Deployment/cart".to_owned(),
            namespace: "shop".to_owned(),
            judgements: Some(vec![judgement("registry.example.com/shop/cart:1.4", policies)]),
        };
        render(&Report { checked: vec![checked], not_checked: Vec::new() })
    }

    #[test]
    fn what_is_only_written_down_is_noted() {
        assert_eq!(
            words(&[(Mode::Audit, OnUndecided::Deny, Code::ScanStale)]),
            "Deployment/cart in namespace shop:\n\
             note: ScanStale: registry.example.com/shop/cart:1.4: something was found"
        );
    }

    #[test]
    fn a_notice_is_noted_in_every_mode() {
        let notice = words(&[(Mode::Enforce, OnUndecided::Deny, Code::EvidenceUnreadable)]);
        assert!(notice.contains("note: EvidenceUnreadable: "), "{notice}");
    }

    #[test]
    fn a_warning_stands_with_its_object() {
        assert_eq!(
            words(&[(Mode::Warn, OnUndecided::Deny, Code::ScanStale)]),
            "Deployment/cart in namespace shop:\n\
             warning: ScanStale: registry.example.com/shop/cart:1.4: something was found"
        );
    }
}
