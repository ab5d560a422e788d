//! Views that change, of one type.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

/// Returns a view that changes with the signals that `view` reads.
///
/// Use it in place of the bare closure: each closure is a type of its own, and the code that renders and hydrates a type is
/// several kilobytes of wasm.
pub fn reactive<V: IntoView + 'static>(
    mut view: impl FnMut() -> Option<V> + Send + 'static,
) -> SharedReactiveFunction<Option<AnyView>> {
    Arc::new(Mutex::new(move || view().map(IntoAny::into_any)))
}
