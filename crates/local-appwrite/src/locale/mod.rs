//! The caller's location (unknown for loopback), and lists of countries, languages and more, in English.

pub mod unknown;

use serde_json::{Value, json};

use crate::{
    ApiError,
    http::{Call, Reply, Route},
    tables::php_number,
};

/// The lists, one entry per line.
const CODES: &str = include_str!("codes.tsv");
const COUNTRIES: &str = include_str!("countries.tsv");
const CURRENCIES: &str = include_str!("currencies.tsv");
const LANGUAGES: &str = include_str!("languages.tsv");
const PHONES: &str = include_str!("phones.tsv");
const CONTINENTS: &str =
    "AF\tAfrica\nAN\tAntarctica\nAS\tAsia\nEU\tEurope\nNA\tNorth America\nOC\tOceania\nSA\tSouth America\n";

/// The locale service's routes.
pub fn routes() -> Vec<Route> {
    const READ: &[&str] = &["locale.read"];
    vec![
        Route::get("/locale", get).scope(READ),
        Route::get("/locale/codes", |_| list("localeCodes", CODES, &["code", "name"])).scope(READ),
        Route::get("/locale/continents", |_| list("continents", CONTINENTS, &["code", "name"])).scope(READ),
        Route::get("/locale/countries", |_| list("countries", COUNTRIES, &["code", "name"])).scope(READ),
        Route::get("/locale/countries/eu", |_| answer("countries", union())).scope(READ),
        Route::get("/locale/countries/phones", |_| answer("phones", phones())).scope(READ),
        Route::get("/locale/currencies", |_| answer("currencies", currencies())).scope(READ),
        Route::get("/locale/languages", |_| list("languages", LANGUAGES, &["code", "name", "nativeName"])).scope(READ),
    ]
}

/// Returns true if a country has this code, in any case.
#[must_use]
pub fn is_country(code: &str) -> bool {
    COUNTRIES.lines().filter_map(|line| line.split('\t').next()).any(|known| known.eq_ignore_ascii_case(code))
}

fn list(key: &str, lines: &str, fields: &[&str]) -> Result<Reply, ApiError> {
    answer(key, lines.lines().map(|line| entry(line, fields)).collect())
}

fn answer(key: &str, entries: Vec<Value>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(json!({"total": entries.len(), key: entries})))
}

fn entry(line: &str, fields: &[&str]) -> Value {
    fields.iter().zip(line.split('\t')).map(|(field, text)| ((*field).to_owned(), Value::from(text))).collect()
}

fn union() -> Vec<Value> {
    let lines = COUNTRIES.lines().filter(|line| line.ends_with("\teu"));
    lines.map(|line| entry(line, &["code", "name"])).collect()
}

fn phones() -> Vec<Value> {
    let with_plus = |mut phone: Value| {
        phone["code"] = format!("+{}", phone["code"].as_str().unwrap_or("")).into();
        phone
    };
    PHONES.lines().map(|line| with_plus(entry(line, &["code", "countryCode", "countryName"]))).collect()
}

fn currencies() -> Vec<Value> {
    const FIELDS: &[&str] = &["code", "symbol", "name", "symbolNative", "decimalDigits", "rounding", "namePlural"];
    let counted = |mut currency: Value| {
        for field in ["decimalDigits", "rounding"] {
            let number: f64 = currency[field].as_str().and_then(|text| text.parse().ok()).unwrap_or(0.0);
            currency[field] = php_number(number);
        }
        currency
    };
    CURRENCIES.lines().map(|line| counted(entry(line, FIELDS))).collect()
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let unknown = unknown::place(&call.locale);
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
