-- Passkeys, and the challenges that browsers sign with them.

CREATE TABLE passkeys (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The hash of the credential's id; NULL until the registration is verified.
    credential TEXT UNIQUE,
    document   TEXT NOT NULL
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);

CREATE TABLE passkey_challenges (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;
