//! Columns, and what a cell of each takes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{dates, names::Names};
use crate::{ApiError, clock};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Kind {
    /// Text of at most `size` characters.
    String {
        /// The most characters.
        size: usize,
    },
    /// A whole number.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number.
    Double {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// True or false.
    Boolean,
    /// A point in time.
    Datetime,
    /// An e-mail address.
    Email,
    /// One of a few words.
    Enum {
        /// The words.
        elements: Vec<String>,
    },
    /// An IP address.
    Ip,
    /// An URL.
    Url,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub key: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether each row must have it.
    pub required: bool,
    /// Whether it holds a list.
    pub array: bool,
    /// What it holds where a row says nothing.
    pub default: Option<Value>,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl Column {
    /// The column as Appwrite answers it. `status` is `processing` where it has just been made.
    #[must_use]
    pub fn wire(&self, status: &str) -> Value {
        let mut wire = json!({
            "key": self.key,
            "type": self.kind.type_name(),
            "status": status,
            "error": "",
            "required": self.required,
            "array": self.array,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
        });
        match &self.kind {
            Kind::String { size } => {
                wire["size"] = (*size).into();
                wire["encrypt"] = false.into();
            }
            Kind::Integer { min, max } => {
                wire["min"] = (*min).into();
                wire["max"] = (*max).into();
            }
            Kind::Double { min, max } => {
                wire["min"] = (*min).into();
                wire["max"] = (*max).into();
            }
            Kind::Boolean => {}
            Kind::Datetime => wire["format"] = "".into(),
            Kind::Email => wire["format"] = "email".into(),
            Kind::Ip => wire["format"] = "ip".into(),
            Kind::Url => wire["format"] = "url".into(),
            Kind::Enum { elements } => {
                wire["format"] = "enum".into();
                wire["elements"] = json!(elements);
            }
        }
        wire["default"] = self.default.clone().unwrap_or(Value::Null);
        wire
    }

    /// A value as the column keeps it.
    ///
    /// # Errors
    /// Why the column does not take it, in Appwrite's words.
    pub fn accept(&self, value: &Value, now: Timestamp) -> Result<Value, String> {
        let why = |why: String| format!("Attribute \"{}\" has invalid type. {why}", self.key);
        match (self.array, value) {
            (_, Value::Null) if !self.required => Ok(Value::Null),
            (true, Value::Array(items)) => items
                .iter()
                .map(|item| self.kind.accept(item, now).ok_or_else(|| why(self.kind.described())))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array),
            (true, _) => Err(format!("Attribute \"{}\" must be an array", self.key)),
            (false, _) => self.kind.accept(value, now).ok_or_else(|| why(self.kind.described())),
        }
    }
}

impl Kind {
    fn type_name(&self) -> &'static str {
        match self {
            Self::String { .. } | Self::Email | Self::Enum { .. } | Self::Ip | Self::Url => "string",
            Self::Integer { .. } => "integer",
            Self::Double { .. } => "double",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
        }
    }

    fn accept(&self, value: &Value, now: Timestamp) -> Option<Value> {
        let is_good = match self {
            Self::String { size } => value.as_str()?.chars().count() <= *size,
            Self::Integer { min, max } => (*min..=*max).contains(&value.as_i64()?),
            Self::Double { min, max } => (*min..=*max).contains(&value.as_f64()?),
            Self::Boolean => value.is_boolean(),
            Self::Datetime => return dates::parse(value.as_str()?, now).map(|time| clock::wire(time).into()),
            Self::Email => crate::http::forms::is_email(value.as_str()?),
            Self::Enum { elements } => elements.iter().any(|element| Some(element.as_str()) == value.as_str()),
            Self::Ip => value.as_str()?.parse::<std::net::IpAddr>().is_ok(),
            Self::Url => url::Url::parse(value.as_str()?).is_ok(),
        };
        is_good.then(|| value.clone())
    }

    fn described(&self) -> String {
        match self {
            Self::String { size } => format!("Value must be a valid string and no longer than {size} chars"),
            Self::Integer { .. } => "Value must be a valid integer".to_owned(),
            Self::Double { .. } => "Value must be a valid double".to_owned(),
            Self::Boolean => "Value must be a valid boolean".to_owned(),
            Self::Datetime => {
                "Value must be valid date between 0000-01-01 00:00:00 and 9999-12-31 23:59:59.".to_owned()
            }
            Self::Email => "Value must be a valid email address".to_owned(),
            Self::Enum { elements } => format!("Value must be one of ({})", elements.join(", ")),
            Self::Ip => "Value must be a valid IP address".to_owned(),
            Self::Url => "Value must be a valid URL".to_owned(),
        }
    }

    /// How many bytes of a table's 65,535 it takes, roughly as MariaDB counts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::String { size } if *size > 16_383 => 20,
            Self::String { size } => size * 4 + 2,
            Self::Integer { .. } | Self::Double { .. } | Self::Datetime => 8,
            Self::Boolean => 1,
            Self::Email | Self::Enum { .. } => 1_022,
            Self::Ip => 158,
            Self::Url => 8_002,
        }
    }
}

