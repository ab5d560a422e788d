//! The callback: the provider redirects the browser here, and this redirects to the project's sign-in.

use serde_json::Value;

use super::{address::query, redirects};
use crate::{
    ApiError,
    http::{Call, Reply},
};

/// `GET` and `POST /account/sessions/oauth2/callback/:provider/:projectId`.
pub fn callback(call: &Call<'_>) -> Result<Reply, ApiError> {
    let project = call.params.text("projectId", 1, 1024)?;
    let provider = redirects::provider(call)?;
    redirects::returned(call)?;
    let mut pairs: Vec<(String, String)> = call
        .params
        .all_sent()
        .filter(|(name, _)| *name != "projectId")
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name.to_owned(), text.clone())),
            Value::Null => None,
            other => Some((name.to_owned(), other.to_string())),
        })
        .collect();
    pairs.retain(|(name, _)| name != "project");
    pairs.push(("project".to_owned(), project));
    Ok(Reply::redirect(&format!("{}/v1/account/sessions/oauth2/{provider}/redirect?{}", call.base, query(&pairs))))
}
