//! The state that every request needs: the configuration, the Appwrite client, the cookies, the limits.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use leptos::config::{Env, LeptosOptions};
use tokio_util::sync::CancellationToken;
use url::Url;

use appwrite_client::{Appwrite, AppwriteError, AppwriteSettings};

use crate::assets::{Assets, MissingHashes};
use crate::config::Config;
use crate::document::heads::Heads;
use crate::realtime::relay::registry::Relay;
use crate::render::cached_views::CachedViews;
use crate::render::visitor_pages::VisitorPages;
use crate::security::keyed_hash::KeyedHash;
use crate::security::rate_limit::{Clients, RateLimits};
use crate::security::response_timing::ResponseTiming;
use crate::security::shared_counters::SharedCounters;
use crate::server::limits::{BODY_DEADLINE, MAX_REQUESTS, MAX_REQUESTS_PER_CLIENT};
use crate::session::Access;
use crate::session::availability::Availability;
use crate::session::cookie::SessionCookie;
use crate::session::flash::FlashCookie;
use crate::session::idle::IdleLimit;
use crate::session::known_browser::KnownBrowserCookie;
use crate::session::methods::{SignInMethod, SignInMethods};
use crate::session::passkey_offer::PasskeyOffer;
use crate::session::pending_cookie::PendingCookie;
use crate::session::renewal::Renewals;
use crate::session::sealed::Sealer;
use crate::site::{Paths, Site};

/// The state that all requests share; cheap to clone. It stores nothing about single users.
#[derive(Clone)]
pub struct AppState(Arc<StateParts>);

