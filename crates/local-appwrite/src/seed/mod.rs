//! Fills an empty data folder with users, tables, rows, files and teams from a file like `appwrite.config.json`.

mod fields;
mod problem;
mod requests;
mod schema;
mod storage;
mod users;

use std::path::Path;

use serde_json::{Map, Value};

use crate::AppState;
pub use problem::Problem;
pub use requests::Kind;
use requests::Requests;

/// Sections of services that local-appwrite does not have.
const NOT_APPLIED: &[&str] = &["functions", "sites", "topics", "messages", "webhooks", "settings"];

/// Other fields of the file.
const HEAD: &[&str] = &["$schema", "projectId", "projectName", "endpoint", "organizationId"];

/// The `projectId` of a seed or a configuration of Appwrite's CLI.
#[must_use]
pub fn project_of(path: &Path) -> Option<String> {
    let config: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    config["projectId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// The sections of a seed.
const SECTIONS: &[&str] =
    &["users", "teams", "memberships", "tablesDB", "databases", "tables", "collections", "rows", "buckets", "files"];

/// Applies a file to `state` and returns every mistake in it.
pub fn apply(path: &Path, kind: Kind, state: &AppState) -> Vec<Problem> {
    let whole = |message: String| vec![Problem { file: path.to_owned(), path: String::new(), message }];
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) => return whole(format!("cannot be read: {error}")),
    };
    let file: Map<String, Value> = match serde_json::from_slice(&text) {
        Ok(Value::Object(file)) => file,
        Ok(_) => return whole("must be a JSON object".to_owned()),
        Err(error) => return whole(format!("is not JSON: {error}")),
    };
    let mut requests = Requests::new(path, kind, state);
    // Applies an item after the items that it refers to.
    users::users(&mut requests, &file);
    users::teams(&mut requests, &file);
    schema::databases(&mut requests, &file);
    schema::tables(&mut requests, &file);
    schema::relationships(&mut requests, &file);
    schema::rows(&mut requests, &file);
    storage::buckets(&mut requests, &file);
    storage::files(&mut requests, &file);
    for (name, value) in &file {
        if HEAD.contains(&name.as_str()) || SECTIONS.contains(&name.as_str()) {
            continue;
        }
        let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        if NOT_APPLIED.contains(&name.as_str()) || kind == Kind::Config {
            if !is_empty {
                requests.leave_out(name.clone());
            }
        } else {
            requests.problem(name, format!("unknown section; known are {}", SECTIONS.join(", ")));
        }
    }
    let problems = requests.finish();
    if problems.is_empty() {
        let count = |name: &&str| Some(format!("{} {name}", file.get(*name)?.as_array()?.len()));
        let counts: Vec<String> = SECTIONS.iter().filter_map(count).collect();
        tracing::info!("{}: applied {}", path.display(), counts.join(", "));
    }
    problems
}
