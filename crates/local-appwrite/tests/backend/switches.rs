//! Methods and services that a project has switched off.

use local_appwrite::AuthMethod;
use serde_json::json;

use crate::client::{As, Backend};

#[tokio::test]
async fn switched_off_method_is_unsupported_but_not_for_keys() {
    let backend = Backend::with(|settings| settings.disabled_methods = vec![AuthMethod::Anonymous]).await;
    let refused = backend.post(As::Guest, "/account/sessions/anonymous", json!({})).await;
    assert_eq!(refused.error(), (501, "user_auth_method_unsupported".to_owned()));
    backend.post(As::Key, "/account/sessions/anonymous", json!({})).await.expect(201);
}

#[tokio::test]
async fn disabled_method_is_refused_to_keys_if_configured() {
    let backend = Backend::with(|settings| {
        settings.disabled_methods = vec![AuthMethod::MagicUrl];
        settings.disable_for_keys = true;
    })
    .await;
    let ask = json!({"userId": "unique()", "email": "a@example.com"});
    let refused = backend.post(As::Key, "/account/tokens/magic-url", ask).await;
    assert_eq!(refused.error(), (501, "user_auth_method_unsupported".to_owned()));
}

#[tokio::test]
async fn missing_mail_and_sms_are_reported() {
    let backend = Backend::with(|settings| (settings.smtp, settings.sms) = (false, false)).await;
    let mail =
        backend.post(As::Key, "/account/tokens/email", json!({"userId": "unique()", "email": "a@example.com"})).await;
    assert_eq!(mail.error(), (503, "general_smtp_disabled".to_owned()));
    let sms =
        backend.post(As::Key, "/account/tokens/phone", json!({"userId": "unique()", "phone": "+12025551243"})).await;
    assert_eq!(sms.error(), (503, "general_phone_disabled".to_owned()));
}
