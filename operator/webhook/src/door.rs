//! Which door a request came to, and how strict that door is.
//!
//! ```text
//!   /validate  Pod, pods/ephemeralcontainers  ->  Door::Pod    decides; what is not known is turned away
//!              everything with a Pod template ->  Door::Early  early feedback; what is not known is a warning
//!   /pin       Pod, pods/ephemeralcontainers  ->  Door::Pin    writes digests; never turns anything away
//! ```
//!
//! Not here: reading the object (`workload`).

use gate::Stage;
use workload::Kind;

use crate::review::{GroupVersionKind, Review};

/// Path of the validating doors.
pub const VALIDATE_PATH: &str = "/validate";
/// Path of the pinning (mutating) door.
pub const PIN_PATH: &str = "/pin";

/// The two paths that are served. The chart's webhook configurations name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// [`VALIDATE_PATH`]
    Validate,
    /// [`PIN_PATH`]
    Pin,
}

/// A door, by how it treats what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The last one before a container runs. Undecided is turned away unless the policy relaxes it.
    Pod,
    /// Templates, judged early so that their author hears of it. Undecided is only a warning: the Pods
    /// that the template makes come to [`Door::Pod`] anyway.
    Early,
    /// Rewrites tags to the digest that was resolved.
    Pin,
}

impl Door {
    /// The door for `kind` at `path`. A kind that is not built in carries no container that the kubelet
    /// would start, so it is the early door's matter.
    pub(crate) fn of(path: Path, kind: Option<Kind>) -> Self {
        match (path, kind) {
            (Path::Pin, _) => Self::Pin,
            (Path::Validate, Some(Kind::Pod)) => Self::Pod,
            (Path::Validate, _) => Self::Early,
        }
    }

    /// The door for a body that could not be read at all: it may have held a Pod.
    pub(crate) fn of_unreadable(path: Path) -> Self {
        Self::of(path, Some(Kind::Pod))
    }

    /// As what its images are judged.
    pub(crate) fn stage(self) -> Stage {
        match self {
            Self::Pod => Stage::Pod,
            Self::Early | Self::Pin => Stage::Template,
        }
    }

    /// Whether undecided images are turned away here.
    pub(crate) fn is_strict(self) -> bool {
        self == Self::Pod
    }
}

/// The built-in kind of the object in `review`; `None` for any other. The version is not asked: a Pod of a
/// version to come is still a Pod, and reading it fails closed. Subresources whose object is not the parent
/// itself (`scale`, `binding`, `eviction`) come with a kind of their own.
pub(crate) fn kind_of(review: &Review<'_>) -> Option<Kind> {
    let GroupVersionKind { group, kind } = &review.kind;
    Kind::ALL.into_iter().find(|known| known.as_str() == kind && group_of(*known) == group)
}

fn group_of(kind: Kind) -> &'static str {
    kind.api_version().split_once('/').map_or("", |(group, _version)| group)
}
