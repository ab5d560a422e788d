//! Creates the tables in Appwrite. Keeps existing parts, but updates permissions and row security that differ.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use appwrite_client::{
    Appwrite, AppwriteError, AppwriteSettings, Column as NewColumn, ColumnKind, ColumnState, ColumnsError, Creation,
    Index as NewIndex, Permission, TableState, TablesClient,
};

use super::{Column, Index, IndexKind, Kind, Table};

/// The time limit for Appwrite's worker to create the columns or indexes of a table.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The reason why the tables could not be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Appwrite returned an error or was unreachable.
    #[error(transparent)]
    Appwrite(#[from] AppwriteError),
    /// Appwrite did not finish the columns or indexes.
    #[error("{0}.")]
    Unfinished(ColumnsError),
    /// A column exists with another type, which Appwrite cannot change.
    #[error("The column {column} of the table {table} {what}: change or delete it in the console.")]
    Column {
        /// The table's id.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// The difference.
        what: String,
    },
}

/// A part of the database, and its required change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    part: Part,
    state: State,
}

/// The part that a step concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Database,
    Table(&'static Table),
    Column(&'static Table, &'static Column),
    Index(&'static Table, &'static Index),
}

/// The state of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    There,
    Missing,
    /// It exists but differs, as the text says.
    Differs(String),
}

impl Step {
    /// True if this step changes Appwrite.
    pub fn is_change(&self) -> bool {
        self.state != State::There
    }

    /// Describes the change.
    pub fn plan(&self) -> String {
        match &self.state {
            State::There => format!("The {} was there already.", self.part),
            State::Missing => format!("The {} will be created.", self.part),
            State::Differs(how) => format!("The {} will be changed: {how}.", self.part),
        }
    }

    fn done(&self, creation: Creation) -> String {
        match (&self.state, creation) {
            (State::Differs(how), _) => format!("The {} has been changed: {how}.", self.part),
            (_, Creation::Created) => format!("The {} has been created.", self.part),
            (_, Creation::AlreadyThere) => format!("The {} was there already.", self.part),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => write!(f, "database"),
            Self::Table(table) => write!(f, "table {}", table.id),
            Self::Column(table, column) => write!(f, "column {} of the table {}", column.key, table.id),
            Self::Index(table, index) => write!(f, "index {} of the table {}", index.key, table.id),
        }
    }
}

/// Creates missing parts without printing anything.
pub async fn create_all(
    appwrite: AppwriteSettings,
    database: &str,
    tables: &'static [Table],
) -> Result<(), CreateError> {
    let client = Appwrite::new(appwrite)?.tables();
    let steps = plan(&client, database, tables).await?;
    apply(&client, database, &steps, |_| ()).await
}

/// Compares Appwrite with the definitions, and returns a step for each part. Changes nothing.
pub async fn plan(client: &TablesClient, database: &str, tables: &'static [Table]) -> Result<Vec<Step>, CreateError> {
    let has_database = client.has_database(database).await?;
    let step = |part, is_there| Step { part, state: if is_there { State::There } else { State::Missing } };
    let mut steps = vec![step(Part::Database, has_database)];
    for table in tables {
        let found = if has_database { client.table(database, table.id).await? } else { None };
        let (columns, indexes) = match &found {
            Some(_) => (client.columns(database, table.id).await?, client.indexes(database, table.id).await?),
            None => (Vec::new(), Vec::new()),
        };
        let state = found.as_ref().map_or(State::Missing, |found| table_state(table, found));
        steps.push(Step { part: Part::Table(table), state });
        for column in table.columns {
            let found = columns.iter().find(|found| found.key.eq_ignore_ascii_case(column.key));
            if let Some(what) = found.and_then(|found| difference(column, found)) {
                return Err(CreateError::Column { table: table.id, column: column.key, what });
            }
            steps.push(step(Part::Column(table, column), found.is_some()));
        }
        for index in table.indexes {
            let is_there = indexes.iter().any(|found| found.key.eq_ignore_ascii_case(index.key));
            steps.push(step(Part::Index(table, index), is_there));
        }
    }
    Ok(steps)
}

