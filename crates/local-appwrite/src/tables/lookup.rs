//! Finds rows by indexed columns, without reading all of them. [`super::filter`] still checks each row; the
//! entries only exclude rows that cannot match.

use rusqlite::{Connection, ToSql, params_from_iter, types::Value as Cell};

use super::{
    filter, fold,
    index_entries::{cell, has_entries, keep, key_of, link_key},
    query::{Comparison, Filter, Query},
    row::{self, StoredRow},
    schema::{self, Index, Table},
};
use crate::ApiError;

/// Sorts after all texts that start with the same text.
const LAST: char = char::MAX;

/// Rebuilds the entries of all indexes, and marks the indexes as filled.
pub(super) fn fill(db: &Connection, table: &mut Table) -> Result<(), ApiError> {
    table.indexes.iter_mut().for_each(|index| index.is_filled = true);
    db.execute("DELETE FROM index_entries WHERE database_id = ?1 AND table_id = ?2", [&table.database_id, &table.id])?;
    if !has_entries(table) {
        return Ok(());
    }
    for row in row::all(db, table)? {
        keep(db, table, row.sequence, &row.data)?;
    }
    Ok(())
}

/// Fills the indexes of older data. A unique index fails if rows have equal values, as when it is created.
pub(crate) fn fill_all(db: &Connection) -> Result<(), ApiError> {
    for database in schema::databases(db)? {
        for mut table in schema::tables(db, &database.id)? {
            if table.indexes.iter().any(|index| !index.is_filled) {
                for at in 0..table.indexes.len() {
                    let index = &table.indexes[at];
                    if index.kind == "unique" && !index.is_filled && has_duplicates(db, &table, index)? {
                        tracing::warn!("rows of table {} have equal values under index {}", table.id, index.key);
                        table.indexes[at].has_failed = true;
                    }
                }
                fill(db, &mut table)?;
                schema::keep_table(db, &table)?;
            }
        }
    }
    Ok(())
}

/// A condition on entries, and its values.
struct Condition {
    key: String,
    sql: String,
    values: Vec<Cell>,
}

/// The page of rows for queries without conditions, if an index has their order.
pub(super) fn ordered(db: &Connection, table: &Table, queries: &[Query]) -> Result<Option<Vec<StoredRow>>, ApiError> {
    let Some((attribute, is_descending, limit, offset)) = filter::in_order_of_one(queries) else {
        return Ok(None);
    };
    let is_own = |index: &&Index| {
        index.is_filled
            && index.columns.first().is_some_and(|first| first == attribute)
            && !matches!(index.kind.as_str(), "fulltext" | "spatial")
    };
    match table.indexes.iter().find(is_own).and_then(key_of) {
        Some(key) => row::some_ordered(db, table, (&key, is_descending), limit, offset),
        None => Ok(None),
    }
}

/// The rows that may match the queries, and the cursor's row; all rows if no index helps.
pub(super) fn rows(db: &Connection, table: &Table, queries: &[Query]) -> Result<Vec<StoredRow>, ApiError> {
    let Some(condition) = queries.iter().find_map(|query| condition(table, query)) else {
        return row::all(db, table);
    };
    let mut rows = matching(db, table, &condition)?;
    for query in queries {
        if let Query::CursorAfter(id) | Query::CursorBefore(id) = query
            && !rows.iter().any(|row| row.id.eq_ignore_ascii_case(id))
        {
            rows.extend(row::find(db, table, id)?);
        }
    }
    Ok(rows)
}

