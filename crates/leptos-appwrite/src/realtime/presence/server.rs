//! The server side of presence: shows nobody.

use leptos::prelude::*;

/// Does nothing on the server. In the browser, returns the other users on the page.
pub fn use_presence(_page: &'static str) -> ReadSignal<Option<Vec<String>>> {
    RwSignal::new(None).read_only()
}
