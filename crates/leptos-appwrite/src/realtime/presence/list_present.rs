//! Lists the users who are present, as far as a user may see them.

use jiff::{SignedDuration, Timestamp};

use crate::error::AppError;
use appwrite_client::{Presence, Query, SessionClient};
use appwrite_realtime::presence::{PersonPresent, STALE_AFTER, name_in};

/// The maximum number of users in the list.
const MAX_USERS: u32 = 100;

/// Returns the users on this page, most recently seen first.
pub(super) async fn list_present(client: &SessionClient, page: &str) -> Result<Vec<PersonPresent>, AppError> {
    let now = Timestamp::now();
    let oldest = now.saturating_sub(SignedDuration::try_from(STALE_AFTER).unwrap_or(SignedDuration::ZERO));
    let queries = [
        Query::equal("status", page),
        Query::greater_than("$updatedAt", oldest.map_or_else(|_| String::new(), |oldest| oldest.to_string())),
        Query::order_desc("$updatedAt"),
        Query::limit(MAX_USERS),
    ];
    let presences = client.presences(&queries).await?;
    Ok(presences.into_iter().map(|presence| person(presence, now)).collect())
}

fn person(presence: Presence, now: Timestamp) -> PersonPresent {
    let age = presence.updated_at.map_or(0, |updated| now.as_second() - updated.as_second());
    PersonPresent {
        name: name_in(&presence.metadata).to_owned(),
        user_id: presence.user_id,
        // Clock differences can make the age negative; it then counts as zero.
        seconds_ago: u64::try_from(age).unwrap_or_default(),
    }
}
