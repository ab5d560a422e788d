//! The SQLite database: opens and upgrades it, and runs one transaction at a time.

mod error;
pub mod lock;
pub mod private;
pub mod secrets;
pub mod snapshot;

use std::{
    ops::Deref,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior, backup::Backup};

use crate::realtime::{Event, Hub};
pub use error::StoreError;
use lock::FolderLock;

/// Each entry upgrades the schema by one version. Never change a released entry; add another one.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("transactions.sql"),
    include_str!("teams.sql"),
    include_str!("storage.sql"),
    include_str!("indexes.sql"),
    include_str!("lookup.sql"),
    include_str!("passkeys.sql"),
    include_str!("links.sql"),
];

/// The newest schema version that this build knows.
#[expect(clippy::cast_possible_truncation, reason = "the number is small")]
pub const SCHEMA: u32 = {
    assert!(MIGRATIONS.len() < 1000);
    MIGRATIONS.len() as u32
};

/// The database file in a data folder.
pub const DATABASE_FILE: &str = "local-appwrite.sqlite";

/// The database of a running backend.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    _folder: Option<FolderLock>,
}

impl Store {
    /// Opens `local-appwrite.sqlite` in `folder`, or creates it.
    ///
    /// Write-ahead log with `synchronous=FULL`: a commit is on the disk before it is acknowledged.
    ///
    /// # Errors
    /// When the file cannot be opened, or is of a newer version.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(DATABASE_FILE);
        drop(private::open(&path)?);
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Self::prepare(connection)
    }

    /// Opens a database in memory, including its temporary tables.
    ///
    /// # Errors
    /// When SQLite cannot make it.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Self::prepare(connection)
    }

    /// Holds the folder's lock for the store's lifetime.
    #[must_use]
    pub fn keeping(self, folder: FolderLock) -> Self {
        Self { _folder: Some(folder), ..self }
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection), _folder: None })
    }

    /// Runs `work` on a consistent view of the data.
    ///
    /// # Errors
    /// An error of `work` or of SQLite.
    pub fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        work(&self.lock())
    }

    /// Runs `work` in one transaction, which commits or, on an error, rolls back.
    ///
    /// Publishes the events after the commit is on the disk and before the next
    /// transaction begins, so that listeners receive them in order.
    ///
    /// # Errors
    /// An error of `work` or of SQLite.
    pub fn write<T, E: From<rusqlite::Error>>(
        &self,
        hub: &Hub,
        work: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changes = Changes::of(transaction);
        let outcome = work(&mut changes)?;
        let Changes { transaction, events, roles } = changes;
        transaction.commit()?;
        for (user_id, roles) in roles {
            hub.set_roles(&user_id, &roles);
        }
        for event in events {
            hub.publish(event);
        }
        Ok(outcome)
    }

    /// Runs `work` in a transaction, then rolls it back without events.
    ///
    /// # Errors
    /// An error of `work` or of SQLite.
    pub fn peek<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Dropping the transaction rolls it back.
        work(&mut Changes::of(transaction))
    }

    /// True if nothing is stored yet.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        is_empty(&self.lock())
    }

    /// Replaces the content with that of another database in one transaction. Calls `then` before it unlocks the store.
    ///
    /// # Errors
    /// When SQLite fails, or the content is of a newer version.
    pub fn replace_with(&self, source: &Connection, then: impl FnOnce()) -> Result<(), StoreError> {
        let mut connection = self.lock();
        copy(source, &mut connection)?;
        migrate(&mut connection)?;
        then();
        Ok(())
    }

    /// Removes everything but databases, tables and buckets. Calls `then` before it unlocks the store.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn clear(&self, then: impl FnOnce()) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Foreign keys remove what belongs to a user, a team or a file.
        transaction.execute_batch(
            "DELETE FROM users; DELETE FROM teams; DELETE FROM rows; DELETE FROM files; DELETE FROM outbox;
             DELETE FROM oauth2_requests; DELETE FROM transactions; DELETE FROM passkey_challenges; DELETE FROM sqlite_sequence;
             UPDATE tables SET next_sequence = 1;",
        )?;
        transaction.commit()?;
        then();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // If a thread panicked with the lock held, its transaction was rolled back, so the connection is usable.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running transaction, and its events to publish after the commit.
pub struct Changes<'connection> {
    transaction: Transaction<'connection>,
    events: Vec<Event>,
    roles: Vec<(String, Vec<String>)>,
}

impl<'connection> Changes<'connection> {
    fn of(transaction: Transaction<'connection>) -> Self {
        Self { transaction, events: Vec::new(), roles: Vec::new() }
    }

    /// Changes the roles of a user's open sockets after the commit, before its events.
    pub fn set_roles(&mut self, user_id: &str, roles: Vec<String>) {
        self.roles.push((user_id.to_owned(), roles));
    }

    /// Publishes `event` after the commit.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }
}

impl Deref for Changes<'_> {
    type Target = Connection;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

/// Copies one database over another in a single transaction.
fn copy(source: &Connection, target: &mut Connection) -> Result<(), StoreError> {
    const ALL_PAGES: i32 = i32::MAX;
    Backup::new(source, target)?.run_to_completion(ALL_PAGES, Duration::from_millis(20), None)?;
    Ok(())
}

fn is_empty(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM databases)
               AND NOT EXISTS (SELECT 1 FROM teams) AND NOT EXISTS (SELECT 1 FROM buckets)
               AND NOT EXISTS (SELECT 1 FROM outbox)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut version = 0;
    for migration in MIGRATIONS {
        version += 1;
        if found < version {
            transaction.execute_batch(migration)?;
        }
    }
    if found > version {
        return Err(StoreError::Newer { found, known: version });
    }
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn count(store: &Store) -> i64 {
        store
            .read(|db| db.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)))
            .map_err(|error: rusqlite::Error| error)
            .expect("a count")
    }

    #[test]
    fn transaction_that_fails_leaves_nothing() {
        let store = Store::in_memory().expect("a store");
        let hub = Hub::new(SystemTime::now);
        let outcome: Result<(), rusqlite::Error> = store.write(&hub, |db| {
            db.execute("INSERT INTO outbox (document) VALUES ('{}')", [])?;
            Err(rusqlite::Error::QueryReturnedNoRows)
        });
        assert!(outcome.is_err());
        assert_eq!(count(&store), 0);
    }

    #[test]
    fn successful_transaction_is_committed() {
        let store = Store::in_memory().expect("a store");
        let hub = Hub::new(SystemTime::now);
        store.write(&hub, |db| db.execute("INSERT INTO outbox (document) VALUES ('{}')", [])).expect("a commit");
        assert_eq!(count(&store), 1);
    }

    #[test]
    fn database_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Store::open(folder.path()).expect("a new database"));
        let raw = Connection::open(folder.path().join("local-appwrite.sqlite")).expect("the file");
        raw.pragma_update(None, "user_version", 999).expect("a version");
        drop(raw);
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Newer { found: 999, .. })));
    }
}
