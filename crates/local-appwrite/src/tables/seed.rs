//! The default table, made at the first start.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    cells::{Column, Kind},
    permission::{Action, Permission},
    schema::{self, Database, Table},
};
use crate::{ApiError, realtime::Hub, store::Store};

const DATABASE: &str = "main";
const TABLE: &str = "birthdays";

/// Makes `main/birthdays` where it is absent.
///
/// # Errors
/// When the database cannot be read or written.
pub fn default_table(store: &Store, hub: &Hub, now: Timestamp) -> Result<(), ApiError> {
    store.write(hub, |changes| make(changes, now))
}

fn make(db: &Connection, now: Timestamp) -> Result<(), ApiError> {
    if schema::find_database(db, DATABASE)?.is_none() {
        let database = Database {
            id: DATABASE.into(),
            name: "Main".into(),
            enabled: true,
            created_at: now,
            updated_at: None,
            kind: None,
        };
        schema::insert_database(db, &database)?;
    }
    if schema::find_table(db, DATABASE, TABLE)?.is_some() {
        return Ok(());
    }
    let birthday = Column { kind: Kind::Datetime, ..schema::text_column("birthday", 0, true, now) };
    schema::keep_table(
        db,
        &Table {
            id: TABLE.into(),
            database_id: DATABASE.into(),
            name: "Birthdays".into(),
            enabled: true,
            row_security: true,
            permissions: vec![Permission { action: Action::Create, role: "users".into() }],
            columns: vec![
                schema::text_column("name", 128, true, now),
                birthday,
                schema::text_column("note", 64, false, now),
            ],
            indexes: Vec::new(),
            created_at: now,
            updated_at: now,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_left_alone() {
        let store = Store::in_memory().expect("a store");
        let hub = Hub::new(std::time::SystemTime::now);
        default_table(&store, &hub, Timestamp::UNIX_EPOCH).expect("a table");
        store
            .write::<_, ApiError>(&hub, |changes| {
                let mut table = schema::find_table(changes, DATABASE, TABLE)?.expect("the table");
                table.name = "Mine".into();
                schema::keep_table(changes, &table)
            })
            .expect("a change");
        default_table(&store, &hub, Timestamp::UNIX_EPOCH).expect("a second start");
        let table = store.read(|db| schema::find_table(db, DATABASE, TABLE)).expect("a look-up");
        assert_eq!(table.map(|table| table.name).as_deref(), Some("Mine"));
    }
}
