//! Creates databases, tables, columns and indexes with the API key.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    call::{Call, Credential},
    capabilities::Names,
    error::AppwriteError,
    id::checked_id,
    model::{ColumnList, ColumnState, IndexList, IndexState, TableState},
    permission::{Permission, to_wire},
    project::Appwrite,
};

/// The polling interval while Appwrite creates columns or indexes.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Creates databases, tables, columns and indexes with the API key. It needs the scopes `databases.*`, `tables.*`,
/// `columns.*` and `indexes.*` (before 1.8 `collections.*` and `attributes.*`); each method names its own.
#[derive(Debug, Clone)]
pub struct TablesClient {
    pub(super) appwrite: Appwrite,
}

/// The result of creating an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Created now.
    Created,
    /// It already existed and is unchanged.
    AlreadyThere,
}

/// A column to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// The name.
    pub key: &'a str,
    /// The type.
    pub kind: ColumnKind,
    /// True if each row must have a value.
    pub required: bool,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text of at most `size` characters.
    Text {
        /// The maximum length.
        size: u32,
    },
    /// An integer.
    Integer,
    /// A floating-point number.
    Float,
    /// True or false.
    Boolean,
    /// A date and time.
    Datetime,
}

/// An index to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index<'a> {
    /// The name.
    pub key: &'a str,
    /// Appwrite's kind: `key`, `unique` or `fulltext`.
    pub kind: &'a str,
    /// The indexed columns.
    pub columns: &'a [&'a str],
}

/// The reason why columns or indexes did not become available.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// Appwrite returned an error or was unreachable.
    #[error(transparent)]
    Appwrite(#[from] AppwriteError),
    /// Appwrite failed to create one.
    #[error("Appwrite could not make the {what} {key}; delete it in the console and start again")]
    Failed {
        /// `column` or `index`.
        what: &'static str,
        /// The name.
        key: String,
    },
    /// The time limit passed.
    #[error("Appwrite has not finished in time: {what} {}; start again later", keys.join(", "))]
    NotInTime {
        /// `column` or `index`.
        what: &'static str,
        /// The names of the missing ones.
        keys: Vec<String>,
    },
}

impl Appwrite {
    /// Returns a client that creates databases, tables and columns (scopes `databases.*`, `tables.*`, `columns.*`).
    pub fn tables(&self) -> TablesClient {
        TablesClient { appwrite: self.clone() }
    }
}

impl TablesClient {
    /// Creates a database (`POST /tablesdb`, scope `databases.write`).
    pub async fn create_database(&self, id: &str, name: &str) -> Result<Creation, AppwriteError> {
        let body = json!({ "databaseId": checked_id(id)?, "name": name });
        self.create(&[], body, |body, _| body).await
    }

    /// Creates a table (`POST /tablesdb/:db/tables`, scope `tables.write`). With row security, each row also has its
    /// own permissions.
    pub async fn create_table(
        &self,
        database: &str,
        id: &str,
        name: &str,
        permissions: &[Permission],
        row_security: bool,
    ) -> Result<Creation, AppwriteError> {
        let body = json!({ "name": name, "permissions": to_wire(permissions)? });
        let id = checked_id(id)?;
        self.create(&[Part::Id(database), Part::Tables], body, |mut body, names| {
            let id_key = match names {
                Names::New => "tableId",
                Names::Old => "collectionId",
            };
            body[id_key] = json!(id);
            body[row_security_key(names)] = json!(row_security);
            body
        })
        .await
    }