/// Carries out the steps, and waits until columns and indexes are available. `say` gets a sentence for each step.
pub async fn apply(
    client: &TablesClient,
    database: &str,
    steps: &[Step],
    say: impl Fn(String),
) -> Result<(), CreateError> {
    for (at, step) in steps.iter().enumerate() {
        // Appwrite can only index columns that its worker has finished.
        if let Part::Index(table, _) = step.part
            && !matches!(steps.get(at.wrapping_sub(1)), Some(Step { part: Part::Index(..), .. }))
        {
            wait_for_columns(client, database, table).await?;
        }
        let creation = if step.is_change() { change(client, database, step).await? } else { Creation::AlreadyThere };
        say(step.done(creation));
    }
    for Step { part, .. } in steps {
        if let Part::Table(table) = part {
            wait_for_columns(client, database, table).await?;
            let keys: Vec<_> = table.indexes.iter().map(|index| index.key).collect();
            client.wait_for_indexes(database, table.id, &keys, TIMEOUT).await.map_err(unfinished)?;
        }
    }
    Ok(())
}

async fn wait_for_columns(client: &TablesClient, database: &str, table: &Table) -> Result<(), CreateError> {
    let keys: Vec<_> = table.columns.iter().map(|column| column.key).collect();
    client.wait_for_columns(database, table.id, &keys, TIMEOUT).await.map_err(unfinished)
}

async fn change(client: &TablesClient, database: &str, step: &Step) -> Result<Creation, AppwriteError> {
    match (step.part, &step.state) {
        (Part::Database, _) => client.create_database(database, database).await,
        (Part::Table(table), State::Differs(_)) => {
            let permissions = permissions(table)?;
            client.update_table(database, table.id, table.name, &permissions, table.row_security).await?;
            Ok(Creation::AlreadyThere)
        }
        (Part::Table(table), _) => {
            let permissions = permissions(table)?;
            client.create_table(database, table.id, table.name, &permissions, table.row_security).await
        }
        (Part::Column(table, column), _) => {
            let kind = match column.kind {
                Kind::Text(size) => ColumnKind::Text { size: u32::try_from(size).unwrap_or(u32::MAX) },
                Kind::Integer => ColumnKind::Integer,
                Kind::Float => ColumnKind::Float,
                Kind::Boolean => ColumnKind::Boolean,
                Kind::Datetime => ColumnKind::Datetime,
            };
            let column = NewColumn { key: column.key, kind, required: column.required };
            client.create_column(database, table.id, column).await
        }
        (Part::Index(table, index), _) => {
            let kind = match index.kind {
                IndexKind::Key => "key",
                IndexKind::Unique => "unique",
                IndexKind::Fulltext => "fulltext",
            };
            let index = NewIndex { key: index.key, kind, columns: index.columns };
            client.create_index(database, table.id, index).await
        }
    }
}

fn unfinished(error: ColumnsError) -> CreateError {
    match error {
        ColumnsError::Appwrite(error) => CreateError::Appwrite(error),
        error => CreateError::Unfinished(error),
    }
}

fn permissions(table: &Table) -> Result<Vec<Permission>, AppwriteError> {
    table.permissions.iter().map(|permission| permission.parse()).collect()
}

fn table_state(table: &Table, found: &TableState) -> State {
    let wanted: BTreeSet<_> = table.permissions.iter().copied().collect();
    let present: BTreeSet<_> = found.permissions.iter().map(String::as_str).collect();
    let list = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
    let mut differences = Vec::new();
    if wanted != present {
        differences.push(format!("permissions {} instead of {}", or_none(list(&wanted)), or_none(list(&present))));
    }
    if table.row_security != found.row_security {
        differences.push(format!("row security {}", if table.row_security { "on" } else { "off" }));
    }
    if differences.is_empty() { State::There } else { State::Differs(differences.join("; ")) }
}

fn or_none(list: String) -> String {
    if list.is_empty() { "none".into() } else { list }
}

/// Explains why an existing column cannot store the app's values.
fn difference(column: &Column, found: &ColumnState) -> Option<String> {
    let types: &[&str] = match column.kind {
        Kind::Text(_) => &["string", "varchar", "text", "mediumtext", "longtext"],
        Kind::Integer => &["integer"],
        Kind::Float => &["double", "float"],
        Kind::Boolean => &["boolean"],
        Kind::Datetime => &["datetime"],
    };
    if !types.contains(&found.kind.as_str()) {
        return Some(format!("is of type {} and should be {}", found.kind, types[0]));
    }
    match (column.kind, found.size) {
        (Kind::Text(size), Some(found)) if found < size as u64 => {
            Some(format!("takes {found} characters and should take {size}"))
        }
        _ if found.required && !column.required => Some("is required and should not be".into()),
        _ => None,
    }
}
