//! Converts responses to the format of older Appwrite versions.

use serde_json::Value;

/// Fields with the version that added them, and a field that identifies their model.
const FIELDS: &[([u32; 3], &str, &[&str])] = &[
    ([1, 9, 2], "teamName", &["userPhone"]),
    ([1, 9, 0], "emailVerification", &["impersonator", "impersonatorUserId"]),
    ([1, 5, 0], "teamName", &["mfa"]),
    ([1, 5, 0], "providerUid", &["factors", "secret"]),
    // Only the users service shows the hash. Responses about accounts keep their targets.
    ([1, 5, 0], "hash", &["targets", "mfa"]),
    ([1, 5, 0], "phrase", &["phrase"]),
];

/// The same for databases, tables, columns and indexes, but not for rows, whose columns may have these names.
const SCHEMA: &[([u32; 3], &str, &[&str])] = &[
    ([1, 9, 0], "bytesMax", &["bytesMax", "bytesUsed"]),
    ([1, 8, 0], "enabled", &["type"]),
    ([1, 8, 0], "encrypt", &["encrypt"]),
    ([1, 8, 0], "orders", &["lengths"]),
    ([1, 6, 0], "array", &["$createdAt", "$updatedAt"]),
    ([1, 6, 0], "orders", &["$createdAt", "$updatedAt"]),
];

/// Before this version, the `$sequence` of rows is a number.
const SEQUENCE_TEXTS: [u32; 3] = [1, 9, 0];

/// Converts the response to the version that the client asked for.
pub fn shape(body: &mut Value, path: &str, wanted: &[u32]) {
    match has_rows(path) {
        true if wanted < SEQUENCE_TEXTS.as_slice() => number_sequences(body),
        true => {}
        false => strip(body, wanted, FIELDS),
    }
}

/// Converts the response of a route about databases and tables to the emulated version.
pub fn shape_schema(body: &mut Value, path: &str, version: &[u32]) {
    if is_of_databases(path) && !has_rows(path) && !path.contains("/transactions") {
        strip(body, version, SCHEMA);
    }
}

fn is_of_databases(path: &str) -> bool {
    path.starts_with("/databases") || path.starts_with("/tablesdb")
}

fn has_rows(path: &str) -> bool {
    is_of_databases(path) && (path.contains("/documents") || path.contains("/rows"))
}

/// Rows may contain related rows.
fn number_sequences(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(number_sequences),
        Value::Object(fields) => {
            if let Some(sequence) = fields.get_mut("$sequence")
                && let Some(text) = sequence.as_str()
            {
                *sequence = text.parse().unwrap_or(0_i64).into();
            }
            fields.values_mut().filter(|value| value.is_array() || value.is_object()).for_each(number_sequences);
        }
        _ => {}
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
            // Lists of users and sessions are nested one level deeper.
            fields.values_mut().filter(|value| value.is_array()).for_each(|value| strip(value, wanted, models));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROWS: &str = "/tablesdb/{databaseId}/tables/{tableId}/rows";

    fn shaped(mut body: Value, path: &str, wanted: [u32; 3]) -> Value {
        shape(&mut body, path, &wanted);
        body
    }

    #[test]
    fn older_client_gets_no_newer_fields() {
        let user = json!({"emailVerification": true, "impersonator": false, "impersonatorUserId": null});
        assert_eq!(shaped(user, "/account", [1, 8, 0]), json!({"emailVerification": true}));
        let list = json!({"total": 1, "sessions": [{"providerUid": "x", "factors": [], "secret": ""}]});
        assert_eq!(shaped(list.clone(), "/account/sessions", [1, 5, 0]), list);
        let old = json!({"total": 1, "sessions": [{"providerUid": "x"}]});
        assert_eq!(shaped(list, "/account/sessions", [1, 4, 0]), old);
        let member = json!({"teamName": "A", "userPhone": "", "mfa": false});
        assert_eq!(shaped(member.clone(), "/teams", [1, 9, 1]), json!({"teamName": "A", "mfa": false}));
        assert_eq!(shaped(member, "/teams", [1, 4, 0]), json!({"teamName": "A"}));
    }

    #[test]
    fn older_client_gets_numeric_row_sequences() {
        let list = json!({"rows": [{"$sequence": "2", "teamName": "A", "mfa": "x", "of": {"$sequence": "1"}}]});
        assert_eq!(shaped(list.clone(), ROWS, [1, 9, 0]), list);
        let old = json!({"rows": [{"$sequence": 2, "teamName": "A", "mfa": "x", "of": {"$sequence": 1}}]});
        assert_eq!(shaped(list, ROWS, [1, 8, 0]), old);
    }
}
