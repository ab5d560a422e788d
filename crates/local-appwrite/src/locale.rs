//! Where the caller is: nowhere known, from loopback.

use serde_json::json;

use crate::{
    ApiError,
    http::{Call, Reply, Route},
};

/// The word for an unknown place, by language.
const UNKNOWN: &[(&str, &str)] = &[
    ("de", "Unbekannt"),
    ("es", "Desconocido"),
    ("fr", "Inconnu"),
    ("it", "Sconosciuto"),
    ("nl", "Onbekend"),
    ("pl", "Nieznany"),
    ("pt-br", "Desconhecido"),
    ("zh-cn", "未知"),
];

/// The locale service's routes.
pub fn routes() -> Vec<Route> {
    vec![Route::get("/locale", get).scope(&["locale.read"])]
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let unknown = UNKNOWN.iter().find(|(locale, _)| *locale == call.locale).map_or("Unknown", |(_, word)| word);
    Ok(Reply::ok(json!({
        "ip": call.ip.to_string(),
        "countryCode": "--",
        "country": unknown,
        "continentCode": "--",
        "continent": unknown,
        "eu": false,
        "currency": "",
    })))
}