impl From<StateParts> for AppState {
    fn from(parts: StateParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = StateParts;

    fn deref(&self) -> &StateParts {
        &self.0
    }
}

impl AppState {
    /// Returns the sign-in methods to offer now.
    pub async fn sign_in_methods(&self) -> SignInMethods {
        let mut methods = self.availability.methods();
        if methods.offers(SignInMethod::Passkey) && !self.passkeys.is_offered(&self.appwrite).await {
            methods.open.retain(|method| *method != SignInMethod::Passkey);
        }
        methods
    }
}

/// The contents of the state. Change them before creating an [`AppState`].
pub struct StateParts {
    /// The app.
    pub site: &'static Site,
    /// Leptos's own settings.
    pub leptos: LeptosOptions,
    /// The files that a page loads.
    pub assets: Assets,
    /// The app's own elements of pages' heads.
    pub(crate) heads: Heads,
    /// The cached pages of visitors.
    pub(crate) visitor_pages: VisitorPages,
    /// The cached views of pages.
    pub(crate) cached_views: Arc<CachedViews>,
    /// The configuration.
    pub config: Arc<Config>,
    /// The client of Appwrite.
    pub appwrite: Appwrite,
    /// Appwrite's endpoint for browsers.
    pub public_endpoint: Url,
    /// The session cookie.
    pub cookie: SessionCookie,
    /// The messages for the next page.
    pub flash: FlashCookie,
    /// The pending sign-ins.
    pub pending_sign_in: PendingCookie,
    /// Seals further cookies.
    pub sealer: Sealer,
    /// The browsers that have signed in before.
    pub known_browsers: KnownBrowserCookie,
    /// Computes hashes that are the same in all instances of the app.
    pub hash: KeyedHash,
    /// The enabled sign-in methods.
    pub availability: Availability,
    /// Asks if the project has passkeys, and remembers the answer.
    pub(crate) passkeys: PasskeyOffer,
    /// The maximum number of active requests.
    pub max_requests: usize,
    /// The maximum number of active requests per client.
    pub max_requests_per_client: usize,
    /// The time limit for a request body to arrive.
    pub body_deadline: Duration,
    /// Keeps response times from revealing if an account exists.
    pub response_timing: Arc<ResponseTiming>,
    /// Our own rate limits.
    pub limits: Arc<RateLimits>,
    /// Decides when to extend sessions.
    pub renewals: Arc<Renewals>,
    /// Ends sessions that were not used for some time.
    pub idle_limit: IdleLimit,
    /// The relayed Realtime connections.
    pub relay: Arc<Relay>,
    /// Cancelled once the process is told to stop: `/readyz` then sends new requests elsewhere.
    pub stopping: CancellationToken,
}

/// The reason why the app cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The table of pages cannot be used.
    #[error("The table of pages cannot be used: {0}")]
    Routes(String),
    /// The client of Appwrite cannot be made.
    #[error(transparent)]
    Appwrite(#[from] AppwriteError),
    /// Some of the build's files are missing.
    #[error(transparent)]
    Assets(#[from] MissingHashes),
    /// The store of the shared rate limits cannot be used.
    #[error("{0}")]
    SharedLimits(String),
}

impl StateParts {
    /// Creates the parts for a configuration and its running Appwrite.
    pub fn new(
        site: &'static Site,
        leptos: LeptosOptions,
        config: Config,
        appwrite: AppwriteSettings,
        public_endpoint: Url,
    ) -> Result<Self, StartError> {
        check_routes(site).map_err(StartError::Routes)?;
        let is_https = config.origin.is_https();
        let secret = config.app_secret.as_ref().unwrap_or(&appwrite.api_key);
        let previous = config.app_secret_previous.as_ref();
        let sealer = Sealer::new(secret, is_https).also_opening(previous);
        let hash = KeyedHash::new(secret).also_recognizing(previous);
        let (clients, max_requests_per_client) = if config.relaxed_limits {
            (Clients::OneMachine, usize::MAX)
        } else {
            (Clients::Everywhere, MAX_REQUESTS_PER_CLIENT)
        };
        let shared = config.rate_limit_redis.as_ref().map(SharedCounters::new).transpose();
        let shared = shared.map_err(StartError::SharedLimits)?;
        let relay = Arc::new(Relay::new(&appwrite, &config));
        let appwrite = Appwrite::new(appwrite)?;
        Ok(Self {
            site,
            assets: Assets::find(&leptos)?,
            heads: Heads::default(),
            visitor_pages: VisitorPages::default(),
            cached_views: Arc::default(),
            leptos,
            flash: FlashCookie::new(&sealer),
            pending_sign_in: PendingCookie::new(&sealer),
            known_browsers: KnownBrowserCookie::new(&sealer, hash.clone()),
            renewals: Arc::default(),
            idle_limit: IdleLimit::new(config.session_idle_limit, &sealer, hash.clone()),
            sealer,
            availability: Availability::new(site.paths, config.oauth_providers.clone()),
            passkeys: PasskeyOffer::default(),
            relay,
            response_timing: Arc::new(ResponseTiming::new(appwrite.clone())),
            appwrite,
            public_endpoint,
            cookie: SessionCookie::new(is_https),
            max_requests: MAX_REQUESTS,
            max_requests_per_client,
            body_deadline: BODY_DEADLINE,
            limits: Arc::new(RateLimits::new(clients, hash.clone()).sharing(shared)),
            hash,
            stopping: CancellationToken::new(),
            config: Arc::new(config),
        })
    }
}

impl StateParts {
    /// Returns the port of cargo-leptos's reload socket while `cargo leptos watch` runs this server.
    pub(crate) fn live_reload_port(&self) -> Option<u16> {
        let options = &self.leptos;
        let is_watched = options.env == Env::DEV && std::env::var_os("LEPTOS_WATCH").is_some();
        is_watched.then(|| {
            let port = options.reload_external_port.unwrap_or(options.reload_port);
            u16::try_from(port).unwrap_or(3001)
        })
    }
}

/// Checks the table of pages: every row is reached, every path in `Paths` has a row, and every page that an email link opens
/// has the guard `Always`, because a redirect would copy the link's secret.
fn check_routes(site: &Site) -> Result<(), String> {
    if let Some(path) = site.guards.hidden_row() {
        return Err(format!("{path} stands below a row with a parameter in its place. Move it up."));
    }
    if let Some(path) = site.paths.all().find(|path| !site.guards.is_page(path)) {
        return Err(format!("users are sent to {path}, and it has no row."));
    }
    let Paths { sign_in, second_factor, magic_link, recovery, verification, .. } = site.paths;
    let guard = |path| site.guards.guard(path);
    let is_open = |path| matches!(guard(path), Some(Access::SignedOut | Access::Anyone | Access::SameForAll));
    if let Some(path) = site.visitor_pages.iter().find(|path| path.contains(':') || !is_open(**path)) {
        return Err(format!(
            "{path} is cached for visitors. It must have no parameter, and its guard must be SignedOut, Anyone or SameForAll."
        ));
    }
    if !matches!(guard(sign_in), Some(Access::SignedOut | Access::Anyone | Access::Always)) {
        return Err(format!(
            "users without a session are sent to {sign_in}. Its guard must be SignedOut, Anyone or Always."
        ));
    }
    if !matches!(guard(second_factor), Some(Access::SecondFactor | Access::Always)) {
        return Err(format!(
            "users who owe a factor are sent to {second_factor}. Its guard must be SecondFactor or Always."
        ));
    }
    let opened = [magic_link.map(|pages| pages.open), recovery.map(|pages| pages.open), verification];
    match opened.into_iter().flatten().find(|path| guard(path) != Some(Access::Always)) {
        Some(path) => Err(format!("links in emails open {path}. Its guard must be Always.")),
        None => Ok(()),
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{LeavingPages, LinkPages, PasskeyPages, SecurityPages};
    use crate::test_site::SITE;

    #[test]
    fn cached_page_must_be_open_to_visitors() {
        for path in ["/account", "/login/factor", "/nowhere"] {
            let pages: &'static [&'static str] = Box::leak(Box::new([path]));
            let refusal = check_routes(&Site { visitor_pages: pages, ..SITE }).expect_err("no visitor's page");
            assert!(refusal.contains(path), "{refusal}");
        }
    }

    #[test]
    fn configured_page_without_a_route_stops_the_start() {
        assert_eq!(check_routes(&SITE), Ok(()));
        let nowhere = "/nowhere";
        let leaving = LeavingPages { data: "/", delete: "/", goodbye: "/" };
        let security = SecurityPages { overview: "/", authenticator: "/", recovery_codes: "/", verify: "/" };
        for paths in [
            Paths { home: nowhere, ..Paths::DEFAULT },
            Paths { sign_in: nowhere, ..Paths::DEFAULT },
            Paths { second_factor: nowhere, ..Paths::DEFAULT },
            Paths { after_sign_in: nowhere, ..Paths::DEFAULT },
            Paths { magic_link: Some(LinkPages { sent: nowhere, open: "/" }), ..Paths::DEFAULT },
            Paths { magic_link: Some(LinkPages { sent: "/", open: nowhere }), ..Paths::DEFAULT },
            Paths { email_code: Some(nowhere), ..Paths::DEFAULT },
            Paths { phone_code: Some(nowhere), ..Paths::DEFAULT },
            Paths { guest: Some(nowhere), ..Paths::DEFAULT },
            Paths { leave_guest: Some(nowhere), ..Paths::DEFAULT },
            Paths { recovery: Some(LinkPages { sent: nowhere, open: "/" }), ..Paths::DEFAULT },
            Paths { recovery: Some(LinkPages { sent: "/", open: nowhere }), ..Paths::DEFAULT },
            Paths { ask_recovery: Some(nowhere), ..Paths::DEFAULT },
            Paths { verification: Some(nowhere), ..Paths::DEFAULT },
            Paths { change_name: Some(nowhere), ..Paths::DEFAULT },
            Paths { change_email: Some(nowhere), ..Paths::DEFAULT },
            Paths { change_phone: Some(nowhere), ..Paths::DEFAULT },
            Paths { confirm_phone: Some(nowhere), ..Paths::DEFAULT },
            Paths { change_password: Some(nowhere), ..Paths::DEFAULT },
            Paths { devices: Some(nowhere), ..Paths::DEFAULT },
            Paths { linked_providers: Some(nowhere), ..Paths::DEFAULT },
            Paths { passkeys: Some(PasskeyPages { list: nowhere, verify: "/" }), ..Paths::DEFAULT },
            Paths { passkeys: Some(PasskeyPages { list: "/", verify: nowhere }), ..Paths::DEFAULT },
            Paths { security: Some(SecurityPages { overview: nowhere, ..security }), ..Paths::DEFAULT },
            Paths { security: Some(SecurityPages { authenticator: nowhere, ..security }), ..Paths::DEFAULT },
            Paths { security: Some(SecurityPages { recovery_codes: nowhere, ..security }), ..Paths::DEFAULT },
            Paths { security: Some(SecurityPages { verify: nowhere, ..security }), ..Paths::DEFAULT },
            Paths { leaving: Some(LeavingPages { data: nowhere, ..leaving }), ..Paths::DEFAULT },
            Paths { leaving: Some(LeavingPages { delete: nowhere, ..leaving }), ..Paths::DEFAULT },
            Paths { leaving: Some(LeavingPages { goodbye: nowhere, ..leaving }), ..Paths::DEFAULT },
        ] {
            let refusal = check_routes(&Site { paths, ..SITE }).expect_err("a page without a row");
            assert!(refusal.contains(nowhere), "{refusal}");
        }
    }

    #[test]
    fn page_that_would_redirect_to_itself_stops_the_start() {
        for paths in [
            Paths { sign_in: "/account", ..Paths::DEFAULT },
            Paths { second_factor: "/account", ..Paths::DEFAULT },
            Paths { second_factor: "/login", ..Paths::DEFAULT },
        ] {
            let refusal = check_routes(&Site { paths, ..SITE }).expect_err("a page that redirects to itself");
            assert!(refusal.contains("Its guard must be"), "{refusal}");
        }
    }

    #[test]
    fn link_page_with_another_guard_stops_the_start() {
        let link = Some(LinkPages { sent: "/", open: "/account" });
        for paths in [
            Paths { magic_link: link, ..Paths::DEFAULT },
            Paths { recovery: link, ..Paths::DEFAULT },
            Paths { verification: Some("/account"), ..Paths::DEFAULT },
        ] {
            let refusal = check_routes(&Site { paths, ..SITE }).expect_err("a page that redirects");
            assert!(refusal.contains("/account") && refusal.contains("Always"), "{refusal}");
        }
    }
}
