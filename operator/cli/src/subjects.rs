//! What is to be checked: the workloads of manifest files, and single images.

use std::path::PathBuf;

use anyhow::{Context, bail};
use workload::{
    Workload,
    manifests::{Content, Manifest},
};

use crate::{
    input,
    namespace::{self, Namespaces},
};

/// Something that runs images, and what to call it.
pub(crate) struct Subject {
    /// As in `Deployment/cart`; the image itself where it was named alone.
    pub(crate) object: String,
    pub(crate) namespace: String,
    /// The distinct images, in the order of the object.
    pub(crate) images: Vec<String>,
    pub(crate) workload: Option<Workload>,
}

/// An object that could not be judged. It would be turned away unseen, or run unseen, so it never passes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotChecked {
    pub(crate) object: String,
    pub(crate) namespace: String,
    /// A clause.
    pub(crate) why: String,
}

/// Everything that was named on the command line, sorted.
#[derive(Default)]
pub(crate) struct Subjects {
    pub(crate) subjects: Vec<Subject>,
    /// Objects of kinds that run images in a way unknown here, or of a shape that cannot be read.
    pub(crate) not_checked: Vec<NotChecked>,
    /// Labels of the namespaces that the files describe.
    pub(crate) namespaces: Namespaces,
    /// Names of AIToolPolicies among the manifests.
    pub(crate) policies: Vec<String>,
}

impl Subjects {
    /// Reads the files and takes the images. Nothing to check at all is an error: it would look like a pass.
    pub(crate) fn read(files: &[PathBuf], images: &[String], namespace: &str) -> anyhow::Result<Self> {
        let mut subjects = Self::default();
        for file in files {
            for manifest in input::read(file)? {
                subjects.add(manifest, namespace).with_context(|| file.display().to_string())?;
            }
        }
        subjects.subjects.extend(images.iter().map(|image| Subject {
            object: image.clone(),
            namespace: namespace.to_owned(),
            images: vec![image.clone()],
            workload: None,
        }));
        if subjects.subjects.is_empty() && subjects.not_checked.is_empty() {
            bail!("nothing to check: no object in the files runs an image");
        }
        Ok(subjects)
    }

    fn add(&mut self, manifest: Manifest, default_namespace: &str) -> anyhow::Result<()> {
        let name = manifest.name.as_deref().unwrap_or("(unnamed)");
        let object = format!("{}/{name}", manifest.kind);
        let stated = manifest.namespace.clone().filter(|namespace| !namespace.is_empty());
        let namespace = stated.unwrap_or_else(|| default_namespace.to_owned());
        match manifest.content {
            Content::Workload(workload) => {
                let object = format!("{}/{}", manifest.kind, workload.display_name());
                let mut images: Vec<String> = Vec::new();
                for image in &workload.images {
                    if !images.contains(&image.reference) {
                        images.push(image.reference.clone());
                    }
                }
                self.subjects.push(Subject { object, namespace, images, workload: Some(workload) });
            }
            Content::Unreadable(error) => {
                self.not_checked.push(NotChecked { object, namespace, why: names::with_causes(&error) });
            }
            Content::Unsupported => {
                let why =
                    format!("{} holds containers in a way that is not known here", manifest.api_version);
                self.not_checked.push(NotChecked { object, namespace, why });
            }
            Content::NotAWorkload if manifest.kind == "AIToolPolicy" => self.policies.push(name.to_owned()),
            Content::NotAWorkload => {
                let noted = namespace::note(&manifest, &mut self.namespaces);
                noted.with_context(|| format!("{object} cannot be read"))?;
            }
        }
        Ok(())
    }
}
