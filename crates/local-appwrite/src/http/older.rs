//! Converts responses to the format of older Appwrite versions.

use serde_json::Value;

/// Fields with the version that added them, and a field that identifies their model.
const FIELDS: &[([u32; 3], &str, &[&str])] = &[
    ([1, 9, 0], "emailVerification", &["impersonator", "impersonatorUserId"]),
    ([1, 5, 0], "providerUid", &["factors", "secret"]),
];

/// Removes the fields that the requested version did not have yet.
pub fn shape(body: &mut Value, wanted: &[u32]) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| shape(item, wanted)),
        Value::Object(fields) => {
            for (since, known_by, later) in FIELDS {
                if wanted < since.as_slice() && fields.contains_key(*known_by) {
                    fields.retain(|name, _| !later.contains(&name.as_str()));
                }
            }
            // Lists of users and sessions are one level deeper.
            fields.values_mut().filter(|value| value.is_array()).for_each(|value| shape(value, wanted));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_older_client_is_spared_newer_fields() {
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
