//! A message for the next page, sealed into a cookie that lives for one minute and is read once.
//!
//! Without JavaScript, a form's response is a redirect. The flash carries the typed values and errors, so that no URL
//! contains them and nobody else can write them.

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::sealed::{SealedCookie, Sealer};
use super::submission::Submission;
use super::success::Success;
use crate::error::AppError;

/// The flash expires after this time.
const LIFETIME: Duration = Duration::minutes(1);

/// A message for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// The result of a form.
    Submission(Submission),
    /// The reason for a redirect.
    Notice(AppError),
    /// An action that succeeded.
    Success(Success),
}

/// Seals and opens the flash.
#[derive(Clone)]
pub struct FlashCookie(SealedCookie<Flash>);

impl FlashCookie {
    /// Returns the cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        // `Lax`: the redirect back from a provider is a cross-site navigation.
        Self(sealer.cookie("flash", "__Host-flash", LIFETIME, SameSite::Lax))
    }

    /// Returns the `Set-Cookie` header that stores the flash.
    pub fn leave(&self, mut flash: Flash) -> Option<HeaderValue> {
        let size = json_size(&flash);
        if let Flash::Submission(submission) = &mut flash {
            keep_what_fits(submission, size.saturating_sub(self.0.room()));
        }
        self.0.leave(&flash)
    }

    /// Returns the flash, if the request contains one that this app sealed.
    pub fn read(&self, headers: &HeaderMap) -> Option<Flash> {
        self.0.read(headers)
    }

    /// Returns the `Set-Cookie` header that removes the flash.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.0.clear()
    }
}

/// Drops the longest values until `excess` bytes are saved, and marks the submission as cut.
fn keep_what_fits(submission: &mut Submission, mut excess: usize) {
    if excess == 0 {
        return;
    }
    // Counts the colon between the two, but not the comma after them, which the last pair lacks.
    let size = |(name, value): (&String, &String)| (json_size(name) + 1 + json_size(value), name.clone());
    let mut sizes: Vec<_> = submission.typed.iter().map(size).collect();
    sizes.sort_by(|one, other| other.cmp(one));
    for (size, name) in sizes {
        submission.typed.remove(&name);
        submission.is_cut = true;
        excess = excess.saturating_sub(size);
        if excess == 0 {
            return;
        }
    }
}

/// Returns the length as JSON, in bytes.
fn json_size(content: &impl Serialize) -> usize {
    serde_json::to_string(content).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::header;

    use super::*;
    use crate::session::mail_link::MailLink;

    fn submission<const N: usize>(typed: [(&str, String); N]) -> Submission {
        Submission {
            action: "/actions/sign_up".into(),
            outcome: Err(AppError::EmailTaken),
            typed: typed.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<BTreeMap<_, _>>(),
            is_cut: false,
            link: MailLink::parse("6b013ef8ceed9d5e2056", &"a1".repeat(128)),
        }
    }

    fn left_and_read(submission: Submission) -> Submission {
        let flashes = FlashCookie::new(&Sealer::new(&"key".into(), true));
        let header = flashes.leave(Flash::Submission(submission)).expect("a cookie");
        assert!(header.len() <= 4096, "{} bytes", header.len());
        let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let brought_back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))]);
        let Some(Flash::Submission(read)) = flashes.read(&brought_back) else { panic!("no note") };
        read
    }

    #[test]
    fn longest_fields_are_dropped_until_the_cookie_fits() {
        for long in ["x".repeat(9000), "\"".repeat(1900), "\u{1}".repeat(600), "\u{1f382}".repeat(1000)] {
            let read = left_and_read(submission([("name", long), ("email", "a@b.c".into())]));
            assert_eq!(read.typed.keys().collect::<Vec<_>>(), ["email"]);
            assert!(read.is_cut && read.link.is_some());
        }
        let both = submission([("name", "x".repeat(1500)), ("note", "\"".repeat(900)), ("email", "a@b.c".into())]);
        assert_eq!(left_and_read(both).typed.keys().collect::<Vec<_>>(), ["email", "name"]);
    }

    #[test]
    fn cookie_that_fits_is_kept_unchanged() {
        let whole = submission([("name", "\"".repeat(900)), ("email", "a@b.c".into())]);
        assert_eq!(left_and_read(whole.clone()), whole);
    }
}
