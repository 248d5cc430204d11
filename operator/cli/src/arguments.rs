//! What the command line may say.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Asks of container images who and what wrote them, who scanned them, and whether they can prove it.
#[derive(Debug, Parser)]
#[command(name = "tidewaiter", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The questions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what admission would say of manifests or images.
    ///
    /// Ends with 0 if all pass, 1 if something is denied, 2 if it was asked wrongly, 3 if something is undecided.
    /// What a policy only warns of passes.
    Check(Check),
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Manifests, YAML or JSON: files, folders of them, or `-` for standard input.
    #[arg(value_name = "FILE", required_unless_present = "image")]
    pub(crate) files: Vec<PathBuf>,

    /// An image, as a Pod would name it. May be repeated.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: Vec<String>,

    /// A file or folder with AIToolPolicies, the ConfigMaps they name, and Namespaces. May be repeated. Without it
    /// the current cluster is asked.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,

    /// The namespace of images, and of objects that name none.
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    pub(crate) namespace: String,

    /// A label of that namespace, where policies are files and none describes it. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = label, requires = "policy")]
    pub(crate) namespace_label: Vec<(String, String)>,

    /// The namespace of the operator. Policies name ConfigMaps there.
    #[arg(long, value_name = "NAME", default_value = "tidewaiter-system")]
    pub(crate) operator_namespace: String,

    /// How to show the result.
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,

    /// A registry, as HOST or HOST:PORT, that speaks http. It may have any address, this machine's too. May be
    /// repeated.
    #[arg(long, value_name = "HOST")]
    pub(crate) plain_http: Vec<String>,

    /// A registry, and the file of the only certificates to trust for it. It may have any address, this machine's
    /// too. May be repeated.
    #[arg(long, value_name = "HOST=FILE", value_parser = registry_ca)]
    pub(crate) registry_ca: Vec<(String, PathBuf)>,

    /// Seconds that one object may take.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) timeout: Duration,
}

/// How to show a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("wanted is KEY=VALUE".to_owned()),
    }
}

fn registry_ca(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((host, file)) if !host.is_empty() && !file.is_empty() => Ok((host.to_owned(), file.into())),
        _ => Err("wanted is HOST=FILE".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err("wanted is a whole number of seconds from 1 to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Arguments, Command};
    use std::path::PathBuf;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_file_or_an_image_there_is_nothing_to_check() {
        let error = Arguments::try_parse_from(["tidewaiter", "check"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(Arguments::try_parse_from(["tidewaiter", "check", "--image", "a/b"]).is_ok());
    }

    #[test]
    fn one_policy_option_takes_one_file_and_leaves_the_next_to_the_manifests() {
        let words = ["tidewaiter", "check", "--policy", "p.yaml", "a.yaml", "--policy", "q.yaml"];
        let Command::Check(check) = Arguments::try_parse_from(words).unwrap().command;
        assert_eq!(check.policy, ["p.yaml", "q.yaml"].map(PathBuf::from));
        assert_eq!(check.files, ["a.yaml"].map(PathBuf::from));
    }

    #[test]
    fn a_namespace_label_needs_policies_in_files_as_a_cluster_knows_its_own() {
        let words = ["tidewaiter", "check", "a.yaml", "--namespace-label", "env=prod"];
        assert_eq!(Arguments::try_parse_from(words).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn labels_and_seconds_that_cannot_be_read_are_refused() {
        for wrong in [
            ["--timeout", "0"],
            ["--timeout", "3601"],
            ["--registry-ca", "=x"],
            ["--registry-ca", "x="],
            ["--namespace-label", "x"],
        ] {
            let words = ["tidewaiter", "check", "-", "--policy", "p"].into_iter().chain(wrong);
            let error = Arguments::try_parse_from(words).unwrap_err();
            assert!(error.to_string().contains("wanted is"), "{error}");
        }
    }
}
