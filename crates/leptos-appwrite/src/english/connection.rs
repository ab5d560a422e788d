//! English texts for the live connection.

use appwrite_realtime::state::{ConnectionState, EndReason, NotLiveReason};

/// Returns the badge's text: the part that screen readers announce when it changes, and the rest.
pub(super) fn parts(state: &ConnectionState) -> [String; 2] {
    [announcement(state), detail(state)]
}

/// Returns the announced part of the badge's text. It is empty for states in transition, and contains no countdown.
fn announcement(state: &ConnectionState) -> String {
    match state {
        ConnectionState::Idle | ConnectionState::Connecting => String::new(),
        ConnectionState::Reconnecting { .. } => "Reconnecting".to_owned(),
        settled => of_state(settled),
    }
}

/// Returns the rest of the badge's text, after [`announcement`].
fn detail(state: &ConnectionState) -> String {
    of_state(state).strip_prefix(announcement(state).as_str()).map_or_else(String::new, str::to_owned)
}

/// Returns the badge's whole text.
fn of_state(state: &ConnectionState) -> String {
    match state {
        ConnectionState::Idle => "Not live".to_owned(),
        ConnectionState::Connecting => "Connecting…".to_owned(),
        ConnectionState::Live => "Live".to_owned(),
        ConnectionState::Reconnecting { seconds: 0 } => "Reconnecting…".to_owned(),
        ConnectionState::Reconnecting { seconds } => format!("Reconnecting in {seconds} s"),
        ConnectionState::Offline => "Offline".to_owned(),
        ConnectionState::NotLive(reason) => format!("Not live: {}", of_not_live(reason)),
        ConnectionState::Ended(reason) => of_end_reason(*reason).to_owned(),
    }
}

fn of_not_live(reason: &NotLiveReason) -> String {
    match reason {
        NotLiveReason::UnregisteredOrigin => "this address is not registered as a platform of the project".to_owned(),
        NotLiveReason::UnknownProject => "the server does not know this project".to_owned(),
        NotLiveReason::SignInRefused => "live updates need a new sign-in".to_owned(),
        NotLiveReason::WrongUser => "the server connected another user".to_owned(),
        NotLiveReason::ChannelLeftOut => "some changes on this page do not arrive live".to_owned(),
        NotLiveReason::CookieConflict => "one of Appwrite's own cookies blocks live updates".to_owned(),
        NotLiveReason::SwitchedOff => "live updates are switched off for the project".to_owned(),
        NotLiveReason::Misconfigured => "this site isn't set up correctly".to_owned(),
        NotLiveReason::OutOfDate => "this page is out of date, reload it".to_owned(),
        NotLiveReason::Refused(words) if words.is_empty() => "the server refuses the connection".to_owned(),
        NotLiveReason::Refused(words) => format!("the server refuses the connection ({words})"),
    }
}

/// Explains the end of the session.
pub(super) fn of_end_reason(reason: EndReason) -> &'static str {
    match reason {
        EndReason::SignedOut => "You were signed out",
        EndReason::ElsewhereInThisBrowser => "You signed out in another tab",
        EndReason::SessionDeleted => "You were signed out on another device",
        EndReason::Expired => "Your session expired",
        EndReason::Blocked => "Your account is blocked",
        EndReason::AccountDeleted => "Your account is deleted",
        EndReason::SomeoneElse => "Someone else signed in to this browser",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_plain_text() {
        for (state, words) in [
            (ConnectionState::Idle, "Not live"),
            (ConnectionState::Connecting, "Connecting…"),
            (ConnectionState::Live, "Live"),
            (ConnectionState::Reconnecting { seconds: 4 }, "Reconnecting in 4 s"),
            (ConnectionState::Reconnecting { seconds: 0 }, "Reconnecting…"),
            (ConnectionState::Offline, "Offline"),
            (
                ConnectionState::NotLive(NotLiveReason::UnregisteredOrigin),
                "Not live: this address is not registered as a platform of the project",
            ),
            (ConnectionState::NotLive(NotLiveReason::SignInRefused), "Not live: live updates need a new sign-in"),
            (
                ConnectionState::NotLive(NotLiveReason::Refused("Too big".to_owned())),
                "Not live: the server refuses the connection (Too big)",
            ),
            (ConnectionState::Ended(EndReason::SignedOut), "You were signed out"),
        ] {
            assert_eq!(of_state(&state), words);
        }
    }

    #[test]
    fn countdown_is_announced_once() {
        let parts = [4, 1, 0].map(|seconds| {
            let state = ConnectionState::Reconnecting { seconds };
            (announcement(&state), detail(&state))
        });
        let expected = [("Reconnecting", " in 4 s"), ("Reconnecting", " in 1 s"), ("Reconnecting", "…")];
        assert_eq!(parts, expected.map(|(announcement, detail)| (announcement.to_owned(), detail.to_owned())));
    }

    #[test]
    fn connecting_state_is_shown_but_not_announced() {
        for state in [ConnectionState::Idle, ConnectionState::Connecting] {
            assert_eq!(announcement(&state), "");
            assert_eq!(detail(&state), of_state(&state));
        }
    }

    #[test]
    fn settled_state_is_announced_in_full() {
        for state in [
            ConnectionState::Live,
            ConnectionState::Offline,
            ConnectionState::NotLive(NotLiveReason::CookieConflict),
            ConnectionState::Ended(EndReason::Expired),
        ] {
            assert_eq!(announcement(&state), of_state(&state));
            assert_eq!(detail(&state), "");
        }
    }
}
