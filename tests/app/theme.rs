//! The pages' colors: a cookie that the server follows.

use axum::routing::get;
use axum::{Json, Router};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

async fn choose(browser: &Browser, theme: &str) -> u16 {
    browser.post_form("/actions/set_theme", &[("theme", theme), ("page", "/login")]).await.status
}

/// The opening tag of `<html>`.
async fn html_of(browser: &Browser, path: &str) -> String {
    let page = browser.open(path).await;
    page.body.split_once("<html").and_then(|(_, rest)| rest.split_once('>')).expect("a document").0.to_owned()
}

#[tokio::test]
async fn chosen_theme_is_rendered_on_every_page() {
    let app = App::start().await;
    for browser in [app.browser(), app.browser_of("Ann").await] {
        for theme in ["dark", "light"] {
            assert_eq!(choose(&browser, theme).await, 303);
            for path in ["/", "/login", "/account", "/birthdays", "/recovery/open", "/nowhere"] {
                if browser.open(path).await.status == 303 {
                    continue;
                }
                let html = html_of(&browser, path).await;
                assert!(html.contains(&format!("data-theme=\"{theme}\"")), "{path}: {html}");
                let page = browser.open(path).await;
                assert!(page.body.contains(&format!("<meta name=\"color-scheme\" content=\"{theme}\"")), "{path}");
                for scheme in ["light", "dark"] {
                    let media = if scheme == theme { "all" } else { "not all" };
                    let color = page.body.split_once(&format!("<meta id=\"theme-color-{scheme}\"")).expect("a color").1;
                    let color = color.split_once('>').expect("an element").0;
                    assert!(color.contains(&format!("media=\"{media}\"")), "{path}: {color}");
                }
                assert!(page.header("vary").contains("Cookie"), "{path}: {:?}", page.headers);
            }
        }
        assert_eq!(choose(&browser, "system").await, 303);
        assert_eq!(browser.cookie("theme"), None);
        assert!(!html_of(&browser, "/birthdays").await.contains("data-theme"));
        assert!(browser.open("/").await.body.contains("<meta name=\"color-scheme\" content=\"light dark\""));
    }
}

#[tokio::test]
async fn theme_cookie_lasts_and_is_secure_over_https() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let answer = app.browser().call("/actions/set_theme", &[("theme", "dark")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.set_cookie("theme").expect("a cookie");
    assert_eq!((cookie.value(), cookie.path(), cookie.secure()), ("dark", Some("/"), Some(true)));
    assert_eq!(cookie.max_age().map(|age| age.whole_days()), Some(400));
    assert_eq!(answer.headers.get_all(SET_COOKIE).iter().count(), 1);
}

#[tokio::test]
async fn unknown_theme_is_refused_or_ignored() {
    let app = App::start().await;
    let browser = app.browser();
    for theme in ["", "black", "dark\"><script>"] {
        let answer = browser.call("/actions/set_theme", &[("theme", theme)]).await;
        assert_eq!((answer.status, answer.cookies().len()), (400, 0), "{theme}");
    }
    for planted in ["black", "dark\"><script>", "dark; theme=light"] {
        browser.plant("theme", planted);
        assert!(!html_of(&browser, "/login").await.contains("theme"), "{planted}");
    }
}

/// Signs in with another browser, which has this theme.
async fn other_device(app: &App, theme: &str) -> Browser {
    let browser = app.browser();
    if !theme.is_empty() {
        choose(&browser, theme).await;
    }
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(browser.post_form("/actions/sign_in", &fields).await.status, 303);
    browser
}

async fn prefs_of(app: &App, browser: &Browser) -> Value {
    let session = browser.cookie("session").expect("a session");
    app.ask_backend(Method::GET, "/account/prefs", Some(&session), Value::Null).await
}

#[tokio::test]
async fn theme_follows_the_account_to_another_device() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let session = ann.cookie("session").expect("a session");
    let others = json!({ "prefs": { "week": "monday" } });
    app.ask_backend(Method::PATCH, "/account/prefs", Some(&session), others).await;
    assert!(!html_of(&ann, "/account").await.contains("data-theme"));
    choose(&ann, "dark").await;
    assert_eq!(prefs_of(&app, &ann).await, json!({ "week": "monday", "theme": "dark" }), "other preferences stay");

    for before in ["", "light"] {
        let other = other_device(&app, before).await;
        let page = other.open("/account").await;
        assert!(page.body.contains("data-theme=\"dark\""), "the first page: {}", page.body);
        assert_eq!(other.cookie("theme").as_deref(), Some("dark"), "kept for pages without a user");
        choose(&other, "light").await;
        assert!(html_of(&ann, "/birthdays").await.contains("data-theme=\"light\""), "an open session follows");
        choose(&ann, "system").await;
        assert!(!html_of(&other, "/birthdays").await.contains("data-theme"));
        assert_eq!(other.cookie("theme"), None);
        choose(&ann, "dark").await;
    }
}

#[tokio::test]
async fn theme_is_kept_in_the_browser_if_saving_fails() {
    let user = || async { Json(json!({ "$id": "kay", "email": "kay@example.com", "prefs": { "theme": "dark" } })) };
    let routes = Router::new()
        .route("/account", get(user))
        .route("/account/prefs", get(|| async { refusal(500, "general_unknown") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let kay = app.browser();
    kay.plant("session", "a-secret");
    assert!(html_of(&kay, "/account").await.contains("data-theme=\"dark\""));
    for theme in ["light", "system"] {
        assert_eq!(choose(&kay, theme).await, 303);
        let html = html_of(&kay, "/account").await;
        assert_eq!(html.contains("data-theme"), theme == "light", "{html}");
        assert!(!html.contains("dark"), "{html}");
    }
}
