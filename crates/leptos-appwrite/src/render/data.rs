//! The script with the data that hydration needs.

use std::fmt::Write;

use futures_util::stream::StreamExt;
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::nonce::Nonce;

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

/// Adds the text as a string of JavaScript that cannot end the script. JSON has many double quotes, so it is in single ones.
fn push_string(text: &str, script: &mut String) {
    script.push('\'');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\'' | b'\\' | b'<' | b'\n' | b'\r' | 0)) {
        script.push_str(&rest[..at]);
        script.push_str(match rest.as_bytes()[at] {
            b'\'' => "\\'",
            b'\\' => "\\\\",
            b'<' => "\\x3c",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\x00",
        });
        rest = &rest[at + 1..];
    }
    script.push_str(rest);
    script.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_ends_neither_itself_nor_its_script() {
        for (text, expected) in [
            (r#"{"a":["b"]}"#, r#"'{"a":["b"]}'"#),
            (r"it's \", r"'it\'s \\'"),
            // JavaScript allows line separators in strings since 2019.
            ("\u{2028}", "'\u{2028}'"),
            ("</script><!--", r"'\x3c/script>\x3c!--'"),
            ("1\n2\r3\0ü", r"'1\n2\r3\x00ü'"),
            ("", "''"),
        ] {
            let mut script = String::new();
            push_string(text, &mut script);
            assert_eq!(script, expected, "{text}");
        }
    }
}
