//! A row: Appwrite's metadata beside the columns, in one JSON object.

use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{identifier, or_default, timestamp};

/// A row: Appwrite's metadata, and its columns as `T`, which is a struct or a map ([`IgnoredAny`](serde::de::IgnoredAny) if none is read).
#[derive(Debug, Clone)]
pub struct Row<T> {
    /// The row's id.
    pub id: String,
    /// When the row was created.
    pub created_at: Option<Timestamp>,
    /// When the row was last updated.
    pub updated_at: Option<Timestamp>,
    /// The row's permissions, in Appwrite's notation: `read("users")`.
    pub permissions: Vec<String>,
    /// The row's columns.
    pub data: T,
}

/// Reads the columns while the metadata is set aside. `#[serde(flatten)]` would copy all values first.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor(PhantomData))
    }
}

struct RowVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for RowVisitor<T> {
    type Value = Row<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Row<T>, A::Error> {
        let mut metadata = Metadata::default();
        let data = T::deserialize(MapAccessDeserializer::new(Columns { map, metadata: &mut metadata }))?;
        let Metadata { id, created_at, updated_at, permissions } = metadata;
        let id = id.ok_or_else(|| A::Error::missing_field("$id"))?;
        Ok(Row { id, created_at, updated_at, permissions, data })
    }
}

#[derive(Default)]
struct Metadata {
    id: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Id(#[serde(deserialize_with = "identifier")] String);

#[derive(Deserialize)]
struct Time(#[serde(deserialize_with = "timestamp")] Option<Timestamp>);

#[derive(Deserialize)]
struct Permissions(#[serde(deserialize_with = "or_default")] Vec<String>);

/// The object without the metadata, which it stores elsewhere.
struct Columns<'a, A> {
    map: A,
    metadata: &'a mut Metadata,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Columns<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, mut seed: K) -> Result<Option<K::Value>, A::Error> {
        loop {
            seed = match self.map.next_key_seed(KeySeed(seed))? {
                None => return Ok(None),
                Some(Key::OfColumn(key)) => return Ok(Some(key)),
                Some(Key::Id(seed)) => {
                    self.metadata.id = Some(self.map.next_value::<Id>()?.0);
                    seed
                }
                Some(Key::CreatedAt(seed)) => {
                    self.metadata.created_at = self.map.next_value::<Time>()?.0;
                    seed
                }
                Some(Key::UpdatedAt(seed)) => {
                    self.metadata.updated_at = self.map.next_value::<Time>()?.0;
                    seed
                }
                Some(Key::Permissions(seed)) => {
                    self.metadata.permissions = self.map.next_value::<Permissions>()?.0;
                    seed
                }
            };
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A key of the object. A key of the metadata returns the seed, which has no value then.
enum Key<K, V> {
    Id(K),
    CreatedAt(K),
    UpdatedAt(K),
    Permissions(K),
    OfColumn(V),
}

struct KeySeed<K>(K);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<K> {
    type Value = Key<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for KeySeed<K> {
    type Value = Key<K, K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(match key {
            "$id" => Key::Id(self.0),
            "$createdAt" => Key::CreatedAt(self.0),
            "$updatedAt" => Key::UpdatedAt(self.0),
            "$permissions" => Key::Permissions(self.0),
            column => Key::OfColumn(self.0.deserialize(StrDeserializer::new(column))?),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Note {
        text: String,
        #[serde(default)]
        count: Option<u32>,
    }

    fn read<T: DeserializeOwned>(row: &Value) -> serde_json::Result<Row<T>> {
        serde_json::from_str(&row.to_string())
    }

    #[test]
    fn columns_and_metadata_are_told_apart_in_any_order() {
        let row = r#"{"text":"a \"b\"","$id":"n1","$permissions":["read(\"any\")"],"$sequence":7,"count":2,
            "$updatedAt":"2026-05-01T10:00:00.000+00:00","$createdAt":null}"#;
        let row: Row<Note> = serde_json::from_str(row).expect("a row");
        assert_eq!((row.id.as_str(), row.data.text.as_str(), row.data.count), ("n1", "a \"b\"", Some(2)));
        assert_eq!(row.permissions, ["read(\"any\")"]);
        assert_eq!(row.updated_at.map(|time| time.to_string()).as_deref(), Some("2026-05-01T10:00:00Z"));
        assert_eq!(row.created_at, None);
    }

    #[test]
    fn map_of_columns_has_all_other_keys() {
        let row = json!({ "$id": "n1", "$tableId": "notes", "text": "a" });
        let columns = read::<HashMap<String, Value>>(&row).expect("a row").data;
        assert_eq!(json!(columns), json!({ "$tableId": "notes", "text": "a" }));
        assert_eq!(read::<Value>(&row).expect("a row").data, json!({ "$tableId": "notes", "text": "a" }));
        let of_value: Row<Note> = serde_json::from_value(row).expect("a row");
        assert_eq!(of_value.data.text, "a");
    }

    #[test]
    fn row_without_an_id_or_a_column_is_refused() {
        for row in [json!({ "text": "a" }), json!({ "$id": "", "text": "a" }), json!({ "$id": "n1" }), json!("row")] {
            read::<Note>(&row).expect_err("no row");
        }
        let missing = read::<Note>(&json!({ "text": "a" })).expect_err("no row");
        assert!(missing.to_string().contains("missing field `$id`"), "{missing}");
    }
}
