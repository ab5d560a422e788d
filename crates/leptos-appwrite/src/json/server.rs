//! Reads JSON on the server.

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) use serde_json::Error as Unreadable;

/// Returns the value of this text.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
}

/// A value of a page that the browser reads only when a component asks for it. So the code that reads it can be in a
/// [`Part`](crate::routes::Part) of the wasm.
#[derive(Clone, PartialEq, Eq)]
pub struct Later<T>(T);

impl<T> From<T> for Later<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Clone> Later<T> {
    /// Returns the value, unless the page is of another version of the app.
    pub fn read(&self) -> Option<T> {
        Some(self.0.clone())
    }
}

impl<T: Serialize> Serialize for Later<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}
