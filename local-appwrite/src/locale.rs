//! Where the caller is: nowhere known, from loopback.

use serde_json::json;

use crate::{
    ApiError,
    http::{Call, Reply, Route},
};

/// The locale service's routes.
pub fn routes() -> Vec<Route> {
    vec![Route::get("/locale", get).scope(&["locale.read"])]
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(json!({
        "ip": call.ip.to_string(),
        "countryCode": "--",
        "country": "Unknown",
        "continentCode": "--",
        "continent": "Unknown",
        "eu": false,
        "currency": "",
    })))
}
