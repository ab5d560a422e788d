//! The app's tables. `make table` creates them; the local backend creates them at startup.

use leptos_appwrite::tables::{Column, Kind, Table};

pub const TABLES: &[Table] = &[NOTES, TASKS];
pub const NOTES: Table = Table::of_users("notes", "Notes", TEXT);
pub const TASKS: Table = Table::of_users("tasks", "Tasks", TEXT);

const TEXT: &[Column] = &[Column::required("text", Kind::Text(500))];
