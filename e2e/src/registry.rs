//! The registry of the world, and its switches: slow, private, broken or gone, changed while it runs.
//!
//! The program is `e2e/tools/registry`. It has a front, which the cluster sees and every switch applies to, and
//! a control side, over which this handle fills it and turns the switches; what tests do is neither counted nor
//! hindered. Images are made in [`crate::image`].

mod content;
mod journal;

use std::{net::Ipv4Addr, process::Command, time::Duration};

use anyhow::{Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::content::digest_of;
pub use self::journal::{Kind, Request, Requests};
use crate::{
    listening::{first_answer, free_address},
    network::WORLD_ADDRESS,
    process::Process,
    world::World,
};

/// A running registry; it stops when dropped.
pub struct Registry {
    address: String,
    control: String,
    http: reqwest::Client,
    _process: Process,
}

/// Who may do what at the front.
#[derive(Debug, Clone, Serialize)]
pub struct Access {
    /// How credentials are asked for.
    pub scheme: Scheme,
    /// Who is known.
    pub users: Vec<User>,
    /// Repositories, as patterns, that need no user.
    pub anonymous: Vec<String>,
}

/// How credentials are asked for.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// HTTP Basic at every request; a stranger to a repository gets 403.
    Basic,
    /// A bearer token from `/token` on the same server; a stranger gets a token that does not help, and 401.
    Bearer,
}

/// One user.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// User name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Patterns (`team/*`) of the repositories that are theirs; empty: all.
    pub repositories: Vec<String>,
}

impl User {
    /// A user who may read and write everything.
    pub fn new(name: &str, password: &str) -> Self {
        Self { name: name.to_owned(), password: password.to_owned(), repositories: Vec::new() }
    }

    /// The same, limited to one pattern of repositories.
    #[must_use]
    pub fn only(self, pattern: &str) -> Self {
        Self { repositories: vec![pattern.to_owned()], ..self }
    }
}

/// An answer given instead of the real one. Start from [`Failure::always`] or [`Failure::times`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Which requests; `None`: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// HTTP status.
    pub status: u16,
    /// How often; negative: for ever.
    pub times: i32,
    /// `Retry-After` header; empty: none.
    pub retry_after: String,
    /// `Content-Type` header; empty: none.
    pub content_type: String,
    /// The body.
    pub body: String,
}

impl Failure {
    /// Every request of this kind gets this status.
    pub fn always(kind: Kind, status: u16) -> Self {
        Self::times(kind, status, -1)
    }

    /// The next requests of this kind get this status, then all is well.
    pub fn times(kind: Kind, status: u16, times: i32) -> Self {
        Self {
            kind: Some(kind),
            status,
            times,
            retry_after: String::new(),
            content_type: String::new(),
            body: String::new(),
        }
    }
}

impl Registry {
    /// Starts on an address that the world's Pods reach. `name` tells several in one world apart.
    pub async fn start(world: &World, name: &str) -> Result<Self> {
        let front = free_address(WORLD_ADDRESS.into())?.to_string();
        let control = free_address(Ipv4Addr::LOCALHOST.into())?.to_string();
        let mut command = Command::new(world.tools().path("registry")?);
        command.arg(format!("--address={front}")).arg(format!("--control={control}"));
        let mut process = world.spawn(name, &mut command)?;
        first_answer(&mut process, &format!("http://{control}/requests")).await?;
        Ok(Self { address: front, control, http: reqwest::Client::new(), _process: process })
    }

    /// `HOST:PORT` of the front, as it stands in image references.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `HOST:PORT/REPOSITORY:TAG`.
    pub fn tagged(&self, repository: &str, tag: &str) -> String {
        format!("{}/{repository}:{tag}", self.address)
    }

    /// What has been asked of the front since the start or the last [`Registry::reset_requests`].
    pub async fn requests(&self) -> Result<Requests> {
        let answer = self.http.get(self.at("requests")).send().await?.error_for_status()?;
        Ok(Requests(answer.json().await?))
    }

    /// Starts counting anew.
    pub async fn reset_requests(&self) -> Result<()> {
        self.send(self.http.delete(self.at("requests"))).await
    }

    /// Adds a wait before every answer.
    pub async fn latency(&self, latency: Duration) -> Result<()> {
        self.switch(json!({"latencyMillis": latency.as_millis()})).await
    }

    /// Accepts requests and never answers them.
    pub async fn hang(&self, hang: bool) -> Result<()> {
        self.switch(json!({"hang": hang})).await
    }

    /// Refuses connections, and cuts open ones, until [`Registry::up`].
    pub async fn down(&self) -> Result<()> {
        self.send(self.http.post(self.at("down"))).await
    }

    /// Comes back on the same address with the same content.
    pub async fn up(&self) -> Result<()> {
        self.send(self.http.post(self.at("up"))).await
    }

    /// Turns the referrers API off (404, as a registry before OCI 1.1) or on.
    pub async fn referrers_api(&self, on: bool) -> Result<()> {
        self.switch(json!({"noReferrersApi": !on})).await
    }

    /// Lists at most `n` referrers on a page; 0: all on one.
    pub async fn page_referrers(&self, n: usize) -> Result<()> {
        self.switch(json!({"referrersOnPage": n})).await
    }

    /// Demands credentials.
    pub async fn require(&self, access: &Access) -> Result<()> {
        self.switch(json!({"access": access})).await
    }

    /// Demands HTTP Basic credentials of one of these users.
    pub async fn require_basic(&self, users: Vec<User>) -> Result<()> {
        self.require(&Access { scheme: Scheme::Basic, users, anonymous: Vec::new() }).await
    }

    /// Demands a bearer token of one of these users.
    pub async fn require_token(&self, users: Vec<User>) -> Result<()> {
        self.require(&Access { scheme: Scheme::Bearer, users, anonymous: Vec::new() }).await
    }

    /// Adds a failure to those in force.
    pub async fn fail(&self, failure: &Failure) -> Result<()> {
        self.switch(json!({"failures": [failure]})).await
    }

    /// Lets a tag name the next of these digests at every request.
    pub async fn flip(&self, repository: &str, tag: &str, digests: &[&str]) -> Result<()> {
        self.switch(json!({"flips": [{"repository": repository, "tag": tag, "digests": digests}]})).await
    }

    /// Serves this manifest or blob with one bit changed.
    pub async fn corrupt(&self, digest: &str) -> Result<()> {
        self.switch(json!({"corrupt": [digest]})).await
    }

    /// Serves a body without end for this manifest or blob.
    pub async fn endless(&self, digest: &str) -> Result<()> {
        self.switch(json!({"endless": [digest]})).await
    }

    /// Serves a body without end for every request of a kind.
    pub async fn endless_kind(&self, kind: Kind) -> Result<()> {
        self.switch(json!({"endless": [kind]})).await
    }

    /// Turns every switch off; [`Registry::down`] needs [`Registry::up`].
    pub async fn reset(&self) -> Result<()> {
        self.send(self.http.delete(self.at("switches"))).await
    }

    async fn switch(&self, change: Value) -> Result<()> {
        self.send(self.http.patch(self.at("switches")).json(&change)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<()> {
        let answer = request.send().await?;
        let status = answer.status();
        let said = answer.text().await?;
        ensure!(status.is_success(), "the registry's control side answers {status}: {said}");
        Ok(())
    }

    fn at(&self, path: &str) -> String {
        format!("http://{}/{path}", self.control)
    }
}
