//! What a test may choose about its world.

use std::path::{Path, PathBuf};

/// What a test may choose. `Options::default()` is a world without programs of its own: every Pod is shown as
/// running and none runs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Images that the node really runs, as local programs.
    pub programs: Vec<Program>,
}

impl Options {
    /// A world that runs these images.
    #[must_use]
    pub fn running(programs: impl IntoIterator<Item = Program>) -> Self {
        Self { programs: programs.into_iter().collect() }
    }
}

/// An image that stands for a program built on this machine: what the image would contain, without one.
#[derive(Clone, Debug)]
pub struct Program {
    /// The last segment of the image's repository: `tidewaiter-operator` fits `ghcr.io/…/tidewaiter-operator:1.0`.
    pub image: String,
    /// The program.
    pub binary: PathBuf,
    /// Where the image has it, and its entrypoint. Containers' `PATH` includes its usual folder.
    pub entrypoint: String,
    /// The user the image names, for Pods that name none.
    pub user: u32,
}

impl Program {
    /// The user of images that are built to run without rights; the number is what distroless images use.
    const USER: u32 = 65532;

    /// An image called `image` whose entrypoint is `binary`, in `/usr/local/bin`.
    #[must_use]
    pub fn new(image: &str, binary: &Path) -> Self {
        let file = binary.file_name().unwrap_or_default().to_string_lossy();
        Self {
            image: image.to_owned(),
            binary: binary.to_owned(),
            entrypoint: format!("/usr/local/bin/{file}"),
            user: Self::USER,
        }
    }
}
