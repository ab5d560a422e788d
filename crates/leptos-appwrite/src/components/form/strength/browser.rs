//! Reads a password while the user types it.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use web_sys::js_sys::JsString;
use web_sys::{Event, FormData, HtmlInputElement};

use crate::password_strength::{PasswordStrength, Typed, estimate};

/// A pause in typing. Screen readers then announce the strength once, and not after each key.
const PAUSE: Duration = Duration::from_millis(400);

/// The fields of the form that hold the user's name or address.
const OWN_FIELDS: [&str; 3] = ["name", "email", "username"];

/// Sets `strength` after each pause in typing. The code of the estimate is loaded after the first one.
pub(super) fn follow(field_id: String, strength: RwSignal<Option<PasswordStrength>>) {
    let look = debounce(PAUSE, move |field: HtmlInputElement| {
        let typed = typed_in(&field);
        spawn_local(async move {
            let estimated = match typed.password.is_empty() {
                true => None,
                // If the code cannot be loaded, the field works without an estimate.
                false => estimate(typed).await.ok(),
            };
            // The field may have left the page.
            let _ = strength.try_set(estimated);
        });
    });
    let look = StoredValue::new_local(look);
    let listener = window_event_listener(ev::input, move |event: Event| {
        let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| field.id() == field_id) {
            look.update_value(|look| look(field));
        }
    });
    on_cleanup(move || listener.remove());
}

fn typed_in(field: &HtmlInputElement) -> Typed {
    let form = field.form().and_then(|form| FormData::new_with_form(&form).ok());
    let own = form.map(|form| OWN_FIELDS.into_iter().filter_map(|name| form.get(name).as_string()).collect());
    // The server composes passwords, too: "é" is one character.
    let password = JsString::from(field.value()).normalize("NFC").into();
    Typed { password, own: own.unwrap_or_default() }
}
