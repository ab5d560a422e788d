//! Browsers that have signed in to an account before. A sealed cookie identifies them, so that a stranger's failed
//! attempts do not lock these users out.

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::security::keyed_hash::KeyedHash;
use crate::session::sealed::{SealedCookie, Sealer};

/// A browser stays known for this long after a sign-in.
const LIFETIME: Duration = Duration::days(365);

/// The maximum number of accounts that a browser is known for.
const MAX_ACCOUNTS: usize = 5;

/// A browser, and hashes of the email addresses that it has signed in with, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    id: String,
    accounts: Vec<String>,
}

/// Seals and opens the known browser.
#[derive(Clone)]
pub struct KnownBrowserCookie {
    cookie: SealedCookie<KnownBrowser>,
    hash: KeyedHash,
}

impl KnownBrowserCookie {
    /// Returns the cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer, hash: KeyedHash) -> Self {
        let cookie = sealer.cookie("known-browser", "__Host-known-browser", LIFETIME, SameSite::Strict);
        Self { cookie, hash }
    }

    /// Returns the browser that sent the request, if it has signed in before.
    pub fn read(&self, headers: &HeaderMap) -> Option<KnownBrowser> {
        self.cookie.read(headers)
    }

    /// Returns the browser's id if it has signed in to the account with this address.
    pub fn id_for<'a>(&self, browser: Option<&'a KnownBrowser>, email: &str) -> Option<&'a str> {
        browser
            .filter(|browser| browser.accounts.iter().any(|known| self.is_of(known, email)))
            .map(|browser| browser.id.as_str())
    }

    /// Returns the `Set-Cookie` header for a sign-in to the account with this address.
    pub fn remember(&self, browser: Option<KnownBrowser>, email: &str) -> Option<HeaderValue> {
        let mut browser = browser
            .unwrap_or_else(|| KnownBrowser { id: format!("{:032x}", rand::random::<u128>()), accounts: Vec::new() });
        browser.accounts.retain(|known| !self.is_of(known, email));
        browser.accounts.insert(0, self.hash.hex(&["known browser", &email.to_lowercase()]));
        browser.accounts.truncate(MAX_ACCOUNTS);
        self.cookie.leave(&browser)
    }

    fn is_of(&self, known: &str, email: &str) -> bool {
        self.hash.is_hex_of(known, &["known browser", &email.to_lowercase()])
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn browser_is_known_for_its_last_five_accounts() {
        let api_key = "key".into();
        let cookie = KnownBrowserCookie::new(&Sealer::new(&api_key, false), KeyedHash::new(&api_key));
        let mut browser = None;
        let mut length = 0;
        for account in 0..6 {
            let header = cookie.remember(browser.clone(), &format!("Ann{account}@example.com")).expect("a cookie");
            length = header.len();
            let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))]);
            browser = cookie.read(&headers);
        }
        assert!(length < 1024, "{length} bytes");
        let id = |email: &str| cookie.id_for(browser.as_ref(), email);
        assert!(id("ann5@EXAMPLE.com").is_some() && id("ann1@example.com").is_some());
        assert!(id("ann0@example.com").is_none() && id("bob@example.com").is_none());
        assert!(cookie.id_for(None, "ann5@example.com").is_none());
    }
}
