//! Databases, tables with their columns and indexes, and rows.

use axum::http::Method;
use serde_json::{Map, Value};

use super::{
    fields::{field, field_as},
    requests::{Made, Requests, path},
};
use crate::tables;

type Item = Map<String, Value>;

/// The names of the API of tables, or of collections.
struct Words {
    databases: &'static str,
    tables: &'static str,
    table_id: &'static str,
    security: &'static str,
    columns: &'static str,
    related: &'static str,
    related_id: &'static str,
    api: &'static str,
}

const CURRENT: Words = Words {
    databases: "tablesDB",
    tables: "tables",
    table_id: "tableId",
    security: "rowSecurity",
    columns: "columns",
    related: "relatedTable",
    related_id: "relatedTableId",
    api: "/tablesdb",
};

const OLDER: Words = Words {
    databases: "databases",
    tables: "collections",
    table_id: "collectionId",
    security: "documentSecurity",
    columns: "attributes",
    related: "relatedCollection",
    related_id: "relatedCollectionId",
    api: "/databases",
};

/// The sections `tablesDB` and `databases`.
pub fn databases(requests: &mut Requests<'_>, file: &Item) {
    for words in [CURRENT, OLDER] {
        for (at, item) in requests.items(file, "", words.databases, &["$id", "name", "enabled", "type"]) {
            let fields = [field_as("$id", "databaseId").or("unique()"), field("name").or("stand-in"), field("enabled")];
            requests.make((&at, &item), (Method::POST, words.api), &fields, &[]);
        }
    }
}

/// The sections `tables` and `collections`.
pub fn tables(requests: &mut Requests<'_>, file: &Item) {
    for words in [CURRENT, OLDER] {
        let known = ["$id", "databaseId", "name", "enabled", words.security, "$permissions", words.columns, "indexes"];
        for (index, (at, item)) in requests.items(file, "", words.tables, &known).into_iter().enumerate() {
            table(requests, &words, (&at, item), &format!("stand-in-{index}"));
        }
    }
}

fn table(requests: &mut Requests<'_>, words: &Words, (at, mut item): (&str, Item), stand_in: &str) {
    let found = requests.references(at, &item, ["databaseId"], "/tablesdb/{}");
    let database = found.map_or_else(|| requests.stand_in_database(), |[database]| database);
    // The default of Appwrite's CLI. In its API, the default is false.
    item.entry(words.security).or_insert(true.into());
    let fields = [
        field_as("$id", words.table_id).or(stand_in),
        field("name").or("stand-in"),
        field_as("$permissions", "permissions"),
        field(words.security),
        field("enabled"),
    ];
    let tables = format!("{}/{{}}/{}", words.api, words.tables);
    if requests.make((at, &item), (Method::POST, &path(&tables, &[&database])), &fields, &[]) == Made::No {
        return;
    }
    let own = item.get("$id").and_then(Value::as_str).unwrap_or("");
    let is_kept =
        requests.state.store().read(|db| tables::find_table(db, &database, own)).is_ok_and(|table| table.is_some());
    let id = if is_kept { own } else { stand_in };
    let one = path(&format!("{tables}/{{}}"), &[&database, id]);
    let missing = columns(requests, words, (at, &item), &one);
    let gap = |key: &String| (database.clone(), id.to_owned(), key.clone());
    requests.gaps.extend(missing.iter().map(gap));
    let known = ["key", "type", "orders", "lengths", words.columns, "$id"];
    for (at, index) in requests.items(&item, at, "indexes", &known) {
        let over = index.get(words.columns).and_then(Value::as_array);
        if over
            .is_some_and(|over| over.iter().filter_map(Value::as_str).any(|key| missing.iter().any(|own| own == key)))
        {
            continue;
        }
        let fields = [field("key"), field("type"), field(words.columns), field("orders"), field("lengths")];
        requests.make((&at, &index), (Method::POST, &format!("{one}/indexes")), &fields, &[]);
    }
}

