//! A release does without the messages of panics: they would be a tenth of the code.

/// Does nothing: the browser logs only that the wasm has ended.
pub(super) fn log_messages() {}
