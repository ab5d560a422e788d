//! Creates the database and the table of the example page in the Appwrite that the environment names.
//!
//! It may run any number of times: what is there already stays as it is.

use std::{process::ExitCode, time::Duration};

use appwrite_client::{
    Appwrite, AppwriteError, Column, ColumnKind, ColumnsError, Creation, Permission, Role, TablesClient,
};
use leptos_appwrite::config::{Backend, Config, ConfigProblems};

/// A key for this program only, so that the app's own can do without the scopes.
const SETUP_KEY: &str = "APPWRITE_SETUP_KEY";

/// The columns of the example page (`src/birthdays`), the same as the local backend's table has from the start.
const COLUMNS: [Column<'static>; 3] = [
    Column { key: "name", kind: ColumnKind::Text { size: 128 }, required: true },
    Column { key: "birthday", kind: ColumnKind::Datetime, required: true },
    Column { key: "note", kind: ColumnKind::Text { size: 64 }, required: false },
];

/// How long Appwrite may take over the columns, which a worker of its makes one after the other.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Why the table is not there in the end.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Config(#[from] ConfigProblems),
    #[error(
        "No Appwrite is configured, and the local backend has its table from the start: \
         set APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY."
    )]
    LocalBackend,
    #[error("{}", in_words(.0))]
    Appwrite(#[from] AppwriteError),
    #[error("{0}.")]
    Columns(ColumnsError),
    #[error(
        "The table {table} is there already, but without row security, so that its rows could not be private: \
         switch row security on in its settings in the console."
    )]
    NoRowSecurity { table: String },
}

async fn run() -> Result<(), Problem> {
    let config = Config::from_env(variable)?;
    let Backend::Remote { appwrite, .. } = config.backend else { return Err(Problem::LocalBackend) };
    println!("Project {} at {}.", appwrite.project_id, appwrite.endpoint);
    create(&Appwrite::new(appwrite)?.tables(), &config.database_id, &config.table_id).await
}

/// The environment as [`Config`] shall see it here: with the setup key, without what concerns only the app's server.
fn variable(name: &str) -> Option<String> {
    let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    match name {
        "APPWRITE_API_KEY" => get(SETUP_KEY).or_else(|| get(name)),
        name if name.starts_with("APPWRITE_") && name != "APPWRITE_PUBLIC_ENDPOINT" => get(name),
        _ => None,
    }
}

async fn create(tables: &TablesClient, database: &str, table: &str) -> Result<(), Problem> {
    say("database", database, tables.create_database(database, database).await?);

    let may_add = [Permission::create(Role::users())];
    say("table", table, tables.create_table(database, table, table, &may_add).await?);
    if !tables.has_row_security(database, table).await? {
        return Err(Problem::NoRowSecurity { table: table.to_owned() });
    }

    for column in COLUMNS {
        say("column", column.key, tables.create_column(database, table, column).await?);
    }
    println!("Waiting until the columns can be used.");
    let keys = COLUMNS.map(|column| column.key);
    tables.wait_for_columns(database, table, &keys, PATIENCE).await.map_err(|error| match error {
        ColumnsError::Appwrite(error) => Problem::Appwrite(error),
        error => Problem::Columns(error),
    })?;
    println!("The table is ready: everyone who is signed in may add rows, and each row says who may see it.");
    Ok(())
}

fn say(what: &str, name: &str, creation: Creation) {
    match creation {
        Creation::Created => println!("The {what} {name} has been created."),
        Creation::AlreadyThere => println!("The {what} {name} was there already."),
    }
}

/// What a failed call means for the one who started this program.
fn in_words(error: &AppwriteError) -> String {
    let cure = match error {
        error if error.lacks_scope() => {
            "give the key in APPWRITE_SETUP_KEY (or APPWRITE_API_KEY) the scopes that .env.example names for it"
        }
        error if error.is("user_unauthorized") => {
            "Appwrite does not know the key in APPWRITE_SETUP_KEY (or APPWRITE_API_KEY): copy it anew from the console"
        }
        error if error.is("project_not_found") => "APPWRITE_PROJECT_ID names no project of this Appwrite",
        AppwriteError::Unreachable(_) | AppwriteError::TimedOut => {
            "check APPWRITE_ENDPOINT, and that this machine reaches it"
        }
        AppwriteError::Unexpected { .. } => "check that APPWRITE_ENDPOINT is the address of Appwrite's API",
        _ => "nothing that was created before is lost; start again when this is solved",
    };
    match error {
        AppwriteError::Api(refusal) => format!("{error}: {} ({cure}).", refusal.message_for_log()),
        error => format!("{error}: {cure}."),
    }
}
