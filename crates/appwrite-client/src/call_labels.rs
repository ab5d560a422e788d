//! The labels of calls in metrics and traces: no id, and nothing that a user wrote.

use std::sync::LazyLock;

use super::error::AppwriteError;

/// The literal segments of Appwrite's routes, sorted. Any other segment is an id, which must not appear in metrics or spans.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "account anonymous attributes authenticators boolean challenge challenges codes collections columns \
    current databases datetime documents email factors float health identities indexes integer jwt jwts \
    key magic-url mfa name oauth2 passkeys password phone prefs presences recovery recovery-codes \
    registration rows sessions status string tables tablesdb text token tokens totp users varchar \
    verification verifications version"
        .split(' ')
        .collect()
});

/// Returns the template of a call's route.
pub(super) fn route(segments: &[String]) -> String {
    let part = |segment: &str| WORDS.binary_search(&segment).map_or(":id", |at| WORDS[at]);
    segments.iter().flat_map(|segment| ["/", part(segment)]).collect()
}

/// Returns `ok`, the `type` of Appwrite's error, or how the call failed.
pub(super) fn outcome(error: Option<&AppwriteError>) -> String {
    match error {
        None => "ok",
        Some(AppwriteError::Api(error)) => &error.kind,
        Some(AppwriteError::TimedOut) => "timed_out",
        Some(AppwriteError::Unreachable(_)) => "unreachable",
        Some(_) => "unexpected",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn route_shows_no_id() {
        let segments = ["tablesdb", "main", "tables", "birthdays", "rows", "66f0"].map(str::to_owned);
        assert_eq!(route(&segments), "/tablesdb/:id/tables/:id/rows/:id");
        assert_eq!(route(&["account", "sessions", "email"].map(str::to_owned)), "/account/sessions/email");
    }
}
