//! A rate limit that an app defines for its own server function.

use std::time::Duration;

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::security::app_limits::AppLimit;
use leptos_appwrite::session::request::ActionRequest;

use crate::running::{App, STRICT_LIMITS};

const GREETINGS: AppLimit = AppLimit::new("greetings", 2, Duration::from_secs(3600));

#[server(prefix = "/actions", endpoint = "greet")]
pub async fn greet(#[server(default)] name: String) -> Result<(), AppError> {
    let key = Some(name.as_str()).filter(|name| !name.is_empty());
    ActionRequest::current()?.limit(&GREETINGS, key).await
}

#[tokio::test]
async fn app_limit_counts_per_key_or_per_address() {
    let app = App::start_with(&STRICT_LIMITS).await;
    let browser = app.browser();
    let greet = async |name: &str| browser.call("/actions/greet", &[("name", name)]).await;
    for name in ["ann", "ben", ""] {
        for _ in 0..2 {
            assert_eq!(greet(name).await.status, 200, "{name:?}");
        }
        let refused = greet(name).await;
        assert_eq!(refused.status, 429, "{name:?}");
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((3500..=3601).contains(&seconds), "{seconds}");
    }
}
