//! Sign-in by a link.

use leptos::prelude::*;

use crate::error::AppError;

/// Signs in by the link. Redirects to the requested path if this browser asked for the link, else to the app's default page.
/// `address` holds the link's hashes of the address that it was sent to. `leaves_guest=yes` comes from a page that has told
/// a guest what stays behind.
#[server(prefix = "/actions", endpoint = "open_link")]
pub async fn open_link(
    #[server(default)] user_id: String,
    #[server(default)] secret: String,
    #[server(default)] address: String,
    #[server(default)] leaves_guest: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::redeem::redeem_link;
    use crate::auth::guest::stays::asks_first;
    use crate::session::mail_link::MailLink;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(SignInMethod::MagicLink)?;
    if leaves_guest != "yes" && asks_first(&request).await? {
        return Ok(());
    }
    let link = MailLink::parse(&user_id, &secret).ok_or(AppError::LinkInvalid)?;
    redeem_link(&request, link, address, request.cookie_lifetime(&keep)).await
}
