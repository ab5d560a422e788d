//! The account service.

mod challenges;
mod consents;
mod create;
mod factors;
mod id_token;
mod identities;
mod jwts;
mod logs;
mod profile;
mod recovery;
mod sessions;
mod tokens;
mod verification;

use crate::{
    ApiError, AuthMethod, ErrorKind, Profile,
    http::{
        Call, Limit, Route,
        route::SecondFactor::{Exempt, Recent},
    },
    realtime::Event,
    store::Changes,
    users::User,
};

pub(crate) use challenges::of_user as challenge_of;
pub(crate) use factors::{
    has_more_factors, install as install_authenticator, new_codes as new_recovery_codes, of_user as factors_of,
    remove as remove_authenticator,
};
pub(crate) use jwts::duration as jwt_duration;
pub(crate) use logs::list_of as logs_of;
pub(crate) use profile::{ends_sessions_with_password, sent_prefs};
pub(crate) use sessions::{ProviderTokens, start as start_session};

const ACCOUNT: &[&str] = &["account"];
const SESSIONS_WRITE: &[&str] = &["sessions.write"];
const PUBLIC: &[&str] = &["public"];
const BY_URL_AND_IP: &[&str] = &["url:{url},ip:{ip}"];
const BY_URL_AND_USER: &[&str] = &["url:{url},userId:{userId}"];

/// The account service's routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    let mut routes = [
        vec![
            Route::post("/account", create::create)
                .scope(SESSIONS_WRITE)
                .auth_method(AuthMethod::EmailPassword)
                .limit(Limit::hourly(10, BY_URL_AND_IP)),
            Route::get("/account", create::get).scope(ACCOUNT),
        ],
        session_routes(),
        token_routes(),
        profile_routes(profile),
        proof_routes(profile),
        factor_routes(profile),
    ]
    .concat();
    if profile == Profile::Two {
        routes.push(
            Route::post("/account/sessions/id-token", id_token::create)
                .scope(SESSIONS_WRITE)
                .limit(Limit::hourly(10, BY_URL_AND_IP).reset_on_success()),
        );
        routes.push(Route::get("/account/consents", consents::list).scope(ACCOUNT));
    }
    if profile >= Profile::OneNineNext {
        routes.push(Route::delete("/account", create::delete).scope(ACCOUNT));
    }
    let jwts = Route::post("/account/jwts", jwts::create)
        .scope(ACCOUNT)
        .auth_method(AuthMethod::Jwt)
        .limit(Limit::every_minute(120, BY_URL_AND_USER));
    routes.push(jwts.alias("/account/jwt"));
    if profile != Profile::OneFive {
        routes.push(jwts);
    }
    routes
}

fn session_routes() -> Vec<Route> {
    let email = Route::post("/account/sessions/email", sessions::create_by_email)
        .scope(SESSIONS_WRITE)
        .auth_method(AuthMethod::EmailPassword)
        .makes_session()
        .limit(Limit::hourly(10, &["url:{url},email:{param-email}"]).reset_on_success());
    vec![
        email.alias("/account/sessions"),
        email,
        Route::post("/account/sessions/anonymous", sessions::create_anonymous)
            .scope(SESSIONS_WRITE)
            .auth_method(AuthMethod::Anonymous)
            .makes_session()
            .limit(Limit::hourly(50, &["ip:{ip}"])),
        Route::get("/account/sessions", sessions::list).scope(ACCOUNT),
        Route::get("/account/sessions/{sessionId}", sessions::get).scope(ACCOUNT),
        Route::patch("/account/sessions/{sessionId}", sessions::extend)
            .scope(ACCOUNT)
            .limit(Limit::hourly(10, BY_URL_AND_IP)),
        Route::delete("/account/sessions/{sessionId}", sessions::delete)
            .scope(ACCOUNT)
            .second_factor(Exempt)
            .limit(Limit::hourly(100, BY_URL_AND_IP)),
        Route::delete("/account/sessions", sessions::delete_all)
            .scope(ACCOUNT)
            .limit(Limit::hourly(100, BY_URL_AND_IP)),
    ]
}

