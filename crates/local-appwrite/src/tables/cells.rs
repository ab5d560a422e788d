//! Columns, and the validation of their values.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{dates, names::Names, numbers::php_number, relationship::Relationship, spatial::Shape};
use crate::{
    ApiError, clock,
    http::{forms::is_email, params::grouped},
};

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Kind {
    /// Text of at most `size` characters.
    String {
        /// The maximum length in characters.
        size: usize,
    },
    /// A short string, stored in the row itself.
    Varchar {
        /// The maximum length in characters.
        size: usize,
    },
    /// Text of at most 65,535 characters.
    Text,
    /// Text of at most 16,777,215 characters.
    Mediumtext,
    /// Text of at most 4,294,967,295 characters.
    Longtext,
    /// A whole number.
    Integer {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// A number.
    Double {
        /// The minimum.
        min: f64,
        /// The maximum.
        max: f64,
    },
    /// True or false.
    Boolean,
    /// A point in time.
    Datetime,
    /// An email address.
    Email,
    /// One of the listed strings.
    Enum {
        /// The allowed strings.
        elements: Vec<String>,
    },
    /// An IP address.
    Ip,
    /// A URL.
    Url,
    /// A whole number of 64 bits.
    Bigint {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// A point, for instance a place.
    Point,
    /// A line of points.
    Linestring,
    /// A polygon.
    Polygon,
    /// Rows of another table.
    Relationship(Relationship),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub key: String,
    /// The type.
    pub kind: Kind,
    /// True if each row must have a value.
    pub required: bool,
    /// True if it holds a list.
    pub array: bool,
    /// The default value.
    pub default: Option<Value>,
    /// True if its values are encrypted. This backend does not encrypt them, but refuses queries on them like Appwrite.
    #[serde(default)]
    pub encrypt: bool,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl Column {
    /// A field for queries on a list of users, teams or buckets.
    #[must_use]
    pub fn listed(key: &str, kind: Kind, now: Timestamp) -> Self {
        Self {
            key: key.to_owned(),
            kind,
            required: false,
            array: false,
            default: None,
            encrypt: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// The column in Appwrite's format. `status` is `processing` for a new one.
    #[must_use]
    pub fn wire(&self, names: Names, status: &str) -> Value {
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
            Kind::String { size } | Kind::Varchar { size } => {
                wire["size"] = (*size).into();
                wire["encrypt"] = self.encrypt.into();
            }
            Kind::Text | Kind::Mediumtext | Kind::Longtext => wire["encrypt"] = self.encrypt.into(),
            Kind::Integer { min, max } | Kind::Bigint { min, max } => {
                wire["min"] = (*min).into();
                wire["max"] = (*max).into();
            }
            Kind::Double { min, max } => {
                wire["min"] = (*min).into();
                wire["max"] = (*max).into();
            }
            Kind::Boolean | Kind::Point | Kind::Linestring | Kind::Polygon => {}
            Kind::Relationship(relationship) => {
                wire[names.related()] = relationship.related.clone().into();
                wire["relationType"] = relationship.relation_name().into();
                wire["twoWay"] = relationship.two_way.into();
                wire["twoWayKey"] = relationship.two_way_key.clone().into();
                wire["onDelete"] = relationship.effect_name().into();
                wire["side"] = if relationship.is_child { "child" } else { "parent" }.into();
                return wire;
            }
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

    /// The relationship, if the column is one.
    #[must_use]
    pub fn relationship(&self) -> Option<&Relationship> {
        match &self.kind {
            Kind::Relationship(relationship) => Some(relationship),
            _ => None,
        }
    }

    /// Returns true unless it is the hidden side of a relationship.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.relationship().is_none_or(|relationship| !relationship.is_hidden())
    }

    /// Returns true if the column is part of a row that is read without related rows.
    #[must_use]
    pub fn is_in_rows(&self) -> bool {
        self.relationship().is_none_or(Relationship::keeps_id)
    }

    /// Validates a value and converts it to its stored form.
    ///
    /// # Errors
    /// Appwrite's message if the column refuses the value.
    pub fn accept(&self, value: &Value, now: Timestamp) -> Result<Value, String> {
        match (self.array, value) {
            (true, Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.accept_one(&format!("{}['{index}']", self.key), item, now))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array),
            // PHP does not distinguish an empty object and an empty list.
            (true, Value::Object(fields)) if fields.is_empty() => Ok(json!([])),
            (true, _) => Err(format!("Attribute \"{}\" must be an array", self.key)),
            (false, _) => self.accept_one(&self.key, value, now),
        }
    }

    fn accept_one(&self, name: &str, value: &Value, now: Timestamp) -> Result<Value, String> {
        self.kind.accept(value, now).map_err(|(what, why)| format!("Attribute \"{name}\" has invalid {what}. {why}"))
    }

    /// The stored value of a column without a value, or with null.
    #[must_use]
    pub fn absent(&self) -> Value {
        match &self.default {
            Some(default) => default.clone(),
            None if self.array => json!([]),
            None => Value::Null,
        }
    }

    /// A stored value in the format of responses, where a list is never null.
    #[must_use]
    pub fn shown(&self, kept: Option<&Value>) -> Value {
        match kept {
            None | Some(Value::Null) if self.array => json!([]),
            None => Value::Null,
            Some(value) => value.clone(),
        }
    }
}

/// An invalid value: `type` or `format`, and the message.
type Fault = (&'static str, String);

const DATES: &str = "Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.";

impl Kind {
    /// The `type` of a column.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String { .. } | Self::Email | Self::Enum { .. } | Self::Ip | Self::Url => "string",
            Self::Varchar { .. } => "varchar",
            Self::Text => "text",
            Self::Mediumtext => "mediumtext",
            Self::Longtext => "longtext",
            Self::Integer { .. } => "integer",
            Self::Double { .. } => "double",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Bigint { .. } => "bigint",
            Self::Point | Self::Linestring | Self::Polygon => self.shape().map_or("", Shape::name),
            Self::Relationship(_) => "relationship",
        }
    }

    /// The kind of geometry in the column, if any.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        match self {
            Self::Point => Some(Shape::Point),
            Self::Linestring => Some(Shape::Line),
            Self::Polygon => Some(Shape::Polygon),
            _ => None,
        }
    }

    /// Returns true if queries compare its values as strings.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.size().is_some()
    }

    /// The maximum length of a text, in characters.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        match self {
            Self::String { size } | Self::Varchar { size } => Some(*size),
            Self::Text => Some(65_535),
            Self::Mediumtext => Some(16_777_215),
            Self::Longtext => Some(4_294_967_295),
            Self::Email => Some(254),
            Self::Enum { .. } => Some(255),
            Self::Ip => Some(39),
            Self::Url => Some(2_000),
            _ => None,
        }
    }

    fn accept(&self, value: &Value, now: Timestamp) -> Result<Value, Fault> {
        match self {
            Self::Boolean if value.is_boolean() => Ok(value.clone()),
            Self::Boolean => Err(("type", "Value must be a valid boolean".to_owned())),
            Self::Datetime => value
                .as_str()
                .and_then(|text| dates::parse(text, now))
                .map(|date| dates::wire(date).into())
                .ok_or_else(|| ("type", DATES.to_owned())),
            Self::Integer { min, max } => whole(value, *min, *max),
            Self::Double { min, max } => number(value, *min, *max),
            Self::Bigint { min, max } => big(value, *min, *max),
            // Relations are stored together with the related rows.
            Self::Relationship(_) => Ok(Value::Null),
            _ => match self.shape() {
                Some(shape) => shape.accept(value).map_err(|why| ("type", why)),
                None => self.accept_text(value),
            },
        }
    }

    fn accept_text(&self, value: &Value) -> Result<Value, Fault> {
        let size = self.size().unwrap_or(0);
        let Some(text) = value.as_str().filter(|text| text.chars().count() <= size) else {
            let what = if self.is_formatted() { "format" } else { "type" };
            return Err((what, format!("Value must be a valid string and no longer than {size} chars")));
        };
        let why = match self {
            Self::Email if !is_email(text.trim()) => "Value must be a valid email address".to_owned(),
            Self::Enum { elements } if !elements.iter().any(|element| element == text) => {
                format!("Value must be one of ({})", elements.join(", "))
            }
            Self::Ip if text.parse::<std::net::IpAddr>().is_err() => "Value must be a valid IP address".to_owned(),
            Self::Url if !is_url(text) => "Value must be a valid URL".to_owned(),
            _ => return Ok(value.clone()),
        };
        Err(("format", why))
    }

    fn is_formatted(&self) -> bool {
        matches!(self, Self::Email | Self::Enum { .. } | Self::Ip | Self::Url)
    }

    /// The column's part of a table's 65,535 bytes, roughly as MariaDB counts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::String { size } if *size > 16_383 => 20,
            Self::String { size } | Self::Varchar { size } => size * 4 + 2,
            Self::Text | Self::Mediumtext | Self::Longtext => 20,
            Self::Integer { .. } | Self::Double { .. } | Self::Datetime | Self::Bigint { .. } => 8,
            Self::Relationship(_) => 1_021,
            Self::Point | Self::Linestring | Self::Polygon => 20,
            Self::Boolean => 1,
            Self::Email | Self::Enum { .. } => 1_022,
            Self::Ip => 158,
            Self::Url => 8_002,
        }
    }
}