/// Creates the columns and returns the keys of those that it could not create.
fn columns(requests: &mut Requests<'_>, words: &Words, (at, item): (&str, &Item), table: &str) -> Vec<String> {
    const KNOWN: &[&str] = &[
        "key",
        "type",
        "format",
        "required",
        "array",
        "default",
        "size",
        "min",
        "max",
        "elements",
        "encrypt",
        "relatedTable",
        "relatedCollection",
        "relationType",
        "twoWay",
        "twoWayKey",
        "onDelete",
        "side",
        "attributes",
        "orders",
    ];
    let mut missing = Vec::new();
    for (at, mut column) in requests.items(item, at, words.columns, KNOWN) {
        // Relationships may refer to tables that come later in the file.
        if column.get("type").and_then(Value::as_str) == Some("relationship") {
            missing.extend(column.get("key").and_then(Value::as_str).map(str::to_owned));
            continue;
        }
        column.entry("required").or_insert(false.into());
        let key = column.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(kind) = kind(&column) else {
            requests.unsupported(&format!("{at}.type"), "local-appwrite has no columns of this type");
            missing.push(key);
            continue;
        };
        let fields = [
            field("key"),
            field("required").or(false),
            field("array"),
            field("default"),
            field("size").or(255),
            field("min"),
            field("max"),
            field("elements").or(vec!["stand-in"]),
            field("encrypt"),
        ];
        let route = format!("{table}/{}/{kind}", words.columns);
        if requests.make((&at, &column), (Method::POST, &route), &fields, &[]) == Made::No {
            missing.push(key);
        }
    }
    missing
}

/// Creates the relationships of all tables, once the tables exist. A file has both sides; the parent's side creates the
/// child's.
pub fn relationships(requests: &mut Requests<'_>, file: &Item) {
    for words in [CURRENT, OLDER] {
        for (index, value) in file.get(words.tables).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("");
            let route = format!("{}/{{}}/{}/{{}}/{}/relationship", words.api, words.tables, words.columns);
            let route = path(&route, &[text("databaseId"), text("$id")]);
            let columns = value.get(words.columns).and_then(Value::as_array).into_iter().flatten().enumerate();
            for (at, column) in columns.filter_map(|(at, column)| Some((at, column.as_object()?))) {
                let is = |name: &str, text: &str| column.get(name).and_then(Value::as_str) == Some(text);
                if !is("type", "relationship") || is("side", "child") {
                    continue;
                }
                let at = format!("{}[{index}].{}[{at}]", words.tables, words.columns);
                let fields = [
                    field_as(words.related, words.related_id),
                    field_as("relationType", "type"),
                    field("key"),
                    field("twoWay"),
                    field("twoWayKey"),
                    field("onDelete"),
                ];
                requests.make((&at, column), (Method::POST, &route), &fields, &[]);
            }
        }
    }
}

/// The last part of the route that creates a column.
fn kind(column: &Item) -> Option<&'static str> {
    let text = |name| column.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = match (text("type")?, text("format")) {
        ("double", _) => "float",
        ("linestring", _) => "line",
        ("string", Some(format)) => format,
        (name, _) => name,
    };
    tables::COLUMN_KINDS.iter().find(|kind| **kind == name).copied()
}

/// The section `rows`.
pub fn rows(requests: &mut Requests<'_>, file: &Item) {
    for (at, mut item) in requests.items(file, "", "rows", &["$id", "databaseId", "tableId", "$permissions", "data"]) {
        let names = ["databaseId", "tableId"];
        let Some([database, table]) = requests.references(&at, &item, names, "/tablesdb/{}/tables/{}") else {
            continue;
        };
        let mut data = match item.get("data") {
            Some(Value::Object(data)) => data.clone(),
            _ => {
                requests.problem(format!("{at}.data"), "must be an object");
                continue;
            }
        };
        let known = requests.state.store().read(|db| tables::find_table(db, &database, &table));
        let faults = match &known {
            Ok(Some(known)) => tables::faults(&known.columns, &data, requests.now),
            _ => Vec::new(),
        };
        // The mistake in the column has already been reported.
        let is_gap = |key: &String| requests.gaps.contains(&(database.clone(), table.clone(), key.clone()));
        let (of_gaps, faults): (Vec<_>, Vec<_>) = faults.into_iter().partition(|(key, _)| is_gap(key));
        let is_unfit = !of_gaps.is_empty() || !faults.is_empty();
        for (key, error) in faults {
            requests.problem(format!("{at}.data.{key}"), error.message);
        }
        for date in ["$createdAt", "$updatedAt"] {
            data.extend(item.get(date).map(|date_value| (date.to_owned(), date_value.clone())));
        }
        item.insert("data".to_owned(), data.into());
        if is_unfit {
            continue;
        }
        let fields = [field_as("$id", "rowId").or("unique()"), field("data"), field_as("$permissions", "permissions")];
        let route = path("/tablesdb/{}/tables/{}/rows", &[&database, &table]);
        requests.make((&at, &item), (Method::POST, &route), &fields, &[]);
    }
}
