//! One kind of object, as the API server last told of it.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use kube::runtime::watcher::Event;

/// What a view does with an object more than it has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// It becomes unknown: an object that is left out would be a policy that does not judge.
    Unknown,
    /// It leaves the object out: whoever misses it fails, or reads it live.
    LeaveOut,
}

/// What an event did to a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Nothing that a reader could see.
    Unseen,
    /// One object came, went or changed.
    Object,
    /// The view was listed in full, for the first time or anew.
    Listed,
}

/// Objects of one kind by name, kept as `V`.
///
/// A list replaces what was there only once it is complete; until then readers see the state before.
#[derive(Debug)]
pub(crate) struct View<V> {
    limit: usize,
    beyond: Beyond,
    state: RwLock<State<V>>,
}

#[derive(Debug)]
struct State<V> {
    current: BTreeMap<String, V>,
    incoming: Option<BTreeMap<String, V>>,
    listed: bool,
    overflowed: bool,
}

impl<V: Clone> View<V> {
    pub(crate) fn new(limit: usize, beyond: Beyond) -> Self {
        let state = State { current: BTreeMap::new(), incoming: None, listed: false, overflowed: false };
        Self { limit, beyond, state: RwLock::new(state) }
    }

    /// Whether the view holds every object there is.
    pub(crate) fn is_known(&self) -> bool {
        self.read().is_known(self.beyond)
    }

    /// Every object by name; `None` while the view is unknown.
    pub(crate) fn all(&self) -> Option<BTreeMap<String, V>> {
        let state = self.read();
        state.is_known(self.beyond).then(|| state.current.clone())
    }

    pub(crate) fn get(&self, name: &str) -> Option<V> {
        let state = self.read();
        if state.listed { state.current.get(name).cloned() } else { None }
    }

    /// Forgets that the view was ever listed. What it held is dropped: nobody may judge by it.
    pub(crate) fn forget(&self) {
        let mut state = self.write();
        state.listed = false;
        state.incoming = None;
        state.current = BTreeMap::new();
    }

    /// Takes in what the API server said. `keep` gives the name and the part of an object that is kept.
    pub(crate) fn apply<K>(&self, event: Event<K>, keep: impl Fn(K) -> (String, V)) -> Applied {
        let mut state = self.write();
        match event {
            Event::Init => {
                state.incoming = Some(BTreeMap::new());
                Applied::Unseen
            }
            Event::InitApply(object) => {
                let (name, value) = keep(object);
                let limit = self.limit;
                let full = match &mut state.incoming {
                    Some(incoming) => !put(incoming, limit, name, value),
                    None => false,
                };
                state.overflowed |= full;
                Applied::Unseen
            }
            Event::InitDone => {
                if let Some(incoming) = state.incoming.take() {
                    // An overflow during this very list stays noted; an older one is over if all fit now.
                    state.overflowed &= incoming.len() >= self.limit;
                    state.current = incoming;
                    state.listed = true;
                }
                Applied::Listed
            }
            Event::Apply(object) => {
                let (name, value) = keep(object);
                let full = !put(&mut state.current, self.limit, name, value);
                state.overflowed |= full;
                Applied::Object
            }
            Event::Delete(object) => {
                let (name, _) = keep(object);
                state.current.remove(&name);
                Applied::Object
            }
        }
    }

    // A panic while the lock was held cannot leave the maps half written, so a poisoned lock is as good.
    fn read(&self) -> RwLockReadGuard<'_, State<V>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State<V>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> State<V> {
    fn is_known(&self, beyond: Beyond) -> bool {
        self.listed && !(self.overflowed && beyond == Beyond::Unknown)
    }
}

/// Puts an object in unless it is new and the map is full; says whether it is in.
fn put<V>(map: &mut BTreeMap<String, V>, limit: usize, name: String, value: V) -> bool {
    let fits = map.len() < limit || map.contains_key(&name);
    if fits {
        map.insert(name, value);
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(view: &View<u32>, event: Event<(&str, u32)>) -> Applied {
        view.apply(event, |(name, value)| (name.to_owned(), value))
    }

    fn list(view: &View<u32>, objects: &[(&'static str, u32)]) {
        feed(view, Event::Init);
        for object in objects {
            feed(view, Event::InitApply(*object));
        }
        feed(view, Event::InitDone);
    }

    fn names(view: &View<u32>) -> Option<Vec<String>> {
        view.all().map(|all| all.into_keys().collect())
    }

    #[test]
    fn a_view_is_unknown_until_its_first_list_is_complete() {
        let view = View::new(10, Beyond::Unknown);
        assert_eq!(names(&view), None);
        feed(&view, Event::Init);
        feed(&view, Event::InitApply(("a", 1)));
        assert_eq!(names(&view), None);
        assert_eq!(view.get("a"), None);
        assert_eq!(feed(&view, Event::InitDone), Applied::Listed);
        assert_eq!(names(&view), Some(vec!["a".to_owned()]));
    }

    #[test]
    fn an_empty_list_is_known_and_empty() {
        let view = View::new(10, Beyond::Unknown);
        list(&view, &[]);
        assert_eq!(names(&view), Some(Vec::new()));
    }

    #[test]
    fn a_second_list_replaces_the_first_only_when_it_is_complete() {
        let view = View::new(10, Beyond::Unknown);
        list(&view, &[("a", 1), ("b", 1)]);
        feed(&view, Event::Init);
        feed(&view, Event::InitApply(("b", 2)));
        assert_eq!((view.get("a"), view.get("b")), (Some(1), Some(1)));
        feed(&view, Event::InitDone);
        assert_eq!((view.get("a"), view.get("b")), (None, Some(2)));
    }

    #[test]
    fn objects_come_change_and_go() {
        let view = View::new(10, Beyond::Unknown);
        list(&view, &[]);
        feed(&view, Event::Apply(("a", 1)));
        feed(&view, Event::Apply(("a", 2)));
        assert_eq!(view.get("a"), Some(2));
        feed(&view, Event::Delete(("a", 2)));
        assert_eq!(view.get("a"), None);
    }

    #[test]
    fn a_forgotten_view_is_unknown_and_not_empty() {
        let view = View::new(10, Beyond::Unknown);
        list(&view, &[("a", 1)]);
        view.forget();
        assert_eq!(names(&view), None);
        assert_eq!(view.get("a"), None);
        list(&view, &[("b", 1)]);
        assert_eq!(names(&view), Some(vec!["b".to_owned()]));
    }

    #[test]
    fn one_object_too_many_makes_a_view_of_policies_unknown_until_a_list_fits() {
        let view = View::new(2, Beyond::Unknown);
        list(&view, &[("a", 1), ("b", 1)]);
        assert!(view.is_known());
        feed(&view, Event::Apply(("c", 1)));
        assert!(!view.is_known());
        list(&view, &[("a", 1), ("b", 1), ("c", 1)]);
        assert!(!view.is_known());
        list(&view, &[("a", 1)]);
        assert!(view.is_known());
    }

    #[test]
    fn one_object_too_many_is_left_out_where_a_miss_is_read_live() {
        let view = View::new(1, Beyond::LeaveOut);
        list(&view, &[("a", 1), ("b", 1)]);
        assert!(view.is_known());
        assert_eq!((view.get("a"), view.get("b")), (Some(1), None));
        feed(&view, Event::Apply(("a", 2)));
        assert_eq!(view.get("a"), Some(2), "an object that is in may change");
    }
}
