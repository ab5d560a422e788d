//! Creates, lists and deletes columns. A new one works at once, although its response says `processing`.

use serde_json::Value;

use super::{
    cells::{Column, Kind},
    indexes, lookup,
    names::Names,
    objects, relations, row, schema,
};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply, params::Params},
};

/// The kinds of columns, by their names in paths.
pub const COLUMN_KINDS: &[&str] = &[
    "string",
    "varchar",
    "text",
    "mediumtext",
    "longtext",
    "integer",
    "bigint",
    "float",
    "boolean",
    "datetime",
    "email",
    "enum",
    "ip",
    "url",
    "point",
    "line",
    "polygon",
];

/// `POST …/columns/:type` and its old name.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    // Here, the path's `key` is the column's type. The column's key is in the body, which the path would override.
    let kind_name = call.params.text("key", 1, 128)?;
    if kind_name == "relationship" {
        return relations::create(call);
    }
    let key = call.params.sent_key("key")?;
    let required = call.params.boolean("required")?;
    let column = column(call, names, call.params, (key, &kind_name, required))?;
    let is_spatial = column.kind.shape().is_some();
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        if table.columns.iter().any(|own| own.key.eq_ignore_ascii_case(&column.key)) {
            return Err(names.column_exists(&column.key));
        }
        if is_spatial && required && row::count(changes, &table)? > 0 {
            let why = "Failed to add required spatial column: existing rows present. Make the column optional.";
            return Err(names.unfit_column(why));
        }
        table.columns.push(column.clone());
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(column.wire(names, "processing")))
    })
}

/// The column with these parameters.
fn column(
    call: &Call<'_>,
    names: Names,
    params: &Params,
    (key, kind_name, required): (String, &str, bool),
) -> Result<Column, ApiError> {
    let kind = kind(kind_name, params, call.profile(), names)?;
    let array = kind.shape().is_none() && params.boolean_or("array", false)?;
    let encrypt = encrypt(&kind, params)?;
    let mut column = Column { required, encrypt, ..Column::listed(&key, kind, call.now) };
    let default = params.raw("default").map(|value| default_of(&column, value, names, call));
    let is_given = default.is_some();
    // Appwrite checks a default's type and format first, and its bounds last.
    let default = match default.transpose() {
        Err(error) if error.kind != ErrorKind::GeneralArgumentInvalid && (required || array) => None,
        default => default?,
    };
    if is_given && (required || array) {
        return Err(names.default_unsupported());
    }
    (column.array, column.default) = (array, default);
    Ok(column)
}

/// Reads `encrypt`, which text columns have.
fn encrypt(kind: &Kind, params: &Params) -> Result<bool, ApiError> {
    const LEAST: usize = 150;
    let size = match kind {
        Kind::String { size } | Kind::Varchar { size } => *size,
        Kind::Text | Kind::Mediumtext | Kind::Longtext => LEAST,
        _ => return Ok(false),
    };
    let encrypt = params.boolean_or("encrypt", false)?;
    if encrypt && size < LEAST {
        let why = format!("Size too small. Encrypted strings require a minimum size of {LEAST} characters.");
        return Err(ApiError::new(ErrorKind::GeneralBadRequest, why));
    }
    Ok(encrypt)
}

/// The columns that a new table brings.
///
/// # Errors
/// When one is invalid, or is a relationship.
pub(super) fn of_new_table(call: &Call<'_>) -> Result<Vec<Column>, ApiError> {
    let names = Names::of(call);
    let mut columns: Vec<Column> = Vec::new();
    for params in objects::definitions(call, names.columns())? {
        let key = params.sent_key("key")?;
        let refused = |why: String| Err(ApiError::new(ErrorKind::GeneralArgumentInvalid, why));
        if columns.iter().any(|own| own.key.eq_ignore_ascii_case(&key)) {
            return refused(format!("Duplicate attribute key: {key}"));
        }
        let (kind, format) = (params.text("type", 1, 128)?, params.optional_text("format", 0, 128)?);
        let kind = match (kind.as_str(), format.as_deref().unwrap_or("")) {
            ("relationship", _) => {
                let why =
                    "Relationship attributes cannot be created inline. Use the create relationship endpoint instead.";
                return refused(why.to_owned());
            }
            ("double", _) => "float",
            ("linestring", _) => "line",
            ("float" | "line", _) => "",
            ("string" | "varchar", format @ ("email" | "enum" | "ip" | "url")) => format,
            (kind, _) => kind,
        };
        let required = params.boolean_or("required", false)?;
        let made = column(call, names, &params, (key.clone(), kind, required));
        if made.as_ref().is_err_and(|error| error.kind == ErrorKind::GeneralRouteNotFound) {
            return refused(format!("Invalid type for attribute '{key}': {kind}"));
        }
        columns.push(made?);
    }
    Ok(columns)
}

