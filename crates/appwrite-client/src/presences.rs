//! Presences: clients send them over Realtime; this lists them over HTTP.

use reqwest::Method;

use super::{
    client::SessionClient,
    error::AppwriteError,
    model::{Presence, PresenceList},
    query::Query,
};

impl SessionClient {
    /// Returns the presences that the user may read (`GET /presences`), 25 without [`Query::limit`]; omits expired
    /// ones.
    ///
    /// Appwrite filters and sorts only by `userId`, `status`, `source`, `expiresAt` and the dates. 404
    /// `general_route_not_found` before 1.9.5.
    pub async fn presences(&self, queries: &[Query]) -> Result<Vec<Presence>, AppwriteError> {
        let call = self.call(Method::GET, &["presences"]).query("total", "false".to_owned());
        let call = queries.iter().fold(call, |call, query| call.query("queries[]", query.to_wire()));
        let list: PresenceList = call.receive().await?;
        Ok(list.presences)
    }
}
