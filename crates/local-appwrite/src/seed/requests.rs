//! Applies a file by the handlers of Appwrite's own routes, so that they check it as they check requests.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{
    Kind, Problem,
    fields::{Field, READ_ONLY},
};
use crate::{
    ApiError, AppState, ErrorKind, KeyScopes, Profile,
    http::{Call, multipart::Upload, params::Params, route::RouteTable, routes},
    identity::Caller,
};

/// A file's items on their way into the store.
pub struct Requests<'state> {
    pub state: &'state AppState,
    pub now: Timestamp,
    routes: RouteTable,
    file: PathBuf,
    kind: Kind,
    problems: Vec<Problem>,
    left_out: Vec<String>,
    made: usize,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It is there as the file has it, or with a stand-in for what is wrong with it.
    Yes,
    /// It could not be made.
    No,
}

impl<'state> Requests<'state> {
    pub fn new(file: &Path, kind: Kind, state: &'state AppState) -> Self {
        Self {
            state,
            now: state.clock().now(),
            // The newest profile has every route; the handlers follow the profile of the settings.
            routes: RouteTable::new(routes::all(Profile::Two)),
            file: file.to_owned(),
            kind,
            problems: Vec::new(),
            left_out: Vec::new(),
            made: 0,
        }
    }

    /// Says in the log what was done, and returns what is wrong.
    pub fn finish(self) -> Vec<Problem> {
        let file = self.file.display();
        if !self.left_out.is_empty() {
            tracing::warn!("{file}: not applied: {}", self.left_out.join(", "));
        }
        if self.problems.is_empty() {
            tracing::info!("{file}: applied {} items", self.made);
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

    /// What this crate does not have: a problem of a seed, and left out of a configuration.
    pub fn unsupported(&mut self, path: &str, message: &str) {
        match self.kind {
            Kind::Seed => self.problem(path, message),
            Kind::Config => self.leave_out(path),
        }
    }

    /// The items of a list in `owner`, each with its path. Names a list that is none, and fields that are not `known`.
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

    /// The text of a field that refers to something else.
    pub fn reference(&mut self, at: &str, item: &Map<String, Value>, name: &str) -> Option<String> {
        match item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            Some(text) => Some(text.to_owned()),
            None => {
                self.problem(format!("{at}.{name}"), "is missing");
                None
            }
        }
    }

    /// Makes an item. Each bad field is named and replaced, so that all of them are found in one run.
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
                self.made += 1;
                return Made::Yes;
            };
            let (param, message) = blamed(&error);
            let field = fields.iter().find(|field| Some(field.param) == param);
            let Some(field) = field.filter(|field| !replaced.contains(&field.param)) else {
                match param {
                    Some(param) if field.is_none() => self.problem(format!("{at}.{param}"), message),
                    // A stand-in is refused: what is wrong with the field is named already.
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

/// A path whose `{}` are filled with ids.
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

/// The parameter that an error is about, and its message without the parameter.
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
