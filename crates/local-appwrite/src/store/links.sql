-- Entries for the ids that relationships keep, for rows that were written before there were any.

INSERT OR IGNORE INTO index_entries
SELECT rows.database_id, rows.table_id, rows.sequence, '@' || json_extract(own.value, '$.key'), lower(kept.value)
FROM tables
JOIN json_each(tables.document, '$.columns') AS own ON json_extract(own.value, '$.kind.type') = 'relationship'
JOIN rows ON rows.database_id = tables.database_id AND rows.table_id = tables.id
JOIN json_each(rows.document, '$.data."' || json_extract(own.value, '$.key') || '"') AS kept ON kept.type = 'text';
