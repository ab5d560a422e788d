//! Applies a file through the handlers of the API, so that they check it like a request.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{
    fields::{Field, READ_ONLY},
    problem::Problem,
};
use crate::{
    ApiError, AppState, ErrorKind, KeyScopes, Profile,
    http::{Call, multipart::Upload, params::Params, route::RouteTable, routes},
    identity::Caller,
};

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Written for local-appwrite, which refuses unknown fields in it.
    Seed,
    /// Written by Appwrite's CLI. The log names what local-appwrite does not support.
    Config,
}

/// Applies the items of one file, and collects its mistakes.
pub struct Requests<'state> {
    pub state: &'state AppState,
    pub now: Timestamp,
    routes: RouteTable,
    file: PathBuf,
    kind: Kind,
    problems: Vec<Problem>,
    left_out: Vec<String>,
    /// Columns that could not be created, by database, table and key.
    pub gaps: Vec<(String, String, String)>,
}

/// The outcome of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The item exists, perhaps with placeholders for invalid fields.
    Yes,
    /// The item does not exist.
    No,
}

impl<'state> Requests<'state> {
    pub fn new(file: &Path, kind: Kind, state: &'state AppState) -> Self {
        Self {
            state,
            now: state.clock().now(),
            // The newest profile has every route. The handlers use the profile of the settings.
            routes: RouteTable::new(routes::all(Profile::Two)),
            file: file.to_owned(),
            kind,
            problems: Vec::new(),
            left_out: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Logs all unsupported sections in one line, and returns the mistakes.
    pub fn finish(self) -> Vec<Problem> {
        if !self.left_out.is_empty() {
            tracing::warn!("{}: not applied: {}", self.file.display(), self.left_out.join(", "));
        }
        self.problems
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The folder that paths in the file are relative to.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or_else(|| Path::new(""))
    }

    pub fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { file: self.file.clone(), path: path.into(), message: message.into() });
    }

    pub fn leave_out(&mut self, what: impl Into<String>) {
        self.left_out.push(what.into());
    }

    /// Reports an unsupported part: as a mistake in a seed, in the log for a configuration.
    pub fn unsupported(&mut self, path: &str, message: &str) {
        match self.kind {
            Kind::Seed => self.problem(path, message),
            Kind::Config => self.leave_out(path),
        }
    }

