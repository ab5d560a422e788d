//! English texts for the live connection.

use appwrite_realtime::state::{ConnectionState, Ending, Hindrance};

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
        ConnectionState::NotLive(hindrance) => format!("Not live: {}", of_hindrance(hindrance)),
        ConnectionState::Ended(ending) => of_ending(*ending).to_owned(),
    }
}

fn of_hindrance(hindrance: &Hindrance) -> String {
    match hindrance {
        Hindrance::UnregisteredOrigin => "this address is not registered as a platform of the project".to_owned(),
        Hindrance::UnknownProject => "the server does not know this project".to_owned(),
        Hindrance::SignInRefused => "live updates need a new sign-in".to_owned(),
        Hindrance::WrongUser => "the server connected another user".to_owned(),
        Hindrance::ChannelLeftOut => "some changes on this page do not arrive live".to_owned(),
        Hindrance::CookieConflict => "one of Appwrite's own cookies blocks live updates".to_owned(),
        Hindrance::SwitchedOff => "live updates are switched off for the project".to_owned(),
        Hindrance::Misconfigured => "this site isn't set up correctly".to_owned(),
        Hindrance::OutOfDate => "this page is out of date, reload it".to_owned(),
        Hindrance::Refused(words) if words.is_empty() => "the server refuses the connection".to_owned(),
        Hindrance::Refused(words) => format!("the server refuses the connection ({words})"),
    }
}

/// Explains the end of the session.
pub(super) fn of_ending(ending: Ending) -> &'static str {
    match ending {
        Ending::SignedOut => "You were signed out",
        Ending::ElsewhereInThisBrowser => "You signed out in another tab",
        Ending::SessionDeleted => "You were signed out on another device",
        Ending::Expired => "Your session expired",
        Ending::Blocked => "Your account is blocked",
        Ending::AccountDeleted => "Your account is deleted",
        Ending::SomeoneElse => "Someone else signed in to this browser",
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
                ConnectionState::NotLive(Hindrance::UnregisteredOrigin),
                "Not live: this address is not registered as a platform of the project",
            ),
            (ConnectionState::NotLive(Hindrance::SignInRefused), "Not live: live updates need a new sign-in"),
            (
                ConnectionState::NotLive(Hindrance::Refused("Too big".to_owned())),
                "Not live: the server refuses the connection (Too big)",
            ),
            (ConnectionState::Ended(Ending::SignedOut), "You were signed out"),
        ] {
            assert_eq!(of_state(&state), words);
        }
    }

    #[test]
    fn countdown_is_announced_once_and_not_each_second() {
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
            ConnectionState::NotLive(Hindrance::CookieConflict),
            ConnectionState::Ended(Ending::Expired),
        ] {
            assert_eq!(announcement(&state), of_state(&state));
            assert_eq!(detail(&state), "");
        }
    }
}
