//! Sends each published event to the subscribed connections.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::channel;
use super::event_name;
use super::frame::{EventFrame, PresenceMessage, Refusal};
use super::listener::{Listener, Outgoing};
use super::presence::{Presence, PresenceChange, Presences};
use crate::{Profile, clock};

/// Closes a connection when this many frames are waiting. Connections share the text of an event, so a full queue needs
/// little memory.
pub(super) const WAITING_FRAMES: usize = 1024;

/// An event of a resource.
#[derive(Clone, Debug)]
pub struct Event {
    /// The most specific name, for example `tablesdb.main.tables.notes.rows.<id>.create`,
    /// `users.<uid>.sessions.<sid>.delete` or `users.<uid>.update.name`. The wildcards and the names of the
    /// older APIs are derived from it.
    pub name: String,
    /// The resource in the API's format: after the change, or before its deletion.
    ///
    /// A row has `$databaseId` and `$tableId`; a session made without an API key carries its secret here, as the
    /// recorded Appwrite does (it goes to its own user only).
    pub payload: Value,
    /// The roles that may read the event: `any`, `users`, `user:<uid>`, `team:<tid>`, … For accounts only `user:<uid>`.
    /// For a row, the roles that may read it after the change or before its deletion: a user who loses access by an
    /// update receives no event.
    pub read_roles: Vec<String>,
}

/// Receives events and knows the open sockets. Clones share the same hub.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hub").finish_non_exhaustive()
    }
}

struct Inner {
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    room: Mutex<Room>,
    closing: CancellationToken,
    /// Closes the open sockets: a child of `closing` that a reset replaces.
    leaving: Mutex<CancellationToken>,
    sockets: TaskTracker,
}

#[derive(Default)]
struct Room {
    last_id: u64,
    listeners: BTreeMap<u64, Listener>,
    presences: Presences,
}

