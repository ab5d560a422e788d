//! The messages between the tabs of one user.

use serde::{Deserialize, Serialize};

use super::protocol::{Channel, Event, Presence};
use super::state::{ConnectionState, EndReason};

/// A message between tabs of the same user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// This tab leads and asks the others for their subscriptions.
    Leads,
    /// All subscriptions of a tab.
    Listens {
        /// The tab's id.
        tab: String,
        /// The channels.
        channels: Vec<Channel>,
        /// The user's presence on its page.
        #[serde(default)]
        presence: Option<Presence>,
    },
    /// Asks for a leader.
    Asks,
    /// The leader's answer, also sent after each change.
    State {
        /// The state of the connection.
        state: ConnectionState,
        /// True if the leader's page is visible.
        is_seen: bool,
    },
    /// An event from the leader's connection.
    Event(Event),
    /// Events may have been missed.
    Gap {
        /// The affected tab; none for all tabs.
        tab: Option<String>,
        /// The affected channels; none for all channels, as a tab of an older build says it.
        channels: Option<Vec<Channel>>,
    },
    /// The session has ended.
    Ended(EndReason),
    /// Our server has just confirmed the session.
    SessionConfirmed,
}
