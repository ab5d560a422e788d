//! Birthdays: who sees and changes what.

use crate::browser::Browser;
use crate::running::App;

async fn add(browser: &Browser, name: &str, visibility: &str) {
    let fields = [("name", name), ("date", "2012-02-03"), ("visibility", visibility), ("page", "/birthdays")];
    let answer = browser.post_form("/actions/add_birthday", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
}

async fn seen_by(browser: &Browser) -> Vec<String> {
    let answer = browser.call("/actions/list_birthdays", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = answer.json();
    let birthdays = list["birthdays"].as_array().expect("a list");
    birthdays.iter().map(|birthday| birthday["name"].as_str().expect("a name").to_owned()).collect()
}

async fn id_of(browser: &Browser, name: &str) -> String {
    let list = browser.call("/actions/list_birthdays", &[]).await.json();
    let birthdays = list["birthdays"].as_array().expect("a list").clone();
    let birthday = birthdays.into_iter().find(|birthday| birthday["name"] == name).expect(name);
    birthday["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn each_person_sees_their_own_and_what_others_share() {
    let app = App::start().await;
    let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
    add(&kay, "Kevin", "only-me").await;
    add(&kay, "Uma", "signed-in").await;
    add(&kay, "Any", "everyone").await;
    add(&lou, "Laura", "only-me").await;
    assert_eq!(seen_by(&kay).await, ["Any", "Kevin", "Uma"]);
    assert_eq!(seen_by(&lou).await, ["Any", "Laura", "Uma"]);
    assert_eq!(seen_by(&app.browser()).await, ["Any"]);
    let page = kay.open("/birthdays").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("datetime=\"2012-02-03\"") && page.body.contains("February 3, 2012"), "{}", page.body);
}

#[tokio::test]
async fn more_rows_than_one_page_of_appwrite_are_all_shown() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for number in 0..105 {
        add(&kay, &format!("Person {number:03}"), "only-me").await;
    }
    assert_eq!(seen_by(&kay).await.len(), 105);
}

#[tokio::test]
async fn an_owner_changes_and_deletes_and_others_cannot() {
    let app = App::start().await;
    let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
    add(&kay, "Uma", "signed-in").await;
    let id = id_of(&kay, "Uma").await;
    let change = [("id", id.as_str()), ("name", "Una"), ("date", "2013-01-01"), ("visibility", "signed-in")];
    assert_eq!(lou.call("/actions/update_birthday", &change).await.status, 403);
    assert_eq!(lou.call("/actions/delete_birthday", &[("id", &id)]).await.status, 403);
    assert_eq!(lou.open(&format!("/birthdays/{id}/edit")).await.status, 403);
    let edit = kay.open(&format!("/birthdays/{id}/edit")).await;
    assert!(edit.field("name").contains("value=\"Uma\"") && edit.field("date").contains("value=\"2012-02-03\""));
    let form = [change.as_slice(), &[("then", "/birthdays")]].concat();
    assert_eq!(kay.post_form("/actions/update_birthday", &form).await.location(), "/birthdays");
    assert_eq!(seen_by(&lou).await, ["Una"]);
    assert_eq!(kay.post_form("/actions/delete_birthday", &[("id", &id), ("page", "/birthdays")]).await.status, 303);
    assert_eq!(seen_by(&lou).await, [""; 0]);
}

#[tokio::test]
async fn a_row_that_is_gone_or_never_was_is_not_found() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for id in ["nothing", "../users", "%2e%2e", "a\r\nb", "", &"x".repeat(200)] {
        let answer = kay.call("/actions/delete_birthday", &[("id", id)]).await;
        assert_eq!(answer.status, 404, "{id:?}: {}", answer.body);
    }
    assert_eq!(kay.open("/birthdays/nothing/edit").await.status, 404);
}

#[tokio::test]
async fn whoever_is_signed_out_can_add_nothing() {
    let app = App::start().await;
    let fields = [("name", "X"), ("date", "2012-02-03"), ("visibility", "everyone"), ("page", "/birthdays")];
    assert_eq!(app.browser().call("/actions/add_birthday", &fields).await.status, 401);
    let answer = app.browser().post_form("/actions/add_birthday", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Fbirthdays"));
}

#[tokio::test]
async fn wrong_values_are_named_beside_their_fields() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    let fields = [("name", "Kevin"), ("date", "2012-02-30"), ("visibility", "nobody"), ("page", "/birthdays")];
    kay.post_form("/actions/add_birthday", &fields).await;
    let page = kay.open("/birthdays").await;
    assert_eq!(page.status, 422);
    assert!(page.field("date").contains("aria-invalid=\"true\""));
    assert!(page.field("name").contains("value=\"Kevin\""));
    assert!(page.body.contains("Choose one of these."));
}
