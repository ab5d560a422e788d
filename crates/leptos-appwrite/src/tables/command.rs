//! The command that creates the database and an app's tables in the configured Appwrite.

use std::process::ExitCode;

use super::DATABASE;
use super::cli_config::cli_config;
use super::create::{self, CreateError};
use crate::config::{Backend, Config, ConfigProblems};
use crate::site::Site;
use appwrite_client::{Appwrite, AppwriteError};

/// An API key for this command only, so that the app's own key needs fewer scopes.
const SETUP_KEY: &str = "APPWRITE_SETUP_KEY";

const DRY_RUN: &str = "--dry-run";
const PRINT: &str = "--print";

/// Creates missing parts and prints each step; safe to run repeatedly. With the argument `--dry-run`, only prints the
/// changes. With `--print`, only prints the tables in the format of Appwrite's CLI ([`cli_config`]).
///
/// `APPWRITE_SETUP_KEY`, if set, replaces the app's own key, which then needs fewer scopes.
pub async fn run(site: &Site, arguments: &[String]) -> ExitCode {
    match create_all(site, arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The reason why the tables could not be created.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("Unknown argument {0}: write {DRY_RUN} or {PRINT}.")]
    Argument(String),
    #[error(transparent)]
    Config(#[from] ConfigProblems),
    #[error(
        "No Appwrite is configured, and the app creates its tables in the local backend by itself: \
         set APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY."
    )]
    LocalBackend,
    #[error("{}", in_words(.0))]
    Appwrite(#[from] AppwriteError),
    #[error(transparent)]
    Create(CreateError),
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Appwrite(error) => Self::Appwrite(error),
            error => Self::Create(error),
        }
    }
}

async fn create_all(site: &Site, arguments: &[String]) -> Result<(), Problem> {
    if let Some(unknown) = arguments.iter().find(|argument| ![DRY_RUN, PRINT].contains(&argument.as_str())) {
        return Err(Problem::Argument(unknown.clone()));
    }
    if arguments.iter().any(|argument| argument == PRINT) {
        let database = variable("APPWRITE_DATABASE_ID");
        println!("{:#}", cli_config(database.as_deref().unwrap_or(DATABASE), site.tables));
        return Ok(());
    }
    let config = Config::from_env(variable)?;
    let Backend::Remote { appwrite, .. } = config.backend else { return Err(Problem::LocalBackend) };
    println!("Project {} at {}, database {}.", appwrite.project_id, appwrite.endpoint, config.database_id);
    let client = Appwrite::new(appwrite)?.tables();
    let steps = create::plan(&client, &config.database_id, site.tables).await?;
    for step in steps.iter().filter(|step| step.is_change()) {
        println!("{}", step.plan());
    }
    if !arguments.is_empty() {
        println!("Nothing was changed ({DRY_RUN}).");
        return Ok(());
    }
    create::apply(&client, &config.database_id, &steps, |sentence| println!("{sentence}")).await?;
    println!("The tables are ready.");
    Ok(())
}

/// Returns the environment for [`Config`]: with the setup key, without the settings of the app's server.
fn variable(name: &str) -> Option<String> {
    let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    match name {
        "APPWRITE_API_KEY" => get(SETUP_KEY).or_else(|| get(name)),
        name if name.starts_with("APPWRITE_") && name != "APPWRITE_PUBLIC_ENDPOINT" => get(name),
        _ => None,
    }
}

/// Explains a failed call to the operator.
fn in_words(error: &AppwriteError) -> String {
    let fix = match error {
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
        AppwriteError::Api(refusal) => format!("{error}: {} ({fix}).", refusal.message_for_log()),
        error => format!("{error}: {fix}."),
    }
}