fn token_routes() -> Vec<Route> {
    let by_email: &'static [&'static str] = &["url:{url},email:{param-email}", "url:{url},ip:{ip}"];
    let by_phone: &'static [&'static str] = &["url:{url},phone:{param-phone}", "url:{url},ip:{ip}"];
    let redeem = Route::post("/account/sessions/token", tokens::redeem)
        .scope(SESSIONS_WRITE)
        .makes_session()
        .limit(Limit::hourly(10, &["ip:{ip},userId:{param-userId}"]).reset_on_success());
    let magic_url = Route::post("/account/tokens/magic-url", tokens::create_magic_url)
        .scope(SESSIONS_WRITE)
        .auth_method(AuthMethod::MagicUrl)
        .limit(Limit::hourly(60, by_email));
    let phone = Route::post("/account/tokens/phone", tokens::create_phone)
        .scope(SESSIONS_WRITE)
        .auth_method(AuthMethod::Phone)
        .limit(Limit::hourly(10, by_phone));
    let old_redeem = |path| {
        Route::put(path, tokens::redeem)
            .scope(SESSIONS_WRITE)
            .makes_session()
            .limit(Limit::hourly(10, &["ip:{ip},userId:{param-userId}"]))
    };
    vec![
        redeem,
        old_redeem("/account/sessions/magic-url").auth_method(AuthMethod::MagicUrl),
        old_redeem("/account/sessions/phone").auth_method(AuthMethod::Phone),
        magic_url.alias("/account/sessions/magic-url"),
        magic_url,
        Route::post("/account/tokens/email", tokens::create_email)
            .scope(SESSIONS_WRITE)
            .auth_method(AuthMethod::EmailOtp)
            .limit(Limit::hourly(10, by_email)),
        phone.alias("/account/sessions/phone"),
        phone,
    ]
}

fn profile_routes(profile: Profile) -> Vec<Route> {
    let mut routes = vec![
        Route::patch("/account/name", profile::name).scope(ACCOUNT),
        Route::patch("/account/password", profile::password).scope(ACCOUNT).limit(Limit::hourly(10, BY_URL_AND_IP)),
        Route::patch("/account/email", profile::email).scope(ACCOUNT),
        Route::patch("/account/phone", profile::phone).scope(ACCOUNT),
        Route::get("/account/prefs", profile::prefs).scope(ACCOUNT),
        Route::patch("/account/prefs", profile::set_prefs).scope(ACCOUNT),
        Route::patch("/account/status", profile::block).scope(ACCOUNT),
        Route::get("/account/identities", identities::list).scope(ACCOUNT),
        Route::delete("/account/identities/{identityId}", identities::delete).scope(ACCOUNT),
    ];
    if profile < Profile::OneNineNext {
        routes.push(Route::get("/account/logs", logs::list).scope(ACCOUNT));
    }
    routes
}

fn proof_routes(profile: Profile) -> Vec<Route> {
    let by_param: &'static [&'static str] = &["url:{url},userId:{param-userId}"];
    let recovery = [
        Route::post("/account/recovery", recovery::create)
            .scope(SESSIONS_WRITE)
            .limit(Limit::hourly(10, &["url:{url},email:{param-email}", "url:{url},ip:{ip}"])),
        Route::put("/account/recovery", recovery::complete).scope(SESSIONS_WRITE).limit(Limit::hourly(10, by_param)),
    ];
    let email = [
        Route::post("/account/verifications/email", verification::create_email)
            .scope(ACCOUNT)
            .limit(Limit::hourly(10, BY_URL_AND_USER)),
        Route::put("/account/verifications/email", verification::complete_email)
            .scope(PUBLIC)
            .limit(Limit::hourly(10, by_param)),
    ];
    let phone = [
        Route::post("/account/verifications/phone", verification::create_phone)
            .scope(ACCOUNT)
            .auth_method(AuthMethod::Phone)
            .limit(Limit::hourly(10, &["url:{url},userId:{userId}", "url:{url},ip:{ip}"])),
        Route::put("/account/verifications/phone", verification::complete_phone)
            .scope(PUBLIC)
            .limit(Limit::hourly(10, &["userId:{param-userId}"])),
    ];
    let mut routes = recovery.to_vec();
    routes.extend(email.iter().map(|route| route.alias("/account/verification")));
    routes.extend(phone.iter().map(|route| route.alias("/account/verification/phone")));
    if profile >= Profile::OneEight {
        routes.extend(email);
        routes.extend(phone);
    }
    if profile == Profile::Two {
        routes.extend(code_routes(by_param));
    }
    routes
}