impl Hub {
    /// A hub without connections. `clock` dates the event frames and drives the rate windows and expiries.
    pub fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let closing = CancellationToken::new();
        Self {
            inner: Arc::new(Inner {
                clock: Box::new(clock),
                room: Mutex::default(),
                leaving: Mutex::new(closing.child_token()),
                closing,
                sockets: TaskTracker::new(),
            }),
        }
    }

    /// Sends `event` to every subscribed connection that may read it. Never blocks: closes a connection that does not
    /// keep up.
    pub fn publish(&self, event: Event) {
        let timestamp = clock::wire(self.now());
        let full = LazyCell::new(|| Announcement::full(&event, &timestamp));
        let documents = LazyCell::new(|| Announcement::of_documents(&event, &timestamp));
        let both = LazyCell::new(|| Announcement::of_databases(&event, &timestamp));
        for listener in self.room().listeners.values_mut() {
            if !listener.may_know(&event.read_roles) {
                continue;
            }
            let announcement = match listener.profile() {
                Profile::OneFive | Profile::OneSix => LazyCell::force(&documents),
                Profile::OneEight => LazyCell::force(&both),
                _ => LazyCell::force(&full),
            };
            let wanting = listener.subscriptions.wanting(&announcement.channels, &event.payload);
            if !wanting.is_empty() {
                listener.send(Outgoing::Event(announcement.frame.clone(), wanting));
            }
        }
    }

    /// Gives all connections of a user other roles.
    pub fn set_roles(&self, user_id: &str, roles: &[String]) {
        for listener in self.room().listeners.values_mut() {
            listener.set_roles(user_id, roles);
        }
    }

    /// The presences that `roles` (`None`: all) may read now, in the API's format, oldest first.
    pub fn presences(&self, roles: Option<&[String]>) -> Vec<Value> {
        let now = self.now();
        self.room().presences.readable(roles, now).map(Presence::answer).collect()
    }

    /// Returns the presence `id` if `roles` allow `action`.
    ///
    /// # Errors
    /// If there is none, or none that may be read (404), or the action is not allowed (401).
    pub(super) fn presence(&self, id: &str, action: &str, roles: Option<&[String]>) -> Result<Value, Refusal> {
        let room = self.room();
        let presence = room.presences.find(id, self.now()).filter(|presence| presence.allows("read", roles));
        let presence = presence.ok_or_else(|| Refusal::new(404, ""))?;
        if presence.allows(action, roles) { Ok(presence.answer()) } else { Err(Refusal::new(401, "")) }
    }

    /// Stores a presence of `user_id` until `expires_at`, sent over HTTP.
    ///
    /// # Errors
    /// As [`Presences::put`], and if the user's presence may not be changed (401).
    pub(super) fn put_presence(
        &self,
        user_id: &str,
        roles: Option<&[String]>,
        message: PresenceMessage,
        expires_at: Timestamp,
    ) -> Result<Value, Refusal> {
        let now = self.now();
        let presence = {
            let mut room = self.room();
            if room.presences.of_user(user_id, now).is_some_and(|own| !own.allows("update", roles)) {
                return Err(Refusal::new(401, ""));
            }
            room.presences.tell(user_id, roles, message, ("rest", expires_at), now)?
        };
        self.publish(presence_event(&presence, "upsert"));
        Ok(presence.answer())
    }

    /// Changes the presence `id`.
    ///
    /// # Errors
    /// As [`Presences::put`], and if there is none (404).
    pub(super) fn update_presence(
        &self,
        id: &str,
        roles: Option<&[String]>,
        change: PresenceChange,
    ) -> Result<Value, Refusal> {
        let now = self.now();
        let changed = self.room().presences.update(id, roles, change, now)?;
        let presence = changed.ok_or_else(|| Refusal::new(404, ""))?;
        self.publish(presence_event(&presence, "update"));
        Ok(presence.answer())
    }

    /// Deletes the presence `id` and sends the event.
    pub(super) fn remove_presence(&self, id: &str) {
        let gone = self.room().presences.take(id);
        if let Some(presence) = gone {
            self.publish(presence_event(&presence, "delete"));
        }
    }

    /// Closes all sockets, and those that open from now on.
    pub fn close(&self) {
        self.inner.closing.cancel();
        self.inner.sockets.close();
    }

    /// Closes the open sockets and removes every presence. New sockets can connect.
    pub fn reset(&self) {
        let left = {
            let mut leaving = self.leaving();
            std::mem::replace(&mut *leaving, self.inner.closing.child_token())
        };
        left.cancel();
        let mut room = self.room();
        room.listeners.clear();
        room.presences = Presences::default();
    }

    /// Returns once the last socket is closed after [`Hub::close`].
    pub async fn closed(&self) {
        self.inner.sockets.wait().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::try_from((self.inner.clock)()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Cancelled when new sockets must close.
    pub(super) fn closing(&self) -> CancellationToken {
        self.leaving().clone()
    }

    fn leaving(&self) -> MutexGuard<'_, CancellationToken> {
        self.inner.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the tasks of sockets.
    pub(super) fn sockets(&self) -> &TaskTracker {
        &self.inner.sockets
    }

    /// Lets a connection listen from now on. `first` is the first frame that it receives.
    pub(super) fn listen(&self, make: impl FnOnce(mpsc::Sender<Outgoing>) -> Listener, first: String) -> Listening {
        let (outbox, inbox) = mpsc::channel(WAITING_FRAMES);
        let mut listener = make(outbox);
        let lagging = listener.lagging();
        listener.send(Outgoing::Text(first));
        let mut room = self.room();
        room.last_id += 1;
        let id = room.last_id;
        room.listeners.insert(id, listener);
        Listening { hub: self.clone(), id, inbox, lagging }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        // A panic cannot leave partial data: each change is one insertion or removal.
        self.inner.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event in the format of one kind of connection.
struct Announcement {
    channels: Vec<String>,
    frame: EventFrame,
}

impl Announcement {
    fn full(event: &Event, timestamp: &str) -> Self {
        let names = event_name::announced(&event.name);
        let channels = channel::channels_of(&event.name, &event.payload);
        let frame = EventFrame::new(&names, &channels, timestamp, &event.payload);
        Self { channels, frame }
    }

    fn of_databases(event: &Event, timestamp: &str) -> Self {
        let names = event_name::announced_before_tablesdb(&event.name);
        let channels = channel::channels_before_tablesdb(&event.name, &event.payload);
        let frame = EventFrame::new(&names, &channels, timestamp, &event.payload);
        Self { channels, frame }
    }

    fn of_documents(event: &Event, timestamp: &str) -> Self {
        let names = event_name::announced_before_tables(&event.name);
        let channels = channel::channels_before_tables(&event.name, &event.payload);
        let frame = EventFrame::new(&names, &channels, timestamp, &as_document(&event.payload));
        Self { channels, frame }
    }
}

/// A row as servers with documents only show it: in a collection, not in a table.
fn as_document(payload: &Value) -> Cow<'_, Value> {
    match payload.as_object() {
        Some(row) if row.contains_key("$tableId") => {
            let renamed = |key: &String| if key == "$tableId" { "$collectionId".to_owned() } else { key.clone() };
            Cow::Owned(row.iter().map(|(key, value)| (renamed(key), value.clone())).collect())
        }
        _ => Cow::Borrowed(payload),
    }
}

/// A connection's place in the hub. Dropping it ends its subscriptions and its presences.
pub(super) struct Listening {
    hub: Hub,
    id: u64,
    inbox: mpsc::Receiver<Outgoing>,
    /// Cancelled when this connection's queue was full.
    pub(super) lagging: CancellationToken,
}

impl Listening {
    /// The next frame to send. `None` once the hub has dropped the listener.
    pub(super) async fn next(&mut self) -> Option<Outgoing> {
        self.inbox.recv().await
    }

    /// Changes or asks the listener.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Listener) -> T) -> Option<T> {
        self.hub.room().listeners.get_mut(&self.id).map(work)
    }

    /// Stores the presence of the connection's user, responds, and sends the event.
    ///
    /// # Errors
    /// Without a user, or if [`Presences::put`] refuses.
    pub(super) fn tell_presence(&self, message: PresenceMessage) -> Result<(), Refusal> {
        let now = self.hub.now();
        let presence = {
            let mut room = self.hub.room();
            let Room { listeners, presences, .. } = &mut *room;
            let Some(listener) = listeners.get_mut(&self.id) else {
                return Ok(());
            };
            listener.tell_presence(presences, message, now)?
        };
        self.hub.publish(presence_event(&presence, "upsert"));
        Ok(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let ended: Vec<Presence> = {
            let mut room = self.hub.room();
            let ids = room.listeners.remove(&self.id).map(Listener::into_presences).unwrap_or_default();
            ids.iter().filter_map(|id| room.presences.take(id)).collect()
        };
        for presence in ended {
            self.hub.publish(presence_event(&presence, "delete"));
        }
    }
}

fn presence_event(presence: &Presence, action: &str) -> Event {
    Event {
        name: format!("presences.{}.{action}", presence.id),
        payload: presence.wire(),
        read_roles: presence.read_roles(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Profile;
    use crate::realtime::listener::Person;
    use crate::realtime::subscription::Subscriptions;

    const CONNECTED: &str = r#"{"type":"connected"}"#;

    fn hub() -> Hub {
        Hub::new(|| SystemTime::UNIX_EPOCH)
    }

    fn listen(hub: &Hub, profile: Profile, user_id: &str, channels: &[&str]) -> Listening {
        let channels: Vec<String> = channels.iter().map(|name| (*name).to_owned()).collect();
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("s", &channels, &[]);
        let person = Person {
            id: Some(user_id.to_owned()),
            roles: vec!["any".into(), "users".into(), format!("user:{user_id}")],
        };
        hub.listen(|outbox| Listener::new(profile, true, person, subscriptions, outbox), CONNECTED.to_owned())
    }

    fn row_event(read_roles: &[&str]) -> Event {
        Event {
            name: "tablesdb.main.tables.birthdays.rows.r.create".into(),
            payload: json!({"$id": "r", "$databaseId": "main", "$tableId": "birthdays"}),
            read_roles: read_roles.iter().map(|role| (*role).to_owned()).collect(),
        }
    }

    /// The queued frames of a connection, as JSON.
    fn waiting(listening: &mut Listening) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Ok(outgoing) = listening.inbox.try_recv() {
            let text = match outgoing {
                Outgoing::Text(text) | Outgoing::Last(text) => text,
                Outgoing::Event(frame, subscriptions) => frame.text(Some(&subscriptions)),
            };
            frames.push(serde_json::from_str(&text).expect("a frame is JSON"));
        }
        frames
    }

    fn events(listening: &mut Listening) -> Vec<Value> {
        let mut frames = waiting(listening);
        frames.retain(|frame| frame["type"] == "event");
        frames
    }

    #[test]
    fn event_reaches_only_readers_subscribed_to_its_channel() {
        let hub = hub();
        let mut kay = listen(&hub, Profile::Two, "kay", &["rows"]);
        let mut lou = listen(&hub, Profile::Two, "lou", &["rows"]);
        let mut elsewhere = listen(&hub, Profile::Two, "kay", &["files"]);
        hub.publish(row_event(&["user:kay"]));
        assert_eq!(waiting(&mut kay).len(), 2, "connected and the event");
        assert!(events(&mut lou).is_empty());
        assert!(events(&mut elsewhere).is_empty());
        hub.publish(row_event(&["users"]));
        assert_eq!(events(&mut kay).len(), 1);
        assert_eq!(events(&mut lou).len(), 1);
        assert!(events(&mut elsewhere).is_empty());
    }

    #[test]
    fn connection_outside_the_project_gets_no_events() {
        let hub = hub();
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("s", &["rows".to_owned()], &[]);
        let mut console = hub.listen(
            |outbox| Listener::new(Profile::Two, false, Person::default(), subscriptions, outbox),
            CONNECTED.to_owned(),
        );
        hub.publish(row_event(&["any"]));
        assert!(events(&mut console).is_empty());
    }

    #[test]
    fn old_server_sends_document_events_only() {
        let hub = hub();
        let mut rows = listen(&hub, Profile::OneFive, "kay", &["rows", "documents.create"]);
        let mut documents = listen(&hub, Profile::OneFive, "kay", &["documents"]);
        hub.publish(row_event(&["any"]));
        assert!(events(&mut rows).is_empty());
        let received = events(&mut documents);
        assert_eq!(received[0]["data"]["channels"].as_array().map(Vec::len), Some(3));
        assert_eq!(received[0]["data"]["events"][0], "databases.main.collections.birthdays.documents.r.create");
    }

    #[test]
    fn slow_connection_is_marked_and_others_continue() {
        let hub = hub();
        let slow = listen(&hub, Profile::Two, "slow", &["rows"]);
        let mut quick = listen(&hub, Profile::Two, "quick", &["rows"]);
        // The `connected` frame takes one place in the queue.
        for _ in 1..WAITING_FRAMES {
            hub.publish(row_event(&["any"]));
            assert_eq!(events(&mut quick).len(), 1);
        }
        assert!(!slow.lagging.is_cancelled());
        hub.publish(row_event(&["any"]));
        assert!(slow.lagging.is_cancelled());
        assert!(!quick.lagging.is_cancelled());
        assert_eq!(slow.inbox.len(), WAITING_FRAMES, "no more wait than may");
    }

    #[test]
    fn presence_ends_with_its_connection_and_others_get_event() {
        let hub = hub();
        let mut watching = listen(&hub, Profile::Two, "lou", &["presences"]);
        let mut present = listen(&hub, Profile::Two, "kay", &["presences"]);
        let message = PresenceMessage {
            id: "unique()".into(),
            status: "online".into(),
            metadata: None,
            permissions: Some(vec!["read(\"users\")".into()]),
        };
        present.tell_presence(message).expect("a presence");
        let own: Vec<Value> = waiting(&mut present);
        let kinds: Vec<&Value> = own.iter().map(|frame| &frame["type"]).collect();
        assert_eq!(kinds, ["connected", "response", "event"]);
        assert_eq!(hub.presences(Some(&["users".into()])).len(), 1);
        assert!(hub.presences(Some(&["guests".into()])).is_empty());

        drop(present);
        let received: Vec<Value> = events(&mut watching);
        let names: Vec<&str> = received.iter().filter_map(|frame| frame["data"]["events"][0].as_str()).collect();
        assert!(names[0].ends_with(".upsert") && names[1].ends_with(".delete"), "{names:?}");
        assert!(hub.presences(Some(&["users".into()])).is_empty());
    }

    #[test]
    fn guest_has_no_presence() {
        let hub = hub();
        let guest = hub.listen(
            |outbox| {
                let person = Person { id: None, roles: vec!["any".into(), "guests".into()] };
                Listener::new(Profile::Two, true, person, Subscriptions::default(), outbox)
            },
            CONNECTED.to_owned(),
        );
        let message =
            PresenceMessage { id: "unique()".into(), status: "online".into(), metadata: None, permissions: None };
        let refusal = guest.tell_presence(message).expect_err("a refusal");
        assert_eq!((refusal.code, refusal.message.as_str()), (401, "User must be authorized"));
    }

    #[test]
    fn closed_connection_frees_its_memory() {
        let hub = hub();
        drop(listen(&hub, Profile::Two, "kay", &["rows"]));
        assert!(hub.room().listeners.is_empty());
    }
}
