//! The app's tables. A new table needs only a definition here: `make table` and the local backend create it, the relay
//! passes its events on, and `use_rows` follows its rows.

use leptos_appwrite::tables::{Column, Index, IndexKind, Kind, Table};

/// All tables.
pub const TABLES: &[Table] = &[BIRTHDAYS];

/// The longest name of a birthday, in characters.
pub const MAX_NAME_LENGTH: usize = 128;

/// The table of `/birthdays`. Signed-in users may add rows, and each row has its own permissions.
pub const BIRTHDAYS: Table = Table {
    id: "birthdays",
    name: "Birthdays",
    columns: &[
        Column::required("name", Kind::Text(MAX_NAME_LENGTH)),
        Column::required("birthday", Kind::Datetime),
        Column::optional("added_by", Kind::Text(MAX_NAME_LENGTH)),
    ],
    indexes: &[Index::new("by_name", IndexKind::Key, &["name"])],
    permissions: &["create(\"users\")"],
    row_security: true,
};
