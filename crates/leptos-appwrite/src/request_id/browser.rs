//! The browser side: the server's HTML contains the id.

/// Returns none: a page that no server rendered has no request.
pub(super) fn current() -> Option<String> {
    None
}
