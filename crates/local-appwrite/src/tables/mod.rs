//! Databases, tables and rows, under their new names and their old ones.

pub mod browse;
mod cells;
mod column_updates;
mod columns;
mod databases;
mod dates;
mod deletion;
pub mod filter;
pub mod fold;
#[cfg(test)]
mod fuzz;
mod index_entries;
mod indexes;
mod links;
mod lookup;
mod names;
mod numbers;
pub mod objects;
mod operators;
pub mod permission;
pub mod query;
mod related;
mod relations;
mod relationship;
mod row;
mod rows;
mod schema;
mod spatial;
mod table_routes;
mod transactions;
mod writer;
mod writes;

pub use cells::{Column, Kind, faults};
pub use columns::COLUMN_KINDS;
pub(crate) use lookup::fill_all as fill_indexes;
pub use numbers::php_number;
pub(crate) use schema::find_table;

use axum::http::Method;

use crate::{
    Profile,
    http::{Limit, Route},
};

const ROWS_READ: &[&str] = &["rows.read", "documents.read"];
const ROWS_WRITE: &[&str] = &["rows.write", "documents.write"];

/// The scopes for reading and for writing.
type Scopes = (&'static [&'static str], &'static [&'static str]);

const LEGACY: Scopes = (&["collections.read"], &["collections.write"]);
const TABLES: Scopes = (&["tables.read", "collections.read"], &["tables.write", "collections.write"]);
const COLUMNS: Scopes = (
    &["tables.read", "collections.read", "columns.read", "attributes.read"],
    &["tables.write", "collections.write", "columns.write", "attributes.write"],
);
const INDEXES: Scopes =
    (&["tables.read", "collections.read", "indexes.read"], &["tables.write", "collections.write", "indexes.write"]);

const BY_METHOD: &[&str] = &["ip:{ip},method:{method},url:{url},userId:{userId}"];

/// The routes of one profile: 1.5 knows documents only.
pub fn routes(profile: Profile) -> Vec<Route> {
    let mut routes = legacy();
    if profile >= Profile::OneEight {
        routes.extend(if profile >= Profile::OneNine { current(COLUMNS, INDEXES) } else { current(TABLES, TABLES) });
        if profile == Profile::Two {
            routes.push(long_queries("/databases/{databaseId}/collections/{tableId}/documents/query"));
            routes.push(long_queries("/tablesdb/{databaseId}/tables/{tableId}/rows/query"));
        }
        return routes;
    }
    // Older servers only write single rows, with POST and PATCH.
    routes.retain(|route| {
        let path = route.path;
        let is_of_many = path.ends_with("/documents") && matches!(route.method, Method::PATCH | Method::DELETE);
        let is_put = path.contains("/documents") && route.method == Method::PUT;
        !is_of_many && !is_put && !path.contains("/transactions") && !path.contains("/{column}/")
    });
    routes
}

/// Databases, collections, attributes and documents.
fn legacy() -> Vec<Route> {
    [
        databases("/databases", "/databases/{databaseId}"),
        transactions("/databases/transactions", "/databases/transactions/{transactionId}"),
        vec![operations("/databases/transactions/{transactionId}/operations")],
        tables("/databases/{databaseId}/collections", "/databases/{databaseId}/collections/{tableId}", LEGACY),
        columns(
            "/databases/{databaseId}/collections/{tableId}/attributes",
            "/databases/{databaseId}/collections/{tableId}/attributes/{key}",
            "/databases/{databaseId}/collections/{tableId}/attributes/{kind}/{key}",
            "/databases/{databaseId}/collections/{tableId}/attributes/{key}/relationship",
            LEGACY,
        ),
        indexes(
            "/databases/{databaseId}/collections/{tableId}/indexes",
            "/databases/{databaseId}/collections/{tableId}/indexes/{key}",
            LEGACY,
        ),
        rows(
            "/databases/{databaseId}/collections/{tableId}/documents",
            "/databases/{databaseId}/collections/{tableId}/documents/{rowId}",
        ),
        counters(
            "/databases/{databaseId}/collections/{tableId}/documents/{rowId}/{column}/increment",
            "/databases/{databaseId}/collections/{tableId}/documents/{rowId}/{column}/decrement",
        ),
    ]
    .concat()
}

