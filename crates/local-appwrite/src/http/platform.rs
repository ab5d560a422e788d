//! The project's web platforms: host names allowed as origins and in links.

use url::Url;

use crate::{ApiError, AppState, ErrorKind};

/// Schemes of origins, with Appwrite's names for their platforms.
const WEB: &[(&str, &str)] = &[
    ("http", "Web"),
    ("https", "Web"),
    ("chrome-extension", "Web (Chrome Extension)"),
    ("moz-extension", "Web (Firefox Extension)"),
    ("safari-web-extension", "Web (Safari Extension)"),
    ("ms-browser-extension", "Web (Edge Extension)"),
    ("tauri", "Web (Tauri)"),
];

/// The parts of an origin or URL that identify a platform.
struct Place {
    scheme: String,
    host: String,
}

impl Place {
    /// A malformed URL has no scheme and no host.
    fn of(text: &str) -> Self {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
        let is_scheme = |scheme: &String| {
            scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
        };
        let host = text.split_once("://").map(|(_, rest)| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            let without_port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
            without_port.map_or(host, |(host, _)| host).to_lowercase()
        });
        Self { scheme: scheme.filter(is_scheme).unwrap_or_default(), host: host.unwrap_or_default() }
    }

    fn is_known(&self, state: &AppState) -> bool {
        if WEB.iter().any(|(scheme, _)| *scheme == self.scheme) {
            return is_known_host(state, &self.host);
        }
        // The project's native apps use their own scheme for redirects.
        self.scheme == format!("appwrite-callback-{}", state.settings().project_id.to_lowercase())
    }

    fn platform(&self) -> &'static str {
        WEB.iter().find(|(scheme, _)| *scheme == self.scheme).map_or("", |(_, platform)| platform)
    }

    fn register(&self) -> String {
        let host = if self.host.is_empty() { String::new() } else { format!("({})", self.host) };
        let platform = self.platform();
        format!("Register your new client {host} as a new {platform} platform on your project console dashboard")
    }
}

/// Returns true if `origin` belongs to the project. Ignores scheme and port.
#[must_use]
pub fn is_known_origin(state: &AppState, origin: &str) -> bool {
    Place::of(origin).is_known(state)
}

/// Returns true if the URL's host belongs to the project.
#[must_use]
pub fn is_known_url(state: &AppState, url: &Url) -> bool {
    Place::of(url.as_str()).is_known(state)
}

/// Refuses unknown origins like Appwrite.
///
/// # Errors
/// `general_unknown_origin` when the origin's host is not one of the project's platforms.
pub fn check_origin(state: &AppState, origin: &str) -> Result<(), ApiError> {
    let place = Place::of(origin);
    if place.is_known(state) {
        return Ok(());
    }
    let message = if place.scheme.is_empty() && place.host.is_empty() {
        "Invalid Origin.".to_owned()
    } else if place.platform().is_empty() {
        format!(
            "Invalid Scheme. The scheme used ({}) in the Origin ({origin}) is not supported. If you are using a custom scheme, please change it to `appwrite-callback-<PROJECT_ID>`",
            place.scheme
        )
    } else {
        format!("Invalid Origin. {}", place.register())
    };
    Err(ApiError::new(ErrorKind::GeneralUnknownOrigin, message))
}

/// Appwrite's advice to register a platform.
#[must_use]
pub fn register(page: &str) -> String {
    Place::of(page).register()
}

fn is_known_host(state: &AppState, host: &str) -> bool {
    state.settings().platforms.iter().any(|platform| {
        match platform.strip_prefix("*.") {
            // `*.example.com` matches every subdomain of example.com, but not example.com.
            Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => platform.eq_ignore_ascii_case(host),
        }
    })
}
