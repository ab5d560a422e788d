//! Users with their second factors, and teams with their members.

use axum::http::Method;
use serde_json::{Map, Value};

use super::{
    fields::{Field, field, field_as},
    requests::{Made, Requests, path},
};
use crate::{
    ApiError, account,
    http::forms::is_id,
    identity::totp::Totp,
    teams,
    users::{self, User},
};

type Item = Map<String, Value>;

/// The section `users`.
pub fn users(requests: &mut Requests<'_>, file: &Item) {
    const KNOWN: &[&str] = &[
        "$id",
        "name",
        "email",
        "phone",
        "password",
        "emailVerification",
        "phoneVerification",
        "status",
        "labels",
        "prefs",
        "mfa",
        "factors",
    ];
    for (index, (at, mut item)) in requests.items(file, "", "users", KNOWN).into_iter().enumerate() {
        // Appwrite returns an empty text if a user has none.
        item.retain(|name, value| value != "" || name == "$id");
        let stand_in = format!("stand-in-{index}");
        let fields = [
            field_as("$id", "userId").or(stand_in.clone()),
            field("name"),
            field("email"),
            field("phone"),
            field("password"),
        ];
        if requests.make((&at, &item), (Method::POST, "/users"), &fields, &[]) == Made::No {
            continue;
        }
        let id = item.get("$id").and_then(Value::as_str).filter(|id| is_id(id)).unwrap_or(&stand_in);
        let id = if id == "unique()" { &stand_in } else { id };
        let mut change = |method, route, name| {
            if item.get(name).is_some_and(|value| !value.is_null()) {
                requests.make((&at, &item), (method, &path(route, &[id])), &[field(name)], &[]);
            }
        };
        change(Method::PATCH, "/users/{}/verification", "emailVerification");
        change(Method::PATCH, "/users/{}/verification/phone", "phoneVerification");
        change(Method::PATCH, "/users/{}/status", "status");
        change(Method::PUT, "/users/{}/labels", "labels");
        change(Method::PATCH, "/users/{}/prefs", "prefs");
        change(Method::PATCH, "/users/{}/mfa", "mfa");
        factors(requests, &format!("{at}.factors"), item.get("factors"), id);
    }
}

/// `{"totp": "BASE32", "recoveryCodes": ["…"]}`.
fn factors(requests: &mut Requests<'_>, at: &str, factors: Option<&Value>, user_id: &str) {
    let factors = match factors {
        None | Some(Value::Null) => return,
        Some(Value::Object(factors)) => factors,
        Some(_) => return requests.problem(at, "must be an object"),
    };
    let mut totp = None;
    let mut codes = Vec::new();
    for (name, value) in factors {
        let path = format!("{at}.{name}");
        match name.as_str() {
            "totp" => match value.as_str().and_then(Totp::of_secret) {
                Some(known) => totp = Some(known),
                None => requests.problem(path, "must be a secret in base32 of at least 128 bits"),
            },
            "recoveryCodes" => match texts(value) {
                Some(known) => codes = known,
                None => requests.problem(path, "must be a list of texts"),
            },
            _ => requests.problem(path, "unknown field; known are totp and recoveryCodes"),
        }
    }
    let state = requests.state;
    let kept = state.store().write::<_, ApiError>(state.hub(), |changes| {
        if let Some(totp) = totp {
            account::install_authenticator(changes, user_id, totp, requests.now)?;
        }
        if let Some(user) = users::find(changes, user_id)? {
            users::update(changes, &User { recovery_codes: codes, ..user })?;
        }
        Ok(())
    });
    if let Err(error) = kept {
        requests.problem(at, error.message);
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)).collect()
}

/// The sections `teams` and `memberships`.
pub fn teams(requests: &mut Requests<'_>, file: &Item) {
    for (at, item) in requests.items(file, "", "teams", &["$id", "name", "prefs", "total"]) {
        let fields = [field_as("$id", "teamId").or("unique()"), field("name").or("stand-in")];
        if requests.make((&at, &item), (Method::POST, "/teams"), &fields, &[]) == Made::No {
            continue;
        }
        let has_prefs = item.get("prefs").and_then(Value::as_object).is_some_and(|prefs| !prefs.is_empty());
        if let Some(id) = item.get("$id").and_then(Value::as_str).filter(|id| has_prefs && is_id(id)) {
            requests.make((&at, &item), (Method::PUT, &path("/teams/{}/prefs", &[id])), &[field("prefs")], &[]);
        }
    }
    for (at, item) in requests.items(file, "", "memberships", &["$id", "teamId", "userId", "roles"]) {
        membership(requests, &at, item);
    }
}

fn membership(requests: &mut Requests<'_>, at: &str, mut item: Item) {
    item.entry("roles").or_insert_with(|| Value::Array(Vec::new()));
    let team = requests.references(at, &item, ["teamId"], "/teams/{}");
    let user = requests.references(at, &item, ["userId"], "/users/{}");
    let (Some([team]), Some([user])) = (team, user) else {
        return;
    };
    let id = match item.get("$id") {
        None | Some(Value::Null) => None,
        Some(id) => match id.as_str().filter(|id| is_id(id)) {
            Some(id) => Some(id.to_owned()),
            None => return requests.problem(format!("{at}.$id"), "must be an id of at most 36 characters"),
        },
    };
    let state = requests.state;
    let is_taken =
        |id: &String| state.store().read(|db| teams::find_membership(db, id)).is_ok_and(|found| found.is_some());
    if id.as_ref().is_some_and(is_taken) {
        return requests.problem(format!("{at}.$id"), "another membership has this id");
    }
    let fields: [Field; 2] = [field("userId"), field("roles").or(Vec::<Value>::new())];
    let route = path("/teams/{}/memberships", &[&team]);
    if requests.make((at, &item), (Method::POST, &route), &fields, &[]) == Made::No {
        return;
    }
    let Some(id) = id else {
        return;
    };
    let renamed =
        state.store().write::<_, ApiError>(state.hub(), |changes| teams::rename_membership(changes, &team, &user, &id));
    if let Err(error) = renamed {
        requests.problem(at, error.message);
    }
}
