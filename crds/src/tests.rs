//! The generated definition and its rules.

mod definition;
mod rules;
