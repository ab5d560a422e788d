//! English texts for presence.

use appwrite_realtime::presence::named;

/// Names the other users; empty if there are none.
pub fn also_here(names: &[String]) -> String {
    match named(names) {
        (named, 0) if named.is_empty() => String::new(),
        (named, 1) if named.is_empty() => "Also here: 1 person".to_owned(),
        (named, rest) if named.is_empty() => format!("Also here: {rest} people"),
        (named, 0) => format!("Also here: {}", named.join(", ")),
        (named, rest) => format!("Also here: {} and {rest} more", named.join(", ")),
    }
}
