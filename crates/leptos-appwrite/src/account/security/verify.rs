//! Asks for the second factor again, before a change for which Appwrite wants a recent challenge.

use leptos::prelude::*;

use crate::error::AppError;
use crate::session::pending_sign_in::Factor;

/// Starts the challenge, sends its code by email or phone if needed, and shows the code field.
#[server(prefix = "/actions", endpoint = "ask_to_verify")]
pub async fn ask_to_verify(factor: Factor, #[server(default)] next: String) -> Result<(), AppError> {
    use super::answers::on_pages;
    use crate::auth::second_factor::challenge;
    use crate::session::own_path::{OwnPath, page_then};

    let (request, pages) = on_pages()?;
    let pending = challenge::ask(&request, factor).await?;
    request.keep_pending_sign_in(&pending)?;
    let with_next = OwnPath::parse(&page_then(pages.verify, &next));
    request.go_to(&with_next.unwrap_or_else(|| OwnPath::of_page(pages.verify)));
    Ok(())
}

/// Verifies the code and opens `next` again, if it is a path of this app.
#[server(prefix = "/actions", endpoint = "verify_again")]
pub async fn verify_again(
    factor: Factor,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::answers::on_pages;
    use crate::auth::second_factor::challenge::{self, Purpose};
    use crate::session::own_path::OwnPath;

    let (request, pages) = on_pages()?;
    challenge::give(&request, factor, &code, Purpose::Change).await?;
    request.forget_pending_sign_in();
    request.go_to(&OwnPath::parse(&next).unwrap_or_else(|| OwnPath::of_page(pages.overview)));
    Ok(())
}