/// A default of another type is an invalid argument; one outside the column's bounds is an invalid value.
pub(super) fn default_of(column: &Column, value: &Value, names: Names, call: &Call<'_>) -> Result<Value, ApiError> {
    let is_of_type = match column.kind {
        Kind::Integer { .. } | Kind::Bigint { .. } => value.is_i64(),
        Kind::Double { .. } => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        _ => value.is_string(),
    };
    column.accept(value, call.now).map_err(|why| match &column.kind {
        Kind::Enum { .. } if is_of_type => names.invalid_value("Default value not found in elements"),
        Kind::Datetime | Kind::Email | Kind::Ip | Kind::Url | Kind::Point | Kind::Linestring | Kind::Polygon => {
            bad_default(&why)
        }
        _ if is_of_type => names.invalid_value(why.split_once(". ").map_or(why.as_str(), |(_, why)| why)),
        _ => bad_default(&why),
    })
}

fn bad_default(why: &str) -> ApiError {
    ApiError::invalid_param("default", why.split_once(". ").map_or(why, |(_, why)| why))
}

fn kind(name: &str, params: &Params, profile: Profile, names: Names) -> Result<Kind, ApiError> {
    if profile < since(name) {
        return Err(ErrorKind::GeneralRouteNotFound.into());
    }
    Ok(match name {
        "string" => Kind::String { size: size(params, 1_073_741_824)? },
        "varchar" => Kind::Varchar { size: size(params, 16_381)? },
        "text" => Kind::Text,
        "mediumtext" => Kind::Mediumtext,
        "longtext" => Kind::Longtext,
        "integer" => {
            let bound = |name| params.optional_integer(name);
            let (min, max) = (bound("min")?.unwrap_or(i64::MIN), bound("max")?.unwrap_or(i64::MAX));
            check_bounds(min <= max, names)?;
            Kind::Integer { min, max }
        }
        "float" => {
            let (min, max) = (number(params, "min", f64::MIN)?, number(params, "max", f64::MAX)?);
            check_bounds(min <= max, names)?;
            Kind::Double { min, max }
        }
        "bigint" => {
            let bound = |name| params.optional_integer(name);
            let (min, max) = (bound("min")?.unwrap_or(i64::MIN), bound("max")?.unwrap_or(i64::MAX));
            check_bounds(min <= max, names)?;
            Kind::Bigint { min, max }
        }
        "point" => Kind::Point,
        "line" => Kind::Linestring,
        "polygon" => Kind::Polygon,
        "boolean" => Kind::Boolean,
        "datetime" => Kind::Datetime,
        "email" => Kind::Email,
        "ip" => Kind::Ip,
        "url" => Kind::Url,
        "enum" => Kind::Enum { elements: params.required_texts("elements", 100, 255)? },
        _ => return Err(ErrorKind::GeneralRouteNotFound.into()),
    })
}

/// The first profile that has columns of this kind.
pub(super) fn since(name: &str) -> Profile {
    match name {
        "point" | "line" | "polygon" => Profile::OneEight,
        "varchar" | "text" | "mediumtext" | "longtext" | "bigint" => Profile::OneNine,
        _ => Profile::OneFive,
    }
}

pub(super) fn check_bounds(is_good: bool, names: Names) -> Result<(), ApiError> {
    if is_good { Ok(()) } else { Err(names.invalid_value("Minimum value must be lesser than maximum value")) }
}

fn size(params: &Params, most: i64) -> Result<usize, ApiError> {
    Ok(usize::try_from(params.range("size", 1, most)?).unwrap_or(usize::MAX))
}

pub(super) fn number(params: &Params, name: &str, default: f64) -> Result<f64, ApiError> {
    match params.raw(name) {
        None => Ok(default),
        Some(value) => value.as_f64().ok_or_else(|| ApiError::invalid_param(name, "Value must be a valid float")),
    }
}

/// `GET …/columns` and its old name.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let table = call.state.store().read(|db| schema::requested_table(db, call))?;
    let names = Names::of(call);
    let wires: Vec<Value> = table.visible().map(|column| column.wire(names, "available")).collect();
    let fields = [
        objects::text(call, "key"),
        objects::text(call, "type"),
        objects::number(call, "size"),
        objects::field(call, "required", Kind::Boolean),
        objects::field(call, "array", Kind::Boolean),
        objects::text(call, "status"),
        objects::text(call, "error"),
    ];
    objects::page_by_key(call, wires, &fields, names.column(), names.columns())
}

/// `GET …/columns/:key` and its old name.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    let table = call.state.store().read(|db| schema::requested_table(db, call))?;
    let column = table
        .visible()
        .find(|column| column.key.eq_ignore_ascii_case(&key))
        .ok_or_else(|| Names::of(call).no_column(&key))?;
    Ok(Reply::ok(column.wire(Names::of(call), "available")))
}

/// `DELETE …/columns/:key` and its old name. Also deletes the rows' values.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        let found = table.visible().find(|column| column.key.eq_ignore_ascii_case(&key)).cloned();
        let column = found.ok_or_else(|| Names::of(call).no_column(&key))?;
        table.columns.retain(|own| own.key != column.key);
        indexes::forget_column(changes, &mut table, &column.key)?;
        lookup::fill(changes, &mut table)?;
        if let Some(relationship) = column.relationship() {
            relations::remove_other_side(changes, &mut table, relationship)?;
        }
        schema::keep_table(changes, &table)?;
        row::forget_values(changes, &table, &column.key)?;
        Ok(Reply::empty())
    })
}
