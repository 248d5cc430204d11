//! A string that stays in the input.

use std::borrow::Cow;

use serde::Deserialize;

/// Borrowed unless it holds escapes. serde borrows through a struct, but copies a bare `Option<Cow<str>>`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);
