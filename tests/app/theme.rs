//! The pages' colors: a cookie that the server follows.

use reqwest::header::SET_COOKIE;

use crate::browser::Browser;
use crate::running::App;

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