/// Parses a whole number, which may be a string.
fn big(value: &Value, min: i64, max: i64) -> Result<Value, Fault> {
    let Some(number) = value.as_i64().or_else(|| value.as_str()?.parse().ok()) else {
        let why = "Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807";
        return Err(("format", why.to_owned()));
    };
    if (min..=max).contains(&number) {
        return Ok(number.into());
    }
    Err(("format", format!("Value must be a valid range between {} and {}", grouped(min), grouped(max))))
}

fn whole(value: &Value, min: i64, max: i64) -> Result<Value, Fault> {
    let is_small = max <= i64::from(i32::MAX);
    let number = value.as_i64().filter(|number| !is_small || i32::try_from(*number).is_ok());
    let Some(number) = number else {
        let (bits, least, most) = if is_small {
            (32, "-2,147,483,648", "2,147,483,647")
        } else {
            (64, "-9,223,372,036,854,775,808", "9,223,372,036,854,775,808")
        };
        return Err(("format", format!("Value must be a valid signed {bits}-bit integer between {least} and {most}")));
    };
    // Excludes PHP's smallest integer, because PHP converts the limits to integers.
    let min = min.max(-i64::MAX);
    if (min..=max).contains(&number) {
        return Ok(number.into());
    }
    Err(("format", format!("Value must be a valid range between {} and {}", grouped(min), grouped(max))))
}