/// Databases, tables, columns and rows.
fn current(of_columns: Scopes, of_indexes: Scopes) -> Vec<Route> {
    [
        databases("/tablesdb", "/tablesdb/{databaseId}"),
        transactions("/tablesdb/transactions", "/tablesdb/transactions/{transactionId}"),
        vec![operations("/tablesdb/transactions/{transactionId}/operations")],
        tables("/tablesdb/{databaseId}/tables", "/tablesdb/{databaseId}/tables/{tableId}", TABLES),
        columns(
            "/tablesdb/{databaseId}/tables/{tableId}/columns",
            "/tablesdb/{databaseId}/tables/{tableId}/columns/{key}",
            "/tablesdb/{databaseId}/tables/{tableId}/columns/{kind}/{key}",
            "/tablesdb/{databaseId}/tables/{tableId}/columns/{key}/relationship",
            of_columns,
        ),
        indexes(
            "/tablesdb/{databaseId}/tables/{tableId}/indexes",
            "/tablesdb/{databaseId}/tables/{tableId}/indexes/{key}",
            of_indexes,
        ),
        rows("/tablesdb/{databaseId}/tables/{tableId}/rows", "/tablesdb/{databaseId}/tables/{tableId}/rows/{rowId}"),
        counters(
            "/tablesdb/{databaseId}/tables/{tableId}/rows/{rowId}/{column}/increment",
            "/tablesdb/{databaseId}/tables/{tableId}/rows/{rowId}/{column}/decrement",
        ),
    ]
    .concat()
}

fn databases(all: &'static str, one: &'static str) -> Vec<Route> {
    vec![
        Route::post(all, databases::create).scope(&["databases.write"]),
        Route::get(all, databases::list).scope(&["databases.read"]),
        Route::get(one, databases::get).scope(&["databases.read"]),
        Route::put(one, databases::update).scope(&["databases.write"]),
        Route::delete(one, databases::delete).scope(&["databases.write"]),
    ]
}

fn tables(all: &'static str, one: &'static str, (read, write): Scopes) -> Vec<Route> {
    vec![
        Route::post(all, table_routes::create).scope(write),
        Route::get(all, table_routes::list).scope(read),
        Route::get(one, table_routes::get).scope(read),
        Route::put(one, table_routes::update).scope(write),
        Route::delete(one, table_routes::delete).scope(write),
    ]
}

/// In the new API, the path contains the kind of a new column where the old API has the key of an existing column.
fn columns(
    all: &'static str,
    one: &'static str,
    of_kind: &'static str,
    relationship: &'static str,
    (read, write): Scopes,
) -> Vec<Route> {
    vec![
        Route::patch(relationship, column_updates::update_relationship).scope(write),
        Route::patch(of_kind, column_updates::update).scope(write),
        Route::get(all, columns::list).scope(read),
        Route::post(one, columns::create).scope(write),
        Route::get(one, columns::get).scope(read),
        Route::delete(one, columns::delete).scope(write),
    ]
}

fn indexes(all: &'static str, one: &'static str, (read, write): Scopes) -> Vec<Route> {
    vec![
        Route::get(all, indexes::list).scope(read),
        Route::post(all, indexes::create).scope(write),
        Route::get(one, indexes::get).scope(read),
        Route::delete(one, indexes::delete).scope(write),
    ]
}

fn transactions(all: &'static str, one: &'static str) -> Vec<Route> {
    vec![
        Route::post(all, transactions::create).scope(ROWS_WRITE),
        Route::get(all, transactions::list).scope(ROWS_READ),
        Route::get(one, transactions::get).scope(ROWS_READ),
        Route::patch(one, transactions::update).scope(ROWS_WRITE),
        Route::delete(one, transactions::delete).scope(ROWS_WRITE),
    ]
}

fn operations(path: &'static str) -> Route {
    Route::post(path, transactions::add).scope(ROWS_WRITE)
}

fn long_queries(path: &'static str) -> Route {
    Route::post(path, rows::list).scope(ROWS_READ).check(rows::check_queries)
}

fn counters(up: &'static str, down: &'static str) -> Vec<Route> {
    let limit = Limit::every_minute(120, BY_METHOD);
    vec![
        Route::patch(up, rows::increment).scope(ROWS_WRITE).limit(limit).check(rows::check),
        Route::patch(down, rows::decrement).scope(ROWS_WRITE).limit(limit).check(rows::check),
    ]
}

fn rows(all: &'static str, one: &'static str) -> Vec<Route> {
    let reading = |route: Route| route.scope(ROWS_READ).check(rows::check_queries);
    let writing = |route: Route, a_minute| {
        route.scope(ROWS_WRITE).limit(Limit::every_minute(a_minute, BY_METHOD)).check(rows::check)
    };
    vec![
        reading(Route::get(all, rows::list)),
        reading(Route::get(one, rows::get)),
        writing(Route::post(all, rows::create), 120),
        writing(Route::put(all, rows::upsert_many), 120),
        writing(Route::patch(all, rows::update_many), 120).check(rows::check_queries),
        writing(Route::delete(all, rows::delete_many), 60).check(rows::check_queries),
        writing(Route::put(one, rows::upsert), 120),
        writing(Route::patch(one, rows::update), 120),
        writing(Route::delete(one, rows::delete), 60),
    ]
}
