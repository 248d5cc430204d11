//! Holds the house together: every `Cargo.toml` against the table in README, every `.rs` file against the `mod`
//! that should declare it, the drawing against the folders. Standard library only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests call these functions"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The crate folders of the workspace, from the root manifest.
fn members() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let list = manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    list.split(',')
        .map(|line| line.trim().trim_matches('"').to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn crate_of(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap()
}

/// The table of README: crate name → the rooms it may use. `all` is spelled out there.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    read("README.md")
        .lines()
        .skip_while(|line| !line.starts_with("| room | holds | may use |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let room = cells[0].trim_matches('`').trim_end_matches("/src");
            let uses = cells[2].split_whitespace().filter(|word| *word != "–").map(str::to_owned).collect();
            (crate_of(room).to_owned(), uses)
        })
        .collect()
}

/// The rooms that a manifest's section names.
fn rooms_in(manifest: &str, section: &str, rooms: &BTreeSet<String>) -> BTreeSet<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| rooms.contains(*name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_room_uses_only_what_the_table_allows() {
    let allowed = allowed();
    let members = members();
    let rooms: BTreeSet<String> = members.iter().map(|folder| crate_of(folder).to_owned()).collect();
    let listed: BTreeSet<String> = allowed.keys().cloned().collect();
    assert_eq!(listed, rooms, "README's table and the workspace name different rooms; see README, The house");
    for folder in &members {
        let room = crate_of(folder);
        let manifest = read(&format!("{folder}/Cargo.toml"));
        for used in rooms_in(&manifest, "[dependencies]", &rooms) {
            assert!(allowed[room].contains(&used), "`{room}` may not use `{used}`; see README, The house");
        }
    }
}

#[test]
fn the_table_allows_nothing_that_leads_back() {
    fn reach(room: &str, allowed: &BTreeMap<String, BTreeSet<String>>, seen: &mut BTreeSet<String>) {
        for next in &allowed[room] {
            if seen.insert(next.clone()) {
                reach(next, allowed, seen);
            }
        }
    }
    let allowed = allowed();
    for room in allowed.keys() {
        let mut seen = BTreeSet::new();
        reach(room, &allowed, &mut seen);
        assert!(!seen.contains(room), "`{room}` reaches itself through README's table");
    }
}

#[test]
fn the_ground_floor_touches_nothing_outside() {
    let outside = ["tokio", "kube", "reqwest", "axum", "hyper", "tokio-rustls"];
    for room in ["names", "predicate", "trust", "evidence", "verdict", "workload", "rulebook"] {
        let manifest = read(&format!("operator/{room}/Cargo.toml"));
        let dependencies: String = manifest
            .lines()
            .skip_while(|line| line.trim() != "[dependencies]")
            .skip(1)
            .take_while(|line| !line.starts_with('['))
            .map(|line| format!("{}\n", line.split(['.', ' ', '=']).next().unwrap_or_default()))
            .collect();
        for name in outside {
            assert!(
                !dependencies.lines().any(|line| line == name),
                "`{room}` is pure and may not use `{name}`"
            );
        }
        for file in sources(&root().join("operator").join(room).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let shown = file.strip_prefix(root()).unwrap().display().to_string();
            if shown.contains("tests") {
                continue;
            }
            for word in ["Timestamp::now", "SystemTime", "Instant::now", "std::fs", "std::env", "std::net"] {
                assert!(!text.contains(word), "{shown} is pure and may not use {word}");
            }
        }
    }
}

#[test]
fn what_makes_unverified_things_look_verified_is_for_tests_alone() {
    for folder in members() {
        let manifest = read(&format!("{folder}/Cargo.toml"));
        let before_dev = manifest.split("[dev-dependencies]").next().unwrap();
        for line in before_dev.lines().filter(|line| !line.starts_with("testing =")) {
            assert!(
                !line.contains("testing"),
                "{folder}/Cargo.toml enables `testing` outside its tests: {line}"
            );
        }
    }
}

#[test]
fn every_source_file_is_declared_by_a_mod() {
    for folder in members() {
        for file in sources(&root().join(&folder).join("src")) {
            let shown = file.strip_prefix(root()).unwrap().display().to_string();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            let parent = file.parent().unwrap();
            if ["lib", "main"].contains(&stem) || parent.ends_with("bin") {
                continue;
            }
            let (module, place) = if stem == "mod" {
                (parent.file_name().unwrap().to_str().unwrap(), parent.parent().unwrap())
            } else {
                (stem, parent)
            };
            assert!(
                declarers(place).iter().any(|text| declares(text, module)),
                "no `mod {module}` declares {shown}"
            );
        }
    }
}

#[test]
fn every_source_file_says_first_what_it_holds() {
    for folder in members() {
        for part in ["src", "tests", "benches", "examples"] {
            for file in sources(&root().join(&folder).join(part)) {
                let shown = file.strip_prefix(root()).unwrap().display().to_string();
                let text = fs::read_to_string(&file).unwrap();
                assert!(text.starts_with("//!"), "{shown} does not open with //!");
            }
        }
    }
}

#[test]
fn the_drawing_shows_every_room_that_there_is() {
    let readme = read("README.md");
    let drawing = readme.split("```text").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for folder in members().iter().filter(|folder| !["operator", "e2e"].contains(&folder.as_str())) {
        let room = crate_of(folder);
        assert!(drawing.contains(room), "README's drawing does not show `{room}`");
    }
}

#[test]
fn the_top_level_holds_nothing_but_the_fixed_folders() {
    let folders: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    let fixed = ["charts", "crds", "e2e", "operator", "policies"];
    for folder in &folders {
        assert!(
            fixed.contains(&folder.as_str()),
            "{folder}/ has no place at the top level; see README, The house"
        );
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The texts that may declare a module whose file lies in `place`.
fn declarers(place: &Path) -> Vec<String> {
    let named = place.with_extension("rs");
    [place.join("lib.rs"), place.join("main.rs"), place.join("mod.rs"), named]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

fn declares(text: &str, module: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        line.strip_suffix(';').is_some_and(|line| {
            line.strip_suffix(module)
                .is_some_and(|before| before.ends_with("mod ") || before.ends_with("mod r#"))
        })
    })
}
