//! A cluster that gives no answer. What one answers is seen where a real one runs.

use serde_json::json;

use crate::{desk::Desk, manifests::policy, registry::Shelves};

/// Where the configuration says that the API server is.
fn desk(server: &str) -> Desk {
    let desk = Desk::new();
    let configuration = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "contexts": [{ "name": "here", "context": { "cluster": "here", "user": "me" } }],
        "clusters": [{ "name": "here", "cluster": { "server": server } }],
        "users": [{ "name": "me", "user": {} }],
    });
    desk.write("kubeconfig", configuration.to_string());
    desk
}

#[test]
fn a_cluster_that_knows_no_policies_leaves_the_question_undecided() {
    let server = format!("http://{}", Shelves::failing(404).serve());
    let said = desk(&server).run(&["check", "--image", "registry.example.com/shop/cart:1"]);
    said.ends_with(3).says("error: the AIToolPolicies of the cluster could not be listed: ").says("hint: ");
    assert_eq!(said.stdout, "");
}

#[test]
fn a_policy_among_the_manifests_is_said_not_to_be_asked() {
    let server = format!("http://{}", Shelves::failing(404).serve());
    let desk = desk(&server);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" },
        "spec": { "containers": [{ "name": "a", "image": "a" }] },
    });
    desk.objects("all.json", &[policy(), pod]);
    desk.run(&["check", "all.json"])
        .ends_with(3)
        .says("note: AIToolPolicy \"production\" stands among the manifests");
}