fn matching(db: &Connection, table: &Table, condition: &Condition) -> Result<Vec<StoredRow>, ApiError> {
    let sql = format!(
        "SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 AND sequence IN (
             SELECT sequence FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND key = ?3 AND ({})
         ) ORDER BY sequence",
        condition.sql
    );
    let own: [&dyn ToSql; 3] = [&table.database_id, &table.id, &condition.key];
    let values = condition.values.iter().map(|value| value as &dyn ToSql);
    let mut statement = db.prepare_cached(&sql)?;
    let documents: Vec<String> = statement
        .query_map(params_from_iter(own.into_iter().chain(values)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// The condition for a filter on an indexed column.
fn condition(table: &Table, query: &Query) -> Option<Condition> {
    use Comparison as C;
    let Query::Filter(Filter::Compare { comparison, attribute, values }) = query else {
        return None;
    };
    let wants_words = *comparison == C::Search;
    let is_own = |index: &&Index| {
        index.is_filled && index.columns.first() == Some(attribute) && (index.kind == "fulltext") == wants_words
    };
    let is_link = table.columns.iter().any(|column| column.key == *attribute && column.relationship().is_some());
    let key = match is_link && *comparison == C::Equal {
        true => link_key(attribute),
        false => key_of(table.indexes.iter().filter(|index| index.kind != "spatial").find(is_own)?)?,
    };
    if wants_words {
        return words(key, values.first()?.as_str()?);
    }
    let cells: Vec<Cell> = values.iter().map(cell).collect::<Option<_>>()?;
    let of = |sql: &str| Some(sql.to_owned());
    let (sql, values) = match (comparison, cells.as_slice()) {
        (C::Equal, [_, ..]) => {
            let places: Vec<String> = (4..4 + cells.len()).map(|place| format!("?{place}")).collect();
            (Some(format!("value IN ({})", places.join(", "))), cells)
        }
        (C::LessThan, [_]) => (of("value < ?4"), cells),
        (C::LessThanEqual, [_]) => (of("value <= ?4"), cells),
        (C::GreaterThan, [_]) => (of("value > ?4"), cells),
        (C::GreaterThanEqual, [_]) => (of("value >= ?4"), cells),
        (C::Between, [_, _]) => (of("value BETWEEN ?4 AND ?5"), cells),
        (C::StartsWith, [Cell::Text(text)]) => {
            (of("value BETWEEN ?4 AND ?5"), vec![cells[0].clone(), Cell::Text(format!("{text}{LAST}"))])
        }
        _ => (None, Vec::new()),
    };
    Some(Condition { key, sql: sql?, values })
}

/// A search matches any of its words; the last word also matches as a prefix. For a phrase, only the first word is
/// looked up.
fn words(key: String, searched: &str) -> Option<Condition> {
    let mut words = fold::words(searched);
    if fold::is_phrase(searched) {
        words.truncate(1);
    }
    let last = words.last()?;
    let beyond = Cell::Text(format!("{last}{LAST}"));
    let values: Vec<Cell> = words.iter().cloned().map(Cell::Text).chain([beyond]).collect();
    let places: Vec<String> = (4..3 + values.len()).map(|place| format!("?{place}")).collect();
    let (last, beyond) = (2 + values.len(), 3 + values.len());
    let sql = format!("value IN ({}) OR value BETWEEN ?{last} AND ?{beyond}", places.join(", "));
    Some(Condition { key, sql, values })
}

/// True if another row has the same values in a unique index.
pub(super) fn is_taken(db: &Connection, table: &Table, row: &StoredRow) -> Result<bool, ApiError> {
    let unique = table.indexes.iter().filter(|index| index.kind == "unique" && index.is_filled && !index.has_failed);
    for index in unique {
        let values: Option<Vec<Cell>> = index.columns.iter().map(|key| cell(&row.attribute(key))).collect();
        let (Some(values), Some(key)) = (values, key_of(index)) else {
            continue;
        };
        let condition = Condition { key, sql: "value = ?4".to_owned(), values: values[..1].to_vec() };
        let is_same = |other: &StoredRow| {
            other.id != row.id
                && index
                    .columns
                    .iter()
                    .zip(&values)
                    .all(|(key, value)| cell(&other.attribute(key)).as_ref() == Some(value))
        };
        if matching(db, table, &condition)?.iter().any(is_same) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True if two rows have the same values in all columns of an index.
pub(super) fn has_duplicates(db: &Connection, table: &Table, index: &Index) -> Result<bool, ApiError> {
    let mut seen = std::collections::HashSet::new();
    for row in row::all(db, table)? {
        let values: Option<Vec<Cell>> = index.columns.iter().map(|key| cell(&row.attribute(key))).collect();
        if values.is_some_and(|values| !seen.insert(format!("{values:?}"))) {
            return Ok(true);
        }
    }
    Ok(false)
}
