//! The route `/account/prefs`: the user's preferences, any JSON object.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    client::SessionClient,
    error::AppwriteError,
    model::{Preferences, User},
};

impl SessionClient {
    /// Returns the user's preferences (`GET /account/prefs`).
    pub async fn prefs(&self) -> Result<Map<String, Value>, AppwriteError> {
        let prefs: Preferences = self.call(Method::GET, &["account", "prefs"]).receive().await?;
        Ok(prefs.0)
    }

    /// Replaces all of the user's preferences (`PATCH /account/prefs`), 64 kB at most. Read them first, to keep the others.
    pub async fn replace_prefs(&self, prefs: &Map<String, Value>) -> Result<User, AppwriteError> {
        self.call(Method::PATCH, &["account", "prefs"]).json(json!({ "prefs": prefs })).receive().await
    }
}
