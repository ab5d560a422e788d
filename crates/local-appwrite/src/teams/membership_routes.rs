//! Lists, reads, changes and ends memberships.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    member,
    membership::{self, Membership},
    team::{self, Team},
};
use crate::{
    ApiError, ErrorKind, Profile, account, clock,
    http::{Call, Reply},
    tables::{
        Column, Kind,
        objects::{self, Search},
    },
    users::{self, User},
};

/// `GET /teams/:teamId/memberships`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found = call.state.store().read(|db| {
        let team = team::requested(db, call)?;
        let mut found = Vec::new();
        for membership in membership::of_team(db, &team.id)? {
            if search.finds(&[&membership.id, &membership.user_id]) {
                found.push(shown(db, call, &team, &membership)?);
            }
        }
        Ok::<_, ApiError>(found)
    })?;
    objects::page(call, found, &fields(call), "Membership", "memberships")
}

/// The memberships of one user.
pub fn list_of(call: &Call<'_>, user: &User) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found = call.state.store().read(|db| {
        let mut found = Vec::new();
        for membership in membership::of_user(db, &user.id)? {
            let team = team::find(db, &membership.team_id)?.ok_or(ErrorKind::TeamNotFound)?;
            if search.finds(&[&membership.id, &membership.user_id]) {
                found.push(membership.wire(&team, user, call.profile()));
            }
        }
        Ok::<_, ApiError>(found)
    })?;
    objects::page(call, found, &fields(call), "Membership", "memberships")
}

/// `GET /account/memberships`.
pub fn list_own(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = call.caller.user.as_ref().ok_or(ErrorKind::GeneralAccessForbidden)?;
    list_of(call, user)
}

fn fields(call: &Call<'_>) -> Vec<Column> {
    let roles = Column { array: true, ..objects::text(call, "roles") };
    let mut fields = vec![roles, objects::field(call, "confirm", Kind::Boolean)];
    fields.extend(["userId", "teamId"].map(|key| objects::text(call, key)));
    fields.extend(["invited", "joined"].map(|key| objects::field(call, key, Kind::Datetime)));
    fields
}

/// `GET /teams/:teamId/memberships/:membershipId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| {
        let team = team::requested(db, call)?;
        let membership = requested(db, call, &team, ErrorKind::MembershipNotFound)?;
        Ok(Reply::ok(shown(db, call, &team, &membership)?))
    })
}

/// `PATCH /teams/:teamId/memberships/:membershipId`: changes the roles.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let roles = member::roles(call, 81)?.ok_or_else(|| ApiError::missing_param("roles"))?;
    call.state.store().write(call.state.hub(), |changes| {
        let team = team::requested(changes, call)?;
        let membership = requested(changes, call, &team, ErrorKind::MembershipNotFound)?;
        let user = users::find(changes, &membership.user_id)?.ok_or(ErrorKind::UserNotFound)?;
        if !team.is_owned(&call.caller) {
            return Err(ApiError::new(ErrorKind::UserUnauthorized, "User is not allowed to modify roles"));
        }
        let membership = Membership { roles, updated_at: call.now, ..membership };
        membership::keep(changes, &membership)?;
        member::recognize(changes, &user.id)?;
        let wire = membership.wire(&team, &user, call.profile());
        team.emit_payload(changes, &format!("memberships.{}.update", membership.id), wire.clone());
        Ok(Reply::ok(wire))
    })
}

/// `DELETE /teams/:teamId/memberships/:membershipId`: a member leaves, or an owner removes a member.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("membershipId")?;
    call.state.store().write(call.state.hub(), |changes| {
        membership::find(changes, &id)?.ok_or(ErrorKind::TeamInviteNotFound)?;
        let team = team::requested(changes, call)?;
        let membership = requested(changes, call, &team, ErrorKind::TeamInviteNotFound)?;
        let user = users::find(changes, &membership.user_id)?.ok_or(ErrorKind::UserNotFound)?;
        if !team.is_owned(&call.caller) && call.caller.user_id() != Some(user.id.as_str()) {
            return Err(ErrorKind::UserUnauthorized.into());
        }
        membership::remove(changes, &membership.id)?;
        member::recognize(changes, &user.id)?;
        let wire = membership.wire(&team, &user, call.profile());
        team.emit_payload(changes, &format!("memberships.{}.delete", membership.id), wire);
        Ok(Reply::empty())
    })
}

/// The membership in the path, which must belong to the team.
pub fn requested(db: &Connection, call: &Call<'_>, team: &Team, unknown: ErrorKind) -> Result<Membership, ApiError> {
    let id = call.params.id("membershipId")?;
    let membership = membership::find(db, &id)?.ok_or(unknown)?;
    if membership.team_id == team.id { Ok(membership) } else { Err(ErrorKind::TeamMembershipMismatch.into()) }
}

/// The membership with the details that a project shows by default. API keys also see the last access.
fn shown(db: &Connection, call: &Call<'_>, team: &Team, membership: &Membership) -> Result<Value, ApiError> {
    let user = users::find(db, &membership.user_id)?.ok_or(ErrorKind::UserNotFound)?;
    let mut wire = membership.wire(team, &user, call.profile());
    wire["mfa"] = (user.mfa && account::has_more_factors(db, &user)?).into();
    if call.profile() >= Profile::OneNine {
        wire["userPhone"] = user.phone.clone().unwrap_or_default().into();
    }
    if call.profile() >= Profile::OneNineNext && call.caller.is_key() {
        wire["userAccessedAt"] = clock::wire(user.accessed_at).into();
    }
    Ok(wire)
}