#[expect(clippy::cast_possible_truncation, reason = "only for a message that tells a bound in whole numbers")]
fn number(value: &Value, min: f64, max: f64) -> Result<Value, Fault> {
    let Some(number) = value.as_f64() else {
        return Err(("format", "Value must be a valid float".to_owned()));
    };
    if (min..=max).contains(&number) {
        return Ok(php_number(number));
    }
    let (min, max) = (grouped(min.round() as i64), grouped(max.round() as i64));
    Err(("format", format!("Value must be a valid range between {min} and {max}")))
}

/// Follows PHP's `FILTER_VALIDATE_URL`: a scheme and a host, in ASCII, without spaces.
fn is_url(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain
        && text.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty())
        && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

/// Names that a row's data may contain, although they are not columns.
const OWN: &[&str] = &[
    "$id",
    "$sequence",
    "$createdAt",
    "$updatedAt",
    "$permissions",
    "$databaseId",
    "$tableId",
    "$collectionId",
    "$tenant",
    "$version",
];

/// Returns true for a name that a row's data may contain, although it is not a column.
#[must_use]
pub fn is_own(key: &str) -> bool {
    OWN.contains(&key)
}

/// The data of a new row: every column has a value or null.
///
/// # Errors
/// `row_invalid_structure`: first for missing columns, then unknown ones, then invalid values.
pub fn complete(
    columns: &[Column],
    data: &Map<String, Value>,
    names: Names,
    now: Timestamp,
) -> Result<Map<String, Value>, ApiError> {
    for column in columns.iter().filter(|column| column.required) {
        if data.get(&column.key).is_none_or(Value::is_null) {
            return Err(missing(column, names));
        }
    }
    let mut accepted = partial(columns, data, names, now)?;
    for column in columns.iter().filter(|column| column.is_in_rows()) {
        accepted.entry(column.key.clone()).or_insert_with(|| column.absent());
    }
    Ok(accepted)
}

