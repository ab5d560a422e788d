//! The hub's side of a connection: user, subscriptions and queue of frames.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::channel;
use super::frame::{self, EventFrame, PresenceMessage, Refusal, SubscriptionRequest};
use super::presence::{Presence, Presences};
use super::query::Query;
use super::subscription::Subscriptions;
use crate::Profile;
use crate::identity::secret;

/// A queued frame for a connection.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// Any frame except an event.
    Text(String),
    /// The last frame before the connection closes.
    Last(String),
    /// An event and the subscriptions that match it.
    Event(EventFrame, Vec<String>),
}

/// The user of a connection. The roles of an open connection change only with teams and memberships.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// `None`: a guest.
    pub(super) id: Option<String>,
    /// The roles for reading events.
    pub(super) roles: Vec<String>,
}

/// A connection in the hub.
#[derive(Debug)]
pub(super) struct Listener {
    profile: Profile,
    is_in_project: bool,
    person: Person,
    /// The subscriptions.
    pub(super) subscriptions: Subscriptions,
    presences: Vec<String>,
    outbox: mpsc::Sender<Outgoing>,
    lagging: CancellationToken,
}

impl Listener {
    /// Creates a connection of `person`. Without a project in the handshake, it receives no events.
    pub(super) fn new(
        profile: Profile,
        is_in_project: bool,
        person: Person,
        subscriptions: Subscriptions,
        outbox: mpsc::Sender<Outgoing>,
    ) -> Self {
        Self {
            profile,
            is_in_project,
            person,
            subscriptions,
            presences: Vec::new(),
            outbox,
            lagging: CancellationToken::new(),
        }
    }

    /// Cancelled when the connection does not keep up and has to be closed.
    pub(super) fn lagging(&self) -> CancellationToken {
        self.lagging.clone()
    }

    /// Puts a frame into the queue; marks the connection as lagging when it is full.
    pub(super) fn send(&mut self, frame: Outgoing) {
        if self.outbox.try_send(frame).is_err() {
            self.lagging.cancel();
        }
    }

    /// Returns true if this connection may receive an event for `read_roles`.
    pub(super) fn may_know(&self, read_roles: &[String]) -> bool {
        self.is_in_project && read_roles.iter().any(|role| role == "any" || self.person.roles.contains(role))
    }

    /// Sets other roles if the connection belongs to this user.
    pub(super) fn set_roles(&mut self, user_id: &str, roles: &[String]) {
        if self.is_in_project && self.person.id.as_deref() == Some(user_id) {
            self.person.roles = roles.to_vec();
        }
    }

    /// Returns true if the connection belongs to the project.
    pub(super) fn is_in_project(&self) -> bool {
        self.is_in_project
    }

    /// The version whose event format it receives.
    pub(super) fn profile(&self) -> Profile {
        self.profile
    }

    /// Adds subscriptions, and returns their state.
    pub(super) fn subscribe(&mut self, wishes: &[SubscriptionRequest], now: Timestamp) {
        let user_id = self.person.id.as_deref();
        let mut results = Vec::with_capacity(wishes.len());
        for wish in wishes {
            let id = wish.id.clone().unwrap_or_else(|| secret::id(now));
            let channels = channel::converted(&wish.channels, user_id);
            self.subscriptions.add(&id, &channels, &wish.queries);
            let queries: Vec<String> = wish.queries.iter().map(Query::to_text).collect();
            results.push(json!({"subscriptionId": id, "channels": channels, "queries": queries}));
        }
        self.answer("subscribe", json!({"success": true, "subscriptions": results}));
    }

    /// Removes subscriptions, and returns those that existed.
    pub(super) fn unsubscribe(&mut self, ids: &[String]) {
        let results: Vec<Value> =
            ids.iter().map(|id| json!({"subscriptionId": id, "removed": self.subscriptions.remove(id)})).collect();
        self.answer("unsubscribe", json!({"success": true, "subscriptions": results}));
    }

    /// Assigns the connection to the user `id`, and responds with the account.
    pub(super) fn authenticate(&mut self, id: String, roles: Vec<String>, account: Value) {
        self.subscriptions.rebind(self.person.id.as_deref(), &id);
        self.person = Person { id: Some(id), roles };
        self.answer("authentication", json!({"success": true, "user": account}));
    }

    /// Stores the presence of the connection's user in `presences`, and responds with it.
    ///
    /// # Errors
    /// Without a project (1008) or a user (401), or if [`Presences::put`] refuses.
    pub(super) fn tell_presence(
        &mut self,
        presences: &mut Presences,
        message: PresenceMessage,
        now: Timestamp,
    ) -> Result<Presence, Refusal> {
        if !self.is_in_project {
            return Err(Refusal::policy("Presence requires a project context."));
        }
        let Some(user_id) = &self.person.id else {
            return Err(Refusal::new(401, "User must be authorized"));
        };
        let presence = presences.put(user_id, &self.person.roles, message, now)?;
        if !self.presences.contains(&presence.id) {
            self.presences.push(presence.id.clone());
        }
        self.answer("presence", json!({"presence": presence.wire()}));
        Ok(presence)
    }

    /// The ids of the presences sent over this connection.
    pub(super) fn into_presences(self) -> Vec<String> {
        self.presences
    }

    fn answer(&mut self, to: &str, data: Value) {
        self.send(Outgoing::Text(frame::response(to, data)));
    }
}
