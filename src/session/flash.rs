//! A note to the page that is rendered next, sealed into a cookie that lives a minute and is read once.
//!
//! Without JavaScript, a form's answer is a redirect; what was typed and what was wrong with it travel here, so that no
//! URL holds them and nobody else can write them.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::news::News;
use super::sealed::{SealedCookie, Sealer};
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
    /// This went as the person wished.
    News(News),
}

/// Seals and opens the notes.
#[derive(Clone)]
pub struct FlashCookie(SealedCookie<Flash>);

impl FlashCookie {
    /// The cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("flash", "__Host-flash", LIFETIME, SameSite::Strict))
    }

    /// The `Set-Cookie` that leaves the note.
    pub fn leave(&self, mut flash: Flash) -> Option<HeaderValue> {
        if let Flash::Submission(submission) = &mut flash {
            keep_what_fits(submission);
        }
        self.0.leave(&flash)
    }

    /// The note, if the request brings one that we sealed.
    pub fn read(&self, headers: &HeaderMap) -> Option<Flash> {
        self.0.read(headers)
    }

    /// The `Set-Cookie` that takes the note away.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.0.clear()
    }
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

    use axum::http::header;

    use super::*;
    use crate::auth::mail_link::MailLink;

    #[test]
    fn a_note_always_fits_into_a_cookie() {
        let typed = [("name", "x".repeat(9000)), ("email", "a@b.c".into())];
        let note = Flash::Submission(Submission {
            action: "/actions/sign_up".into(),
            outcome: Err(AppError::EmailTaken),
            typed: typed.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<BTreeMap<_, _>>(),
            link: MailLink::parse("6b013ef8ceed9d5e2056", &"a1".repeat(128)),
        });
        let flashes = FlashCookie::new(&Sealer::new(&"key".into(), false));
        let header = flashes.leave(note).expect("a cookie");
        assert!(header.len() < 4096, "{} bytes", header.len());
        let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let brought_back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))]);
        let Some(Flash::Submission(read)) = flashes.read(&brought_back) else { panic!("no note") };
        assert_eq!(read.typed.keys().collect::<Vec<_>>(), ["email"]);
        assert!(read.link.is_some());
    }
}
