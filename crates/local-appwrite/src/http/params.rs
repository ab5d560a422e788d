//! Reads and validates parameters, with Appwrite's error messages.

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::{
    forms::{is_email, is_id, is_phone},
    platform,
};
use crate::{ApiError, AppState, ErrorKind, identity::secret};

const CUSTOM_ID: &str = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";

/// Appwrite's message for a value that is not a 64-bit integer. PHP rounds the upper bound.
pub const WHOLE_NUMBER: &str =
    "Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,808";

/// Path parameters: names and decoded values.
pub type PathParams = Vec<(String, String)>;

/// The parameters of one request.
pub struct Params {
    values: Map<String, Value>,
    path: Map<String, Value>,
}

impl Params {
    /// Wraps the parameters of the query or the body.
    #[must_use]
    pub fn new(values: Map<String, Value>) -> Self {
        Self { values, path: Map::new() }
    }

    /// Adds the path parameters, which override sent ones of the same name.
    #[must_use]
    pub fn with_path(self, path: PathParams) -> Self {
        let path = path.into_iter().map(|(name, value)| (name, value.into())).collect();
        Self { path, ..self }
    }

    /// Checks the ids and keys in the path. Appwrite does so before it looks up any resource.
    ///
    /// # Errors
    /// When one does not have the format of an id.
    pub fn check_path(&self) -> Result<(), ApiError> {
        for name in self.path.keys() {
            match name.as_str() {
                "key" | "column" => self.custom_id(name)?,
                name if name.ends_with("Id") => self.id(name)?,
                _ => continue,
            };
        }
        Ok(())
    }

    /// A string of 1 to 255 characters from the query or body, not from the path.
    ///
    /// # Errors
    /// When it is missing, not a string, or of another length.
    pub fn sent_text(&self, name: &str) -> Result<String, ApiError> {
        let value = self.values.get(name).filter(|value| !value.is_null());
        text(name, value.ok_or_else(|| ApiError::missing_param(name))?, 1, 255)
    }

