//! Passkeys in a page, for browsers that have them.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{FormAction, side};

/// Appwrite's challenges are valid for five minutes. The remaining time is for the user's choice and the request.
const CHALLENGE_LIFETIME: Duration = Duration::from_secs(4 * 60);

/// True once JavaScript runs, in a browser that has passkeys for this page.
pub fn use_has_passkeys() -> Signal<bool> {
    let has_passkeys = RwSignal::new(false);
    Effect::new(move |_| has_passkeys.set(side::has_passkeys()));
    has_passkeys.into()
}

/// Offers passkeys in the autofill of the page's field with `autocomplete="username webauthn"`. A passkey that the user
/// chooses there sends the form of `action` (see [`FormAction::with_passkey`]), which has this id.
pub fn use_passkey_autofill(action: FormAction, form: &'static str) {
    let is_available = RwSignal::new(false);
    Effect::new(move |_| {
        if side::has_passkeys() {
            spawn_local(async move {
                if side::has_passkey_autofill().await {
                    let _ = is_available.try_set(true);
                }
            });
        }
    });
    let round = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let ask_again = move || {
            // Does not ask on a hidden page.
            if !document().hidden() {
                round.update(|round| *round = round.wrapping_add(1));
            }
        };
        if let Ok(timer) = set_interval_with_handle(ask_again, CHALLENGE_LIFETIME) {
            on_cleanup(move || timer.clear());
        }
    });
    // Asks again before the challenge expires, and after the form has failed, because the form's ceremony stops this
    // one.
    Effect::new(move |_| {
        round.track();
        if is_available.get() && !action.is_pending() {
            side::autofill(action, form);
        }
    });
    on_cleanup(side::abort);
}
