//! Translates OAuth2 errors for the user. Anyone can write the query, so it only selects a message and never changes
//! anything on the server.

use crate::error::AppError;
use serde::Deserialize;

/// The JSON that Appwrite adds to the failure URL. It also contains a message and a code.
#[derive(Deserialize)]
struct Reason {
    #[serde(rename = "type")]
    kind: String,
}

/// Returns the error for the query's `error` value from this provider.
pub fn meaning(error: &str, provider: &str) -> AppError {
    let provider = provider.to_owned();
    match kind(error).as_deref() {
        // Appwrite sends `general_bad_request` for an address that another user has and the provider has not verified.
        Some(
            "general_bad_request"
            | "user_already_exists"
            | "user_email_already_exists"
            | "user_identity_already_exists",
        ) => AppError::ProviderEmailTaken { provider },
        Some("user_blocked") => AppError::Blocked,
        // Includes `user_oauth2_provider_error`, which the provider sends when the user declines.
        _ => AppError::ProviderRefused { provider },
    }
}

fn kind(error: &str) -> Option<String> {
    serde_json::from_str::<Reason>(error).ok().map(|reason| reason.kind)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meaning_of(kind: &str) -> AppError {
        let error = serde_json::json!({ "message": "<script>alert(1)</script>", "type": kind, "code": 401 });
        meaning(&error.to_string(), "GitHub")
    }

    fn refused() -> AppError {
        AppError::ProviderRefused { provider: "GitHub".into() }
    }

    #[test]
    fn each_error_type_has_its_own_text() {
        for kind in [
            "user_oauth2_unauthorized",
            "user_oauth2_bad_request",
            "user_oauth2_provider_error",
            "user_missing_id",
            "project_provider_disabled",
            "general_unknown",
            "<b>",
        ] {
            assert_eq!(meaning_of(kind), refused(), "{kind}");
        }
        for kind in ["general_bad_request", "user_already_exists"] {
            assert_eq!(meaning_of(kind), AppError::ProviderEmailTaken { provider: "GitHub".into() }, "{kind}");
        }
        assert_eq!(meaning_of("user_blocked"), AppError::Blocked);
    }

    #[test]
    fn error_without_appwrite_json_is_a_plain_refusal() {
        for error in ["", "null", "[]", "{}", "{\"type\":1}", "{\"type\":\"user_blocked\"", "user_blocked"] {
            assert_eq!(meaning(error, "GitHub"), refused(), "{error}");
        }
    }

    proptest! {
        #[test]
        fn query_text_is_never_shown(text in "\\PC{4,60}") {
            let error = serde_json::json!({ "message": text, "type": text }).to_string();
            for error in [&error, &text] {
                let shown = format!("{:?}", meaning(error, "GitHub"));
                prop_assert!(!shown.contains(&text), "{}", shown);
            }
        }
    }
}
