//! Searches, filters and paginates lists of users, teams and buckets.

use serde_json::{Value, json};

use super::{Column, Kind, filter, fold, query};
use crate::{
    ApiError, Profile,
    http::{Call, Reply, params::Params},
};

/// The page of `objects` that the request asks for, under the name `key`. `title` names one object in error messages.
///
/// # Errors
/// `general_argument_invalid` for queries that do not fit `fields`, `general_cursor_not_found` for an unknown cursor.
pub fn page(
    call: &Call<'_>,
    objects: Vec<Value>,
    fields: &[Column],
    title: &str,
    key: &str,
) -> Result<Reply, ApiError> {
    let queries = query::of_list(call.params, call.profile(), fields, call.now)?;
    let wants_total = wants_total(call)?;
    let (total, page) = filter::page_of_objects(objects, &queries, title)?;
    Ok(Reply::ok(json!({"total": if wants_total { total } else { 0 }, key: page})))
}

/// Like [`page`], for objects whose cursor is their `key` instead of their id.
///
/// # Errors
/// As [`page`].
pub fn page_by_key(
    call: &Call<'_>,
    mut objects: Vec<Value>,
    fields: &[Column],
    title: &str,
    key: &str,
) -> Result<Reply, ApiError> {
    const OWN: &str = "$own";
    let queries = query::of_list(call.params, call.profile(), fields, call.now)?;
    let wants_total = wants_total(call)?;
    for object in &mut objects {
        object[OWN] = object["$id"].take();
        object["$id"] = object["key"].clone();
    }
    let (total, mut page) = filter::page_of_objects(objects, &queries, title)?;
    for fields in page.iter_mut().filter_map(Value::as_object_mut) {
        fields.remove("$id");
        let own = fields.remove(OWN).filter(|id| !id.is_null());
        fields.extend(own.map(|id| ("$id".to_owned(), id)));
    }
    Ok(Reply::ok(json!({"total": if wants_total { total } else { 0 }, key: page})))
}

/// In a URL, the main branch of July 2026 treats everything but `0` as true, even `false`.
///
/// # Errors
/// When `total` is neither true nor false.
pub fn wants_total(call: &Call<'_>) -> Result<bool, ApiError> {
    if call.profile() != Profile::OneNineNext {
        return call.params.loose_boolean_or("total", true);
    }
    match call.params.raw("total").and_then(Value::as_str) {
        Some("0") => Ok(false),
        Some("false" | "true" | "1") => Ok(true),
        _ => call.params.loose_boolean_or("total", true),
    }
}

/// The columns or indexes that a new table brings, each as parameters.
///
/// # Errors
/// When it is no list of objects.
pub fn definitions(call: &Call<'_>, name: &str) -> Result<Vec<Params>, ApiError> {
    let why = || {
        let why = "Value must a valid array no longer than 100 items and Value must be a valid JSON string";
        ApiError::invalid_param(name, why)
    };
    match call.params.raw(name).filter(|_| call.profile() >= Profile::OneEight) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= 100 => {
            items.iter().map(|item| item.as_object().cloned().map(Params::new).ok_or_else(why)).collect()
        }
        Some(_) => Err(why()),
    }
}

/// The `search` parameter of a list.
pub struct Search(String);

impl Search {
    /// Reads the request's `search`.
    ///
    /// # Errors
    /// When it is no text or longer than 256 characters.
    pub fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        Ok(Self(call.params.optional_text("search", 1, 256)?.unwrap_or_default()))
    }

    /// Returns true if one of the texts contains the search, or if there is no search.
    #[must_use]
    pub fn finds(&self, texts: &[&str]) -> bool {
        self.0.is_empty() || fold::is_found(&texts.join(" "), &self.0)
    }
}

/// A text field that queries may use.
#[must_use]
pub fn text(call: &Call<'_>, key: &str) -> Column {
    field(call, key, Kind::String { size: 2048 })
}

/// A field of this kind that queries may use.
#[must_use]
pub fn field(call: &Call<'_>, key: &str, kind: Kind) -> Column {
    Column::listed(key, kind, call.now)
}

/// A number that queries may use.
#[must_use]
pub fn number(call: &Call<'_>, key: &str) -> Column {
    field(call, key, Kind::Integer { min: i64::MIN, max: i64::MAX })
}
