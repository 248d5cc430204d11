//! A private registry is asked with the credential that the kubelet would use: the Pod's own, else its
//! ServiceAccount's, never another namespace's, and only where the operator may read Secrets.

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    manifest::Kind,
    registry::User,
    tidewaiter::{self, Evidence, NAMESPACE, Tidewaiter, pod},
};
use serde_json::{Value, json};

/// The namespaces whose Secrets the operator may read.
const ALLOWED: [&str; 2] = ["team-a", "team-b"];
/// One that it may not.
const OTHER: &str = "team-c";
const REFUSED: [&str; 1] = ["RegistryRefused"];

#[test]
fn a_private_registry_is_asked_with_the_pods_own_credential() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        // Before the chart, which makes a Role in each namespace that it is told of.
        for namespace in ALLOWED.into_iter().chain([OTHER]) {
            let labels = json!({ "policy": "private" });
            let metadata = json!({ "name": namespace, "labels": labels });
            let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata });
            world.apply(&object.to_string()).await?;
        }
        let values = json!({ "pullSecrets": { "namespaces": ALLOWED } });
        let tw = Tidewaiter::install_with(world, values).await?;
        world.apply(&tw.policy("private", json!({})).to_string()).await?;
        credentials(&tw).await?;
        rights(&tw).await?;
        let bare = tw.image("public/bare", "1").await?.reference();
        let nothing = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
        for namespace in ALLOWED.into_iter().chain([OTHER]) {
            tw.comes_to_deny(&pod(namespace, &bare), &nothing).await?;
        }

        // Attested before the registry asks who is there; cosign has no credential.
        let (evidence, key) = (Evidence::good(tw.now), Signer::Key(&tw.key));
        let basic = tw.attested("basic/cart", "1", &evidence, key).await?.reference();
        let token = tw.attested("token/cart", "1", &evidence, key).await?.reference();
        tw.registry.require_basic(users("basic")).await?;
        each_by_its_own(&tw, "basic", &basic).await.context("Basic")?;
        tw.registry.reset().await?;
        tw.registry.require_token(users("token")).await?;
        each_by_its_own(&tw, "token", &token).await.context("a token realm")
    })
}

fn users(scheme: &str) -> Vec<User> {
    let own = format!("{scheme}/*");
    vec![
        User::new("alice", "alice-secret").only(&own),
        User::new("bob", "bob-secret").only(&own),
        User::new("carol", "carol-secret").only("elsewhere/*"),
    ]
}

/// In every team a Secret of alice, bob or carol, and a ServiceAccount that names bob's.
async fn credentials(tw: &Tidewaiter<'_>) -> Result<()> {
    for namespace in ALLOWED.into_iter().chain([OTHER]) {
        for user in ["alice", "bob", "carol"] {
            let (server, password) = (tw.registry.address(), format!("{user}-secret"));
            let create = ["create", "secret", "docker-registry", user, "-n", namespace];
            let (server, name) = (format!("--docker-server={server}"), format!("--docker-username={user}"));
            let password = format!("--docker-password={password}");
            let create = [&create[..], &[&server, &name, &password]].concat();
            tw.world().kubectl(&create).await?.ok()?;
        }
        let account = json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": "builder", "namespace": namespace },
            "imagePullSecrets": [{ "name": "bob" }],
        });
        tw.world().apply(&account.to_string()).await?;
    }
    Ok(())
}

/// The chart gives the webhook the Secrets of these namespaces, one by one and by name, and of no other.
async fn rights(tw: &Tidewaiter<'_>) -> Result<()> {
    let webhook = format!("--as=system:serviceaccount:{NAMESPACE}:tidewaiter-webhook");
    for (verb, namespace, wanted) in [
        ("get", "team-a", "yes"),
        ("get", "team-b", "yes"),
        ("list", "team-a", "no"),
        ("get", OTHER, "no"),
        ("get", NAMESPACE, "no"),
    ] {
        let answer =
            tw.world().kubectl(&["auth", "can-i", verb, "secrets", "-n", namespace, &webhook]).await?;
        ensure!(answer.stdout.trim() == wanted, "{verb} secrets in {namespace}: {}", answer.stdout);
    }
    Ok(())
}

fn with(mut object: Value, pointer: &str, field: &str, value: Value) -> Value {
    if let Some(fields) = object.pointer_mut(pointer).and_then(Value::as_object_mut) {
        fields.insert(field.to_owned(), value);
    }
    object
}

fn with_secret(pod: Value, name: &str) -> Value {
    with(pod, "/spec", "imagePullSecrets", json!([{ "name": name }]))
}

fn with_account(pod: Value) -> Value {
    with(pod, "/spec", "serviceAccountName", json!("builder"))
}

async fn each_by_its_own(tw: &Tidewaiter<'_>, scheme: &str, image: &str) -> Result<()> {
    // The Pod's own Secret.
    tw.registry.reset_requests().await?;
    tw.admits(&with_secret(pod("team-a", image), "alice")).await.context("the Pod's Secret")?;
    ensure!(served_to(tw, scheme).await? == ["alice"], "not only alice was served");

    // Known to alice, and so to nobody else: neither without a Secret, nor with that of a stranger.
    let refused = tw.denies(&pod("team-a", image), &REFUSED).await.context("no Secret")?;
    ensure!(!refused.stderr.contains("pullSecrets.namespaces"), "nothing to allow: {}", refused.stderr);
    let stranger = with_secret(pod("team-a", image), "carol");
    tw.denies(&stranger, &REFUSED).await.context("a stranger's Secret")?;

    // The ServiceAccount's Secret, in a template too; the Pod's own wins over it.
    tw.registry.reset_requests().await?;
    tw.admits(&with_account(pod("team-b", image))).await.context("the ServiceAccount's Secret")?;
    ensure!(served_to(tw, scheme).await? == ["bob"], "not only bob was served");
    let template = Kind::Deployment.of("team-b", "cart", image);
    let template = with(template, "/spec/template/spec", "serviceAccountName", json!("builder"));
    tw.admits(&template).await.context("the ServiceAccount's Secret in a template")?;
    tw.denies(&with_secret(with_account(pod("team-b", image)), "carol"), &REFUSED)
        .await
        .context("the Pod's Secret before the ServiceAccount's")?;

    // Where Secrets may not be read, the hint says what to set.
    let refused = tw.denies(&with_secret(pod(OTHER, image), "alice"), &REFUSED).await.context(OTHER)?;
    for wanted in ["pullSecrets.namespaces", "\"alice\"", "\"team-c\""] {
        ensure!(refused.stderr.contains(wanted), "{wanted} is not named: {}", refused.stderr);
    }
    Ok(())
}

/// The users to whom anything of the scheme's repository was served, each once.
async fn served_to(tw: &Tidewaiter<'_>, scheme: &str) -> Result<Vec<String>> {
    let requests = tw.registry.requests().await?;
    let repository = format!("/v2/{scheme}/cart/");
    let served = requests.0.into_iter().filter(|request| request.status == 200);
    let served = served.filter(|request| request.path.contains(&repository));
    let mut users: Vec<String> = served.map(|request| request.user).collect();
    users.sort_unstable();
    users.dedup();
    Ok(users)
}
