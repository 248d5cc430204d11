//! Programs that run to their end: what was typed, what they printed, how they ended. Programs that stay are in
//! `process`.

use std::{fmt::Write as _, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

/// Nothing a test types runs longer: the slowest is `helm install --wait`, a minute on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// What a command printed and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// What a person would have typed.
    pub line: String,
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Whether it ended with 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.code == 0
    }

    /// Itself, if it ended with 0.
    ///
    /// # Errors
    /// Otherwise, with all that was printed.
    pub fn ok(self) -> Result<Self> {
        if self.succeeded() {
            return Ok(self);
        }
        bail!("`{}` ended with {}:\n{}{}", self.line, self.code, self.stdout, self.stderr)
    }
}

/// Runs `program` (shown as `name`) with `arguments`, in the namespace of the calling thread.
pub(crate) async fn run(
    mut command: Command,
    name: &str,
    arguments: &[&str],
    stdin: Option<&str>,
) -> Result<Output> {
    let line = arguments.iter().fold(name.to_owned(), |mut line, argument| {
        let _ = write!(line, " {}", quoted(argument));
        line
    });
    let mut child = command
        .args(arguments)
        .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot run `{line}`"))?;
    let input = child.stdin.take();
    // Together, or a child that prints much before it reads would block both.
    let feed = async {
        if let (Some(mut pipe), Some(text)) = (input, stdin) {
            // A program that ends without reading says why on stderr; the broken pipe adds nothing.
            let _ = pipe.write_all(text.as_bytes()).await;
        }
    };
    let finish = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output =
        timeout(LIMIT, finish).await.with_context(|| format!("`{line}` runs longer than {LIMIT:?}"))??;
    Ok(Output {
        line,
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// An argument as a shell reads it.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_typed_printed_and_returned_is_told() {
        let arguments = ["-c", "cat; echo woe >&2; exit 3"];
        let output = run(Command::new("sh"), "sh", &arguments, Some("in")).await.unwrap();
        assert_eq!(output.line, "sh -c 'cat; echo woe >&2; exit 3'");
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (3, "in", "woe\n"));
        assert!(output.ok().unwrap_err().to_string().contains("woe"));
    }

    #[test]
    fn a_quote_inside_an_argument_stays_one_argument() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("--image=a/b:1"), "--image=a/b:1");
    }
}
