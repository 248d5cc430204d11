//! One place in an object that names an image.

use std::fmt;

/// The list of a Pod spec that an image stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// `initContainers[].image`
    InitContainers,
    /// `containers[].image`
    Containers,
    /// `ephemeralContainers[].image`
    EphemeralContainers,
    /// `volumes[].image.reference`
    ImageVolumes,
}

impl List {
    /// The name of the list as the API spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InitContainers => "initContainers",
            Self::Containers => "containers",
            Self::EphemeralContainers => "ephemeralContainers",
            Self::ImageVolumes => "volumes",
        }
    }

    /// From an entry of the list to the field that holds the reference.
    pub(crate) const fn reference_path(self) -> &'static str {
        match self {
            Self::InitContainers | Self::Containers | Self::EphemeralContainers => "image",
            Self::ImageVolumes => "image/reference",
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An image as it is written in an object. Not parsed: a reference that two parsers read differently, or that
/// is empty, is a finding of the judge and not a reason to leave the image out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageUse {
    /// Where it stands.
    pub list: List,
    /// Name of the container or volume; empty if it has none.
    pub name: String,
    /// JSON pointer from the object to the field that holds the reference, for patches and messages.
    pub pointer: String,
    /// The reference, byte for byte; empty where the field is absent, null or empty.
    pub reference: String,
}
