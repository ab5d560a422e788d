//! The script with the data that hydration needs.

use std::fmt::Write;

use futures_util::stream::StreamExt;
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::nonce::Nonce;

use crate::document::push_string;

/// Adds the script, once all data has been loaded.
///
/// Leptos would write the data with the escapes of Rust, which takes more time and bytes.
pub async fn push_data_script(context: &SsrSharedContext, nonce: &Nonce, html: &mut String) {
    let data = context.consume_buffers().await;
    html.reserve(data.iter().map(|(_, text)| text.len() + 64).sum());
    // Writing to a string cannot fail.
    let _ = write!(html, "<script nonce=\"{nonce}\">");
    // The first chunk makes the variables; the others have no data, because this function took it.
    if let Some(mut chunks) = context.pending_data() {
        while let Some(chunk) = chunks.next().await {
            html.push_str(&chunk);
        }
    }
    for (id, text) in data {
        let _ = write!(html, "__RESOLVED_RESOURCES[{}]=", id.into_inner());
        push_string(&text, html);
        html.push(';');
    }
    html.push_str("</script>");
}
