//! A note to the page that is rendered next, sealed into a cookie that lives a minute and is read once.
//!
//! Without JavaScript, a form's answer is a redirect; what was typed and what was wrong with it travel here, so that no
//! URL holds them and nobody else can write them.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::sealed::{SealedCookie, Sealer};
use super::submission::Submission;
use crate::error::AppError;

/// How long the note waits to be read.
const LIFETIME: Duration = Duration::minutes(1);

/// What the next page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// A form came to this.
    Submission(Submission),
    /// The person was sent here because of this.
    Notice(AppError),
    /// This went as the person wished; the app knows what.
    Success(String),
}

/// Seals and opens the notes.
#[derive(Clone)]
pub struct FlashCookie(SealedCookie<Flash>);

impl FlashCookie {
    /// The cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        // `Lax`: the redirect back from a provider is a navigation that another site began.
        Self(sealer.cookie("flash", "__Host-flash", LIFETIME, SameSite::Lax))
    }

    /// The `Set-Cookie` that leaves the note.
    pub fn leave(&self, mut flash: Flash) -> Option<HeaderValue> {
        let size = json_size(&flash);
        if let Flash::Submission(submission) = &mut flash {
            keep_what_fits(submission, size.saturating_sub(self.0.room()));
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

/// Drops the longest values first until so many bytes are saved, and notes that some are gone.
fn keep_what_fits(submission: &mut Submission, mut excess: usize) {
    if excess == 0 {
        return;
    }
    // A colon joins the two; the comma behind them is not always there.
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

/// How long this is as JSON, in bytes.
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
    fn longest_fields_are_dropped_until_the_note_fits() {
        for long in ["x".repeat(9000), "\"".repeat(1900), "\u{1}".repeat(600), "\u{1f382}".repeat(1000)] {
            let read = left_and_read(submission([("name", long), ("email", "a@b.c".into())]));
            assert_eq!(read.typed.keys().collect::<Vec<_>>(), ["email"]);
            assert!(read.is_cut && read.link.is_some());
        }
        let both = submission([("name", "x".repeat(1500)), ("note", "\"".repeat(900)), ("email", "a@b.c".into())]);
        assert_eq!(left_and_read(both).typed.keys().collect::<Vec<_>>(), ["email", "name"]);
    }

    #[test]
    fn note_that_fits_is_kept_whole() {
        let whole = submission([("name", "\"".repeat(900)), ("email", "a@b.c".into())]);
        assert_eq!(left_and_read(whole.clone()), whole);
    }
}
