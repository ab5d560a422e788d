//! The server functions of the second-factor page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::session::pending_sign_in::Factor;

/// The factors of the account that is signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnFactors {
    /// The factors that this crate can ask for.
    pub known: Vec<Factor>,
    /// True if the account has a factor of the project's own (Appwrite's `custom`).
    pub has_custom: bool,
}

/// Returns the factors of the account that is signing in.
#[server(prefix = "/actions", endpoint = "second_factors")]
pub async fn second_factors() -> Result<OwnFactors, AppError> {
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    let has = request.session()?.factors().await?;
    let all = [
        (has.totp, Factor::Totp),
        (has.email, Factor::Email),
        (has.phone, Factor::Phone),
        (has.recovery_code, Factor::RecoveryCode),
    ];
    let known = all.into_iter().filter(|(has, _)| *has).map(|(_, factor)| factor).collect();
    Ok(OwnFactors { known, has_custom: has.custom })
}

/// Starts the challenge, sends its code by email or phone if needed, and shows the code field.
#[server(prefix = "/actions", endpoint = "ask_second_factor")]
pub async fn ask_second_factor(factor: Factor, #[server(default)] next: String) -> Result<(), AppError> {
    use super::challenge;
    use crate::session::own_path::{OwnPath, page_then};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let pending = challenge::ask(&request, factor).await?;
    request.keep_pending_sign_in(&pending)?;
    let page = request.state.site.paths.second_factor;
    // Drops a `next` that is too long; the sign-in works without it.
    let with_next = OwnPath::parse(&page_then(page, &next));
    request.go_to(&with_next.unwrap_or_else(|| OwnPath::of_page(page)));
    Ok(())
}

/// Verifies the code and redirects to `next`, if it is a path of this app, or else to the app's default page.
#[server(prefix = "/actions", endpoint = "give_second_factor")]
pub async fn give_second_factor(
    factor: Factor,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::challenge::{self, Purpose};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    challenge::give(&request, factor, &code, Purpose::SignIn).await?;
    request.forget_pending_sign_in();
    request.go_to_next(&next);
    Ok(())
}
