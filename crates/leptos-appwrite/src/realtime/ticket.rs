//! Tickets: the permission to connect, minted by our server for the cookie's user, for one attempt.

use std::time::Duration;

use leptos::prelude::*;

use crate::error::AppError;
use crate::json::Answer;
use appwrite_realtime::connection::{SessionCheck, TicketFailure};
use appwrite_realtime::handshake::Ticket;

/// Returns a ticket for one connection attempt. The response contains no session secret and is not cached.
#[server(prefix = "/actions", endpoint = "realtime_ticket", output = Answer)]
pub async fn realtime_ticket(
    /// The browser reports that Appwrite ignored a JWT in the address and connected a guest.
    #[server(default)]
    jwt_ignored: bool,
) -> Result<Ticket, AppError> {
    use super::mint::mint;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    mint(&request, jwt_ignored).await
}

/// Returns the id of the cookie's user. Fails with [`AppError::SignedOut`] once the session has ended.
#[server(prefix = "/actions", endpoint = "session_owner", output = Answer)]
pub async fn session_owner() -> Result<String, AppError> {
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    Ok(request.user::<appwrite_client::User>().await?.id)
}

impl From<AppError> for TicketFailure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::SignedOut | AppError::MoreFactorsRequired | AppError::PasswordResetRequired => Self::SignedOut,
            AppError::Blocked => Self::Blocked,
            AppError::TooManyRequests { retry_after } => {
                Self::RateLimited { retry_after: Duration::from_secs(retry_after) }
            }
            AppError::OutOfDate => Self::OutOfDate,
            _ => Self::Unavailable,
        }
    }
}

/// Compares the result of [`session_owner`] with this page's user.
pub fn session_check(user_id: &str, answer: Result<String, AppError>) -> SessionCheck {
    match answer {
        Ok(owner) if owner == user_id => SessionCheck::Alive,
        Ok(_) => SessionCheck::SomeoneElse,
        Err(AppError::SignedOut | AppError::MoreFactorsRequired | AppError::PasswordResetRequired) => {
            SessionCheck::Gone
        }
        Err(AppError::Blocked) => SessionCheck::Blocked,
        Err(_) => SessionCheck::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_session_counts_as_signed_out() {
        for error in [AppError::SignedOut, AppError::MoreFactorsRequired, AppError::PasswordResetRequired] {
            assert_eq!(TicketFailure::from(error.clone()), TicketFailure::SignedOut);
            assert_eq!(session_check("kim", Err(error)), SessionCheck::Gone);
        }
        for error in [AppError::Offline, AppError::BackendUnavailable, AppError::Internal, AppError::CrossSite] {
            assert_eq!(TicketFailure::from(error), TicketFailure::Unavailable);
        }
    }

    #[test]
    fn rate_limit_wait_is_preserved() {
        let failure = TicketFailure::from(AppError::TooManyRequests { retry_after: 7 });
        assert_eq!(failure, TicketFailure::RateLimited { retry_after: Duration::from_secs(7) });
    }

    #[test]
    fn session_check_reports_another_user() {
        assert_eq!(session_check("kim", Ok("kim".into())), SessionCheck::Alive);
        assert_eq!(session_check("kim", Ok("laura".into())), SessionCheck::SomeoneElse);
        assert_eq!(session_check("kim", Err(AppError::Blocked)), SessionCheck::Blocked);
        assert_eq!(session_check("kim", Err(AppError::BackendUnavailable)), SessionCheck::Unknown);
    }
}
