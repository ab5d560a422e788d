//! Tells components if JavaScript runs.

use leptos::prelude::*;

/// True once JavaScript runs: only browsers run effects.
pub(super) fn use_has_script() -> RwSignal<bool> {
    let has_script = RwSignal::new(false);
    Effect::new(move |_| has_script.set(true));
    has_script
}
