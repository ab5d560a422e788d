-- Writes that are staged until their commit.

CREATE TABLE transactions (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;
