//! Buttons that need JavaScript. They do not appear without it.

use leptos::prelude::*;

use super::has_script::use_has_script;
use super::{reactive, words};

/// Copies a text to the clipboard. Appears only if the browser lets the page write to the clipboard, which needs https
/// or a loopback address.
#[component]
pub fn CopyButton(
    /// The text to copy.
    #[prop(into)]
    text: String,
    /// The button's text.
    label: &'static str,
    /// The text to show beside the button after copying.
    done: &'static str,
) -> impl IntoView {
    let has_script = use_has_script();
    let is_copied = RwSignal::new(false);
    let text = StoredValue::new(text);
    let copy = move |_| text.with_value(|text| side::copy(text, is_copied));
    reactive(move || {
        (has_script.get() && side::has_clipboard()).then(|| {
            view! {
                <button type="button" class="button button-quiet button-small" on:click=copy>
                    {label}
                </button>
                <span role="status" class="quiet">{reactive(move || is_copied.get().then(|| words(done)))}</span>
            }
        })
    })
}

/// Prints the page.
#[component]
pub fn PrintButton(
    /// The button's text.
    label: &'static str,
) -> impl IntoView {
    let has_script = use_has_script();
    reactive(move || {
        has_script.get().then(|| view! {
            <button type="button" class="button button-quiet button-small" on:click=|_| side::print()>{label}</button>
        })
    })
}

#[cfg(not(feature = "ssr"))]
mod side {
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use leptos::web_sys::js_sys::{Function, Promise, Reflect};
    use wasm_bindgen_futures::JsFuture;

    /// Copies the text. Sets `is_copied` after the browser has copied it.
    pub(super) fn copy(text: &str, is_copied: RwSignal<bool>) {
        is_copied.set(false);
        let Ok(promise) = write(text) else { return };
        spawn_local(async move {
            if JsFuture::from(promise).await.is_ok() {
                let _ = is_copied.try_set(true);
            }
        });
    }

    pub(super) fn has_clipboard() -> bool {
        clipboard().is_ok_and(|clipboard| clipboard.is_object())
    }

    fn clipboard() -> Result<JsValue, JsValue> {
        Reflect::get(&window().navigator(), &"clipboard".into())
    }

    /// Calls `navigator.clipboard.writeText`.
    fn write(text: &str) -> Result<Promise, JsValue> {
        let clipboard = clipboard()?;
        let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
        write.call1(&clipboard, &text.into())?.dyn_into()
    }

    pub(super) fn print() {
        // Does nothing in a browser that cannot print.
        let _ = window().print();
    }
}

#[cfg(feature = "ssr")]
mod side {
    use leptos::prelude::RwSignal;

    pub(super) fn has_clipboard() -> bool {
        false
    }

    /// Does nothing on the server.
    pub(super) fn copy(_text: &str, _is_copied: RwSignal<bool>) {}

    /// Does nothing on the server.
    pub(super) fn print() {}
}
