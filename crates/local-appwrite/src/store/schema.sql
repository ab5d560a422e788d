-- What the local backend keeps. A document is JSON; what is looked up or must be unique has a column of its own.

CREATE TABLE users (
    id       TEXT PRIMARY KEY,
    email    TEXT UNIQUE,
    phone    TEXT UNIQUE,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE identities (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider     TEXT NOT NULL,
    provider_uid TEXT NOT NULL,
    document     TEXT NOT NULL,
    UNIQUE (provider, provider_uid)
) STRICT;

CREATE TABLE authenticators (
    id       TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (user_id, kind)
) STRICT;

CREATE TABLE challenges (
    id       TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE logs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX logs_by_user ON logs (user_id);

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE oauth2_requests (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE databases (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE tables (
    database_id   TEXT NOT NULL REFERENCES databases (id) ON DELETE CASCADE,
    id            TEXT NOT NULL,
    next_sequence INTEGER NOT NULL DEFAULT 1,
    document      TEXT NOT NULL,
    PRIMARY KEY (database_id, id)
) STRICT;

CREATE TABLE rows (
    database_id TEXT NOT NULL,
    table_id    TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    id          TEXT NOT NULL,
    document    TEXT NOT NULL,
    PRIMARY KEY (database_id, table_id, sequence),
    UNIQUE (database_id, table_id, id),
    FOREIGN KEY (database_id, table_id) REFERENCES tables (database_id, id) ON DELETE CASCADE
) STRICT;
