//! The users service: routes for API keys.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Target, TargetKind, User,
    changes::{emit, emit_payload, keep_new, requested},
    factor_routes, imports, target_routes, user,
};
use crate::{
    ApiError, ErrorKind, Profile, account,
    clock::after,
    http::{Call, Reply, Route},
    identity::{jwt, password, secret},
    oauth2::identity,
    project,
    sessions::{self, Session, SessionToken},
    store::Changes,
    tables::{
        Column, Kind,
        objects::{self, Search},
    },
    teams,
    tokens::{self, Token, TokenKind},
};

const READ: &[&str] = &["users.read"];
const WRITE: &[&str] = &["users.write"];
const WRITE_SESSIONS: &[&str] = &["users.write", "sessions.write"];

/// The users service's routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    let mut routes = vec![
        Route::post("/users", create).scope(WRITE),
        Route::get("/users", list).scope(READ),
        Route::get("/users/{userId}", get).scope(READ),
        Route::delete("/users/{userId}", delete).scope(WRITE),
        Route::get("/users/{userId}/sessions", list_sessions).scope(&["users.read", "sessions.read"]),
        Route::post("/users/{userId}/sessions", create_session).scope(WRITE_SESSIONS),
        Route::delete("/users/{userId}/sessions", delete_sessions).scope(WRITE_SESSIONS),
        Route::delete("/users/{userId}/sessions/{sessionId}", delete_session).scope(WRITE_SESSIONS),
        Route::post("/users/{userId}/tokens", create_token).scope(WRITE),
        Route::get("/users/{userId}/prefs", prefs).scope(READ),
        Route::patch("/users/{userId}/prefs", set_prefs).scope(WRITE),
        Route::get("/users/{userId}/memberships", memberships).scope(READ),
        Route::patch("/users/{userId}/status", set_status).scope(WRITE),
        Route::patch("/users/{userId}/name", set_name).scope(WRITE),
        Route::patch("/users/{userId}/email", set_email).scope(WRITE),
        Route::patch("/users/{userId}/phone", set_phone).scope(WRITE),
        Route::patch("/users/{userId}/password", set_password).scope(WRITE),
        Route::patch("/users/{userId}/verification", set_email_verification).scope(WRITE),
        Route::patch("/users/{userId}/verification/phone", set_phone_verification).scope(WRITE),
        Route::patch("/users/{userId}/mfa", set_mfa).scope(WRITE),
        Route::put("/users/{userId}/labels", set_labels).scope(WRITE),
    ];
    if profile >= Profile::OneNine {
        routes.push(Route::patch("/users/{userId}/impersonator", set_impersonator).scope(WRITE));
    }
    routes.extend(imports::routes());
    routes.extend(target_routes::routes());
    routes.extend(factor_routes::routes(profile));
    if profile < Profile::OneNineNext {
        routes.push(Route::get("/users/{userId}/logs", logs).scope(READ));
    }
    if profile != Profile::OneFive {
        routes.push(Route::post("/users/{userId}/jwts", create_jwt).scope(WRITE));
    }
    routes
}

fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let mut user = User::new(params.new_id("userId", call.now)?, call.now);
    user.email = params.optional_email("email")?;
    user.phone = params.optional_phone("phone")?;
    let password = project::optional_new_password(call)?;
    user.name = params.optional_text("name", 1, 128)?.unwrap_or_default();
    if let Some(password) = password {
        project::check_personal_data(call, &user, &password)?;
        let hash = password::hash(&password)?;
        project::adopt(call, &mut user, &password, hash);
    }
    keep_new(call, user)
}

fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found: Vec<Value> = call
        .state
        .store()
        .read(user::list)?
        .iter()
        .filter(|user| {
            let (email, phone) = (user.email.as_deref(), user.phone.as_deref());
            search.finds(&[&user.id, email.unwrap_or(""), phone.unwrap_or(""), &user.name])
        })
        .map(|user| user.admin_wire(call.profile()))
        .collect();
    objects::page(call, found, &fields(call.now), "User", "users")
}

/// The fields for queries on users.
fn fields(now: Timestamp) -> Vec<Column> {
    let column = |key: &str, kind| Column::listed(key, kind, now);
    let text = || Kind::String { size: 256 };
    let mut fields = vec![
        column("name", text()),
        column("email", text()),
        column("phone", text()),
        column("status", Kind::Boolean),
        column("passwordUpdate", Kind::Datetime),
        column("registration", Kind::Datetime),
        column("emailVerification", Kind::Boolean),
        column("phoneVerification", Kind::Boolean),
        column("labels", text()),
        column("impersonator", Kind::Boolean),
        column("accessedAt", Kind::Datetime),
    ];
    for field in &mut fields {
        field.array = field.key == "labels";
    }
    fields
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(requested(call)?.admin_wire(call.profile())))
}

fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        user::remove(changes, &user.id)?;
        emit(changes, call, &user, "delete");
        Ok(Reply::empty())
    })
}

fn list_sessions(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let sessions = call.state.store().read(|db| sessions::of_user(db, &user.id))?;
    let wires: Vec<Value> = sessions.iter().map(|session| with_hash(session, &call.locale)).collect();
    let total = if objects::wants_total(call)? { wires.len() } else { 0 };
    Ok(Reply::ok(json!({"total": total, "sessions": wires})))
}

/// API keys receive the stored hash instead of the secret.
fn with_hash(session: &Session, language: &str) -> Value {
    let mut wire = session.wire(language);
    wire["secret"] = session.secret_hash.clone().into();
    wire
}

fn create_session(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let secret = secret::hex(256);
    let session = Session::begin(call, &user.id, &secret, ("server", ""), &["server"]);
    let mut wire = session.wire(&call.locale);
    wire["secret"] = SessionToken { id: user.id.clone(), secret }.encode().into();
    call.state.store().write(call.state.hub(), |changes| {
        sessions::insert(changes, &session)?;
        emit_payload(changes, &user.id, &format!("sessions.{}.create", session.id), wire.clone());
        Ok(Reply::created(wire))
    })
}

fn delete_sessions(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        sessions::remove_all(changes, &user.id)?;
        emit_payload(changes, &user.id, "sessions.delete", user.admin_event_payload(call.profile()));
        Ok(Reply::empty())
    })
}

fn delete_session(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let id = call.params.id("sessionId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let session = sessions::find(changes, &user.id, &id)?.ok_or(ErrorKind::UserSessionNotFound)?;
        sessions::remove(changes, &session.id)?;
        // API keys receive the secret's stored hash, and so the event contains it too.
        let mut payload = session.bare_wire();
        payload["secret"] = session.secret_hash.clone().into();
        emit_payload(changes, &user.id, &format!("sessions.{}.delete", session.id), payload);
        Ok(Reply::empty())
    })
}

fn create_token(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let length = call.params.range_or("length", 4, 128, 6)?;
    let seconds = call.params.range_or("expire", 60, 31_536_000, 900)?;
    let secret = secret::hex(usize::try_from(length).unwrap_or(6));
    let expire = after(call.now, Duration::from_secs(seconds.unsigned_abs()));
    let token = Token::new(&user.id, TokenKind::Server, &secret, call.now, expire);
    call.state.store().write(call.state.hub(), |changes| {
        tokens::insert(changes, &token)?;
        emit_payload(changes, &user.id, &format!("tokens.{}.create", token.id), token.event_payload(call.profile()));
        Ok(Reply::created(token.wire(&secret, "")))
    })
}

/// Without a known session, creates a JWT that has no session.
fn create_jwt(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let requested = match call.params.sent("sessionId") {
        None => String::new(),
        Some(_) => call.params.id("sessionId")?,
    };
    let duration = account::jwt_duration(call)?;
    let sessions = call.state.store().read(|db| sessions::of_user(db, &user.id))?;
    let session = match requested.as_str() {
        "recent" => sessions.last(),
        id => sessions.iter().find(|session| session.id == id),
    };
    let session_id = session.map_or("", |session| session.id.as_str());
    let jwt = jwt::issue(call.state.jwt_key(), &user.id, session_id, call.now, duration)?;
    Ok(Reply::created(json!({"jwt": jwt})))
}

fn prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(requested(call)?.prefs.into()))
}

fn logs(call: &Call<'_>) -> Result<Reply, ApiError> {
    account::logs_of(call, &requested(call)?)
}

fn memberships(call: &Call<'_>) -> Result<Reply, ApiError> {
    teams::memberships_of(call, &requested(call)?)
}

fn set_prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    let prefs = account::sent_prefs(call)?;
    change(call, "update.prefs", |user| user.prefs.clone_from(&prefs))?;
    Ok(Reply::ok(prefs.into()))
}

fn set_status(call: &Call<'_>) -> Result<Reply, ApiError> {
    let status = call.params.loose_boolean("status")?;
    change(call, "update.status", |user| user.status = status)
}

fn set_name(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.text("name", 0, 128)?;
    change(call, "update.name", |user| user.name = name)
}

