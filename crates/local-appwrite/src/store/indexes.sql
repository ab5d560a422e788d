-- Ids compare without case, as in MariaDB, so they are looked up by indexes that do the same.

CREATE INDEX users_by_id ON users (id COLLATE NOCASE);
CREATE INDEX databases_by_id ON databases (id COLLATE NOCASE);
CREATE INDEX tables_by_id ON tables (database_id, id COLLATE NOCASE);
CREATE INDEX rows_by_id ON rows (database_id, table_id, id COLLATE NOCASE);
CREATE INDEX buckets_by_id ON buckets (id COLLATE NOCASE);
CREATE INDEX files_by_id ON files (bucket_id, id COLLATE NOCASE);
CREATE INDEX teams_by_id ON teams (id COLLATE NOCASE);
CREATE INDEX memberships_by_id ON memberships (id COLLATE NOCASE);
CREATE INDEX file_tokens_by_id ON file_tokens (id COLLATE NOCASE);
CREATE INDEX transactions_by_id ON transactions (id COLLATE NOCASE);
