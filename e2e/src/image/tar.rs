//! The smallest layer there is: a tar archive of one file.

/// A tar archive (ustar) of one executable file.
pub(super) fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut header = Vec::with_capacity(BLOCK);
    let mut field = |value: &[u8], width: usize| {
        header.extend_from_slice(value);
        header.resize(header.len() + width.saturating_sub(value.len()), 0);
    };
    field(name.as_bytes(), 100);
    field(b"0000755", 8);
    field(b"0000000", 8); // owner
    field(b"0000000", 8); // group
    field(format!("{:011o}", content.len()).as_bytes(), 12);
    field(b"00000000000", 12); // time
    // The checksum is taken with its own field full of spaces.
    field(b"        ", 8);
    field(b"0", 1); // a regular file
    field(b"", 100); // no link
    field(b"ustar\x0000", 8);
    field(b"", BLOCK - 265);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header.splice(148..156, format!("{sum:06o}\0 ").into_bytes());

    let mut archive = header;
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    // Two empty blocks end an archive.
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

#[cfg(test)]
mod tests {
    use super::tar;

    #[test]
    fn a_layer_is_an_archive_that_tar_itself_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("layer.tar");
        std::fs::write(&file, tar("label", b"one image")).expect("written");
        let listed = std::process::Command::new("tar").arg("-xOf").arg(&file).output().expect("tar runs");
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        assert_eq!(listed.stdout, b"one image");
    }
}
