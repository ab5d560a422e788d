//! Lists the user's sessions and ends them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A session as pages show it. Texts are empty if Appwrite does not know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The session's id, which is not secret.
    pub id: String,
    /// True for the session that shows the page.
    pub is_this: bool,
    /// The browser's name: `Firefox`.
    pub browser: String,
    /// The operating system's name: `Windows`.
    pub system: String,
    /// The kind of device: `smartphone`.
    pub kind: String,
    /// The country's name.
    pub country: String,
    /// The client address at sign-in.
    pub address: String,
    /// The time of the sign-in, in seconds since 1970.
    pub started: Option<i64>,
    /// The session's expiry, in seconds since 1970.
    pub ends: Option<i64>,
}

#[cfg(feature = "ssr")]
mod server {
    use super::Device;
    use crate::account::form_account::check_form_account;
    use crate::error::AppError;
    use crate::session::request::ActionRequest;
    use appwrite_client::Session;

    impl From<Session> for Device {
        fn from(session: Session) -> Self {
            let is_country_known = !matches!(session.country_code.as_str(), "" | "--");
            Self {
                id: session.id,
                is_this: session.current,
                browser: session.client_name,
                system: session.os_name,
                kind: session.device_name,
                country: if is_country_known { session.country_name } else { String::new() },
                address: session.ip,
                started: session.created_at.map(|at| at.as_second()),
                ends: session.expire.map(|at| at.as_second()),
            }
        }
    }

    /// Fails if the form was rendered for another user than the one who is signed in now. Also fails if Appwrite marks
    /// no session as the current one, because the action would then end this session too.
    pub(super) fn check_account(sessions: &[Session], account: &str) -> Result<(), AppError> {
        let this = sessions.iter().find(|session| session.current);
        let this = this.ok_or_else(|| AppError::internal("Appwrite marks no session as the current one"))?;
        check_form_account(&this.user_id, account)
    }

    /// Returns the current request and the page with the devices, if the app has one.
    pub(super) fn on_page() -> Result<(ActionRequest, &'static str), AppError> {
        let request = ActionRequest::current()?;
        let page = request.state.site.paths.devices.ok_or(AppError::MethodUnavailable)?;
        Ok((request, page))
    }
}

/// Returns the user's sessions: this one first, then the newest.
#[server(prefix = "/actions", endpoint = "list_devices")]
pub async fn list_devices() -> Result<Vec<Device>, AppError> {
    let (request, _) = server::on_page()?;
    request.no_store();
    let mut devices: Vec<Device> = request.session()?.sessions().await?.into_iter().map(Device::from).collect();
    devices.sort_by_key(|device| (!device.is_this, std::cmp::Reverse(device.started)));
    Ok(devices)
}

/// Ends one of the user's sessions. Ending this one signs this browser out.
#[server(prefix = "/actions", endpoint = "end_device")]
pub async fn end_device(#[server(default)] id: String, #[server(default)] account: String) -> Result<(), AppError> {
    use crate::session::Success;
    use crate::session::own_path::OwnPath;

    let (request, page) = server::on_page()?;
    let client = request.session()?;
    let sessions = client.sessions().await?;
    server::check_account(&sessions, &account)?;
    let asked = sessions.into_iter().find(|session| session.id == id);
    if let Some(session) = &asked {
        client.end_session(session).await?;
    }
    if asked.is_some_and(|session| session.current) {
        request.forget_session();
        request.go_home();
    } else {
        request.leave_success(Success::SessionEnded);
        request.go_to(&OwnPath::of_page(page));
    }
    Ok(())
}

/// Ends all sessions of the user but this one.
#[server(prefix = "/actions", endpoint = "end_other_devices")]
pub async fn end_other_devices(#[server(default)] account: String) -> Result<(), AppError> {
    use super::others::end_others;
    use crate::session::Success;
    use crate::session::own_path::OwnPath;

    let (request, page) = server::on_page()?;
    let client = request.session()?;
    let sessions = client.sessions().await?;
    server::check_account(&sessions, &account)?;
    end_others(&client, sessions).await?;
    request.leave_success(Success::OtherSessionsEnded);
    request.go_to(&OwnPath::of_page(page));
    Ok(())
}
