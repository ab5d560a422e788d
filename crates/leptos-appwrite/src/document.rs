//! The HTML document around the app: head, styles, scripts for hydration.
//!
//! Text, not a view: it is never hydrated, and most of it is the same in all documents.

use std::sync::LazyLock;

use appwrite_client::User;
use axum::extract::Request;
use axum::http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::*;

use appwrite_realtime::state::ConnectionState;

use crate::routes::Part;
use crate::session::opening::escaped;
use crate::site::ROOT;
use crate::state::AppState;
use crate::theme::Theme;

pub mod heads;

/// Starts the app. After a panic it stops events before they reach wasm, so links and forms work as without JavaScript.
const START: &str = include_str!("document/start.js");

/// The same as documents have it: without comments and indentation.
static SHORT_START: LazyLock<String> = LazyLock::new(|| {
    let lines = START.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
});

/// The theme of a document, and the parts of the wasm that it needs.
pub struct Opening {
    theme: Theme,
    parts: Vec<&'static Part>,
}

impl Opening {
    /// Reads it from the request.
    pub fn of(state: &AppState, request: &Request) -> Self {
        let is_signed_in = request.extensions().get::<User>().is_some();
        let path = request.uri().path();
        let is_needed = |part: &&Part| part.has_page(path) || (part.is_for_signed_in && is_signed_in);
        Self {
            theme: request.extensions().get::<Theme>().copied().unwrap_or_default(),
            // The browser loads them at the same time as the first file.
            parts: state.site.parts.iter().filter(is_needed).collect(),
        }
    }

    /// Returns the names of the wasm's parts for this page.
    pub fn part_names(&self) -> String {
        self.parts.iter().map(|part| part.name).collect::<Vec<_>>().join(" ")
    }

    /// Returns the document as far as the app's own elements of the head, with room for the rest.
    pub fn html(&self, state: &AppState, nonce: &Nonce, rest: usize) -> Vec<u8> {
        let assets = &state.assets;
        let style = assets.style_text.as_deref();
        let mut html = String::with_capacity(rest + style.map_or(0, str::len) + 8192);
        html.push_str("<!DOCTYPE html><html lang=\"");
        html.push_str(&escaped(state.site.wording.lang));
        let theme = self.theme.attribute();
        if let Some(theme) = theme {
            html.push_str("\" data-theme=\"");
            html.push_str(theme);
        }
        html.push_str(
            "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"",
        );
        html.push_str(theme.unwrap_or("light dark"));
        html.push_str("\">");
        html.push_str(state.heads.of(self.theme, || own_elements(state, self.theme)));
        match style {
            Some(style) => html.extend(["<style nonce=\"", nonce, "\">", style, "</style>"]),
            None => html.extend(["<link id=\"style\" rel=\"stylesheet\" href=\"", &assets.style, "\">"]),
        }
        if state.live_reload_port().is_some() {
            html.push_str(&reload_script(&state.leptos, nonce));
        }
        let not_live = (state.site.wording.connection)(&ConnectionState::Idle).concat();
        html.extend(["<script type=\"module\" nonce=\"", nonce, "\">"]);
        let parts: Vec<_> = self.parts.iter().flat_map(|part| assets.part(part.name)).map(String::as_str).collect();
        let constants = [
            ("script", &assets.script),
            ("wasm", &assets.wasm),
            ("partFiles", &parts.join(" ")),
            ("notLiveText", &not_live),
        ];
        for (name, text) in constants {
            html.extend(["const ", name, " = "]);
            push_string(text, &mut html);
            html.push_str(";\n");
        }
        html.extend([SHORT_START.as_str(), "</script>"]);
        html.into_bytes()
    }
}

/// The processor compares this many bytes in a few steps.
const BLOCK: usize = 64;

/// Adds the text as a string of JavaScript that cannot end the script. JSON has many double quotes, so it is in single ones.
pub fn push_string(text: &str, script: &mut String) {
    script.push('\'');
    let mut rest = text;
    while let Some(at) = first_escaped(rest.as_bytes()) {
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

/// Returns the place of the first byte that `push_string` escapes.
fn first_escaped(text: &[u8]) -> Option<usize> {
    let is_escaped = |byte: u8| matches!(byte, b'\'' | b'\\' | b'<' | b'\n' | b'\r' | 0);
    // Few bytes are, so whole blocks are compared at once.
    let is_plain = |block: &&[u8]| !block.iter().fold(false, |found, byte| found | is_escaped(*byte));
    let start = text.chunks_exact(BLOCK).take_while(is_plain).count() * BLOCK;
    text[start..].iter().position(|byte| is_escaped(*byte)).map(|at| start + at)
}

/// Returns the HTML from the end of the head to the app. Leptos puts the page's title at its start.
pub fn start_of_body(parts: &str) -> String {
    // The app has its own element, because browser extensions insert nodes into the body.
    format!("<!--HEAD--></head><body><div id=\"{ROOT}\" data-parts=\"{parts}\">")
}

/// Renders the app's own elements of the head.
fn own_elements(state: &AppState, theme: Theme) -> String {
    let (mut request, ()) = axum::http::Request::new(()).into_parts();
    request.extensions.insert(theme);
    Owner::new().with(|| {
        provide_context::<Parts>(request);
        provide_context(state.clone());
        (state.site.head)().to_html()
    })
}

fn reload_script(options: &LeptosOptions, nonce: &Nonce) -> String {
    Owner::new().with(|| {
        provide_context(nonce.clone());
        view! { <AutoReload options=options.clone()/> }.to_html()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If the user leaves a page whose module waits at its top level, WebKitGTK 2.50 evaluates the module again and again:
    /// its loader does not notice that the document no longer runs scripts. The next page then never shows.
    #[test]
    fn script_awaits_nothing_at_its_top_level() {
        let awaiting = START.lines().find(|line| !line.starts_with([' ', '/']) && line.contains("await"));
        assert_eq!(awaiting, None);
    }

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
