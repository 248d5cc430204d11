//! A registry on 127.0.0.1 that holds the signed fixtures: lists of referrers, their manifests, their bundles.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    sync::Arc,
    thread,
};

use names::Digest;
use serde_json::{Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The three bundles that a key signed, about one image.
pub(crate) const BY_KEY: [&str; 3] = ["key-sbom", "key-ai-provenance", "key-vuln"];

/// What a registry says, and to whom.
#[derive(Default)]
pub(crate) struct Shelves {
    /// Path → content type and body.
    pages: BTreeMap<String, (&'static str, Vec<u8>)>,
    /// The only `Authorization` header that is let in.
    authorization: Option<String>,
    /// The status of every answer, instead of content.
    status: Option<u16>,
}

impl Shelves {
    /// Registry content: repository → the fixtures attached to the signed image in it.
    pub(crate) fn with(repositories: &[(&str, &[&str])]) -> Self {
        let mut shelves = Self::default();
        for (repository, fixtures) in repositories {
            let referrers: Vec<Value> =
                fixtures.iter().map(|name| shelves.attach(repository, name)).collect();
            let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": referrers });
            shelves.page(
                &format!("/v2/{repository}/referrers/{}", subject()),
                INDEX,
                index.to_string().into(),
            );
        }
        shelves
    }

    /// A registry that answers everything with `status`.
    pub(crate) fn failing(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Lets in only who shows `authorization`.
    pub(crate) fn only_for(mut self, authorization: String) -> Self {
        self.authorization = Some(authorization);
        self
    }

    /// Puts a bundle and its manifest on the shelf; the manifest's descriptor.
    fn attach(&mut self, repository: &str, fixture: &str) -> Value {
        let bundle = signed_file(&format!("cosign-3.1.3-{fixture}.sigstore.json"));
        let layer = json!({ "mediaType": BUNDLE, "digest": Digest::sha256(&bundle), "size": bundle.len() });
        self.page(&format!("/v2/{repository}/blobs/{}", Digest::sha256(&bundle)), BUNDLE, bundle);
        let empty = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::sha256(b"{}"), "size": 2 });
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE, "config": empty, "layers": [layer],
            "subject": { "mediaType": MANIFEST, "digest": subject(), "size": 1 },
        });
        let manifest = manifest.to_string().into_bytes();
        let digest = Digest::sha256(&manifest);
        let descriptor = json!({ "mediaType": MANIFEST, "artifactType": BUNDLE, "digest": digest, "size": manifest.len() });
        self.page(&format!("/v2/{repository}/manifests/{digest}"), MANIFEST, manifest);
        descriptor
    }

    pub(crate) fn page(&mut self, path: &str, content_type: &'static str, body: Vec<u8>) {
        self.pages.insert(path.to_owned(), (content_type, body));
    }

    /// Serves until the test process ends; the address, as `host:port`.
    pub(crate) fn serve(self) -> String {
        self.serve_through(Some)
    }

    /// As [`Self::serve`], with `wrap` around each connection; `None` ends it.
    pub(crate) fn serve_through<S: Read + Write>(
        self,
        wrap: impl Fn(std::net::TcpStream) -> Option<S> + Send + Sync + 'static,
    ) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (shelves, wrap) = (Arc::new(self), Arc::new(wrap));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shelves, wrap) = (Arc::clone(&shelves), Arc::clone(&wrap));
                thread::spawn(move || wrap(stream).and_then(|stream| shelves.answer(stream)));
            }
        });
        address
    }

    /// One request, one answer. `None` if the other side went away.
    fn answer(&self, mut stream: impl Read + Write) -> Option<()> {
        let mut lines = BufReader::new(&mut stream).lines();
        let request = lines.next()?.ok()?;
        let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        let path = request.split(' ').nth(1)?.split('?').next()?.to_owned();
        let shown = headers.iter().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        });
        let refused = self.authorization.as_deref().is_some_and(|wanted| shown != Some(wanted));
        let (status, content_type, body) = match (self.status, refused, self.pages.get(&path)) {
            (Some(status), ..) => (status, "text/plain", Vec::new()),
            (None, true, _) => (401, "text/plain", Vec::new()),
            (None, false, Some((content_type, body))) => (200, *content_type, body.clone()),
            (None, false, None) => (404, "text/plain", Vec::new()),
        };
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\
             www-authenticate: Basic realm=\"test\"\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(&body).ok()?;
        stream.flush().ok()
    }
}

/// The digest of the image that the fixtures are about.
pub(crate) fn subject() -> String {
    let signed: Value = serde_json::from_slice(&signed_file("signed.json")).unwrap();
    signed["subject"].as_str().unwrap().to_owned()
}

/// A file that real cosign, or the world it signed in, wrote.
pub(crate) fn signed_file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../trust/testdata").join(name)).unwrap()
}
