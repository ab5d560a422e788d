//! The definition of a table.

/// An Appwrite table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The id in routes and Realtime channels.
    pub id: &'static str,
    /// The name in the console.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its indexes.
    pub indexes: &'static [Index],
    /// The permissions for all of its rows, in Appwrite's notation: `create("users")`.
    pub permissions: &'static [&'static str],
    /// True if each row has its own permissions, in addition to the table's.
    pub row_security: bool,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub key: &'static str,
    /// The type.
    pub kind: Kind,
    /// True if each row must have a value.
    pub required: bool,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text with this maximum length, in characters.
    Text(usize),
    /// An integer.
    Integer,
    /// A floating-point number.
    Float,
    /// True or false.
    Boolean,
    /// A date and time.
    Datetime,
}

/// An index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// The name.
    pub key: &'static str,
    /// The kind.
    pub kind: IndexKind,
    /// The indexed columns.
    pub columns: &'static [&'static str],
}

/// The kind of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// Speeds up queries.
    Key,
    /// Rejects a value that another row has.
    Unique,
    /// Supports full-text search.
    Fulltext,
}

impl Table {
    /// Creates a table without indexes: every signed-in user may add rows, and each row has its own permissions.
    pub const fn of_users(id: &'static str, name: &'static str, columns: &'static [Column]) -> Self {
        Self { id, name, columns, indexes: &[], permissions: &["create(\"users\")"], row_security: true }
    }
}

impl Column {
    /// Creates a column that requires a value in each row.
    pub const fn required(key: &'static str, kind: Kind) -> Self {
        Self { key, kind, required: true }
    }

    /// Creates a column that rows may leave empty.
    pub const fn optional(key: &'static str, kind: Kind) -> Self {
        Self { key, kind, required: false }
    }
}

impl Index {
    /// Creates an index on these columns.
    pub const fn new(key: &'static str, kind: IndexKind, columns: &'static [&'static str]) -> Self {
        Self { key, kind, columns }
    }
}
