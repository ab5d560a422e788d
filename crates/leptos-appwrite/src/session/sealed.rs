//! Small values that a browser stores for our server, sealed so that nobody else can read or write them.

use std::marker::PhantomData;

use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, CookieJar, Key, SameSite};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::request_cookies;
use crate::clock;

/// The longest cookie that every browser keeps, in bytes: name, value and attributes (RFC 6265, section 6.1).
const MAX_LENGTH: usize = 4096;

/// The bytes that sealing adds before base64: a nonce and a tag.
const SEAL: usize = 12 + 16;

/// The key and the settings that all sealed cookies share.
#[derive(Clone)]
pub struct Sealer {
    key: Key,
    /// Opens cookies that were sealed before the secret changed.
    previous: Option<Key>,
    is_https: bool,
}

impl Sealer {
    /// Derives the key from a secret that only the instances of the app have.
    pub fn new(secret: &SecretString, is_https: bool) -> Self {
        Self { key: key_from(secret), previous: None, is_https }
    }

    /// Also opens cookies that were sealed with this secret.
    #[must_use]
    pub fn also_opening(mut self, previous: Option<&SecretString>) -> Self {
        self.previous = previous.map(key_from);
        self
    }

    /// Returns a cookie with this name (the second is for https, where browsers enforce the `__Host-` rules).
    pub fn cookie<T>(
        &self,
        name: &'static str,
        https_name: &'static str,
        lifetime: Duration,
        same_site: SameSite,
    ) -> SealedCookie<T> {
        let name = if self.is_https { https_name } else { name };
        SealedCookie { sealer: self.clone(), name, lifetime, same_site, content: PhantomData }
    }
}

fn key_from(secret: &SecretString) -> Key {
    Key::derive_from(format!("leptos-appwrite: key of the sealed cookies: {}", secret.expose_secret()).as_bytes())
}

/// A cookie that contains a `T`.
pub struct SealedCookie<T> {
    sealer: Sealer,
    name: &'static str,
    lifetime: Duration,
    same_site: SameSite,
    content: PhantomData<fn() -> T>,
}

impl<T> Clone for SealedCookie<T> {
    fn clone(&self) -> Self {
        Self {
            sealer: self.sealer.clone(),
            name: self.name,
            lifetime: self.lifetime,
            same_site: self.same_site,
            content: PhantomData,
        }
    }
}

/// The content and its expiry, because the server cannot rely on the browser to drop expired cookies.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    until: i64,
    content: T,
}

impl<T: Serialize + DeserializeOwned> SealedCookie<T> {
    /// Returns the `Set-Cookie` header that stores the content; none if it is too long for browsers.
    pub fn leave(&self, content: &T) -> Option<HeaderValue> {
        let until = clock::now() + self.lifetime.whole_seconds();
        let value = serde_json::to_string(&Sealed { until, content }).ok()?;
        let mut jar = CookieJar::new();
        jar.private_mut(&self.sealer.key).add(self.cookie(value));
        let header = jar.get(self.name)?.to_string();
        if header.len() <= MAX_LENGTH { HeaderValue::try_from(header).ok() } else { None }
    }

    /// Returns the maximum length of the content as JSON, in bytes.
    pub fn room(&self) -> usize {
        let around = Sealed { until: clock::now(), content: () };
        let around = serde_json::to_string(&around).map_or(0, |json| json.len() - "null".len());
        let value = MAX_LENGTH.saturating_sub(self.cookie(String::new()).to_string().len());
        (value / 4 * 3).saturating_sub(SEAL + around)
    }

    /// Returns the content if the request contains a sealed value that has not expired.
    pub fn read(&self, headers: &HeaderMap) -> Option<T> {
        let value = request_cookies::only(headers, self.name)?;
        let keys = [Some(&self.sealer.key), self.sealer.previous.as_ref()];
        let open = |key: &Key| CookieJar::new().private(key).decrypt(Cookie::new(self.name, value.to_owned()));
        let cookie = keys.into_iter().flatten().find_map(open)?;
        let sealed: Sealed<T> = serde_json::from_str(cookie.value()).ok()?;
        (clock::now() < sealed.until).then_some(sealed.content)
    }

