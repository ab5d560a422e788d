//! What a person is told of the live connection.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How it stands with the live updates. Its text is what the badge shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConnectionState {
    /// Nobody has asked for live updates yet. This is what the server renders, and what a browser shows first: it is
    /// true without JavaScript too.
    #[default]
    Idle,
    /// On the way to the first connection.
    Connecting,
    /// What the page shows is up to date, and changes as the data does.
    Live,
    /// The connection is lost; the next attempt is this many seconds away.
    Reconnecting {
        /// Whole seconds, rounded up.
        seconds: u64,
    },
    /// The device says that it has no network.
    Offline,
    /// The server does not give live updates to this page.
    NotLive(Hindrance),
    /// The person is not signed in any more.
    Ended(Ending),
}

/// Why the server does not give live updates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hindrance {
    /// The page's origin is not among the project's platforms.
    UnregisteredOrigin,
    /// The server does not know the project.
    UnknownProject,
    /// The server connected a guest, or refused the credential although the session lives.
    SignInRefused,
    /// The server connected somebody else.
    WrongUser,
    /// Appwrite's own session cookie reaches the server together with the JWT.
    CookieConflict,
    /// Realtime is switched off for the project.
    SwitchedOff,
    /// No address can be made from the endpoint that the server names.
    Misconfigured,
    /// The page is older than the server.
    OutOfDate,
    /// Anything else, in the server's words.
    Refused(String),
}

/// Why the person is not signed in any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The server does not know the session any more.
    SignedOut,
    /// The person signed out in another tab.
    ElsewhereInThisBrowser,
    /// The session was deleted. Nobody tells by whom.
    SessionDeleted,
    /// The session's time is over.
    Expired,
    /// The account was blocked.
    Blocked,
    /// The account was deleted.
    AccountDeleted,
    /// Somebody else has signed in in this browser.
    SomeoneElse,
}

impl ConnectionState {
    /// Whether changes reach the page as they happen.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }

    /// Why the person is not signed in any more, if that is so. Everything private leaves the screen then.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Self::Ended(ending) => Some(*ending),
            _ => None,
        }
    }

    /// The part of the text that a screen reader is told when it changes: what is settled. What is on the way to
    /// somewhere has none, and seconds are not counted aloud.
    pub fn announcement(&self) -> String {
        match self {
            Self::Idle | Self::Connecting => String::new(),
            Self::Reconnecting { .. } => "Reconnecting".to_owned(),
            settled => settled.to_string(),
        }
    }

    /// The rest of the text, after [`announcement`](Self::announcement).
    pub fn detail(&self) -> String {
        let text = self.to_string();
        text.strip_prefix(self.announcement().as_str()).map_or_else(String::new, str::to_owned)
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => formatter.write_str("Not live"),
            Self::Connecting => formatter.write_str("Connecting…"),
            Self::Live => formatter.write_str("Live"),
            Self::Reconnecting { seconds: 0 } => formatter.write_str("Reconnecting…"),
            Self::Reconnecting { seconds } => write!(formatter, "Reconnecting in {seconds} s"),
            Self::Offline => formatter.write_str("Offline"),
            Self::NotLive(hindrance) => write!(formatter, "Not live: {hindrance}"),
            Self::Ended(ending) => ending.fmt(formatter),
        }
    }
}

impl fmt::Display for Hindrance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnregisteredOrigin => "this address is not registered as a platform of the project",
            Self::UnknownProject => "the server does not know this project",
            Self::SignInRefused => "the server does not accept this sign-in for live updates",
            Self::WrongUser => "the server connected another user",
            Self::CookieConflict => "the server's own sign-in cookie is in the way",
            Self::SwitchedOff => "live updates are switched off for the project",
            Self::Misconfigured => "the address of the server is not usable",
            Self::OutOfDate => "this page is out of date, reload it",
            Self::Refused(words) if words.is_empty() => "the server refuses the connection",
            Self::Refused(words) => return write!(formatter, "the server refuses the connection ({words})"),
        })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SignedOut => "Signed out",
            Self::ElsewhereInThisBrowser => "Signed out in another tab",
            Self::SessionDeleted => "Signed out on another device",
            Self::Expired => "Signed out: your session expired",
            Self::Blocked => "Signed out: the account is blocked",
            Self::AccountDeleted => "Signed out: the account is deleted",
            Self::SomeoneElse => "Signed out: another user signed in in this browser",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_reads_as_plain_words() {
        for (state, words) in [
            (ConnectionState::Idle, "Not live"),
            (ConnectionState::Connecting, "Connecting…"),
            (ConnectionState::Live, "Live"),
            (ConnectionState::Reconnecting { seconds: 4 }, "Reconnecting in 4 s"),
            (ConnectionState::Reconnecting { seconds: 0 }, "Reconnecting…"),
            (ConnectionState::Offline, "Offline"),
            (
                ConnectionState::NotLive(Hindrance::UnregisteredOrigin),
                "Not live: this address is not registered as a platform of the project",
            ),
            (
                ConnectionState::NotLive(Hindrance::SignInRefused),
                "Not live: the server does not accept this sign-in for live updates",
            ),
            (
                ConnectionState::NotLive(Hindrance::Refused("Too big".to_owned())),
                "Not live: the server refuses the connection (Too big)",
            ),
            (ConnectionState::Ended(Ending::SignedOut), "Signed out"),
        ] {
            assert_eq!(state.to_string(), words);
        }
    }

    #[test]
    fn a_countdown_is_announced_once_and_not_each_second() {
        let parts = [4, 1, 0].map(|seconds| {
            let state = ConnectionState::Reconnecting { seconds };
            (state.announcement(), state.detail())
        });
        let expected = [("Reconnecting", " in 4 s"), ("Reconnecting", " in 1 s"), ("Reconnecting", "…")];
        assert_eq!(parts, expected.map(|(announcement, detail)| (announcement.to_owned(), detail.to_owned())));
    }

    #[test]
    fn the_way_to_a_connection_is_shown_and_not_announced() {
        for state in [ConnectionState::Idle, ConnectionState::Connecting] {
            assert_eq!(state.announcement(), "");
            assert_eq!(state.detail(), state.to_string());
        }
    }

    #[test]
    fn a_settled_state_is_announced_whole() {
        for state in [
            ConnectionState::Live,
            ConnectionState::Offline,
            ConnectionState::NotLive(Hindrance::CookieConflict),
            ConnectionState::Ended(Ending::Expired),
        ] {
            assert_eq!(state.announcement(), state.to_string());
            assert_eq!(state.detail(), "");
        }
    }
}
