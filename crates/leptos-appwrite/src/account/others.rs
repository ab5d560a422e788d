//! Ends the user's other sessions.

use appwrite_client::{AppwriteError, Session, SessionClient};
use futures_util::{StreamExt, TryStreamExt, stream};

/// The maximum number of calls at a time.
const AT_ONCE: usize = 8;

/// Ends all of these sessions but the current one. Fails if none is marked as current, because the current one would
/// end too.
///
/// Uses one call for each session: if one call ends several, Appwrite sends their pages no event.
pub(super) async fn end_others(client: &SessionClient, sessions: Vec<Session>) -> Result<(), AppwriteError> {
    if !sessions.iter().any(|session| session.current) {
        return Err(AppwriteError::Unexpected { status: 200 });
    }
    let others = sessions.into_iter().filter(|session| !session.current);
    let ends = others.map(|session| async move { client.end_session(&session).await });
    stream::iter(ends).buffer_unordered(AT_ONCE).try_collect().await
}