    /// Returns the `Set-Cookie` header that removes the content.
    pub fn clear(&self) -> Option<HeaderValue> {
        let mut cookie = self.cookie(String::new());
        cookie.make_removal();
        HeaderValue::try_from(cookie.to_string()).ok()
    }

    fn cookie(&self, value: String) -> Cookie<'static> {
        Cookie::build((self.name, value))
            .path("/")
            .http_only(true)
            .same_site(self.same_site)
            .secure(self.sealer.is_https)
            .max_age(self.lifetime)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn cookie_of(api_key: &str, lifetime: Duration) -> SealedCookie<String> {
        Sealer::new(&api_key.into(), false).cookie("note", "__Host-note", lifetime, SameSite::Strict)
    }

    fn brought_back(header: &HeaderValue) -> HeaderMap {
        let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))])
    }

    #[test]
    fn sealed_content_is_restored_and_unreadable_in_between() {
        let cookie = cookie_of("ours", Duration::MINUTE);
        let header = cookie.leave(&"ann@example.com".into()).expect("a cookie");
        assert!(!header.to_str().expect("text").contains("ann"));
        assert_eq!(cookie.read(&brought_back(&header)).as_deref(), Some("ann@example.com"));
    }

    #[test]
    fn content_sealed_with_another_key_is_refused() {
        let header = cookie_of("theirs", Duration::MINUTE).leave(&"x".into()).expect("a cookie");
        assert_eq!(cookie_of("ours", Duration::MINUTE).read(&brought_back(&header)), None);
    }

    #[test]
    fn new_secret_opens_content_sealed_with_the_previous_one() {
        let sealer = |secret: &str| Sealer::new(&secret.into(), false);
        let cookie =
            |sealer: Sealer| sealer.cookie::<String>("note", "__Host-note", Duration::MINUTE, SameSite::Strict);
        let (old, new) = (cookie(sealer("old")), cookie(sealer("new").also_opening(Some(&"old".into()))));
        let [of_old, of_new] = [&old, &new].map(|cookie| cookie.leave(&"x".into()).expect("a cookie"));
        assert_eq!(new.read(&brought_back(&of_old)).as_deref(), Some("x"));
        assert_eq!(new.read(&brought_back(&of_new)).as_deref(), Some("x"));
        assert_eq!(old.read(&brought_back(&of_new)), None);
    }

    #[test]
    fn content_larger_than_the_cookie_is_refused() {
        let cookie = cookie_of("ours", Duration::MINUTE);
        let quotes = "\"\"".len();
        let most = "x".repeat(cookie.room() - quotes);
        let header = cookie.leave(&most).expect("a cookie");
        assert!(header.len() <= MAX_LENGTH && header.len() > MAX_LENGTH - 4, "{}", header.len());
        assert_eq!(cookie.read(&brought_back(&header)), Some(most.clone()));
        assert_eq!(cookie.leave(&format!("{most}xxx")), None);
    }

    #[test]
    fn expired_content_is_refused() {
        let cookie = cookie_of("ours", Duration::ZERO);
        let header = cookie.leave(&"x".into()).expect("a cookie");
        assert_eq!(cookie.read(&brought_back(&header)), None);
    }

    #[test]
    fn https_cookie_is_bound_to_the_host() {
        let sealer = Sealer::new(&"ours".into(), true);
        let cookie: SealedCookie<String> = sealer.cookie("note", "__Host-note", Duration::MINUTE, SameSite::Strict);
        let header = cookie.leave(&"x".into()).expect("a cookie");
        let text = header.to_str().expect("text");
        assert!(text.starts_with("__Host-note=") && text.contains("Secure") && text.contains("HttpOnly"), "{text}");
    }
}