    /// The raw value of a parameter; `null` counts as missing.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.path.get(name).or_else(|| self.values.get(name)).filter(|value| !value.is_null())
    }

    /// The raw value of a sent parameter, including null.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&Value> {
        self.path.get(name).or_else(|| self.values.get(name))
    }

    /// All parameters of the query or the body, in their order.
    pub fn all_sent(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Treats null as present, but of the wrong type.
    fn required(&self, name: &str) -> Result<&Value, ApiError> {
        self.sent(name).ok_or_else(|| ApiError::missing_param(name))
    }

    /// Appwrite accepts null for an optional parameter and fails later.
    fn optional(&self, name: &str) -> Result<Option<&Value>, ApiError> {
        match self.sent(name) {
            Some(Value::Null) => Err(ErrorKind::GeneralUnknown.into()),
            other => Ok(other),
        }
    }

    /// A string of `min` to `max` characters.
    ///
    /// # Errors
    /// When it is missing, not a string, or of another length.
    pub fn text(&self, name: &str, min: usize, max: usize) -> Result<String, ApiError> {
        text(name, self.required(name)?, min, max)
    }

    /// An optional string of `min` to `max` characters.
    ///
    /// # Errors
    /// When it is not a string or has another length.
    pub fn optional_text(&self, name: &str, min: usize, max: usize) -> Result<Option<String>, ApiError> {
        self.optional(name)?.map(|value| text(name, value, min, max)).transpose()
    }

    /// The caller's id for a new resource; generates one for `unique()`.
    ///
    /// # Errors
    /// When it is missing or not a valid id.
    pub fn new_id(&self, name: &str, now: Timestamp) -> Result<String, ApiError> {
        match self.required(name)?.as_str() {
            Some("unique()") => Ok(secret::id(now)),
            Some(id) if is_id(id) => Ok(id.to_owned()),
            _ => Err(ApiError::invalid_param(name, CUSTOM_ID)),
        }
    }

    /// The id of an existing resource.
    ///
    /// # Errors
    /// When it is missing or not a valid id.
    pub fn id(&self, name: &str) -> Result<String, ApiError> {
        match self.required(name)?.as_str() {
            Some(id) if is_id(id) => Ok(id.to_owned()),
            _ => Err(ApiError::invalid_param(
                name,
                "UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. Can't start with a leading underscore",
            )),
        }
    }

    /// An email address, in lower case.
    ///
    /// # Errors
    /// When it is missing or invalid.
    pub fn email(&self, name: &str) -> Result<String, ApiError> {
        email(name, self.required(name)?)
    }

    /// An optional email address, in lower case.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn optional_email(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.raw(name).map(|value| email(name, value).map_err(or_null)).transpose()
    }

    /// A phone number in E.164 format.
    ///
    /// # Errors
    /// When it is missing or invalid.
    pub fn phone(&self, name: &str) -> Result<String, ApiError> {
        phone(name, self.required(name)?)
    }

    /// An optional phone number in E.164 format.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn optional_phone(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.raw(name).map(|value| phone(name, value).map_err(or_null)).transpose()
    }

    /// A password of 8 to 256 characters.
    ///
    /// # Errors
    /// When it is missing or of another length.
    pub fn password(&self, name: &str) -> Result<String, ApiError> {
        password(name, self.required(name)?)
    }

    /// An optional password of 8 to 256 characters.
    ///
    /// # Errors
    /// When it is of another length.
    pub fn optional_password(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.raw(name).map(|value| password(name, value)).transpose()
    }

    /// A boolean.
    ///
    /// # Errors
    /// When it is missing or not a boolean.
    pub fn boolean(&self, name: &str) -> Result<bool, ApiError> {
        boolean(name, self.required(name)?)
    }

    /// A boolean, or `default`.
    ///
    /// # Errors
    /// When it is not a boolean.
    pub fn boolean_or(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        self.optional(name)?.map_or(Ok(default), |value| boolean(name, value))
    }

    /// A boolean, also as `"true"`, `"1"` or 1. Appwrite accepts these for some parameters only.
    ///
    /// # Errors
    /// When it is missing or anything else.
    pub fn loose_boolean(&self, name: &str) -> Result<bool, ApiError> {
        loose_boolean(name, self.required(name)?)
    }

    /// The same, or `default`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn loose_boolean_or(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        self.optional(name)?.map_or(Ok(default), |value| loose_boolean(name, value))
    }

    /// An integer from `min` to `max`, or `default`.
    ///
    /// # Errors
    /// When it is not an integer or out of range.
    pub fn range_or(&self, name: &str, min: i64, max: i64, default: i64) -> Result<i64, ApiError> {
        self.optional(name)?.map_or(Ok(default), |value| range(name, value, min, max))
    }

    /// An integer from `min` to `max`.
    ///
    /// # Errors
    /// When it is missing, not an integer, or out of range.
    pub fn range(&self, name: &str, min: i64, max: i64) -> Result<i64, ApiError> {
        range(name, self.required(name)?, min, max)
    }

    /// An integer from `min` to `max`, or `None` for null.
    ///
    /// # Errors
    /// When it is missing, not an integer, or out of range.
    pub fn range_or_null(&self, name: &str, min: i64, max: i64) -> Result<Option<i64>, ApiError> {
        match self.required(name)? {
            Value::Null => Ok(None),
            value => range(name, value, min, max).map(Some),
        }
    }

    /// An optional integer.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.raw(name)
            .map(|value| value.as_i64().ok_or_else(|| ApiError::invalid_param(name, format!("{WHOLE_NUMBER} or null"))))
            .transpose()
    }

    /// An integer of 32 bits.
    ///
    /// # Errors
    /// When it is missing or anything else.
    pub fn integer(&self, name: &str) -> Result<i64, ApiError> {
        let why = || {
            ApiError::invalid_param(
                name,
                "Value must be a valid signed 32-bit integer between -2,147,483,648 and 2,147,483,647",
            )
        };
        self.required(name)?.as_i64().filter(|number| i32::try_from(*number).is_ok()).ok_or_else(why)
    }

    /// Checks that an optional number lies between `min` and `max`.
    ///
    /// # Errors
    /// When it is not a number or is out of range.
    pub fn number_within(&self, name: &str, min: f64, max: f64) -> Result<(), ApiError> {
        let Some(value) = self.optional(name)? else {
            return Ok(());
        };
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        number.filter(|number| (min..=max).contains(number)).map(drop).ok_or_else(|| {
            ApiError::invalid_param(name, format!("Value must be a valid range between {min:.0} and {max:.0}"))
        })
    }

    /// A key, in the format of an id.
    ///
    /// # Errors
    /// When it is missing from the query or body, or invalid.
    pub fn sent_key(&self, name: &str) -> Result<String, ApiError> {
        match self.values.get(name).ok_or_else(|| ApiError::missing_param(name))?.as_str() {
            Some(key) if is_id(key) => Ok(key.to_owned()),
            _ => Err(ApiError::invalid_param(name, CUSTOM_ID)),
        }
    }

    /// An optional key, in the format of an id.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn optional_sent_key(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.sent_key(name).map(Some).map_err(or_null),
        }
    }

    /// The caller's optional id for a new resource; generates one for `unique()`.
    ///
    /// # Errors
    /// When it is not a valid id.
    pub fn optional_id(&self, name: &str, now: Timestamp) -> Result<Option<String>, ApiError> {
        match self.sent(name) {
            None => Ok(None),
            Some(_) => self.new_id(name, now).map(Some),
        }
    }

    /// The id of an existing resource, with the error messages for a new one.
    ///
    /// # Errors
    /// When it is missing or not a valid id.
    pub fn custom_id(&self, name: &str) -> Result<String, ApiError> {
        match self.required(name)?.as_str() {
            Some(id) if is_id(id) => Ok(id.to_owned()),
            _ => Err(ApiError::invalid_param(name, CUSTOM_ID)),
        }
    }

    /// An object.
    ///
    /// # Errors
    /// When it is missing or anything else. An empty list counts as an empty object, as in PHP.
    pub fn object(&self, name: &str) -> Result<Map<String, Value>, ApiError> {
        match self.required(name)? {
            // PHP treats fields named 0, 1, 2 as a list.
            Value::Object(map) if !map.is_empty() && map.keys().enumerate().all(|(at, key)| *key == at.to_string()) => {
                Err(ApiError::invalid_param(name, "Value must be a valid object."))
            }
            Value::Object(map) => Ok(map.clone()),
            Value::Array(list) if list.is_empty() => Ok(Map::new()),
            _ => Err(ApiError::invalid_param(name, "Value must be a valid object.")),
        }
    }

    /// A list of at most `count` strings of 1 to `length` characters; empty if missing.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn texts(&self, name: &str, count: usize, length: usize) -> Result<Vec<String>, ApiError> {
        self.optional(name)?.map_or(Ok(Vec::new()), |value| texts(name, value, count, length))
    }

    /// A list of at most `count` strings of 1 to `length` characters.
    ///
    /// # Errors
    /// When it is missing or anything else.
    pub fn required_texts(&self, name: &str, count: usize, length: usize) -> Result<Vec<String>, ApiError> {
        texts(name, self.required(name)?, count, length)
    }

    /// One of `choices`, in any case.
    ///
    /// # Errors
    /// When it is missing or anything else.
    pub fn choice(&self, name: &str, choices: &[&'static str]) -> Result<&'static str, ApiError> {
        let value = self.required(name)?;
        choices
            .iter()
            .find(|choice| value.as_str().is_some_and(|text| choice.eq_ignore_ascii_case(text)))
            .copied()
            .ok_or_else(|| {
                let list = choices.join(", ").to_lowercase();
                ApiError::invalid_param(name, format!("Value must be one of ({list})"))
            })
    }

    /// A URL whose host is one of the project's platforms.
    ///
    /// # Errors
    /// When it is missing, not a URL, or of an unknown host.
    pub fn platform_url(&self, name: &str, state: &AppState) -> Result<Url, ApiError> {
        let text = self.required(name)?.as_str().unwrap_or("");
        match Url::parse(text) {
            Ok(url) if platform::is_known_url(state, &url) => Ok(url),
            Ok(_) => Err(ApiError::invalid_param(name, format!("Invalid URI. {}", platform::register(text)))),
            Err(_) => Err(ApiError::invalid_param(name, "Invalid URI.")),
        }
    }
}

fn text(name: &str, value: &Value, min: usize, max: usize) -> Result<String, ApiError> {
    let length = value.as_str().map(|text| text.chars().count());
    match (value.as_str(), length) {
        (Some(text), Some(length)) if (min..=max).contains(&length) => Ok(text.to_owned()),
        _ => {
            let at_least = if min > 0 { format!(" and at least {min} chars") } else { String::new() };
            Err(ApiError::invalid_param(
                name,
                format!("Value must be a valid string{at_least} and no longer than {max} chars"),
            ))
        }
    }
}

/// Rewords the error for a parameter that may be null.
fn or_null(error: ApiError) -> ApiError {
    ApiError::new(error.kind, format!("{} or null", error.message))
}

fn range(name: &str, value: &Value, min: i64, max: i64) -> Result<i64, ApiError> {
    integer(value).filter(|number| (min..=max).contains(number)).ok_or_else(|| {
        let (min, max) = (grouped(min), grouped(max));
        ApiError::invalid_param(name, format!("Value must be a valid range between {min} and {max}"))
    })
}

fn texts(name: &str, value: &Value, count: usize, length: usize) -> Result<Vec<String>, ApiError> {
    let why = || {
        ApiError::invalid_param(
            name,
            format!(
                "Value must a valid array no longer than {count} items and Value must be a valid string and at least 1 chars and no longer than {length} chars"
            ),
        )
    };
    // PHP does not distinguish lists and objects.
    let list: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => return Err(why()),
    };
    if list.len() > count {
        return Err(why());
    }
    list.into_iter()
        .map(|item| match item.as_str() {
            Some(text) if (1..=length).contains(&text.chars().count()) => Ok(text.to_owned()),
            _ => Err(why()),
        })
        .collect()
}

