//! The app's tables. A new one needs a definition here and nothing else: `make table` and the local backend create it, the
//! relay lets its events through, and `use_rows` follows its rows.

use leptos_appwrite::tables::{Column, Index, IndexKind, Kind, Table};

/// All tables.
pub const TABLES: &[Table] = &[BIRTHDAYS];

/// The longest name of a birthday, in characters.
pub const LONGEST_NAME: usize = 128;

/// The table of the page `/birthdays`. Everyone who is signed in may add rows, and each row says who may see it.
pub const BIRTHDAYS: Table = Table {
    id: "birthdays",
    name: "Birthdays",
    columns: &[Column::required("name", Kind::Text(LONGEST_NAME)), Column::required("birthday", Kind::Datetime)],
    indexes: &[Index::new("by_name", IndexKind::Key, &["name"])],
    permissions: &["create(\"users\")"],
    row_security: true,
};
