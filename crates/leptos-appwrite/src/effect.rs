//! Effects of one type.

use leptos::prelude::*;

/// Runs `run` soon, and again after each change of the signals that it reads. Only browsers do.
///
/// Use it in place of [`Effect::new`]: that compiles an effect's code again for each closure, a kilobyte of wasm.
pub fn effect(run: impl FnMut() + 'static) {
    if cfg!(not(feature = "ssr")) {
        new(Box::new(run));
    }
}

fn new(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_| run());
}
