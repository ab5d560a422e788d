//! Forms that are rendered once for all users: no user gets another user's.

use crate::browser::Answer;
use crate::running::App;

/// True if the button of this theme is pressed.
fn is_pressed(page: &Answer, theme: &str) -> bool {
    let button = page.body.split(&format!("id=\"theme-{theme}\"")).nth(1).and_then(|rest| rest.split("</form>").next());
    button.expect("a button").contains("aria-pressed=\"true\"")
}

#[tokio::test]
async fn cached_forms_show_nothing_of_other_users() {
    let app = App::start().await;
    let (ann, bob, guest) = (app.browser_of("Ann").await, app.browser_of("Bob").await, app.browser());
    assert_eq!(guest.post_form("/actions/continue_as_guest", &[("page", "/login")]).await.status, 303);
    let fields = [("name", "A typed name"), ("date", "no date"), ("visibility", "everyone"), ("page", "/birthdays")];
    assert_eq!(ann.post_form("/actions/add_birthday", &fields).await.status, 303);
    let refused = ann.open("/birthdays").await;
    assert!(refused.main().contains("A typed name"), "{}", refused.body);
    for _ in 0..2 {
        for (reader, hint) in [(&ann, "also see your name"), (&bob, "also see your name"), (&guest, "has no name")] {
            let page = reader.open("/birthdays").await;
            assert!(page.main().contains(hint) && !page.body.contains("A typed name"), "{}", page.body);
            assert!(page.body.contains("<input type=\"hidden\" name=\"page\" value=\"/birthdays\">"), "{}", page.body);
        }
    }
    assert!(!bob.open("/birthdays").await.body.contains("Ann"));
    let elsewhere = bob.open("/account").await;
    assert!(!elsewhere.body.contains("value=\"/birthdays\""), "each page has its own path: {}", elsewhere.body);
}

#[tokio::test]
async fn cached_menu_shows_each_reader_their_own_name() {
    let app = App::start().await;
    let (ann, bob, guest) = (app.browser_of("Ann").await, app.browser(), app.browser());
    let fields = [("name", "<b>&"), ("email", "bob@example.com"), ("password", "Correct-horse-1"), ("keep", "yes")];
    assert_eq!(bob.post_form("/actions/sign_up", &fields).await.status, 303);
    assert_eq!(guest.post_form("/actions/continue_as_guest", &[("page", "/login")]).await.status, 303);
    for _ in 0..2 {
        for (reader, name, leaves) in [
            (&ann, "Ann", "/actions/sign_out"),
            (&bob, "&lt;b&gt;&amp;", "/actions/sign_out"),
            (&guest, "Guest", "/account/sign-out"),
        ] {
            let page = reader.open("/birthdays").await;
            let menu = page.body.split("header-person\">").nth(1).and_then(|rest| rest.split("</details>").next());
            let menu = menu.expect("a menu");
            assert!(menu.starts_with(&format!("{name}<")) && menu.contains(leaves), "{menu}");
        }
    }
}

#[tokio::test]
async fn cached_forms_show_the_readers_theme_and_search() {
    let app = App::start().await;
    let (light, dark) = (app.browser_of("Ann").await, app.browser_of("Bob").await);
    assert_eq!(dark.post_form("/actions/set_theme", &[("theme", "dark"), ("page", "/birthdays")]).await.status, 303);
    let told = dark.open("/birthdays").await;
    assert!(told.body.contains("Theme changed to dark."), "{}", told.body);
    for _ in 0..2 {
        let pages = [light.open("/birthdays").await, dark.open("/birthdays").await];
        assert_eq!(pages.each_ref().map(|page| is_pressed(page, "dark")), [false, true]);
        assert!(pages.iter().all(|page| !page.body.contains("Theme changed")));
    }
    let searched = light.open("/birthdays?search=zoe").await;
    assert!(searched.main().contains("value=\"zoe\""), "{}", searched.body);
    assert!(!dark.open("/birthdays").await.body.contains("zoe"));
}
