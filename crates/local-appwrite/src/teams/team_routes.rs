//! Creates, lists, renames and deletes teams.

use serde_json::{Map, Value};

use super::{
    member,
    membership::{self, Membership},
    team::{self, Team},
};
use crate::{
    ApiError, ErrorKind, account,
    http::{Call, Reply},
    tables::objects::{self, Search},
};

/// `POST /teams`. A user becomes the team's owner; an API key creates a team without members.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("teamId", call.now)?;
    let name = call.params.text("name", 1, 128)?;
    let mut roles = member::roles(call, 36)?.unwrap_or_else(|| vec!["owner".to_owned()]);
    let team = Team { id, name, prefs: Map::new(), created_at: call.now, updated_at: call.now };
    call.state.store().write(call.state.hub(), |changes| {
        if team::find(changes, &team.id)?.is_some() {
            return Err(ErrorKind::TeamAlreadyExists.into());
        }
        team::keep(changes, &team)?;
        if let Some(user) = call.caller.user.as_ref().filter(|_| !call.caller.is_key()) {
            if !roles.iter().any(|role| role == "owner") {
                roles.push("owner".to_owned());
            }
            membership::keep(changes, &Membership::of_creator(&team, user, roles, call.now))?;
            member::recognize(changes, &user.id)?;
        }
        team.emit(changes, "create")?;
        Ok(Reply::created(team.wire(changes)?))
    })
}

/// `GET /teams`: all teams for an API key, the user's teams for a user.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found = call.state.store().read(|db| {
        team::all(db)?
            .iter()
            .filter(|team| team.is_readable(&call.caller) && search.finds(&[&team.id, &team.name]))
            .map(|team| team.wire(db))
            .collect::<Result<Vec<Value>, ApiError>>()
    })?;
    let fields = [objects::text(call, "name"), objects::number(call, "total"), objects::text(call, "billingPlan")];
    objects::page(call, found, &fields, "Team", "teams")
}

/// `GET /teams/:teamId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| Ok(Reply::ok(team::requested(db, call)?.wire(db)?)))
}

/// `PUT /teams/:teamId`: changes the name.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.text("name", 1, 128)?;
    call.state.store().write(call.state.hub(), |changes| {
        let team = team::owned(changes, call)?;
        let updated_at = if name == team.name { team.updated_at } else { call.now };
        let team = Team { name, updated_at, ..team };
        team::keep(changes, &team)?;
        team.emit(changes, "update")?;
        Ok(Reply::ok(team.wire(changes)?))
    })
}

/// `DELETE /teams/:teamId`. Open sockets keep the role, as in Appwrite.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let team = team::owned(changes, call)?;
        team.emit(changes, "delete")?;
        team::remove(changes, &team.id)?;
        Ok(Reply::empty())
    })
}

/// `GET /teams/:teamId/installations`: the apps of a team. Always empty, because this backend has no apps.
pub fn installations(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| team::requested(db, call))?;
    objects::page(call, Vec::new(), &[objects::text(call, "appId")], "Installation", "installations")
}

/// `GET /teams/:teamId/prefs`.
pub fn prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| Ok(Reply::ok(team::requested(db, call)?.prefs.into())))
}

/// `PUT /teams/:teamId/prefs`: replaces all of them.
pub fn set_prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    let prefs = account::sent_prefs(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let team = Team { prefs, updated_at: call.now, ..team::owned(changes, call)? };
        team::keep(changes, &team)?;
        team.emit(changes, "update.prefs")?;
        Ok(Reply::ok(team.prefs.into()))
    })
}