/// Password reset and verification by 6-digit codes. Their limits are those of the links.
fn code_routes(by_param: &'static [&'static str]) -> [Route; 4] {
    [
        Route::post("/account/recovery/otp", recovery::create_code)
            .scope(SESSIONS_WRITE)
            .limit(Limit::hourly(10, &["url:{url},email:{param-email}", "url:{url},ip:{ip}"])),
        Route::put("/account/recovery/otp", recovery::complete_code)
            .scope(SESSIONS_WRITE)
            .limit(Limit::hourly(10, by_param)),
        Route::post("/account/verifications/email/otp", verification::create_email_code)
            .scope(ACCOUNT)
            .limit(Limit::hourly(10, BY_URL_AND_USER)),
        Route::put("/account/verifications/email/otp", verification::complete_email_code)
            .scope(PUBLIC)
            .limit(Limit::hourly(10, by_param)),
    ]
}

fn factor_routes(profile: Profile) -> Vec<Route> {
    let challenges = [
        Route::post("/account/mfa/challenges", challenges::create)
            .scope(ACCOUNT)
            .second_factor(Exempt)
            .limit(Limit::hourly(10, BY_URL_AND_USER)),
        Route::put("/account/mfa/challenges", challenges::complete)
            .scope(ACCOUNT)
            .second_factor(Exempt)
            .limit(Limit::hourly(10, &["url:{url},challengeId:{param-challengeId}"])),
    ];
    let mut routes = vec![
        Route::patch("/account/mfa", factors::switch).scope(ACCOUNT),
        Route::get("/account/mfa/factors", factors::list).scope(ACCOUNT).second_factor(Exempt),
        Route::post("/account/mfa/authenticators/{type}", factors::create_authenticator).scope(ACCOUNT),
        Route::put("/account/mfa/authenticators/{type}", factors::verify_authenticator).scope(ACCOUNT),
        Route::delete("/account/mfa/authenticators/{type}", factors::delete_authenticator)
            .scope(ACCOUNT)
            .second_factor(Recent),
        Route::post("/account/mfa/recovery-codes", factors::create_recovery_codes).scope(ACCOUNT),
        Route::patch("/account/mfa/recovery-codes", factors::regenerate_recovery_codes)
            .scope(ACCOUNT)
            .second_factor(Recent),
        Route::get("/account/mfa/recovery-codes", factors::recovery_codes).scope(ACCOUNT).second_factor(Recent),
    ];
    routes.extend(challenges.iter().map(|route| route.alias("/account/mfa/challenge")));
    if profile >= Profile::OneEight {
        routes.extend(challenges);
    }
    routes
}

/// The signed-in user. The scope `account` guarantees that there is one.
pub(crate) fn user<'call>(call: &'call Call<'_>) -> Result<&'call User, ApiError> {
    call.caller.user.as_ref().ok_or_else(|| ErrorKind::GeneralAccessForbidden.into())
}

/// Sends the event `users.<id>.<what>` to the user's own sockets.
fn emit(changes: &mut Changes<'_>, user_id: &str, what: &str, payload: serde_json::Value) {
    changes.emit(Event {
        name: format!("users.{user_id}.{what}"),
        payload,
        read_roles: vec![format!("user:{user_id}")],
    });
}