    /// Creates a column (`POST /tablesdb/:db/tables/:t/columns/:kind`, scope `columns.write`). It becomes available
    /// later: see [`wait_for_columns`](Self::wait_for_columns).
    pub async fn create_column(
        &self,
        database: &str,
        table: &str,
        column: Column<'_>,
    ) -> Result<Creation, AppwriteError> {
        let mut body = json!({ "key": column.key, "required": column.required });
        let kind = match column.kind {
            ColumnKind::Text { size } => {
                body["size"] = json!(size);
                "string"
            }
            ColumnKind::Integer => "integer",
            ColumnKind::Float => "float",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Datetime => "datetime",
        };
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Columns, Part::Word(kind)];
        self.create(&path, body, |body, _| body).await
    }

    /// Updates a table's permissions and row security (`PUT /tablesdb/:db/tables/:t`, scope `tables.write`).
    pub async fn update_table(
        &self,
        database: &str,
        id: &str,
        name: &str,
        permissions: &[Permission],
        row_security: bool,
    ) -> Result<(), AppwriteError> {
        let body = json!({ "name": name, "permissions": to_wire(permissions)? });
        let path = [Part::Id(database), Part::Tables, Part::Id(id)];
        self.negotiate(Method::PUT, &path, |call, names| {
            let mut body = body.clone();
            body[row_security_key(names)] = json!(row_security);
            call.json(body).done()
        })
        .await
    }

    /// Creates an index (`POST /tablesdb/:db/tables/:t/indexes`, scope `indexes.write`). It becomes available later:
    /// see [`wait_for_indexes`](Self::wait_for_indexes).
    pub async fn create_index(&self, database: &str, table: &str, index: Index<'_>) -> Result<Creation, AppwriteError> {
        let body = json!({ "key": index.key, "type": index.kind });
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Word("indexes")];
        self.create(&path, body, |mut body, names| {
            body[Part::Columns.named(names)] = json!(index.columns);
            body
        })
        .await
    }

    /// True if a database with this id exists (`GET /tablesdb/:db`, scope `databases.read`).
    pub async fn has_database(&self, id: &str) -> Result<bool, AppwriteError> {
        let found = self.negotiate(Method::GET, &[Part::Id(id)], |call, _| call.may_be_missing().done()).await;
        Ok(there(found)?.is_some())
    }

    /// Returns the table with this id, if it exists (`GET /tablesdb/:db/tables/:t`, scope `tables.read`).
    pub async fn table(&self, database: &str, id: &str) -> Result<Option<TableState>, AppwriteError> {
        let path = [Part::Id(database), Part::Tables, Part::Id(id)];
        there(self.negotiate(Method::GET, &path, |call, _| call.may_be_missing().receive()).await)
    }

    /// Returns the columns of a table (`GET /tablesdb/:db/tables/:t/columns`, scope `columns.read`).
    pub async fn columns(&self, database: &str, table: &str) -> Result<Vec<ColumnState>, AppwriteError> {
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Columns];
        let list: ColumnList = self.negotiate(Method::GET, &path, |call, _| call.receive()).await?;
        Ok(list.columns)
    }

    /// Returns the indexes of a table (`GET /tablesdb/:db/tables/:t/indexes`, scope `indexes.read`).
    pub async fn indexes(&self, database: &str, table: &str) -> Result<Vec<IndexState>, AppwriteError> {
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Word("indexes")];
        let list: IndexList = self.negotiate(Method::GET, &path, |call, _| call.receive()).await?;
        Ok(list.indexes)
    }

    /// Waits until all of these columns are available, at most for `timeout`.
    pub async fn wait_for_columns(
        &self,
        database: &str,
        table: &str,
        keys: &[&str],
        timeout: Duration,
    ) -> Result<(), ColumnsError> {
        wait("column", keys, timeout, async || {
            let columns = self.columns(database, table).await?;
            Ok(columns.into_iter().map(|column| (column.key, column.status)).collect())
        })
        .await
    }

    /// Waits until all of these indexes are available, at most for `timeout`.
    pub async fn wait_for_indexes(
        &self,
        database: &str,
        table: &str,
        keys: &[&str],
        timeout: Duration,
    ) -> Result<(), ColumnsError> {
        wait("index", keys, timeout, async || {
            let indexes = self.indexes(database, table).await?;
            Ok(indexes.into_iter().map(|index| (index.key, index.status)).collect())
        })
        .await
    }

    async fn create(
        &self,
        path: &[Part<'_>],
        body: Value,
        shape: impl Fn(Value, Names) -> Value,
    ) -> Result<Creation, AppwriteError> {
        let result =
            self.negotiate(Method::POST, path, |call, names| call.json(shape(body.clone(), names)).done()).await;
        match result {
            Ok(()) => Ok(Creation::Created),
            Err(error) if error.kind().is_some_and(|kind| kind.ends_with("_already_exists")) => {
                Ok(Creation::AlreadyThere)
            }
            Err(error) => Err(error),
        }
    }

    async fn negotiate<T, F>(
        &self,
        method: Method,
        path: &[Part<'_>],
        finish: impl Fn(Call, Names) -> F,
    ) -> Result<T, AppwriteError>
    where
        F: Future<Output = Result<T, AppwriteError>>,
    {
        for part in path {
            if let Part::Id(id) = part {
                checked_id(id)?;
            }
        }
        self.appwrite
            .capabilities()
            .tables_route
            .negotiate(|names| {
                let service = match names {
                    Names::New => "tablesdb",
                    Names::Old => "databases",
                };
                let path: Vec<&str> =
                    std::iter::once(service).chain(path.iter().map(|part| part.named(names))).collect();
                finish(Call::new(&self.appwrite, Credential::Key, method.clone(), &path), names)
            })
            .await
    }
}

fn row_security_key(names: Names) -> &'static str {
    match names {
        Names::New => "rowSecurity",
        Names::Old => "documentSecurity",
    }
}

/// Returns the object, or none if it does not exist.
fn there<T>(result: Result<T, AppwriteError>) -> Result<Option<T>, AppwriteError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() && !error.is_unknown_route() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Polls the statuses of all `keys` until they are `available`.
async fn wait(
    what: &'static str,
    keys: &[&str],
    timeout: Duration,
    states: impl AsyncFn() -> Result<Vec<(String, String)>, AppwriteError>,
) -> Result<(), ColumnsError> {
    let deadline = Instant::now() + timeout;
    loop {
        let states = states().await?;
        let has_failed = |status: &str| matches!(status, "failed" | "stuck");
        if let Some((key, _)) =
            states.iter().find(|(key, status)| keys.contains(&key.as_str()) && has_failed(status.as_str()))
        {
            return Err(ColumnsError::Failed { what, key: key.clone() });
        }
        let is_available = |key: &str| states.iter().any(|(known, status)| known == key && status == "available");
        let missing: Vec<_> = keys.iter().filter(|key| !is_available(key)).map(|key| (*key).to_owned()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if Instant::now() + POLL_INTERVAL > deadline {
            return Err(ColumnsError::NotInTime { what, keys: missing });
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// A path segment that Appwrite renamed in 1.8, or one with the same name in all versions.
enum Part<'a> {
    Tables,
    Columns,
    Word(&'static str),
    Id(&'a str),
}

impl Part<'_> {
    fn named(&self, names: Names) -> &str {
        match (self, names) {
            (Self::Tables, Names::New) => "tables",
            (Self::Tables, Names::Old) => "collections",
            (Self::Columns, Names::New) => "columns",
            (Self::Columns, Names::Old) => "attributes",
            (Self::Word(word), _) => word,
            (Self::Id(id), _) => id,
        }
    }
}
