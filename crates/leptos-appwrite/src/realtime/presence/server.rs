//! The server side of presence: shows nobody.

use leptos::prelude::*;

/// Does nothing on the server. In the browser, returns the other users on the page.
pub fn use_presence(_page: &'static str) -> Signal<Option<Vec<String>>> {
    Signal::stored(None)
}
