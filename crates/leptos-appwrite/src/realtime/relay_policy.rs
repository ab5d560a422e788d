//! Decides which channels the relay forwards, and what users receive of each event.

use appwrite_realtime::protocol::Channel;
use serde_json::Value;

use crate::tables::Table;

/// An app's policy for its relay. Set it in [`OwnRoutes`](crate::server::OwnRoutes::relay).
///
/// The default forwards the rows of the app's tables, and presences if the feature is on, and keeps every event as it
/// is. To forward files too, and to keep a column on the server:
///
/// ```
/// use leptos_appwrite::realtime::relay_policy::{Delivery, RelayPolicy, channels_of_tables, remove_field};
/// use leptos_appwrite::server::OwnRoutes;
///
/// let relay = RelayPolicy {
///     channels: |database, tables| {
///         let mut channels = channels_of_tables(database, tables);
///         channels.push(leptos_appwrite::realtime::Channel::Named("files".into()));
///         channels
///     },
///     filter: |_user_id, event| {
///         remove_field(event, "note");
///         Delivery::Pass
///     },
/// };
/// let own = OwnRoutes { relay, ..OwnRoutes::default() };
/// # let mut event = serde_json::json!({"payload": {"name": "Ann", "note": "for us alone"}});
/// # assert_eq!((own.relay.filter)("kim", &mut event), Delivery::Pass);
/// # assert_eq!(event, serde_json::json!({"payload": {"name": "Ann"}}));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RelayPolicy {
    /// The channels to forward, from the database's id and the app's tables. The user's account is always forwarded.
    pub channels: fn(&str, &[Table]) -> Vec<Channel>,
    /// Changes or withholds an event. Runs once per event and connection, after secrets have been removed.
    pub filter: EventFilter,
}

/// A function that filters an event for a user. Arguments: the user's id, and the `data` of the event's frame
/// (`events`, `channels`, `timestamp`, `payload`).
pub type EventFilter = fn(&str, &mut Value) -> Delivery;

/// The decision about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Send the event, as the filter left it.
    Pass,
    /// Do not send the event to this user.
    Withhold,
}

impl Default for RelayPolicy {
    fn default() -> Self {
        Self { channels: channels_of_tables, filter: pass }
    }
}

/// Returns the rows of these tables, and presences if the feature is on.
pub fn channels_of_tables(database_id: &str, tables: &[Table]) -> Vec<Channel> {
    let rows = tables.iter().map(|table| Channel::rows(database_id, table.id));
    rows.chain(cfg!(feature = "presence").then_some(Channel::Presences)).collect()
}

/// Keeps every event as it is.
pub fn pass(_user_id: &str, _event: &mut Value) -> Delivery {
    Delivery::Pass
}

/// Removes a field of the event's payload.
pub fn remove_field(event: &mut Value, field: &str) {
    if let Some(payload) = event.get_mut("payload").and_then(Value::as_object_mut) {
        payload.remove(field);
    }
}
