//! What is to be checked: the workloads of manifest files, and single images.

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use workload::{
    Workload,
    manifests::{self, Content, MAX_TEXT_BYTES, Manifest},
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

/// Everything that was named on the command line, sorted.
#[derive(Default)]
pub(crate) struct Subjects {
    pub(crate) subjects: Vec<Subject>,
    /// Objects of kinds that run images in a way unknown here, or of a shape that cannot be read, with the reason.
    pub(crate) not_checked: Vec<(String, String)>,
    /// Labels of the namespaces that the files describe.
    pub(crate) namespaces: BTreeMap<String, BTreeMap<String, String>>,
}

impl Subjects {
    /// Reads the files and takes the images. Nothing to check at all is an error: it would look like a pass.
    pub(crate) fn read(files: &[PathBuf], images: &[String], namespace: &str) -> anyhow::Result<Self> {
        let mut subjects = Self::default();
        for file in files {
            for manifest in read_manifests(file)? {
                subjects.add(manifest, namespace);
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

    fn add(&mut self, manifest: Manifest, default_namespace: &str) {
        let object = format!("{}/{}", manifest.kind, manifest.name.as_deref().unwrap_or("(unnamed)"));
        let namespace = manifest.namespace.clone().unwrap_or_else(|| default_namespace.to_owned());
        match manifest.content {
            Content::Workload(workload) => {
                let mut images: Vec<String> = Vec::new();
                for image in &workload.images {
                    if !images.contains(&image.reference) {
                        images.push(image.reference.clone());
                    }
                }
                self.subjects.push(Subject { object, namespace, images, workload: Some(workload) });
            }
            Content::Unreadable(error) => self.not_checked.push((object, chain(&error))),
            Content::Unsupported => {
                let why = format!("{} runs containers in a way that is not known here", manifest.api_version);
                self.not_checked.push((object, why));
            }
            Content::NotAWorkload => {
                if let Some((name, labels)) = namespace_of(&manifest) {
                    self.namespaces.insert(name, labels);
                }
            }
        }
    }
}

/// The name and labels of a Namespace.
pub(crate) fn namespace_of(manifest: &Manifest) -> Option<(String, BTreeMap<String, String>)> {
    #[derive(serde::Deserialize)]
    struct Namespace {
        metadata: Metadata,
    }
    #[derive(serde::Deserialize)]
    struct Metadata {
        name: String,
        labels: Option<BTreeMap<String, String>>,
    }
    if manifest.kind != "Namespace" || manifest.api_version != "v1" {
        return None;
    }
    let Namespace { metadata } = serde_json::from_str(manifest.object.get()).ok()?;
    let mut labels = metadata.labels.unwrap_or_default();
    // The API server sets this one itself, whatever the file says.
    labels.insert("kubernetes.io/metadata.name".to_owned(), metadata.name.clone());
    Some((metadata.name, labels))
}

/// The objects of a file, or of standard input.
pub(crate) fn read_manifests(file: &Path) -> anyhow::Result<Vec<Manifest>> {
    let shown = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let text = read_text(file).with_context(|| format!("{shown} could not be read"))?;
    manifests::read(&text).with_context(|| format!("{shown} is not a manifest"))
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    // One byte more than is allowed tells a text that is too long from one that just fits.
    let most = u64::try_from(MAX_TEXT_BYTES)?.saturating_add(1);
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// An error with its causes, each once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
