//! The names of the two APIs: tables, columns and rows; or collections, attributes and documents.

use crate::{ApiError, ErrorKind, Profile, http::Call};

/// Appwrite's advice if an id is taken.
pub const OTHER_ID: &str = "Try again with a different ID or use ID.unique() to generate a unique ID.";

/// The names used by one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// `tablesdb`, since Appwrite 1.8.
    Current,
    /// `databases`.
    Legacy,
}

impl Names {
    /// The names of the API that `call` uses.
    #[must_use]
    pub fn of(call: &Call<'_>) -> Self {
        if call.path.starts_with("/databases") { Self::Legacy } else { Self::Current }
    }

    fn pick<T>(self, current: T, legacy: T) -> T {
        match self {
            Self::Current => current,
            Self::Legacy => legacy,
        }
    }

    /// The list of rows in a body.
    #[must_use]
    pub fn rows(self) -> &'static str {
        self.pick("rows", "documents")
    }

    /// The parameter with a row's id.
    #[must_use]
    pub fn row_id(self) -> &'static str {
        self.pick("rowId", "documentId")
    }

    /// The field with a row's table.
    #[must_use]
    pub fn of_table(self) -> &'static str {
        self.pick("$tableId", "$collectionId")
    }

    /// The parameter with a table's id.
    #[must_use]
    pub fn table_id(self) -> &'static str {
        self.pick("tableId", "collectionId")
    }

    /// The list of tables in a body.
    #[must_use]
    pub fn tables(self) -> &'static str {
        self.pick("tables", "collections")
    }

    /// The list of columns in a body.
    #[must_use]
    pub fn columns(self) -> &'static str {
        self.pick("columns", "attributes")
    }

    /// The key of the column to increment, in an operation.
    #[must_use]
    pub fn column_key(self) -> &'static str {
        self.pick("column", "attribute")
    }

    /// The field with a relationship's other table.
    #[must_use]
    pub fn related(self) -> &'static str {
        self.pick("relatedTable", "relatedCollection")
    }

    /// The parameter with a relationship's other table.
    #[must_use]
    pub fn related_id(self) -> &'static str {
        self.pick("relatedTableId", "relatedCollectionId")
    }

    /// The field for row security.
    #[must_use]
    pub fn row_security(self) -> &'static str {
        self.pick("rowSecurity", "documentSecurity")
    }

    /// The `type` of a database.
    #[must_use]
    pub fn database_type(self) -> &'static str {
        self.pick("tablesdb", "legacy")
    }

    /// 404 for a database.
    #[must_use]
    pub fn no_database(self, id: &str) -> ApiError {
        ApiError::new(ErrorKind::DatabaseNotFound, format!("Database with the requested ID '{id}' could not be found."))
    }

    /// 404 for a table.
    #[must_use]
    pub fn no_table(self, id: &str) -> ApiError {
        let kind = self.pick(ErrorKind::TableNotFound, ErrorKind::CollectionNotFound);
        ApiError::new(
            kind,
            format!("{} with the requested ID '{id}' could not be found.", self.pick("Table", "Collection")),
        )
    }

    /// 409 for a table.
    #[must_use]
    pub fn table_exists(self, id: &str) -> ApiError {
        let kind = self.pick(ErrorKind::TableAlreadyExists, ErrorKind::CollectionAlreadyExists);
        let what = self.pick("table", "collection");
        ApiError::new(kind, format!("A {what} with the requested ID '{id}' already exists. {OTHER_ID}"))
    }

    /// 404 for a row that does not exist or may not be read.
    #[must_use]
    pub fn no_row(self, id: &str) -> ApiError {
        let kind = self.pick(ErrorKind::RowNotFound, ErrorKind::DocumentNotFound);
        ApiError::new(kind, format!("{} with the requested ID '{id}' could not be found.", self.row()))
    }

    /// 409 for a row.
    #[must_use]
    pub fn row_exists(self, id: &str) -> ApiError {
        let kind = self.pick(ErrorKind::RowAlreadyExists, ErrorKind::DocumentAlreadyExists);
        ApiError::new(kind, format!("{} with the requested ID '{id}' already exists. {OTHER_ID}", self.row()))
    }

    /// 400 for data that does not fit the columns.
    #[must_use]
    pub fn invalid_structure(self, why: &str) -> ApiError {
        let kind = self.pick(ErrorKind::RowInvalidStructure, ErrorKind::DocumentInvalidStructure);
        ApiError::new(kind, format!("Invalid document structure: {why}"))
    }

    /// 400 for a new row without data.
    #[must_use]
    pub fn missing_data(self) -> ApiError {
        self.pick(ErrorKind::RowMissingData, ErrorKind::DocumentMissingData).into()
    }

    /// 400 for a new row that lacks another required value.
    #[must_use]
    pub fn missing_data_because(self, why: &str) -> ApiError {
        ApiError::new(self.pick(ErrorKind::RowMissingData, ErrorKind::DocumentMissingData), why)
    }

    /// 400 for an empty update.
    #[must_use]
    pub fn missing_payload(self) -> ApiError {
        self.pick(ErrorKind::RowMissingPayload, ErrorKind::DocumentMissingPayload).into()
    }

    /// 404 for a column.
    #[must_use]
    pub fn no_column(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnNotFound, ErrorKind::AttributeNotFound);
        let what = self.pick("Column", "Attribute");
        ApiError::new(kind, format!("{what} with the requested key '{key}' could not be found."))
    }

    /// 404 for incrementing a missing column or row. Appwrite leaves the placeholders in this message.
    #[must_use]
    pub fn no_counter(self) -> ApiError {
        self.no_column("%s")
    }

    /// 400 for incrementing a column that is not a number; the same under both names.
    #[must_use]
    pub fn no_number(self, key: &str) -> ApiError {
        ApiError::new(
            ErrorKind::AttributeTypeInvalid,
            format!("{} \"{key}\" is not a number", self.pick("column", "attribute")),
        )
    }

    /// 400 for an increment beyond the limit.
    #[must_use]
    pub fn bound_reached(self, key: &str, is_up: bool, bound: &serde_json::Value) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnLimitExceeded, ErrorKind::AttributeLimitExceeded);
        let (what, end) = (self.pick("column", "attribute"), if is_up { "maximum" } else { "minimum" });
        ApiError::new(kind, format!("{what} \"{key}\" has reached the {end} value of {bound}"))
    }

    /// 409 for a column.
    #[must_use]
    pub fn column_exists(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnAlreadyExists, ErrorKind::AttributeAlreadyExists);
        let what = self.pick("Column", "Attribute");
        ApiError::new(
            kind,
            format!(
                "{what} with the requested key '{key}' already exists. {what} keys must be unique, try again with a different key."
            ),
        )
    }

    /// 409 for a second many-to-many relationship of two tables.
    #[must_use]
    pub fn many_to_many_exists(self) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnAlreadyExists, ErrorKind::AttributeAlreadyExists);
        let what = self.pick("table", "collection");
        let why = format!(
            "Creating more than one \"manyToMany\" relationship on the same {what} is currently not permitted."
        );
        ApiError::new(kind, why)
    }

    /// 400 for a bulk write to a table with relationships.
    #[must_use]
    pub fn no_bulk(self, action: &str) -> ApiError {
        let (service, columns) = (self.pick("tablesDB", "databases"), self.pick("columns", "attributes"));
        let columns = if action == "create" { columns } else { "attributes" };
        let why = format!("Bulk {action} is not supported for {service} with relationship {columns}");
        ApiError::new(ErrorKind::GeneralBadRequest, why)
    }

    /// 403 for a row that other rows refer to.
    #[must_use]
    pub fn restricted(self) -> ApiError {
        self.pick(ErrorKind::RowDeleteRestricted, ErrorKind::DocumentDeleteRestricted).into()
    }

    /// 409 for a value that must be unique. Servers before 2 return the error for a taken id.
    #[must_use]
    pub fn not_unique(self, id: &str, profile: Profile) -> ApiError {
        match profile {
            Profile::Two => {
                self.pick(ErrorKind::RowUniqueConstraintViolation, ErrorKind::DocumentUniqueConstraintViolation).into()
            }
            _ => self.row_exists(id),
        }
    }

    /// Returns 400 for a column whose values would no longer fit.
    #[must_use]
    pub fn invalid_resize(self) -> ApiError {
        self.pick(ErrorKind::ColumnInvalidResize, ErrorKind::AttributeInvalidResize).into()
    }

    /// 400 for an index over a relationship.
    #[must_use]
    pub fn relationship_index(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnTypeInvalid, ErrorKind::AttributeTypeInvalid);
        let what = self.pick("column", "attribute");
        ApiError::new(kind, format!("Cannot create an index for a relationship {what}: {key}"))
    }

    /// 400 for a column that the existing rows do not allow.
    #[must_use]
    pub fn unfit_column(self, why: &str) -> ApiError {
        ApiError::new(self.pick(ErrorKind::RowInvalidStructure, ErrorKind::DocumentInvalidStructure), why)
    }

    /// 400 for an invalid value of a column.
    #[must_use]
    pub fn invalid_value(self, why: &str) -> ApiError {
        ApiError::new(self.pick(ErrorKind::ColumnValueInvalid, ErrorKind::AttributeValueInvalid), why)
    }

    /// 404 for an index.
    #[must_use]
    pub fn no_index(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnIndexNotFound, ErrorKind::IndexNotFound);
        ApiError::new(kind, format!("Index with the requested key '{key}' could not be found."))
    }

    /// 409 for an index.
    #[must_use]
    pub fn index_exists(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnIndexAlreadyExists, ErrorKind::IndexAlreadyExists);
        ApiError::new(
            kind,
            format!("Index with the requested key '{key}' already exists. Try again with a different key."),
        )
    }

    /// 400 for an invalid index.
    #[must_use]
    pub fn invalid_index(self, why: impl Into<String>) -> ApiError {
        ApiError::new(self.pick(ErrorKind::ColumnIndexInvalid, ErrorKind::IndexInvalid), why)
    }

    /// 409 for a row that was changed after the client had read it.
    #[must_use]
    pub fn row_is_newer(self) -> ApiError {
        self.pick(ErrorKind::RowUpdateConflict, ErrorKind::DocumentUpdateConflict).into()
    }

    /// 400 for a cursor without a value in the order's column.
    #[must_use]
    pub fn order_null(self, name: &str) -> ApiError {
        let (rows, column) = (self.rows(), self.pick("column", "attribute"));
        ApiError::new(
            ErrorKind::DatabaseQueryOrderNull,
            format!(
                "The order {column} '{name}' had a null value. Cursor pagination requires all {rows} order {column} values are non-null."
            ),
        )
    }

    /// 400 for a default on a column that cannot have one.
    #[must_use]
    pub fn default_unsupported(self) -> ApiError {
        self.pick(ErrorKind::ColumnDefaultUnsupported, ErrorKind::AttributeDefaultUnsupported).into()
    }

    /// 400 for an index over a missing column.
    #[must_use]
    pub fn unknown_column(self, key: &str) -> ApiError {
        let kind = self.pick(ErrorKind::ColumnUnknown, ErrorKind::AttributeUnknown);
        let what = self.pick("column", "attribute");
        ApiError::new(
            kind,
            format!(
                "The {what} '{key}' required for the index could not be found. Please confirm all your {what}s are in the available state."
            ),
        )
    }

    /// `Table` or `Collection`.
    #[must_use]
    pub fn table(self) -> &'static str {
        self.pick("Table", "Collection")
    }

    /// `Column` or `Attribute`.
    #[must_use]
    pub fn column(self) -> &'static str {
        self.pick("Column", "Attribute")
    }

    /// `Row` or `Document`.
    #[must_use]
    pub fn row(self) -> &'static str {
        self.pick("Row", "Document")
    }
}
