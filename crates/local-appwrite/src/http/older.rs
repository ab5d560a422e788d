//! Converts responses to the format of older Appwrite versions.

use serde_json::Value;

/// Fields with the version that added them, and a field that identifies their model.
const FIELDS: &[([u32; 3], &str, &[&str])] = &[
    ([1, 9, 0], "emailVerification", &["impersonator", "impersonatorUserId"]),
    ([1, 5, 0], "providerUid", &["factors", "secret"]),
];

/// The same for databases, tables, columns and indexes. Rows may have columns of these names.
const SCHEMA: &[([u32; 3], &str, &[&str])] = &[
    ([1, 9, 0], "bytesMax", &["bytesMax", "bytesUsed"]),
    ([1, 8, 0], "enabled", &["type"]),
    ([1, 8, 0], "encrypt", &["encrypt"]),
    ([1, 8, 0], "orders", &["lengths"]),
    ([1, 6, 0], "array", &["$createdAt", "$updatedAt"]),
    ([1, 6, 0], "orders", &["$createdAt", "$updatedAt"]),
];

/// Removes the fields that the requested version did not have yet.
pub fn shape(body: &mut Value, wanted: &[u32]) {
    strip(body, wanted, FIELDS);
}

/// Removes the fields that the emulated version does not have, of a route about databases and tables.
pub fn shape_schema(body: &mut Value, path: &str, version: &[u32]) {
    let is_schema = (path.starts_with("/databases") || path.starts_with("/tablesdb"))
        && !["/documents", "/rows", "/transactions"].iter().any(|rows| path.contains(rows));
    if is_schema {
        strip(body, version, SCHEMA);
    }
}

fn strip(body: &mut Value, wanted: &[u32], models: &[([u32; 3], &str, &[&str])]) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, wanted, models)),
        Value::Object(fields) => {
            for (since, known_by, later) in models {
                if wanted < since.as_slice() && fields.contains_key(*known_by) {
                    fields.retain(|name, _| !later.contains(&name.as_str()));
                }
            }
            // Lists of users and sessions are one level deeper.
            fields.values_mut().filter(|value| value.is_array()).for_each(|value| strip(value, wanted, models));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn older_client_is_spared_newer_fields() {
        let mut user = json!({"emailVerification": true, "impersonator": false, "impersonatorUserId": null});
        shape(&mut user, &[1, 8, 0]);
        assert_eq!(user, json!({"emailVerification": true}));
        let mut list = json!({"total": 1, "sessions": [{"providerUid": "x", "factors": [], "secret": ""}]});
        let whole = list.clone();
        shape(&mut list, &[1, 5, 0]);
        assert_eq!(list, whole);
        shape(&mut list, &[1, 4, 0]);
        assert_eq!(list, json!({"total": 1, "sessions": [{"providerUid": "x"}]}));
    }
}
