//! The app's own elements of the head, rendered once for each theme.

use std::sync::OnceLock;

use crate::theme::Theme;

/// The elements, as HTML.
#[derive(Debug, Default)]
pub struct Heads([OnceLock<String>; Theme::ALL.len()]);

impl Heads {
    /// Returns the elements for a theme, which `render` makes at first.
    pub fn of(&self, theme: Theme, render: impl FnOnce() -> String) -> &str {
        let at = Theme::ALL.into_iter().position(|other| other == theme).unwrap_or_default();
        self.0[at].get_or_init(render)
    }
}
