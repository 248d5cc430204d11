//! No person is recorded: an image signed by somebody known by a mail address is judged, and the address appears in
//! no answer, warning, log line, audit annotation, Event, status or metric.

use anyhow::{Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    tidewaiter::{Evidence, NAMESPACE, Tidewaiter, options},
};
use serde_json::json;

const ADDRESS: &str = "jane.doe@people.example";

#[test]
fn a_mail_address_that_signed_something_is_nowhere_to_be_read() -> Result<()> {
    World::run(options()?, async |world| {
        let tidewaiter = Tidewaiter::install(world).await?;
        let person = Signer::Person(&tidewaiter.sigstore, ADDRESS);
        let image = tidewaiter.attested("shop/by-hand", "1", &Evidence::good(tidewaiter.now), person).await?;
        tidewaiter.guarded_namespace("shop", json!({})).await?;
        tidewaiter.guarded_namespace("lab", json!({ "mode": "Warn" })).await?;
        let pod = |namespace: &str| {
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": "by-hand", "namespace": namespace },
                "spec": { "containers": [{ "name": "by-hand", "image": image.reference() }] },
            })
        };
        let told = "signed by an e-mail identity of";
        tidewaiter.await_answer(&pod("shop"), |answer| answer.stderr.contains(told)).await?;
        tidewaiter.await_answer(&pod("lab"), |answer| answer.stderr.contains(told)).await?;

        let mut texts = Vec::new();
        for namespace in ["shop", "lab"] {
            let created = world.kubectl_with(&["create", "-f", "-"], &pod(namespace).to_string()).await?;
            ensure!(created.stderr.contains("SignerNotTrusted"), "{created:?}");
            texts.push((format!("the answer in {namespace}"), created.stdout + &created.stderr));
        }
        let plain_http = ["--plain-http", tidewaiter.registry.address()];
        let mut check = vec!["check", "--namespace", "shop", "--image"];
        let reference = image.reference();
        check.push(&reference);
        check.extend(plain_http);
        for output in ["table", "json"] {
            let mut arguments = check.clone();
            arguments.extend(["--output", output]);
            let checked = tidewaiter.tidewaiter(&arguments, None).await?;
            ensure!(checked.code == 1, "{checked:?}");
            texts.push((format!("check --output {output}"), checked.stdout + &checked.stderr));
        }
        let shown = world.kubectl(&["get", "events,aitoolpolicies,pods", "-A", "-o", "yaml"]).await?.ok()?;
        texts.push(("what kubectl shows".to_owned(), shown.stdout));
        let audit_log = world.audit_log();
        ensure!(audit_log.contains("SignerNotTrusted"), "the audit log has the codes of what was judged");
        texts.push(("the audit log".to_owned(), audit_log));
        let names = ["get", "pods", "-n", NAMESPACE, "-o", "jsonpath={.items[*].metadata.name}"];
        for name in world.kubectl(&names).await?.ok()?.stdout.split_whitespace() {
            let logs = world.logs(NAMESPACE, name)?;
            ensure!(logs.contains("\"level\""), "{name} logs something");
            texts.push((format!("the log of {name}"), logs));
            let address = ["get", "pod", name, "-n", NAMESPACE, "-o", "jsonpath={.status.podIP}"];
            let address = world.kubectl(&address).await?.ok()?.stdout;
            let metrics = reqwest::get(format!("http://{address}:9090/metrics")).await?.error_for_status()?;
            texts.push((format!("the metrics of {name}"), metrics.text().await?));
        }
        for (what, text) in texts {
            for part in [ADDRESS, "jane.doe", "people.example"] {
                ensure!(!text.contains(part), "{what} shows {part:?}:\n{text}");
            }
        }
        Ok(())
    })
}