/// The data of a whole new row: every column has a value or null.
///
/// # Errors
/// `row_invalid_structure`: first what is missing, then what is unknown, then what does not fit.
pub fn complete(
    columns: &[Column],
    data: &Map<String, Value>,
    names: Names,
    now: Timestamp,
) -> Result<Map<String, Value>, ApiError> {
    for column in columns.iter().filter(|column| column.required) {
        if data.get(&column.key).is_none_or(Value::is_null) {
            return Err(names.invalid_structure(&format!("Missing required attribute \"{}\"", column.key)));
        }
    }
    let mut accepted = partial(columns, data, names, now)?;
    for column in columns {
        accepted.entry(column.key.clone()).or_insert_with(|| column.default.clone().unwrap_or(Value::Null));
    }
    Ok(accepted)
}

/// The data of a change: only what is given.
///
/// # Errors
/// As [`complete`], but nothing is missing.
pub fn partial(
    columns: &[Column],
    data: &Map<String, Value>,
    names: Names,
    now: Timestamp,
) -> Result<Map<String, Value>, ApiError> {
    let own = || data.iter().filter(|(key, _)| !key.starts_with('$'));
    let find = |key: &str| columns.iter().find(|column| column.key == key);
    if let Some((key, _)) = own().find(|(key, _)| find(key).is_none()) {
        return Err(names.invalid_structure(&format!("Unknown attribute: \"{key}\"")));
    }
    own()
        .filter_map(|(key, value)| find(key).map(|column| (column, value)))
        .map(|(column, value)| {
            let value = column.accept(value, now).map_err(|why| names.invalid_structure(&why))?;
            Ok((column.key.clone(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(key: &str, kind: Kind, required: bool) -> Column {
        Column {
            key: key.into(),
            kind,
            required,
            array: false,
            default: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn birthdays() -> Vec<Column> {
        vec![
            column("name", Kind::String { size: 128 }, true),
            column("birthday", Kind::Datetime, true),
            column("note", Kind::String { size: 64 }, false),
        ]
    }

    fn check(data: Value) -> Result<Map<String, Value>, String> {
        let data = data.as_object().cloned().unwrap_or_default();
        complete(&birthdays(), &data, Names::Current, Timestamp::UNIX_EPOCH).map_err(|error| error.message)
    }

    #[test]
    fn a_row_has_every_column_and_its_dates_in_one_form() {
        let row = check(json!({"name": "Kevin", "birthday": "2012-02-03"})).expect("a row");
        assert_eq!(
            Value::Object(row),
            json!({"name": "Kevin", "birthday": "2012-02-03T00:00:00.000+00:00", "note": null})
        );
    }

    #[test]
    fn what_is_wrong_is_told_as_recorded() {
        assert_eq!(
            check(json!({"name": "x"})),
            Err("Invalid document structure: Missing required attribute \"birthday\"".to_owned())
        );
        assert_eq!(
            check(json!({"name": "x", "birthday": "2012-02-03", "zzz": 1})),
            Err("Invalid document structure: Unknown attribute: \"zzz\"".to_owned())
        );
        assert_eq!(
            check(json!({"name": "x".repeat(129), "birthday": "2012-02-03"})),
            Err("Invalid document structure: Attribute \"name\" has invalid type. Value must be a valid string and no longer than 128 chars".to_owned())
        );
    }

    #[test]
    fn a_required_column_cannot_be_emptied() {
        let data = json!({"name": null}).as_object().cloned().unwrap_or_default();
        assert!(partial(&birthdays(), &data, Names::Current, Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_list_is_checked_item_by_item() {
        let mut tags = column("tags", Kind::String { size: 3 }, false);
        tags.array = true;
        assert!(tags.accept(&json!(["a", "bcd"]), Timestamp::UNIX_EPOCH).is_ok());
        assert!(tags.accept(&json!(["abcd"]), Timestamp::UNIX_EPOCH).is_err());
        assert!(tags.accept(&json!("a"), Timestamp::UNIX_EPOCH).is_err());
    }
}
