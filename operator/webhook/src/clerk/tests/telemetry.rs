//! What a request leaves behind: one log line, two numbers, and nothing at all for a dry run.

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text::encode;

use super::*;

fn numbers(registry: &Registry) -> String {
    let mut text = String::new();
    encode(&mut text, registry).unwrap();
    text
}

#[tokio::test]
async fn a_dry_run_is_judged_and_leaves_no_trace() {
    let mut registry = Registry::default();
    let court = FakeCourt::judging(denied);
    let clerk = Clerk::new(court, Arc::new(Timestamp::now), Metrics::register(&mut registry));
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.subscriber());
    assert_eq!(answer_to(&clerk, Path::Validate, &document("pod-create-dry-run")).await["allowed"], false);
    assert!(!numbers(&registry).contains("answers_total{"), "{}", numbers(&registry));
    assert_eq!(lines.text(), "");

    answer_to(&clerk, Path::Validate, &document("pod-create")).await;
    let counted = r#"tidewaiter_admission_answers_total{door="Pod",kind="Pod",outcome="Denied"} 1"#;
    assert!(numbers(&registry).contains(counted), "{}", numbers(&registry));
    let timed = r#"tidewaiter_admission_seconds_count{door="Pod"} 1"#;
    assert!(numbers(&registry).contains(timed), "{}", numbers(&registry));
}

#[tokio::test]
async fn a_denial_logs_one_line_without_a_person() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.subscriber());
    let response = validated(FakeCourt::judging(denied), "pod-update-image").await;
    let text = lines.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["fields"]["decision"], response["auditAnnotations"]["decision"]);
    assert_eq!(line["fields"]["codes"], "SbomMissing");
    assert_eq!(line["fields"]["namespace"], "shop");
    assert_eq!(line["fields"]["kind"], "Pod");
    assert!(!text.contains("admin"), "{text}");
}

/// Log lines written in this thread, in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let lines = self.clone();
        tracing_subscriber::fmt().json().with_writer(move || lines.clone()).finish()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
