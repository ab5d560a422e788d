//! The table of all routes.

use super::Route;
use crate::{
    Profile, account, avatars, health, locale, oauth2, passkeys, project, realtime, storage, tables, teams, users,
};

/// The routes of one profile.
pub fn all(profile: Profile) -> Vec<Route> {
    [
        health::routes(profile),
        account::routes(profile),
        oauth2::routes(),
        passkeys::routes(profile),
        users::routes(profile),
        project::routes(profile),
        tables::routes(profile),
        teams::routes(profile),
        storage::routes(profile),
        realtime::routes(profile),
        locale::routes(),
        avatars::routes(profile),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::http::route::RouteTable;

    fn knows(profile: Profile, method: &Method, path: &str) -> bool {
        RouteTable::new(all(profile)).find(method, path).is_some()
    }

    #[test]
    fn older_server_has_the_old_paths_only() {
        for (method, path) in [
            (Method::POST, "/account/jwts"),
            (Method::POST, "/users/kay/jwts"),
            (Method::POST, "/account/verifications/email"),
            (Method::POST, "/account/mfa/challenges"),
            (Method::GET, "/tablesdb/main/tables/birthdays/rows"),
        ] {
            assert!(knows(Profile::OneNine, &method, path), "1.9 {path}");
            assert!(!knows(Profile::OneFive, &method, path), "1.5 {path}");
        }
        for (method, path) in [
            (Method::POST, "/account/jwt"),
            (Method::POST, "/account/verification"),
            (Method::POST, "/account/mfa/challenge"),
            (Method::GET, "/databases/main/collections/birthdays/documents"),
        ] {
            for profile in [Profile::Two, Profile::OneNineNext, Profile::OneNine, Profile::OneFive] {
                assert!(knows(profile, &method, path), "{profile:?} {path}");
            }
        }
    }

    #[test]
    fn newest_server_has_no_logs() {
        assert!(knows(Profile::OneNine, &Method::GET, "/account/logs"));
        assert!(!knows(Profile::OneNineNext, &Method::GET, "/account/logs"));
        assert!(!knows(Profile::Two, &Method::GET, "/account/logs"));
    }
}
