//! What a table is.

/// A table of Appwrite's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its id, by which routes and Realtime channels name it.
    pub id: &'static str,
    /// Its name in the console.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its indexes.
    pub indexes: &'static [Index],
    /// Who may do what with all of its rows, in Appwrite's notation: `create("users")`.
    pub permissions: &'static [&'static str],
    /// Whether each row has permissions of its own, beside those of the table.
    pub row_security: bool,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether each row must have a value in it.
    pub required: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// Yes or no.
    Boolean,
    /// A moment.
    Datetime,
}

/// An index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub key: &'static str,
    /// What it does.
    pub kind: IndexKind,
    /// The columns that it covers.
    pub columns: &'static [&'static str],
}

/// What an index does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// Makes queries fast.
    Key,
    /// Refuses a value that another row has.
    Unique,
    /// Finds words.
    Fulltext,
}

impl Table {
    /// A table without indexes to which everyone who is signed in may add rows. Each row says who may see and change it.
    pub const fn of_users(id: &'static str, name: &'static str, columns: &'static [Column]) -> Self {
        Self { id, name, columns, indexes: &[], permissions: &["create(\"users\")"], row_security: true }
    }
}

impl Column {
    /// A column in which each row has a value.
    pub const fn required(key: &'static str, kind: Kind) -> Self {
        Self { key, kind, required: true }
    }

    /// A column that rows may leave empty.
    pub const fn optional(key: &'static str, kind: Kind) -> Self {
        Self { key, kind, required: false }
    }
}

impl Index {
    /// An index over these columns.
    pub const fn new(key: &'static str, kind: IndexKind, columns: &'static [&'static str]) -> Self {
        Self { key, kind, columns }
    }
}
