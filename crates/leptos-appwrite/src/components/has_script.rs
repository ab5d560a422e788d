//! Tells components if JavaScript runs.

use leptos::prelude::*;

use crate::effect::effect;

/// True once JavaScript runs: only browsers run effects.
pub(super) fn use_has_script() -> RwSignal<bool> {
    let has_script = RwSignal::new(false);
    effect(move || has_script.set(true));
    has_script
}
