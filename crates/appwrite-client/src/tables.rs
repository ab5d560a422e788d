//! Databases, tables and columns, created by the API key.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    call::{Call, Credential},
    capabilities::Names,
    error::AppwriteError,
    id::checked_id,
    model::{ColumnList, ColumnState, TableState},
    permission::{Permission, to_wire},
    project::Appwrite,
};

/// How long to wait between two looks at columns that Appwrite is making.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Creates databases, tables and columns with the API key, which needs the scopes `databases.*`, `tables.*` and
/// `columns.*` (before 1.8 `collections.*` and `attributes.*`) of which each method names its own.
#[derive(Debug, Clone)]
pub struct TablesClient {
    pub(super) appwrite: Appwrite,
}

/// Whether a thing had to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It was, just now.
    Created,
    /// It was there already, and is as it was.
    AlreadyThere,
}

/// A column to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name.
    pub key: &'a str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether each row must have a value in it.
    pub required: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text of at most `size` characters.
    Text {
        /// That many.
        size: u32,
    },
    /// A moment.
    Datetime,
}

/// Why columns did not become available.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// Appwrite could not be asked.
    #[error(transparent)]
    Appwrite(#[from] AppwriteError),
    /// Appwrite gave up on a column.
    #[error("Appwrite could not make the column {key}; delete it in the console and start again")]
    Failed {
        /// The column's name.
        key: String,
    },
    /// The time was over.
    #[error("Appwrite has not finished these columns in time: {}; start again later", keys.join(", "))]
    NotInTime {
        /// The names of those that are missing.
        keys: Vec<String>,
    },
}

impl Appwrite {
    /// Creates databases, tables and columns with the API key (scopes `databases.*`, `tables.*`, `columns.*`).
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

    /// Creates a table (`POST /tablesdb/:db/tables`, scope `tables.write`), with row security: beside the table's own
    /// permissions, each row's count.
    pub async fn create_table(
        &self,
        database: &str,
        id: &str,
        name: &str,
        permissions: &[Permission],
    ) -> Result<Creation, AppwriteError> {
        let body = json!({ "name": name, "permissions": to_wire(permissions)? });
        let id = checked_id(id)?;
        self.create(&[Part::Id(database), Part::Tables], body, |mut body, names| {
            let (id_key, security_key) = match names {
                Names::New => ("tableId", "rowSecurity"),
                Names::Old => ("collectionId", "documentSecurity"),
            };
            body[id_key] = json!(id);
            body[security_key] = json!(true);
            body
        })
        .await
    }

    /// Creates a column (`POST /tablesdb/:db/tables/:t/columns/:kind`, scope `columns.write`). It is not there at once:
    /// see [`wait_for_columns`](Self::wait_for_columns).
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
            ColumnKind::Datetime => "datetime",
        };
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Columns, Part::Word(kind)];
        self.create(&path, body, |body, _| body).await
    }

    /// Whether a table has row security (`GET /tablesdb/:db/tables/:t`, scope `tables.read`).
    pub async fn has_row_security(&self, database: &str, table: &str) -> Result<bool, AppwriteError> {
        let path = [Part::Id(database), Part::Tables, Part::Id(table)];
        let table: TableState = self.negotiate(Method::GET, &path, |call, _| call.receive()).await?;
        Ok(table.row_security)
    }

    /// Waits until all of these columns can hold values (`GET /tablesdb/:db/tables/:t/columns`, scope `columns.read`),
    /// but no longer than `patience`.
    pub async fn wait_for_columns(
        &self,
        database: &str,
        table: &str,
        keys: &[&str],
        patience: Duration,
    ) -> Result<(), ColumnsError> {
        let deadline = Instant::now() + patience;
        loop {
            let columns = self.columns(database, table).await?;
            let of_ours = |column: &&ColumnState| keys.contains(&column.key.as_str());
            if let Some(failed) = columns.iter().filter(of_ours).find(|column| column.has_failed()) {
                return Err(ColumnsError::Failed { key: failed.key.clone() });
            }
            let is_missing = |key: &&&str| !columns.iter().any(|column| column.key == **key && column.is_available());
            let missing: Vec<_> = keys.iter().filter(is_missing).map(|key| (*key).to_owned()).collect();
            if missing.is_empty() {
                return Ok(());
            }
            if Instant::now() + POLL_INTERVAL > deadline {
                return Err(ColumnsError::NotInTime { keys: missing });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    async fn columns(&self, database: &str, table: &str) -> Result<Vec<ColumnState>, AppwriteError> {
        let path = [Part::Id(database), Part::Tables, Part::Id(table), Part::Columns];
        let list: ColumnList = self.negotiate(Method::GET, &path, |call, _| call.receive()).await?;
        Ok(list.columns)
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

/// A part of a path that Appwrite renamed in 1.8, or one that means the same in both.
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
