//! Whatever bytes come, the answer is a refusal or a proof.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rcgen::KeyPair;

use super::instance::{Instance, Recipe, public_key, unlogged};
use super::{image, now};
use crate::{Anchor, Bundle, PublicKey, TrustRoot, verify};

struct World {
    anchors: [Anchor; 3],
    bundles: [String; 3],
    root: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let instance = Instance::new();
    let pair = KeyPair::generate().unwrap();
    let key = Arc::new(public_key(&pair));
    let root = Arc::new(instance.root());
    World {
        anchors: [
            Anchor::Root(Arc::clone(&root)),
            Anchor::Key { key: Arc::clone(&key), root: Some(root) },
            Anchor::Key { key, root: None },
        ],
        bundles: [
            instance.keyless(&Recipe::default()).to_string(),
            instance.logged(&pair, &Recipe::default()).to_string(),
            unlogged(&pair, &Recipe::default()).to_string(),
        ],
        root: instance.root_json().to_string(),
    }
});

/// How many anchors prove it.
fn proofs(bytes: &[u8]) -> usize {
    let Ok(bundle) = Bundle::parse(bytes) else { return 0 };
    WORLD.anchors.iter().filter(|anchor| verify(&bundle, &image(), anchor, now()).is_ok()).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_prove_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert_eq!(proofs(&bytes), 0);
    }

    /// A changed byte may fall on what nobody signs, such as a hint; then the bundle still proves what it did.
    #[test]
    fn changed_bytes_are_answered(
        which in 0_usize..3,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = WORLD.bundles[which].clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let cut = cut.map(|place| place.index(bytes.len()));
        bytes.truncate(cut.unwrap_or(bytes.len()));
        let shortened = cut.is_some();

        let proofs = proofs(&bytes);

        prop_assert!(proofs <= 2);
        prop_assert!(!shortened || proofs == 0);
    }

    #[test]
    fn changed_roots_and_keys_are_answered(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        text in ".{0,200}",
    ) {
        let mut bytes = WORLD.root.clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // Either answer is good; it must come.
        let _ = TrustRoot::from_json(&bytes);
        prop_assert!(PublicKey::from_pem(&text).is_err());
    }
}
