//! The stage: runs the command of an act, prints it with what it printed, and holds the outcome against the script.

use anyhow::{Result, bail};
use e2e::{Output, tidewaiter::Tidewaiter};

/// Prints acts and counts them.
pub(crate) struct Stage<'a> {
    tidewaiter: &'a Tidewaiter<'a>,
    acts: usize,
}

/// How an act has to end.
pub(crate) struct Script<'a> {
    /// What is tried, in a few words.
    pub(crate) title: &'a str,
    /// Whether the command has to succeed.
    pub(crate) succeeds: bool,
    /// What the output has to contain.
    pub(crate) says: &'a [&'a str],
    /// What it must not contain.
    pub(crate) never_says: &'a [&'a str],
    /// What has been proved then.
    pub(crate) proved: &'a str,
}

impl<'a> Stage<'a> {
    pub(crate) const fn new(tidewaiter: &'a Tidewaiter<'a>) -> Self {
        Self { tidewaiter, acts: 0 }
    }

    pub(crate) const fn tidewaiter(&self) -> &'a Tidewaiter<'a> {
        self.tidewaiter
    }

    pub(crate) const fn acts(&self) -> usize {
        self.acts
    }

    /// Plays one act whose output is already there.
    pub(crate) fn act(&mut self, script: &Script<'_>, output: &Output) -> Result<()> {
        self.acts += 1;
        tell(&format!("\n━━ {}. {}", self.acts, script.title));
        tell(&format!("$ {}", output.line));
        let printed = format!("{}{}", output.stdout, output.stderr);
        tell(printed.trim_end());
        if output.succeeded() != script.succeeds {
            let wanted = if script.succeeds { "succeed" } else { "fail" };
            bail!("act {} was to {wanted} and ended with {}", self.acts, output.code);
        }
        for wanted in script.says {
            if !printed.contains(wanted) {
                bail!("act {} was to say {wanted:?}", self.acts);
            }
        }
        for unwanted in script.never_says {
            if printed.contains(unwanted) {
                bail!("act {} was not to say {unwanted:?}", self.acts);
            }
        }
        tell(&format!("✓ {}", script.proved));
        Ok(())
    }

    /// Shows a command that only sets something up.
    pub(crate) fn aside(&self, words: &str, output: &Output) {
        tell(&format!("\n   ({words})\n$ {}\n{}", output.line, output.stdout.trim_end()));
    }
}

/// Words for the audience.
#[expect(clippy::print_stdout, reason = "a demo is there to be read")]
pub(crate) fn tell(words: &str) {
    println!("{words}");
}