    /// Returns the items of a list in `owner` with their paths. Reports unknown fields, which are not in `known`.
    pub fn items(
        &mut self,
        owner: &Map<String, Value>,
        at: &str,
        list: &str,
        known: &[&str],
    ) -> Vec<(String, Map<String, Value>)> {
        let path = if at.is_empty() { list.to_owned() } else { format!("{at}.{list}") };
        let values = match owner.get(list) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.problem(path, "must be a list");
                return Vec::new();
            }
        };
        let mut items = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(item) = value.as_object() else {
                self.problem(path, "must be an object");
                continue;
            };
            for name in
                item.keys().filter(|name| !known.contains(&name.as_str()) && !READ_ONLY.contains(&name.as_str()))
            {
                self.unsupported(&format!("{path}.{name}"), "unknown field");
            }
            items.push((path, item.clone()));
        }
        items
    }

    /// Returns the ids in the fields `names`, if `route` finds what they refer to.
    pub fn references<const COUNT: usize>(
        &mut self,
        at: &str,
        item: &Map<String, Value>,
        names: [&'static str; COUNT],
        route: &str,
    ) -> Option<[String; COUNT]> {
        let text = |name| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let ids = names.map(|name| text(name).map(str::to_owned));
        for (name, _) in names.iter().zip(&ids).filter(|(_, id)| id.is_none()) {
            self.problem(format!("{at}.{name}"), "is missing");
        }
        if ids.iter().any(Option::is_none) {
            return None;
        }
        let ids = ids.map(Option::unwrap_or_default);
        let route = path(route, &ids.each_ref().map(String::as_str));
        match self.send(&Method::GET, &route, &Map::new(), &[]) {
            Ok(()) => Some(ids),
            Err(error) => {
                let (param, message) = blamed(&error);
                let name = names.iter().find(|name| Some(**name) == param).copied().unwrap_or(names[COUNT - 1]);
                self.problem(format!("{at}.{name}"), message);
                None
            }
        }
    }

    /// Creates a missing database, so that its tables can still be checked.
    pub fn stand_in_database(&self) -> String {
        let id = "stand-in".to_owned();
        let values = ["databaseId", "name"].map(|name| (name.to_owned(), id.clone().into())).into_iter().collect();
        // The database may exist already.
        let _ = self.send(&Method::POST, "/tablesdb", &values, &[]);
        id
    }

    /// Creates an item. Reports each invalid field and replaces it, to find all of them in one run.
    pub fn make(
        &mut self,
        (at, item): (&str, &Map<String, Value>),
        (method, path): (Method, &str),
        fields: &[Field],
        uploads: &[Upload],
    ) -> Made {
        let given = |field: &Field| {
            let value = item.get(field.name).filter(|value| !value.is_null())?;
            Some((field.param.to_owned(), value.clone()))
        };
        let mut values: Map<String, Value> = fields.iter().filter_map(given).collect();
        let mut replaced: Vec<&str> = Vec::new();
        loop {
            let Err(error) = self.send(&method, path, &values, uploads) else {
                return Made::Yes;
            };
            let (param, message) = blamed(&error);
            let field = fields.iter().find(|field| Some(field.param) == param);
            let Some(field) = field.filter(|field| !replaced.contains(&field.param)) else {
                match param {
                    Some(param) if field.is_none() => self.problem(format!("{at}.{param}"), message),
                    // The placeholder was refused too. The field has already been reported.
                    Some(_) => {}
                    None => self.problem(at, message),
                }
                return Made::No;
            };
            self.problem(format!("{at}.{}", field.name), message);
            replaced.push(field.param);
            match &field.stand_in {
                Some(stand_in) => values.insert(field.param.to_owned(), stand_in.clone()),
                None => values.remove(field.param),
            };
        }
    }

    fn send(
        &self,
        method: &Method,
        path: &str,
        values: &Map<String, Value>,
        uploads: &[Upload],
    ) -> Result<(), ApiError> {
        let (route, path_params) = self.routes.find(method, path).ok_or(ErrorKind::GeneralRouteNotFound)?;
        let params = Params::new(values.clone()).with_path(path_params);
        let call = Call {
            state: self.state,
            caller: Caller { key: Some(KeyScopes::All), ..Caller::default() },
            params: &params,
            uploads,
            headers: &HeaderMap::new(),
            now: self.now,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: String::new(),
            path: route.path,
            locale: "en".to_owned(),
            base: "http://localhost".to_owned(),
        };
        (route.handler)(&call).map(drop)
    }
}

/// Fills the `{}` of a path with ids.
pub fn path(template: &str, ids: &[&str]) -> String {
    let mut path = String::new();
    let mut ids = ids.iter();
    for (index, part) in template.split("{}").enumerate() {
        if index > 0 {
            path.extend(ids.next().map(|id| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()));
        }
        path.push_str(part);
    }
    path
}

/// Returns the parameter that an error is about, and the rest of its message.
fn blamed(error: &ApiError) -> (Option<&str>, String) {
    let message = error.message.as_str();
    if let Some((name, why)) = message.strip_prefix("Invalid `").and_then(|rest| rest.split_once("` param: ")) {
        return (Some(name), why.to_owned());
    }
    if let Some(name) = message.strip_prefix("Param \"").and_then(|rest| rest.strip_suffix("\" is not optional.")) {
        return (Some(name), "is missing".to_owned());
    }
    let param = match error.kind {
        ErrorKind::UserPasswordPersonalData => Some("password"),
        ErrorKind::DatabaseNotFound => Some("databaseId"),
        ErrorKind::TableNotFound | ErrorKind::CollectionNotFound => Some("tableId"),
        ErrorKind::TeamNotFound => Some("teamId"),
        ErrorKind::UserNotFound => Some("userId"),
        ErrorKind::StorageBucketNotFound => Some("bucketId"),
        _ => None,
    };
    (param, message.to_owned())
}
