//! The state of the live connection.

use serde::{Deserialize, Serialize};

/// The state of the live updates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConnectionState {
    /// No part of the page has subscribed. The server renders this, and browsers show it first: it is correct without
    /// JavaScript too.
    #[default]
    Idle,
    /// The first connection attempt is in progress.
    Connecting,
    /// The page is up to date and receives changes.
    Live,
    /// The connection is lost; the next attempt starts in this many seconds.
    Reconnecting {
        /// Whole seconds, rounded up.
        seconds: u64,
    },
    /// The device reports that it is offline.
    Offline,
    /// The server does not send live updates to this page.
    NotLive(NotLiveReason),
    /// The session has ended.
    Ended(EndReason),
}

/// The reason why the server does not send live updates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotLiveReason {
    /// The page's origin is not among the project's platforms.
    UnregisteredOrigin,
    /// The server does not know the project.
    UnknownProject,
    /// The server connected a guest, or rejected the JWT although the session is valid.
    SignInRefused,
    /// The server connected another user.
    WrongUser,
    /// The server omitted a requested channel.
    ChannelLeftOut,
    /// Appwrite's own session cookie reaches the server together with the JWT.
    CookieConflict,
    /// Realtime is disabled for the project.
    SwitchedOff,
    /// The server's endpoint is not a valid URL for Realtime.
    Misconfigured,
    /// The page is older than the server.
    OutOfDate,
    /// Any other reason, with the server's message.
    Refused(String),
}

/// The reason why the session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// The server no longer knows the session.
    SignedOut,
    /// The user signed out in another tab.
    ElsewhereInThisBrowser,
    /// The session was deleted, for instance on another device.
    SessionDeleted,
    /// The session has expired.
    Expired,
    /// The account was blocked.
    Blocked,
    /// The account was deleted.
    AccountDeleted,
    /// Another user has signed in in this browser.
    SomeoneElse,
}

impl ConnectionState {
    /// True if the page receives changes as they happen.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }

    /// Returns the reason why the session ended, if it has. Private content must then be hidden.
    pub fn end_reason(&self) -> Option<EndReason> {
        match self {
            Self::Ended(reason) => Some(*reason),
            _ => None,
        }
    }
}
