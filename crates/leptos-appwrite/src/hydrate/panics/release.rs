//! A release has no messages of panics: they would be 8% of the first load.

/// Does nothing: the browser logs only that the wasm has ended.
pub(super) fn log_messages() {}
