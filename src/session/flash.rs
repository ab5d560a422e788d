//! A note to the page that is rendered next, sealed into a cookie that lives a minute and is read once.
//!
//! Without JavaScript, a form's answer is a redirect; what was typed and what was wrong with it travel here, so that no
//! URL holds them and nobody else can write them.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::components::Submission;
use crate::error::AppError;

/// How long the note waits to be read.
const LIFETIME: Duration = Duration::minutes(1);

/// The most bytes of typed text that are carried: a browser takes cookies of 4,096 bytes, and sealing adds a third.
const MOST_TYPED: usize = 2000;

/// What the next page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// A form came to this.
    Submission(Submission),
    /// The person was sent here because of this.
    Notice(AppError),
}

/// Seals and opens the notes.
#[derive(Clone)]
pub struct FlashCookie {
    key: Key,
    is_https: bool,
}

impl FlashCookie {
    /// The key is derived from the API key, which every instance of the app has and nobody else.
    pub fn new(api_key: &SecretString, is_https: bool) -> Self {
        let material = format!("leptos-appwrite: key of the flash cookie: {}", api_key.expose_secret());
        Self { key: Key::derive_from(material.as_bytes()), is_https }
    }

    fn name(&self) -> &'static str {
        if self.is_https { "__Host-flash" } else { "flash" }
    }

    fn cookie(&self, value: String) -> Cookie<'static> {
        Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.is_https)
            .max_age(LIFETIME)
            .build()
    }

    /// The `Set-Cookie` that leaves the note.
    pub fn leave(&self, mut flash: Flash) -> Option<HeaderValue> {
        if let Flash::Submission(submission) = &mut flash {
            keep_what_fits(submission);
        }
        let value = serde_json::to_string(&flash).ok()?;
        set_cookie(PrivateCookieJar::new(self.key.clone()).add(self.cookie(value)))
    }

    /// The note, if the request brings one that we sealed.
    pub fn read(&self, headers: &HeaderMap) -> Option<Flash> {
        let cookie = PrivateCookieJar::from_headers(headers, self.key.clone()).get(self.name())?;
        serde_json::from_str(cookie.value()).ok()
    }

    /// The `Set-Cookie` that takes the note away.
    pub fn clear(&self) -> Option<HeaderValue> {
        let mut cookie = self.cookie(String::new());
        cookie.make_removal();
        HeaderValue::try_from(cookie.to_string()).ok()
    }
}

fn set_cookie(jar: PrivateCookieJar) -> Option<HeaderValue> {
    jar.into_response().headers().get(header::SET_COOKIE).cloned()
}

/// Drops the longest values first until the rest fits into a cookie.
fn keep_what_fits(submission: &mut Submission) {
    while submission.typed.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MOST_TYPED {
        let longest = submission.typed.iter().max_by_key(|(_, value)| value.len()).map(|(name, _)| name.clone());
        longest.and_then(|name| submission.typed.remove(&name));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn submission(typed: &[(&str, &str)]) -> Flash {
        Flash::Submission(Submission {
            action: "/actions/sign_up".into(),
            outcome: Err(AppError::EmailTaken),
            typed: typed.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect::<BTreeMap<_, _>>(),
        })
    }

    fn brought_back(header: &HeaderValue) -> HeaderMap {
        let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))])
    }

    #[test]
    fn a_note_comes_back_whole_and_cannot_be_read_on_the_way() {
        let flashes = FlashCookie::new(&"key".into(), false);
        let note = submission(&[("email", "ann@example.com")]);
        let header = flashes.leave(note.clone()).expect("a cookie");
        assert!(!header.to_str().expect("text").contains("ann"));
        assert_eq!(flashes.read(&brought_back(&header)), Some(note));
    }

    #[test]
    fn a_note_that_somebody_else_sealed_is_not_read() {
        let header = FlashCookie::new(&"theirs".into(), false).leave(submission(&[])).expect("a cookie");
        assert_eq!(FlashCookie::new(&"ours".into(), false).read(&brought_back(&header)), None);
    }

    #[test]
    fn a_note_always_fits_into_a_cookie() {
        let flashes = FlashCookie::new(&"key".into(), false);
        let header = flashes.leave(submission(&[("name", &"x".repeat(9000)), ("email", "a@b.c")])).expect("a cookie");
        assert!(header.len() < 4096, "{} bytes", header.len());
        let Some(Flash::Submission(read)) = flashes.read(&brought_back(&header)) else { panic!("no note") };
        assert_eq!(read.typed.keys().collect::<Vec<_>>(), ["email"]);
    }
}
