//! Elements without events.

use leptos::tachys::html::InertElement;
use maud::{Markup, Render};

/// Returns a view without events. If its text changes, the whole element is replaced. The browser hydrates only its outermost
/// node, which matters in long lists.
pub fn inert(element: Markup) -> InertElement {
    InertElement::new(element.into_string())
}

/// A text of [`inert()`] elements. Maud escapes and copies byte by byte, and most texts have nothing to escape.
pub struct Text<'a>(pub &'a str);

impl Render for Text<'_> {
    fn render_to(&self, html: &mut String) {
        let is_escaped = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"');
        // Without an early end, the compiler compares many bytes at once.
        match self.0.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
            true => self.0.render_to(html),
            false => html.push_str(self.0),
        }
    }
}
