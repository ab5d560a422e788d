//! The people who have a page open when it is connected: nobody tells a newcomer of those who were there before.

use leptos::prelude::*;

use crate::error::AppError;
use appwrite_realtime::presence::PersonPresent;

/// Those who have this page open, among them perhaps the person who asks, the hundred last heard of. Nothing if the
/// server does not know presence.
#[server(prefix = "/actions", endpoint = "people_present")]
pub async fn people_present(
    /// The page's path.
    #[server(default)]
    page: String,
) -> Result<Option<Vec<PersonPresent>>, AppError> {
    use super::list_present::list_present;
    use super::mint::takes_messages;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    let client = request.session()?;
    // Appwrite lists for a session that has ended what it would list for a guest.
    let (version, person) = tokio::join!(request.state.appwrite.version(), request.user::<appwrite_client::User>());
    person?;
    if takes_messages(version?) { list_present(&client, &page).await.map(Some) } else { Ok(None) }
}
