//! The browser's half: the id comes with the server's HTML.

/// A page that no server rendered has no request.
pub(super) fn current() -> Option<String> {
    None
}
