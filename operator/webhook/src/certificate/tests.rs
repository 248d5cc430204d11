//! Encodings, chains, mismatches and renewal, over real files.

use rstest::rstest;

use super::*;

fn keys() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/keys")
}

fn mount(folder: &Path, certificate: &str, key: &str) {
    std::fs::copy(keys().join(certificate), folder.join("tls.crt")).unwrap();
    std::fs::copy(keys().join(key), folder.join("tls.key")).unwrap();
}

#[rstest]
#[case::pkcs8("sec1.crt", "pkcs8.key", 1)]
#[case::sec1("sec1.crt", "sec1.key", 1)]
#[case::pkcs1("pkcs1.crt", "pkcs1.key", 1)]
#[case::leaf_and_intermediate("chain.crt", "sec1.key", 2)]
#[tokio::test]
async fn every_usual_encoding_is_loaded(#[case] certificate: &str, #[case] key: &str, #[case] chain: usize) {
    let folder = tempfile::tempdir().unwrap();
    mount(folder.path(), certificate, key);
    let loaded = Certificate::in_folder(folder.path());
    assert!(!loaded.is_loaded());
    assert!(loaded.poll().await.unwrap());
    assert_eq!(loaded.current.load_full().unwrap().cert.len(), chain);
}

#[tokio::test]
async fn the_same_content_is_parsed_once_even_in_new_files() {
    let folder = tempfile::tempdir().unwrap();
    mount(folder.path(), "sec1.crt", "sec1.key");
    let loaded = Certificate::in_folder(folder.path());
    assert!(loaded.poll().await.unwrap());
    std::fs::remove_file(folder.path().join("tls.key")).unwrap();
    mount(folder.path(), "sec1.crt", "sec1.key");
    assert!(!loaded.poll().await.unwrap());
}

#[tokio::test]
async fn a_secret_swapped_by_symbolic_link_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, certificate, key) in
        [("..first", "sec1.crt", "sec1.key"), ("..second", "pkcs1.crt", "pkcs1.key")]
    {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        mount(&folder.path().join(name), certificate, key);
    }
    let data = folder.path().join("..data");
    std::os::unix::fs::symlink("..first", &data).unwrap();
    for file in ["tls.crt", "tls.key"] {
        std::os::unix::fs::symlink(Path::new("..data").join(file), folder.path().join(file)).unwrap();
    }
    let loaded = Certificate::in_folder(folder.path());
    assert!(loaded.poll().await.unwrap());
    let first = loaded.current.load_full().unwrap();
    std::os::unix::fs::symlink("..second", folder.path().join("..next")).unwrap();
    std::fs::rename(folder.path().join("..next"), &data).unwrap();
    assert!(loaded.poll().await.unwrap());
    assert_ne!(loaded.current.load_full().unwrap().cert, first.cert);
}

#[tokio::test]
async fn a_pair_that_does_not_fit_leaves_the_old_one_in_force() {
    let folder = tempfile::tempdir().unwrap();
    mount(folder.path(), "sec1.crt", "sec1.key");
    let loaded = Certificate::in_folder(folder.path());
    loaded.poll().await.unwrap();
    let first = loaded.current.load_full().unwrap();
    mount(folder.path(), "pkcs1.crt", "sec1.key");
    assert!(matches!(loaded.poll().await, Err(CertificateError::Pair(_))));
    assert_eq!(loaded.current.load_full().unwrap().cert, first.cert);
    mount(folder.path(), "pkcs1.crt", "pkcs1.key");
    assert!(loaded.poll().await.unwrap(), "the whole pair is taken once it is there");
}

#[tokio::test]
async fn files_that_are_no_certificate_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = Certificate::in_folder(folder.path());
    let error = loaded.poll().await.unwrap_err();
    assert!(matches!(&error, CertificateError::Read { path, .. } if path.ends_with("tls.crt")), "{error}");

    mount(folder.path(), "sec1.key", "sec1.key");
    assert!(matches!(loaded.poll().await, Err(CertificateError::ChainLength { found: 0 })));

    mount(folder.path(), "sec1.crt", "sec1.crt");
    assert!(matches!(loaded.poll().await, Err(CertificateError::Key(_))));

    let one = std::fs::read(keys().join("sec1.crt")).unwrap();
    std::fs::write(folder.path().join("tls.crt"), one.repeat(MAX_CHAIN + 5)).unwrap();
    let error = loaded.poll().await.unwrap_err();
    assert!(matches!(error, CertificateError::ChainLength { found } if found == MAX_CHAIN + 1), "{error}");

    std::fs::write(folder.path().join("tls.crt"), vec![b'\n'; 1024 * 1024 + 1]).unwrap();
    assert!(matches!(loaded.poll().await, Err(CertificateError::TooLarge { .. })));
    assert!(!loaded.is_loaded());
}

#[tokio::test]
async fn the_first_certificate_is_taken_up_without_waiting_a_round() {
    let folder = tempfile::tempdir().unwrap();
    mount(folder.path(), "sec1.crt", "sec1.key");
    let kept = Certificate::in_folder(folder.path());
    let keeping = tokio::spawn(Arc::clone(&kept).keep());
    let loaded = tokio::time::timeout(POLL / 2, async {
        while !kept.is_loaded() {
            tokio::task::yield_now().await;
        }
    });
    loaded.await.unwrap();
    keeping.abort();
}
