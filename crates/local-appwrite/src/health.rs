//! Which Appwrite is this?

use serde_json::json;

use crate::{
    ApiError,
    http::{Call, Reply, Route},
};

/// The health service's routes.
pub fn routes() -> Vec<Route> {
    vec![Route::get("/health/version", version), Route::get("/ping", ping)]
}

fn ping(_: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::text("Pong!"))
}

fn version(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(json!({"version": call.profile().version()})))
}
