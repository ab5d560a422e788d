-- What indexes of tables find: one entry for each row and indexed column, and for each word under a fulltext index.

CREATE TABLE index_entries (
    database_id TEXT NOT NULL,
    table_id    TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    key         TEXT NOT NULL,
    value       ANY NOT NULL,
    PRIMARY KEY (database_id, table_id, sequence, key, value),
    FOREIGN KEY (database_id, table_id, sequence) REFERENCES rows (database_id, table_id, sequence) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX index_entries_by_value ON index_entries (database_id, table_id, key, value);
