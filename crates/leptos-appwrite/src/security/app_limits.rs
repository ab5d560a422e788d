//! Rate limits that an app defines for its own server functions.
//!
//! ```
//! use std::time::Duration;
//!
//! use leptos_appwrite::error::AppError;
//! use leptos_appwrite::security::app_limits::AppLimit;
//! use leptos_appwrite::session::request::ActionRequest;
//!
//! /// Ten invitations at once, then one more each minute.
//! const INVITATIONS: AppLimit = AppLimit::new("invitations", 10, Duration::from_secs(60));
//!
//! async fn count_invitation(request: &ActionRequest, user_id: &str) -> Result<(), AppError> {
//!     request.limit(&INVITATIONS, Some(user_id)).await
//! }
//! ```

use std::num::NonZeroU32;
use std::time::Duration;

/// A limit, counted with [`ActionRequest::limit`](crate::session::request::ActionRequest::limit).
#[derive(Debug, Clone, Copy)]
pub struct AppLimit {
    pub(super) name: &'static str,
    pub(super) burst: NonZeroU32,
    pub(super) refill: Duration,
}

impl AppLimit {
    /// Allows `burst` attempts at once, and one more after each `refill`. Limits of one name share their counters.
    ///
    /// # Panics
    /// If `burst` or `refill` is zero; in a `const`, this is a compile error.
    #[must_use]
    pub const fn new(name: &'static str, burst: u32, refill: Duration) -> Self {
        let Some(burst) = NonZeroU32::new(burst) else { panic!("a limit allows at least one attempt") };
        assert!(!refill.is_zero(), "a limit needs time to refill");
        Self { name, burst, refill }
    }
}
