//! The list of those who are present, as Appwrite has it for a person.

use jiff::{SignedDuration, Timestamp};

use crate::error::AppError;
use appwrite_client::{Presence, Query, SessionClient};
use appwrite_realtime::presence::{PersonPresent, STALE_AFTER, name_in};

/// The most people that are listed.
const MOST: u32 = 100;

/// Those who have this page open, the last heard of first.
pub(super) async fn list_present(client: &SessionClient, page: &str) -> Result<Vec<PersonPresent>, AppError> {
    let now = Timestamp::now();
    let oldest = now.saturating_sub(SignedDuration::try_from(STALE_AFTER).unwrap_or(SignedDuration::ZERO));
    let queries = [
        Query::equal("status", page),
        Query::greater_than("$updatedAt", oldest.map_or_else(|_| String::new(), |oldest| oldest.to_string())),
        Query::order_desc("$updatedAt"),
        Query::limit(MOST),
    ];
    let presences = client.presences(&queries).await?;
    Ok(presences.into_iter().map(|presence| person(presence, now)).collect())
}

fn person(presence: Presence, now: Timestamp) -> PersonPresent {
    let age = presence.updated_at.map_or(0, |told| now.as_second() - told.as_second());
    PersonPresent {
        name: name_in(&presence.metadata).to_owned(),
        user_id: presence.user_id,
        // Clocks that differ are no reason to take somebody for one of the future.
        seconds_ago: u64::try_from(age).unwrap_or_default(),
    }
}
