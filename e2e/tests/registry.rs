//! That the world's registry can be slow, private, broken and gone in every way its handle offers: the other
//! tests blame Tidewaiter for what they see, so the switches must do what they say.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Options, World,
    image::{self, Image, Referrer},
    registry::{Access, Failure, Kind, Registry, Scheme, User},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

#[test]
fn every_switch_of_the_registry_does_what_it_says() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        let image = image::push_image(&registry, "shop/cart", "v1", "registry").await?;
        let front = Front { registry, image, client: Client::new() };
        front.counts_what_it_is_asked().await.context("counting")?;
        front.waits_before_it_answers().await.context("latency")?;
        front.fails_as_often_as_told().await.context("failures")?;
        front.pages_referrers().await.context("paging")?;
        front.has_no_referrers_api().await.context("no referrers API")?;
        front.demands_a_password().await.context("basic")?;
        front.demands_a_token().await.context("bearer")?;
        front.moves_a_tag().await.context("flip")?;
        front.corrupts_and_never_ends().await.context("bodies")?;
        front.goes_and_comes_back().await.context("down")?;
        front.lists_many().await.context("many referrers")
    })
}

/// The registry as the cluster sees it.
struct Front {
    registry: Registry,
    image: Image,
    client: Client,
}

impl Front {
    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.registry.address())
    }

    async fn get(&self, path: &str) -> Result<Response> {
        Ok(self.client.get(self.url(path)).send().await?)
    }

    async fn status(&self, path: &str) -> Result<StatusCode> {
        Ok(self.get(path).await?.status())
    }

    fn manifest(&self) -> String {
        format!("v2/shop/cart/manifests/{}", self.image.digest)
    }

    fn referrers(&self) -> String {
        format!("v2/shop/cart/referrers/{}", self.image.digest)
    }

    async fn counts_what_it_is_asked(&self) -> Result<()> {
        self.registry.reset_requests().await?;
        for path in ["v2/", "v2/shop/cart/manifests/v1", &self.manifest(), &self.referrers()] {
            ensure!(self.status(path).await? == StatusCode::OK, "{path}");
        }
        let missing = format!("v2/shop/cart/blobs/sha256:{}", "0".repeat(64));
        ensure!(self.status(&missing).await? == StatusCode::NOT_FOUND);
        let requests = self.registry.requests().await?;
        for kind in [Kind::Other, Kind::ManifestTag, Kind::ManifestDigest, Kind::Referrers, Kind::Blob] {
            ensure!(requests.of(kind) == 1, "{kind:?} in\n{requests}");
        }
        ensure!(requests.total() == 5 && requests.round_trips() == 5, "{requests}");
        self.registry.reset_requests().await?;
        ensure!(self.registry.requests().await?.total() == 0, "counting did not begin anew");
        Ok(())
    }

    async fn waits_before_it_answers(&self) -> Result<()> {
        let latency = Duration::from_millis(60);
        self.registry.latency(latency).await?;
        self.registry.reset_requests().await?;
        let began = Instant::now();
        let (manifest, referrers) = (self.manifest(), self.referrers());
        let (one, two) = tokio::join!(self.status(&manifest), self.status(&referrers));
        ensure!(one? == StatusCode::OK && two? == StatusCode::OK && began.elapsed() >= latency);
        let together = self.registry.requests().await?;
        ensure!(together.total() == 2 && together.round_trips() == 1, "{together}");
        self.status(&manifest).await?;
        ensure!(
            self.registry.requests().await?.round_trips() == 2,
            "one more request is one more round trip"
        );
        self.registry.reset().await
    }

    async fn fails_as_often_as_told(&self) -> Result<()> {
        let limited = Failure { retry_after: "7".to_owned(), ..Failure::times(Kind::Referrers, 429, 2) };
        self.registry.fail(&limited).await?;
        ensure!(self.status(&self.manifest()).await? == StatusCode::OK, "another kind fails too");
        for _ in 0..2 {
            let answer = self.get(&self.referrers()).await?;
            ensure!(answer.status() == StatusCode::TOO_MANY_REQUESTS);
            ensure!(answer.headers().get("retry-after").context("no Retry-After")? == "7");
        }
        ensure!(self.status(&self.referrers()).await? == StatusCode::OK, "it fails more often than told");
        let page =
            Failure { content_type: "text/html".to_owned(), ..Failure::always(Kind::ManifestTag, 200) };
        self.registry.fail(&page).await?;
        for _ in 0..3 {
            let answer = self.get("v2/shop/cart/manifests/v1").await?;
            ensure!(answer.headers().get("content-type").context("no type")? == "text/html");
        }
        self.registry.reset().await?;
        let mended = self.get("v2/shop/cart/manifests/v1").await?;
        ensure!(mended.headers().get("content-type").context("no type")? == image::MANIFEST);
        Ok(())
    }

    async fn pages_referrers(&self) -> Result<()> {
        for number in 0..5 {
            image::push_referrer(&self.registry, &self.image, &Referrer::junk(format!("{number}"))).await?;
        }
        self.registry.page_referrers(2).await?;
        let (mut path, mut sizes, mut seen) = (self.referrers(), Vec::new(), Vec::new());
        loop {
            let answer = self.get(&path).await?;
            let next =
                answer.headers().get("link").map(|link| link.to_str().map(str::to_owned)).transpose()?;
            let index: Value = answer.json().await?;
            let listed = index.get("manifests").and_then(Value::as_array).context("no list")?;
            sizes.push(listed.len());
            seen.extend(listed.iter().filter_map(|descriptor| Some(descriptor.get("digest")?.to_string())));
            let Some(next) = next else { break };
            let (target, relation) = next.split_once('>').context("no target")?;
            ensure!(relation == "; rel=\"next\"", "{next}");
            path = target.trim_start_matches("</").to_owned();
        }
        seen.sort_unstable();
        seen.dedup();
        ensure!(sizes == [2, 2, 1] && seen.len() == 5, "pages of {sizes:?}, {} referrers", seen.len());
        self.registry.reset().await
    }

    async fn has_no_referrers_api(&self) -> Result<()> {
        self.registry.referrers_api(false).await?;
        ensure!(self.status(&self.referrers()).await? == StatusCode::NOT_FOUND);
        self.registry.referrers_api(true).await?;
        ensure!(self.status(&self.referrers()).await? == StatusCode::OK);
        Ok(())
    }

    async fn demands_a_password(&self) -> Result<()> {
        let users = vec![User::new("ada", "right"), User::new("bob", "right").only("team/*")];
        self.registry.require_basic(users).await?;
        let refused = self.get(&self.manifest()).await?;
        ensure!(refused.status() == StatusCode::UNAUTHORIZED);
        let challenge = refused.headers().get("www-authenticate").context("no challenge")?.to_str()?;
        ensure!(challenge.starts_with("Basic realm="), "{challenge}");
        for (name, password, status) in [
            ("ada", "right", StatusCode::OK),
            ("ada", "wrong", StatusCode::UNAUTHORIZED),
            ("bob", "right", StatusCode::FORBIDDEN),
        ] {
            let request = self.client.get(self.url(&self.manifest())).basic_auth(name, Some(password));
            let seen = request.send().await?.status();
            ensure!(seen == status, "{name} with the {password} password: {seen}");
        }
        self.registry.reset().await
    }

    async fn demands_a_token(&self) -> Result<()> {
        let users = vec![User::new("ada", "right"), User::new("bob", "right").only("team/*")];
        let anonymous = vec!["public/*".to_owned()];
        self.registry.require(&Access { scheme: Scheme::Bearer, users, anonymous }).await?;
        image::push_image(&self.registry, "public/tool", "v1", "public").await?;
        let refused = self.get(&self.manifest()).await?;
        let challenge = refused.headers().get("www-authenticate").context("no challenge")?.to_str()?;
        ensure!(refused.status() == StatusCode::UNAUTHORIZED && challenge.starts_with("Bearer realm="));
        ensure!(challenge.contains(r#"scope="repository:shop/cart:pull""#), "{challenge}");
        for (user, repository, status) in [
            (Some("ada"), "shop/cart", StatusCode::OK),
            (Some("bob"), "shop/cart", StatusCode::UNAUTHORIZED),
            (None, "shop/cart", StatusCode::UNAUTHORIZED),
            (None, "public/tool", StatusCode::OK),
        ] {
            let mut request = self.client.get(self.url(&format!("token?scope=repository:{repository}:pull")));
            if let Some(user) = user {
                request = request.basic_auth(user, Some("right"));
            }
            let answer: Value = request.send().await?.error_for_status()?.json().await?;
            let token = answer.get("token").and_then(Value::as_str).context("no token")?;
            let manifest = self.client.get(self.url(&format!("v2/{repository}/manifests/v1")));
            let seen = manifest.bearer_auth(token).send().await?.status();
            ensure!(seen == status, "{user:?} at {repository}: {seen}");
        }
        let wrong = self.client.get(self.url("token")).basic_auth("ada", Some("wrong")).send().await?;
        ensure!(wrong.status() == StatusCode::UNAUTHORIZED, "a wrong password gets a token");
        let users = self.registry.requests().await?.0.into_iter().map(|request| request.user);
        ensure!(users.into_iter().any(|user| user == "ada"), "who asked is not told");
        self.registry.reset().await
    }

    async fn moves_a_tag(&self) -> Result<()> {
        let other = image::push_image(&self.registry, "shop/cart", "v2", "another").await?;
        let digests = [self.image.digest.as_str(), other.digest.as_str()];
        self.registry.flip("shop/cart", "v1", &digests).await?;
        for expected in [&self.image.digest, &other.digest, &self.image.digest] {
            let answer = self.get("v2/shop/cart/manifests/v1").await?;
            let seen = answer.headers().get("docker-content-digest").context("no digest")?.to_str()?;
            ensure!(seen == expected, "{seen} instead of {expected}");
        }
        self.registry.reset().await?;
        image::tag(&self.registry, &other, "v1").await?;
        let moved = self.get("v2/shop/cart/manifests/v1").await?;
        ensure!(moved.headers().get("docker-content-digest").context("no digest")? == other.digest.as_str());
        image::tag(&self.registry, &self.image, "v1").await
    }

    async fn corrupts_and_never_ends(&self) -> Result<()> {
        let good = self.get(&self.manifest()).await?.bytes().await?;
        self.registry.corrupt(&self.image.digest).await?;
        let bad = self.get(&self.manifest()).await?.bytes().await?;
        let changed = good.iter().zip(&bad).filter(|(good, bad)| good != bad).count();
        ensure!(good.len() == bad.len() && changed == 1, "{changed} bytes differ");
        self.registry.reset().await?;
        self.registry.endless_kind(Kind::Referrers).await?;
        let mut endless = self.get(&self.referrers()).await?;
        let mut read = 0;
        while read < 8 << 20 {
            read += endless.chunk().await?.context("it ended")?.len();
        }
        self.registry.reset().await
    }

    async fn goes_and_comes_back(&self) -> Result<()> {
        self.registry.hang(true).await?;
        let hanging = tokio::time::timeout(Duration::from_millis(200), self.get("v2/")).await;
        ensure!(hanging.is_err(), "it answers while it hangs");
        self.registry.hang(false).await?;
        self.registry.down().await?;
        let refused = self.client.get(self.url("v2/")).send().await;
        ensure!(refused.is_err_and(|error| error.is_connect()), "it still listens");
        self.registry.up().await?;
        ensure!(self.status(&self.manifest()).await? == StatusCode::OK, "it came back empty");
        Ok(())
    }

    async fn lists_many(&self) -> Result<()> {
        let image = image::push_image(&self.registry, "shop/many", "v1", "many").await?;
        image::push_junk_referrers(&self.registry, &image, 10_000).await?;
        let index: Value =
            self.get(&format!("v2/shop/many/referrers/{}", image.digest)).await?.json().await?;
        let listed = index.get("manifests").and_then(Value::as_array).context("no list")?.len();
        ensure!(listed == 10_000, "{listed} referrers");
        Ok(())
    }
}
