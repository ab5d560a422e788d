-- Buckets, and files in parts as they were uploaded.

CREATE TABLE buckets (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE files (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    id        TEXT NOT NULL,
    document  TEXT NOT NULL,
    UNIQUE (bucket_id, id)
) STRICT;

CREATE TABLE file_parts (
    bucket_id TEXT NOT NULL,
    file_id   TEXT NOT NULL,
    part      INTEGER NOT NULL,
    bytes     BLOB NOT NULL,
    PRIMARY KEY (bucket_id, file_id, part),
    FOREIGN KEY (bucket_id, file_id) REFERENCES files (bucket_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE file_tokens (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    bucket_id TEXT NOT NULL,
    file_id   TEXT NOT NULL,
    document  TEXT NOT NULL,
    FOREIGN KEY (bucket_id, file_id) REFERENCES files (bucket_id, id) ON DELETE CASCADE
) STRICT;
