//! Lists the users already on a page: Appwrite sends no presence events from before the connection.

use leptos::prelude::*;

use crate::error::AppError;
use crate::json::Answer;
use appwrite_realtime::presence::PersonPresent;

/// Returns the users on this page, possibly including the current one: the 100 most recently seen. Empty if the server
/// does not support presence.
#[server(prefix = "/actions", endpoint = "people_present", output = Answer)]
pub async fn people_present(
    /// The page's path.
    #[server(default)]
    page: String,
) -> Result<Option<Vec<PersonPresent>>, AppError> {
    use super::list_present::list_present;
    use crate::realtime::mint::takes_messages;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    // For an ended session, Appwrite returns the list that a guest may see. The connection reports the end.
    let client = request.session()?;
    let version = request.state.appwrite.version().await?;
    if takes_messages(version) { list_present(&client, &page).await.map(Some) } else { Ok(None) }
}