/// Returns every mistake in a row, each with its column.
pub fn faults(columns: &[Column], data: &Map<String, Value>, now: Timestamp) -> Vec<(String, ApiError)> {
    let of = |known: &[Column], key: &String| {
        let own = data.iter().filter(|(own, _)| *own == key).map(|(key, value)| (key.clone(), value.clone())).collect();
        complete(known, &own, Names::Current, now).err().map(|error| (key.clone(), error))
    };
    let unknown = data.keys().filter(|key| !columns.iter().any(|column| column.key == **key));
    let known = columns.iter().filter_map(|column| of(std::slice::from_ref(column), &column.key));
    known.chain(unknown.filter_map(|key| of(&[], key))).collect()
}

fn missing(column: &Column, names: Names) -> ApiError {
    names.invalid_structure(&format!("Missing required attribute \"{}\"", column.key))
}

/// The data of an update: only the given columns. Null means the column's default.
///
/// # Errors
/// As [`complete`], but only null is missing.
pub fn partial(
    columns: &[Column],
    data: &Map<String, Value>,
    names: Names,
    now: Timestamp,
) -> Result<Map<String, Value>, ApiError> {
    let own = || data.iter().filter(|(key, _)| !is_own(key));
    let find = |key: &str| columns.iter().find(|column| column.key == key);
    let is_emptied = |column: &&Column| column.required && data.get(&column.key).is_some_and(Value::is_null);
    if let Some(column) = columns.iter().find(is_emptied) {
        return Err(missing(column, names));
    }
    if let Some((key, _)) = own().find(|(key, _)| find(key).is_none()) {
        return Err(names.invalid_structure(&format!("Unknown attribute: \"{key}\"")));
    }
    own()
        .filter_map(|(key, value)| find(key).map(|column| (column, value)))
        .filter(|(column, _)| column.relationship().is_none())
        .map(|(column, value)| {
            let value = match value {
                Value::Null => column.absent(),
                value => column.accept(value, now).map_err(|why| names.invalid_structure(&why))?,
            };
            Ok((column.key.clone(), value))
        })
        .collect()
}