fn email(name: &str, value: &Value) -> Result<String, ApiError> {
    value
        .as_str()
        // Allows spaces around the address and keeps them.
        .filter(|text| is_email(text.trim()))
        .map(str::to_lowercase)
        .ok_or_else(|| ApiError::invalid_param(name, "Value must be a valid email address"))
}

fn phone(name: &str, value: &Value) -> Result<String, ApiError> {
    value.as_str().filter(|text| is_phone(text)).map(str::to_owned).ok_or_else(|| {
        ApiError::invalid_param(name, "Phone number must start with a '+' can have a maximum of fifteen digits.")
    })
}

fn password(name: &str, value: &Value) -> Result<String, ApiError> {
    value
        .as_str()
        .filter(|text| (8..=256).contains(&text.len()))
        .map(str::to_owned)
        .ok_or_else(|| ApiError::invalid_param(name, "Password must be between 8 and 256 characters long."))
}

fn boolean(name: &str, value: &Value) -> Result<bool, ApiError> {
    value.as_bool().ok_or_else(|| ApiError::invalid_param(name, "Value must be a valid boolean"))
}

fn loose_boolean(name: &str, value: &Value) -> Result<bool, ApiError> {
    match (value.as_i64(), value.as_str()) {
        (Some(1), _) | (_, Some("true" | "1")) => Ok(true),
        (Some(0), _) | (_, Some("false" | "0")) => Ok(false),
        _ => boolean(name, value),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Formats a number like Appwrite's messages: `3,600`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(value: Value) -> Params {
        Params::new(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn missing_parameter_is_named() {
        let error = params(json!({})).email("email").expect_err("an error");
        assert_eq!(error.message, "Param \"email\" is not optional.");
        let error = params(json!({"email": null})).email("email").expect_err("an error");
        assert_eq!(error.message, "Invalid `email` param: Value must be a valid email address");
    }

    #[test]
    fn unique_generates_an_id() {
        let id = params(json!({"userId": "unique()"})).new_id("userId", Timestamp::UNIX_EPOCH).expect("an id");
        assert_eq!(id.len(), 20);
    }

    #[test]
    fn address_is_stored_in_lower_case() {
        assert_eq!(params(json!({"email": "Ann@Example.com"})).email("email").as_deref(), Ok("ann@example.com"));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(params(json!({"name": "é".repeat(128)})).text("name", 1, 128).is_ok());
        let error = params(json!({"name": "n".repeat(129)})).text("name", 1, 128).expect_err("an error");
        assert_eq!(
            error.message,
            "Invalid `name` param: Value must be a valid string and at least 1 chars and no longer than 128 chars"
        );
    }

    #[test]
    fn range_error_groups_digits_with_commas() {
        let error = params(json!({"duration": 3601})).range_or("duration", 0, 3600, 900).expect_err("an error");
        assert_eq!(error.message, "Invalid `duration` param: Value must be a valid range between 0 and 3,600");
    }

    #[test]
    fn choice_may_be_written_with_any_case() {
        let params = params(json!({"factor": "recoverycode", "other": "nope"}));
        let factors = ["email", "phone", "totp", "recoveryCode"];
        assert_eq!(params.choice("factor", &factors), Ok("recoveryCode"));
        assert_eq!(
            params.choice("other", &factors).expect_err("an error").message,
            "Invalid `other` param: Value must be one of (email, phone, totp, recoverycode)"
        );
    }
}
