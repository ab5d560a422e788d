//! Teams: their members, roles, and invitations.

mod invitation;
mod member;
mod membership;
mod membership_routes;
mod team;
mod team_routes;

use crate::{
    ApiError, AuthMethod, Profile,
    http::{Call, Limit, Reply, Route},
    users::User,
};

pub(crate) use membership::{find as find_membership, rename as rename_membership, team_roles};

const READ: &[&str] = &["teams.read"];
const WRITE: &[&str] = &["teams.write"];

/// The teams service's routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    let mut routes = vec![
        Route::post("/teams", team_routes::create).scope(WRITE),
        Route::get("/teams", team_routes::list).scope(READ),
        Route::get("/teams/{teamId}", team_routes::get).scope(READ),
        Route::put("/teams/{teamId}", team_routes::update).scope(WRITE),
        Route::delete("/teams/{teamId}", team_routes::delete).scope(WRITE),
        Route::get("/teams/{teamId}/prefs", team_routes::prefs).scope(READ),
        Route::put("/teams/{teamId}/prefs", team_routes::set_prefs).scope(WRITE),
        Route::post("/teams/{teamId}/memberships", invitation::create)
            .scope(WRITE)
            .auth_method(AuthMethod::Invites)
            .limit(Limit::hourly(10, &["url:{url},ip:{ip}"])),
        Route::patch("/teams/{teamId}/memberships/{membershipId}/status", invitation::accept),
        Route::get("/teams/{teamId}/memberships", membership_routes::list).scope(READ),
        Route::get("/teams/{teamId}/memberships/{membershipId}", membership_routes::get).scope(READ),
        Route::patch("/teams/{teamId}/memberships/{membershipId}", membership_routes::update).scope(WRITE),
        Route::delete("/teams/{teamId}/memberships/{membershipId}", membership_routes::delete).scope(WRITE),
    ];
    if profile == Profile::Two {
        routes.push(Route::get("/account/memberships", membership_routes::list_own).scope(&["account"]));
        routes.push(Route::get("/teams/{teamId}/installations", team_routes::installations).scope(READ));
    }
    routes
}

/// The memberships of one user, as the users service and the account answer them.
///
/// # Errors
/// As a list answers its queries.
pub(crate) fn memberships_of(call: &Call<'_>, user: &User) -> Result<Reply, ApiError> {
    membership_routes::list_of(call, user)
}