fn set_email(call: &Call<'_>) -> Result<Reply, ApiError> {
    // Appwrite reports an empty address as already taken.
    if call.params.raw("email").is_some_and(|email| email == "") {
        return Err(ErrorKind::UserEmailAlreadyExists.into());
    }
    let email = call.params.email("email")?;
    change_with(call, "update.email", |user, changes| {
        if identity::is_anothers_email(changes, &email, &user.id)? {
            return Err(ErrorKind::UserEmailAlreadyExists.into());
        }
        check_targets(changes, &email)?;
        let old = user.email.replace(email.clone());
        user.email_verification = false;
        Target::put(&mut user.targets, old.as_deref(), (TargetKind::Email, &email), call.now);
        Ok(())
    })
}

/// Refuses an address or number that is a target of any user, including this one.
fn check_targets(changes: &Changes<'_>, identifier: &str) -> Result<(), ApiError> {
    let users = user::list(changes)?;
    match users.iter().any(|user| Target::is_among(&user.targets, identifier)) {
        true => Err(ErrorKind::UserTargetAlreadyExists.into()),
        false => Ok(()),
    }
}

fn set_phone(call: &Call<'_>) -> Result<Reply, ApiError> {
    // An empty number removes the number.
    if call.params.raw("number").is_some_and(|number| number == "") {
        return change(call, "update.phone", |user| {
            if let Some(old) = user.phone.take() {
                Target::forget(&mut user.targets, &old);
            }
            user.phone_verification = false;
        });
    }
    let phone = call.params.phone("number")?;
    change_with(call, "update.phone", |user, changes| {
        check_targets(changes, &phone)?;
        let old = user.phone.replace(phone.clone());
        user.phone_verification = false;
        Target::put(&mut user.targets, old.as_deref(), (TargetKind::Sms, &phone), call.now);
        Ok(())
    })
}

fn set_password(call: &Call<'_>) -> Result<Reply, ApiError> {
    // An empty password removes the password.
    if call.params.raw("password").is_some_and(|password| password == "") {
        return change(call, "update.password", |user| {
            user.set_password(String::new(), call.now);
        });
    }
    let password = project::new_password(call)?;
    let requested = requested(call)?;
    project::check_personal_data(call, &requested, &password)?;
    project::check_history(call, &requested, &password)?;
    let hash = password::hash(&password)?;
    change_with(call, "update.password", |user, changes| {
        project::adopt(call, user, &password, hash);
        if account::ends_sessions_with_password(call.profile()) {
            sessions::remove_all(changes, &user.id)?;
        }
        Ok(())
    })
}

fn set_email_verification(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_verified = call.params.boolean("emailVerification")?;
    change(call, "update.verification", |user| user.email_verification = is_verified)
}

fn set_phone_verification(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_verified = call.params.boolean("phoneVerification")?;
    change(call, "update.verification", |user| user.phone_verification = is_verified)
}

fn set_mfa(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("mfa")?;
    change(call, "update.mfa", |user| user.mfa = is_on)
}

fn set_impersonator(call: &Call<'_>) -> Result<Reply, ApiError> {
    let may = call.params.loose_boolean("impersonator")?;
    change(call, "update.impersonator", |user| user.impersonator = may)
}

fn set_labels(call: &Call<'_>) -> Result<Reply, ApiError> {
    let why = |_| {
        let letters = ('0'..='9').chain('A'..='Z').chain('a'..='z').map(String::from).collect::<Vec<_>>().join(", ");
        ApiError::invalid_param(
            "labels",
            format!(
                "Value must a valid array no longer than 1000 items and Value must be a valid string and at least 1 chars and no longer than 36 chars and only consist of '{letters}' chars"
            ),
        )
    };
    if call.params.sent("labels").is_none() {
        return Err(ApiError::missing_param("labels"));
    }
    let mut labels: Vec<String> = Vec::new();
    for label in call.params.required_texts("labels", 1000, 36).map_err(why)? {
        if !label.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(why(ErrorKind::GeneralArgumentInvalid.into()));
        }
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    change(call, "update.labels", |user| user.labels = labels)
}

fn change(call: &Call<'_>, what: &str, apply: impl FnOnce(&mut User)) -> Result<Reply, ApiError> {
    change_with(call, what, |user, _| {
        apply(user);
        Ok(())
    })
}

fn change_with(
    call: &Call<'_>,
    what: &str,
    apply: impl FnOnce(&mut User, &Changes<'_>) -> Result<(), ApiError>,
) -> Result<Reply, ApiError> {
    let id = call.params.id("userId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let before = user::find(changes, &id)?.ok_or(ErrorKind::UserNotFound)?;
        let mut user = before.clone();
        apply(&mut user, changes)?;
        user.touch(&before, call.now)?;
        user::update(changes, &user).map_err(|error| match error.kind {
            ErrorKind::UserAlreadyExists => ErrorKind::UserTargetAlreadyExists.into(),
            _ => error,
        })?;
        emit(changes, call, &user, what);
        Ok(Reply::ok(user.admin_wire(call.profile())))
    })
}
