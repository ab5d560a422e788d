//! The theme in the account's preferences, which follows the user to other devices.

use std::time::Duration;

use appwrite_client::{AppwriteError, SessionClient, User};
use tokio::time::timeout;

use super::Theme;
use super::cookie::StoredTheme;

/// The preference.
const KEY: &str = "theme";

/// The time limit for Appwrite: a change of the theme waits no longer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Returns the theme for the user's pages, if it is not the browser's own.
pub(crate) fn of(user: &User, in_browser: StoredTheme) -> Option<Theme> {
    let of_account = user.prefs.get(KEY)?.as_str().and_then(Theme::of_name)?;
    (!in_browser.is_here_only && of_account != in_browser.theme).then_some(of_account)
}

/// The state of the theme in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    InAccount,
    /// Appwrite did not answer.
    HereOnly,
    /// The session has ended or waits for its second factor.
    SignedOut,
}

/// Stores the theme in the account, and keeps its other preferences.
pub(super) async fn store(session: &SessionClient, theme: Theme) -> Stored {
    let work = async {
        let mut prefs = session.prefs().await?;
        prefs.insert(KEY.to_owned(), theme.as_str().into());
        session.replace_prefs(&prefs).await
    };
    match timeout(TIMEOUT, work).await.unwrap_or(Err(AppwriteError::TimedOut)) {
        Ok(_) => Stored::InAccount,
        Err(error) if error.status() == Some(401) => Stored::SignedOut,
        Err(error) => {
            tracing::warn!(%error, "a theme could not be stored in the account");
            Stored::HereOnly
        }
    }
}
