//! Maps the fields of a file to parameters of Appwrite's API.

use serde_json::Value;

/// A parameter of a request, and the field of the file that provides it.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name in the file.
    pub name: &'static str,
    /// The name in the API.
    pub param: &'static str,
    /// Replaces an invalid value, so that the rest of the item can still be checked. Without it, the field is dropped.
    pub stand_in: Option<Value>,
}

/// A field that has the same name in the API.
pub fn field(name: &'static str) -> Field {
    Field { name, param: name, stand_in: None }
}

/// A field with another name in the API.
pub fn field_as(name: &'static str, param: &'static str) -> Field {
    Field { name, param, stand_in: None }
}

impl Field {
    /// The same, with a placeholder for a required field.
    pub fn or(self, stand_in: impl Into<Value>) -> Self {
        Self { stand_in: Some(stand_in.into()), ..self }
    }
}

/// Fields that Appwrite writes into its files and responses, and that have no effect on a new item.
pub const READ_ONLY: &[&str] = &["$createdAt", "$updatedAt", "status", "error"];
