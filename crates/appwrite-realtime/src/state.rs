//! How it stands with the live connection.

use serde::{Deserialize, Serialize};

/// How it stands with the live updates.
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
    /// The server left out a channel that was asked for.
    ChannelLeftOut,
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
}
