//! A link to the local backend's outbox.

use leptos::prelude::*;
use leptos_appwrite::session::use_outbox;

/// Says where to find a message that the local backend keeps instead of sending it. Empty with a real Appwrite.
#[component]
pub fn OutboxHint() -> impl IntoView {
    use_outbox().map(|outbox| {
        view! {
            <p class="hint">
                "The local backend sends nothing: find the message in its " <a href=outbox rel="external">"outbox"</a> "."
            </p>
        }
    })
}