/// One of the row's own dates, which an API key may set.
///
/// # Errors
/// `row_invalid_structure` when it is not a date.
pub fn own_date(
    data: &Map<String, Value>,
    name: &str,
    names: Names,
    now: Timestamp,
) -> Result<Option<Timestamp>, ApiError> {
    let Some(value) = data.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let date = value.as_str().and_then(|text| dates::parse(text, now)?.to_zoned(TimeZone::UTC).ok());
    date.map(|date| Some(date.timestamp()))
        .ok_or_else(|| names.invalid_structure(&format!("Attribute \"{name}\" has invalid type. {DATES}")))
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
            encrypt: false,
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

    fn refusal(kind: Kind, value: Value) -> String {
        column("x", kind, false).accept(&value, Timestamp::UNIX_EPOCH).expect_err("a refusal")
    }

    #[test]
    fn row_has_every_column_and_uniform_dates() {
        let row = check(json!({"name": "Kevin", "birthday": "2012-02-03"})).expect("a row");
        assert_eq!(
            Value::Object(row),
            json!({"name": "Kevin", "birthday": "2012-02-03T00:00:00.000+00:00", "note": null})
        );
    }

    #[test]
    fn errors_match_the_recordings() {
        assert_eq!(
            check(json!({"name": "x"})),
            Err("Invalid document structure: Missing required attribute \"birthday\"".to_owned())
        );
        for unknown in ["zzz", "$zzz"] {
            assert_eq!(
                check(json!({"name": "x", "birthday": "2012-02-03", unknown: 1})),
                Err(format!("Invalid document structure: Unknown attribute: \"{unknown}\""))
            );
        }
        assert_eq!(
            check(json!({"name": "x".repeat(129), "birthday": "2012-02-03"})),
            Err("Invalid document structure: Attribute \"name\" has invalid type. Value must be a valid string and no longer than 128 chars".to_owned())
        );
    }

    #[test]
    fn required_column_cannot_be_emptied() {
        let data = json!({"name": null}).as_object().cloned().unwrap_or_default();
        let refused = partial(&birthdays(), &data, Names::Current, Timestamp::UNIX_EPOCH).expect_err("a refusal");
        assert_eq!(refused.message, "Invalid document structure: Missing required attribute \"name\"");
    }

    #[test]
    fn null_becomes_default_and_lists_are_never_null() {
        let mut columns = vec![column("word", Kind::String { size: 9 }, false), column("tags", Kind::Text, false)];
        columns[0].default = Some("hey".into());
        columns[1].array = true;
        let data = json!({"word": null, "tags": null}).as_object().cloned().unwrap_or_default();
        for read in [complete, partial] {
            let row = read(&columns, &data, Names::Current, Timestamp::UNIX_EPOCH).expect("a row");
            assert_eq!(Value::Object(row), json!({"word": "hey", "tags": []}));
        }
        assert_eq!(columns[1].shown(None), json!([]));
    }

    #[test]
    fn list_is_checked_item_by_item() {
        let mut tags = column("tags", Kind::String { size: 3 }, false);
        tags.array = true;
        assert!(tags.accept(&json!(["a", "bcd"]), Timestamp::UNIX_EPOCH).is_ok());
        assert_eq!(
            tags.accept(&json!(["a", "abcd"]), Timestamp::UNIX_EPOCH),
            Err("Attribute \"tags['1']\" has invalid type. Value must be a valid string and no longer than 3 chars"
                .to_owned())
        );
        assert!(tags.accept(&json!("a"), Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn number_errors_have_appwrites_message() {
        let small = Kind::Integer { min: -10, max: 1000 };
        assert!(refusal(small.clone(), json!(1001)).ends_with("Value must be a valid range between -10 and 1,000"));
        assert!(refusal(small, json!("5")).contains("has invalid format. Value must be a valid signed 32-bit integer"));
        let float = Kind::Double { min: -1.5, max: 99.5 };
        assert!(refusal(float.clone(), json!(99.6)).ends_with("Value must be a valid range between -2 and 100"));
        assert!(refusal(float, json!("1.5")).ends_with("Value must be a valid float"));
    }

    #[test]
    fn url_without_a_host_is_refused() {
        for bad in ["x", "//x.y", "javascript:alert(1)", "http://a b", ""] {
            assert!(refusal(Kind::Url, json!(bad)).ends_with("Value must be a valid URL"), "{bad}");
        }
        assert!(column("u", Kind::Url, false).accept(&json!("https://a.test/x?y"), Timestamp::UNIX_EPOCH).is_ok());
    }
}
