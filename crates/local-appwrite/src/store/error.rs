//! Database errors.

/// Database errors.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An error of SQLite.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be opened, or its permissions cannot be restricted to its owner.
    #[error("cannot open the file: {0}")]
    File(#[from] std::io::Error),
    /// The file was written by a newer version of this crate.
    #[error(
        "the database has schema {found}, this version knows only {known}; use a newer version or another data folder"
    )]
    Newer {
        /// The schema version of the file.
        found: u32,
        /// The newest schema version that this build knows.
        known: u32,
    },
    /// A stored document cannot be read or written.
    #[error("a stored document is unreadable: {0}")]
    Document(#[from] serde_json::Error),
}
