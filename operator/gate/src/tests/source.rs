//! A source that answers what a test tells it to, and remembers what it was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    future,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use fetch::{Answer, Ask, Descriptor, Error, Listing, Resolved, Source};
use names::{Digest, ImageRef, Repository};

use super::fixtures::{bundle, signed};

/// One of the three questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Resolve,
    Candidates,
    Bundle,
}

#[derive(Default)]
struct State {
    /// What a tag means, the next time it is asked for; the last answer stays.
    tag: VecDeque<Result<Digest, Error>>,
    listing: Listing,
    listing_fails: Option<Error>,
    bundles: BTreeMap<Digest, VecDeque<Result<Vec<Bytes>, Error>>>,
    never: Option<Question>,
    asked: Vec<String>,
}

#[derive(Clone, Default)]
pub(crate) struct FakeSource(Arc<Mutex<State>>);

impl FakeSource {
    /// One image, the subject of the fixtures, with a referrer for each of these bundles.
    pub(crate) fn holding(bundles: &[&str]) -> Self {
        let source = Self::default();
        source.tag_means([Ok(signed().subject)]);
        for name in bundles {
            source.refer(name, [Ok(vec![bundle(name)])]);
        }
        source
    }

    pub(crate) fn tag_means(&self, answers: impl IntoIterator<Item = Result<Digest, Error>>) {
        self.0.lock().unwrap().tag = answers.into_iter().collect();
    }

    /// Adds a referrer that is read with these answers, one after the other; the last one stays.
    pub(crate) fn refer(&self, name: &str, answers: impl IntoIterator<Item = Result<Vec<Bytes>, Error>>) {
        let digest = Digest::sha256(name.as_bytes());
        let mut state = self.0.lock().unwrap();
        state.listing.candidates.push(Descriptor {
            digest: digest.clone(),
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            size: 1000,
            artifact_type: None,
            annotations: BTreeMap::new(),
        });
        state.bundles.insert(digest, answers.into_iter().collect());
    }

    /// The listing is cut short.
    pub(crate) fn cut(&self, error: Error) {
        self.0.lock().unwrap().listing.incomplete = Some(error);
    }

    /// There is no listing at all.
    pub(crate) fn refuse_listing(&self, error: Error) {
        self.0.lock().unwrap().listing_fails = Some(error);
    }

    /// From now on this question is never answered.
    pub(crate) fn never(&self, question: Question) {
        self.0.lock().unwrap().never = Some(question);
    }

    /// Everything asked so far, as in `resolve registry.example.com/shop/cart:1.4`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }

    fn answer<'a, T: Send + 'a>(
        &self,
        question: Question,
        asked: String,
        answer: impl FnOnce(&mut State) -> Result<T, Error>,
    ) -> Answer<'a, T> {
        let mut state = self.0.lock().unwrap();
        state.asked.push(asked);
        if state.never == Some(question) {
            return Box::pin(future::pending());
        }
        Box::pin(future::ready(answer(&mut state)))
    }
}

impl Source for FakeSource {
    fn resolve<'a>(&'a self, image: &'a ImageRef, _: Ask<'a>) -> Answer<'a, Resolved> {
        self.answer(Question::Resolve, format!("resolve {image}"), |state| {
            Ok(Resolved { digest: next(&mut state.tag)?, media_type: None })
        })
    }

    fn candidates<'a>(&'a self, _: &'a Repository, digest: &'a Digest, _: Ask<'a>) -> Answer<'a, Listing> {
        self.answer(Question::Candidates, format!("candidates {digest}"), |state| {
            state.listing_fails.clone().map_or_else(|| Ok(state.listing.clone()), Err)
        })
    }

    fn bundle<'a>(
        &'a self,
        _: &'a Repository,
        candidate: &'a Descriptor,
        _: Ask<'a>,
    ) -> Answer<'a, Vec<Bytes>> {
        let digest = &candidate.digest;
        self.answer(Question::Bundle, format!("bundle {digest}"), |state| {
            next(state.bundles.get_mut(digest).unwrap())
        })
    }
}

fn next<T: Clone>(answers: &mut VecDeque<T>) -> T {
    if answers.len() > 1 { answers.pop_front().unwrap() } else { answers.front().unwrap().clone() }
}
