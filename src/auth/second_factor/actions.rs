//! What the page of the second factor asks our server.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::pending_sign_in::Factor;

/// The factors that the account of the sign-in under way has.
#[server(prefix = "/actions", endpoint = "second_factors")]
pub async fn second_factors() -> Result<Vec<Factor>, AppError> {
    use leptos_appwrite::auth::second_factor as challenge;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    challenge::factors(&request).await
}

/// Asks for the code of a factor, has it sent where that is its way, and shows the field for it.
#[server(prefix = "/actions", endpoint = "ask_second_factor")]
pub async fn ask_second_factor(factor: Factor, #[server(default)] next: String) -> Result<(), AppError> {
    use leptos_appwrite::auth::second_factor as challenge;
    use leptos_appwrite::session::own_path::{OwnPath, page_then};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let pending = challenge::ask(&request, factor, &next).await?;
    request.keep_pending_sign_in(&pending)?;
    let page = OwnPath::parse(&page_then("/login/factor", &next)).ok_or(AppError::BadRequest)?;
    request.go_to(&page);
    Ok(())
}

/// Gives the code of a factor, and goes on to `next`, if that is a path of ours, or to the account.
#[server(prefix = "/actions", endpoint = "give_second_factor")]
pub async fn give_second_factor(
    factor: Factor,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use leptos_appwrite::auth::second_factor as challenge;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    challenge::give(&request, factor, &code).await?;
    request.forget_pending_sign_in();
    request.go_to_next(&next);
    Ok(())
}
