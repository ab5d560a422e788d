//! The server's options with which a browser creates or uses a passkey.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The options for the browser. A form sends the browser's answer to the server, in the fields `id` and `credential`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasskeyOptions {
    /// The id of the options, which the answer contains.
    pub id: String,
    /// WebAuthn's options, in their JSON form.
    pub public_key: Value,
}

/// Reads the field `credential` of a form: the browser's answer as JSON.
#[cfg(feature = "ssr")]
pub(crate) fn parse_credential(text: &str) -> Result<Value, crate::error::AppError> {
    let credential = serde_json::from_str(text).ok();
    credential.filter(Value::is_object).ok_or(crate::error::AppError::BadRequest)
}
