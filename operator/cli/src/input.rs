//! Manifests from files, folders and standard input.
//!
//! Not here: what a manifest means.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use workload::manifests::{self, MAX_TEXT_BYTES, Manifest};

/// Standard input, as a file name.
const STDIN: &str = "-";

/// The most files of one folder: as many as one text may hold objects.
const MAX_FILES: usize = manifests::MAX_OBJECTS;

/// Refuses standard input that is named twice: the second reader would find it empty.
pub(crate) fn once<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    let times = paths.filter(|path| path.as_os_str() == STDIN).count();
    ensure!(times <= 1, "standard input (-) is named {times} times, and can be read once");
    Ok(())
}

/// The manifests of a file, of a folder's files, or of standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Manifest>> {
    if path.as_os_str() == STDIN {
        return parse("standard input", std::io::stdin().lock());
    }
    let mut manifests = Vec::new();
    for file in if path.is_dir() { files_of(path)? } else { vec![path.to_owned()] } {
        let shown = file.display().to_string();
        let open = std::fs::File::open(&file).with_context(|| format!("{shown} could not be read"))?;
        manifests.extend(parse(&shown, open)?);
    }
    Ok(manifests)
}

/// The manifests in a folder, by name and not below it, as `kubectl apply -f` takes them.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = folder.display();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("folder {shown} could not be read"))? {
        let path = entry.with_context(|| format!("folder {shown} could not be read"))?.path();
        let named = path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
        if named && path.is_file() {
            ensure!(files.len() < MAX_FILES, "folder {shown} holds more than {MAX_FILES} manifest files");
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "folder {shown} holds no .yaml, .yml or .json file");
    files.sort();
    Ok(files)
}

fn parse(shown: &str, reader: impl Read) -> anyhow::Result<Vec<Manifest>> {
    // One byte more than is allowed tells a text that is too long from one that just fits.
    let most = u64::try_from(MAX_TEXT_BYTES)?.saturating_add(1);
    let mut bytes = Vec::new();
    reader.take(most).read_to_end(&mut bytes).with_context(|| format!("{shown} could not be read"))?;
    ensure!(
        bytes.len() <= MAX_TEXT_BYTES,
        "{shown} is longer than {MAX_TEXT_BYTES} bytes, the most that is read"
    );
    let text = String::from_utf8(bytes).with_context(|| format!("{shown} is not UTF-8"))?;
    manifests::read(&text).with_context(|| format!("{shown} cannot be read as manifests"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_refused_unread() {
        let endless = std::io::repeat(b'#');
        let error = parse("standard input", endless).unwrap_err();
        assert_eq!(error.to_string(), "standard input is longer than 16777216 bytes, the most that is read");
    }
}
