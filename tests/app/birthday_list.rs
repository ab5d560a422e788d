//! The list of birthdays: pages, search, order, and what it says about each.

use axum::extract::RawQuery;
use axum::routing::get;
use axum::{Json, Router};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use serde_json::{Value, json};

use crate::birthdays::add;
use crate::browser::{Answer, Browser};
use crate::running::App;
use crate::stand_in::appwrite_with;

const ROWS: &str = "/tablesdb/main/tables/birthdays/rows";

/// The names in the list, from the top.
fn names(page: &Answer) -> Vec<String> {
    let rows = page.main().split("class=\"row-name\">").skip(1);
    rows.map(|row| row.split('<').next().expect("a name").to_owned()).collect()
}

/// The address behind the link to another page.
fn link_to(page: &Answer, text: &str) -> Option<String> {
    let mut links = page.main().split("<a ").skip(1);
    let link =
        links.find(|link| link.split_once('>').is_some_and(|(_, rest)| rest.starts_with(&format!("{text}<"))))?;
    let address = link.split_once("href=\"")?.1.split('"').next()?.replace("&amp;", "&");
    Some(address.split('#').next()?.to_owned())
}

async fn add_on(browser: &Browser, name: &str, date: &str) {
    let fields = [("name", name), ("date", date), ("visibility", "only-me"), ("page", "/birthdays")];
    assert_eq!(browser.post_form("/actions/add_birthday", &fields).await.status, 303);
}

#[tokio::test]
async fn links_lead_through_all_pages_and_back() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for number in 0..60 {
        add(&kay, &format!("Person {number:03}"), "only-me").await;
    }
    let expected: Vec<_> = (0..60).map(|number| format!("Person {number:03}")).collect();
    for address in ["/birthdays", "/birthdays?search=person", "/birthdays?order=next"] {
        let mut pages = vec![kay.open(address).await];
        while let Some(next) = link_to(pages.last().expect("a page"), "Next") {
            pages.push(kay.open(&next).await);
        }
        assert_eq!(pages.iter().flat_map(names).collect::<Vec<_>>(), expected, "{address}");
        assert_eq!(pages.iter().map(|page| names(page).len()).collect::<Vec<_>>(), [25, 25, 10], "{address}");
        for (page, position) in pages.iter().zip(["1–25", "26–50", "51–60"]) {
            assert!(page.main().contains(&format!("{position} of 60 birthdays")), "{address}: {}", page.main());
        }
        let mut back = pages.pop().expect("a page");
        while let Some(former) = pages.pop() {
            back = kay.open(&link_to(&back, "Previous").expect("a link")).await;
            assert_eq!(names(&back), names(&former), "{address}");
            assert!(back.main().contains(if pages.is_empty() { "1–25 of 60" } else { "26–50 of 60" }), "{address}");
        }
        assert_eq!(link_to(&back, "Previous"), None, "{address}");
    }
}

#[tokio::test]
async fn position_is_shown_only_where_its_row_proves_it() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for number in 0..60 {
        add(&kay, &format!("Person {number:03}"), "only-me").await;
    }
    let next = link_to(&kay.open("/birthdays").await, "Next").expect("a link");
    for position in ["1", "24", "26", "60", "4999", "18446744073709551615", "-1", "x", ""] {
        let wrong = next.replace("position=25", &format!("position={position}"));
        assert_ne!(wrong, next);
        let page = kay.open(&wrong).await;
        assert_eq!(names(&page)[0], "Person 025", "{position}");
        assert!(page.main().contains("<span>60 birthdays<"), "{position}: {}", page.main());
        let last = kay.open(&link_to(&page, "Next").expect("a link")).await;
        assert!(last.main().contains("51–60 of 60 birthdays"), "the last page is known: {}", last.main());
    }
    add(&kay, "Ann", "only-me").await;
    let page = kay.open(&next).await;
    assert_eq!((names(&page)[0].as_str(), page.main().contains("<span>61 birthdays<")), ("Person 025", true));
}

#[tokio::test]
async fn long_page_shows_all_birthdays() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for number in 0..25 {
        add(&kay, &format!("Person {number:03}"), "only-me").await;
    }
    assert_eq!(link_to(&kay.open("/birthdays").await, "Show all"), None);
    add(&kay, "Zoe", "only-me").await;
    for order in ["", "&order=next"] {
        let first = kay.open(&format!("/birthdays?search=o{order}")).await;
        let all = kay.open(&link_to(&first, "Show all 26").expect("a link")).await;
        assert_eq!((names(&all).len(), all.main().contains("<span>26 birthdays<")), (26, true), "{order}");
        assert!(
            all.field("page").contains("long") || all.main().contains("value=\"long\""),
            "the search keeps the size"
        );
        assert_eq!(names(&kay.open(&link_to(&all, "Show 25 per page").expect("a link")).await), names(&first));
    }
}

#[tokio::test]
async fn long_page_ends_after_500_birthdays() {
    let browser = app_with_rows(501).await.browser();
    for order in ["", "?order=next"] {
        let first = browser.open(&format!("/birthdays{order}")).await;
        let long = browser.open(&link_to(&first, "Show 500 per page").expect("a link")).await;
        assert_eq!(names(&long).len(), 500, "{order}");
        let rest = browser.open(&link_to(&long, "Next").expect("a link")).await;
        assert_eq!(names(&rest), ["Person 0500"], "{order}");
        assert!(rest.main().contains("501–501 of 501 birthdays"), "{order}: {}", rest.main());
    }
}

#[tokio::test]
async fn short_previous_page_links_to_the_first() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for number in 0..27 {
        add(&kay, &format!("Person {number:03}"), "only-me").await;
    }
    let first = kay.open("/birthdays").await;
    let second = kay.open(&link_to(&first, "Next").expect("a link")).await;
    assert_eq!(names(&second), ["Person 025", "Person 026"]);
    let mut ids = second.main().split("/birthdays/").skip(1).filter_map(|rest| rest.split_once("/edit"));
    let id = ids.next().expect("an id").0.to_owned();
    for (cursor, value) in
        [("after", id.as_str()), ("before", &id), ("after", "gone"), ("before", "../x"), ("after", "\u{1f382}")]
    {
        let page = kay
            .open(&format!(
                "/birthdays?{}",
                url::form_urlencoded::Serializer::new(String::new()).append_pair(cursor, value).finish()
            ))
            .await;
        assert_eq!(page.status, 200, "{cursor}={value}");
        let is_gone = page.main().contains("That page no longer exists.");
        assert_eq!(is_gone, value != id, "{cursor}={value}: {}", page.main());
    }
    let link_of_first = link_to(&first, "Next").expect("a link");
    let cursor = link_of_first.split_once("after=").expect("a cursor").1.split('&').next().expect("an id").to_owned();
    let form = [("id", cursor.as_str()), ("page", "/birthdays")];
    assert_eq!(kay.post_form("/actions/delete_birthday", &form).await.status, 303);
    for order in ["", "&order=next"] {
        let page = kay.open(&format!("{link_of_first}{order}")).await;
        assert!(page.main().contains("That page no longer exists."), "{order}: {}", page.main());
        assert_eq!(names(&page)[0], "Person 000");
    }
    // Only one row is before this one now, so the link back shows the first page.
    let page = kay.open(&format!("/birthdays?before={}", id_of_row(&kay.open("/birthdays").await, 1))).await;
    assert_eq!(names(&page).len(), 25);
    assert_eq!(link_to(&page, "Previous"), None);
}

#[tokio::test]
async fn empty_page_redirects_to_the_first() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for name in ["Ann", "Ben", "Cem"] {
        add(&kay, name, "only-me").await;
    }
    for order in ["", "&order=next"] {
        let page = kay.open(&format!("/birthdays?{}", order.trim_start_matches('&'))).await;
        for cursor in [format!("after={}", id_of_row(&page, 2)), format!("before={}", id_of_row(&page, 0))] {
            let page = kay.open(&format!("/birthdays?{cursor}{order}")).await;
            assert_eq!(names(&page), ["Ann", "Ben", "Cem"], "{cursor}{order}");
            assert!(page.main().contains("That page no longer exists."), "{cursor}{order}: {}", page.main());
        }
    }
}

/// The id of one of the user's own rows, from the top.
fn id_of_row(page: &Answer, at: usize) -> String {
    let mut ids = page.main().split("/birthdays/").skip(1).filter_map(|rest| rest.split_once("/edit"));
    ids.nth(at).expect("an id").0.to_owned()
}

#[tokio::test]
async fn search_finds_parts_of_names_in_any_case() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for name in ["Annika", "Joanna", "100% Kevin", "Kevin"] {
        add(&kay, name, "only-me").await;
    }
    for order in ["", "&order=next"] {
        for (search, expected) in [
            ("ANN", &["Annika", "Joanna"][..]),
            ("%25", &["100% Kevin"]),
            ("++kevin+", &["100% Kevin", "Kevin"]),
            ("", &["100% Kevin", "Annika", "Joanna", "Kevin"]),
        ] {
            let page = kay.open(&format!("/birthdays?search={search}{order}")).await;
            let mut found = names(&page);
            found.sort();
            assert_eq!(found, expected, "{search}{order}");
        }
    }
    let page = kay.open("/birthdays?search=%3Cb%3Enobody&order=next").await;
    assert!(page.main().contains("No birthday matches “&lt;b&gt;nobody”."), "{}", page.main());
    assert_eq!(link_to(&page, "Show all birthdays").as_deref(), Some("/birthdays?order=next"));
    assert!(page.field("order").contains("value=\"next\""), "the search keeps the order");
    let page = kay.open(&format!("/birthdays?search={}", "x".repeat(5000))).await;
    assert_eq!((page.status, page.main().contains("No birthday matches")), (200, true));
}

#[tokio::test]
async fn list_can_be_ordered_by_next_birthday() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    let today = Timestamp::now().to_zoned(TimeZone::fixed(offset(-12))).date();
    let on = |days: i32| today.checked_add(days.days()).and_then(|day| day.checked_sub(10.years())).expect("a date");
    for (name, days) in [("Yesterday", -1), ("In a week", 7), ("Today", 0), ("Tomorrow", 1)] {
        add_on(&kay, name, &on(days).to_string()).await;
    }
    let page = kay.open("/birthdays?order=next").await;
    assert_eq!(names(&page), ["Today", "Tomorrow", "In a week", "Yesterday"]);
    assert!(page.main().contains("<span>turns 10 on <"), "{}", page.main());
    assert_eq!(names(&kay.open("/birthdays?order=else").await), ["In a week", "Today", "Tomorrow", "Yesterday"]);
}

#[tokio::test]
async fn dates_are_in_the_language_of_the_browser() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma", "everyone").await;
    for (accepted, language, expected) in [
        ("en-US,en;q=0.9", "en-US", "February 3, 2012"),
        ("en-GB", "en-GB", "3 February 2012"),
        ("de-AT,de;q=0.9", "de-AT", "3. Februar 2012"),
    ] {
        let page = kay.request(Method::GET, "/birthdays").header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, accepted);
        let page = kay.send(page).await;
        let marked = format!("lang=\"{language}\" dir=\"auto\">{expected}");
        assert!(page.main().contains(&marked), "{accepted}: {}", page.main());
        let next = page.main().split("<span lang=").nth(1).expect("the next birthday");
        assert!(next.starts_with(&format!("\"{language}\" dir=\"auto\">")), "{next}");
        let call = kay.request(Method::POST, "/actions/list_birthdays").header(ACCEPT_LANGUAGE, accepted);
        let call = call.header("origin", kay.origin()).header("content-type", "application/x-www-form-urlencoded");
        let date_in_words = &kay.send(call).await.json()["birthdays"][0][3];
        assert_eq!(date_in_words, expected);
    }
}

#[tokio::test]
async fn list_says_who_added_each_birthday() {
    let app = App::start().await;
    let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
    add(&kay, "Uma", "signed-in").await;
    let session = kay.cookie("session").expect("a session");
    let data = json!({"name": "Zoe", "birthday": "2012-02-03T00:00:00.000+00:00"});
    let row = json!({"rowId": "zoe", "data": data, "permissions": ["read(\"users\")"]});
    app.ask_backend(Method::POST, ROWS, Some(&session), row).await;
    let (own, foreign) = (kay.open("/birthdays").await, lou.open("/birthdays").await);
    assert!(own.main().contains("Added by you") && !own.main().contains("Added by Kay"), "{}", own.main());
    assert_eq!(foreign.main().matches("Added by").count(), 1, "{}", foreign.main());
    assert!(foreign.main().contains("Added by Kay"));
    let change = [("id", id_of_row(&own, 0)), ("name", "Una".into()), ("date", "2012-02-03".into())];
    let change: Vec<_> = change.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let change = [change.as_slice(), &[("visibility", "everyone")]].concat();
    assert_eq!(kay.call("/actions/update_birthday", &change).await.status, 200);
    assert!(lou.open("/birthdays?search=una").await.main().contains("Added by Kay"));
}

#[tokio::test]
async fn added_birthday_is_announced_once() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma <3", "only-me").await;
    let page = kay.open("/birthdays").await;
    assert!(page.main().contains("Added Uma &lt;3."), "{}", page.main());
    let found = kay.open(&link_to(&page, "Show it in the list").expect("a link")).await;
    assert_eq!(names(&found), ["Uma &lt;3"]);
    assert!(!page.field("name").contains("Uma"), "the form is empty again");
    assert!(!kay.open("/birthdays").await.main().contains("Added Uma"));
}

#[tokio::test]
async fn empty_list_invites_to_add_the_first() {
    let app = App::start().await;
    assert!(app.browser_of("Kay").await.open("/birthdays").await.main().contains("No birthdays yet"));
    assert!(app.browser().open("/birthdays").await.main().contains("Sign in to add the first one."));
}

/// An app whose Appwrite has `count` public rows.
async fn app_with_rows(count: usize) -> App {
    let list = move |RawQuery(query): RawQuery| async move {
        let query = query.unwrap_or_default();
        let parts = url::form_urlencoded::parse(query.as_bytes());
        let queries: Vec<Value> = parts.filter_map(|(_, value)| serde_json::from_str(&value).ok()).collect();
        let value =
            |method: &str| queries.iter().find(|query| query["method"] == method).map(|query| &query["values"][0]);
        let limit = value("limit").and_then(Value::as_u64).expect("a limit");
        let limit = usize::try_from(limit).expect("a small number");
        let start =
            value("cursorAfter").and_then(Value::as_str).map_or(0, |id| id[1..].parse().map_or(0, |at: usize| at + 1));
        let row =
            |at: usize| json!({"$id": format!("r{at}"), "name": format!("Person {at:04}"), "birthday": "2012-02-03"});
        Json(json!({"total": count, "rows": (start..count).take(limit).map(row).collect::<Vec<_>>()}))
    };
    let routes = Router::new()
        .route("/health/version", get(|| async { Json(json!({"version": "2.7.1"})) }))
        .route("/tablesdb/main/tables/birthdays/rows", get(list));
    App::start_in_front_of(&appwrite_with(routes).await).await
}

#[tokio::test]
async fn order_by_next_birthday_covers_1000_rows() {
    for (count, is_cut) in [(1000, false), (1001, true)] {
        let browser = app_with_rows(count).await.browser();
        let page = browser.open("/birthdays?order=next").await;
        for text in ["Showing only the first 1000 by name.", "1–25 of the first 1000 birthdays"] {
            assert_eq!((names(&page).len(), page.main().contains(text)), (25, is_cut), "{count}");
        }
        let by_name = browser.open("/birthdays").await;
        assert!(by_name.main().contains(&format!("1–25 of {count} birthdays")), "the order by name is complete");
    }
}

#[tokio::test]
async fn count_stops_at_the_limit_of_appwrite() {
    for (count, text) in [(4999, "1–25 of 4999 birthdays"), (5000, "1–25 of 5000+ birthdays")] {
        let page = app_with_rows(count).await.browser().open("/birthdays").await;
        assert!(page.main().contains(text), "{}", page.main());
    }
}

#[tokio::test]
async fn birthday_pages_link_back_to_the_same_list() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for name in ["Kevin", "Kevin the 2nd", "Uma"] {
        add(&kay, name, "only-me").await;
    }
    let list = "/birthdays?search=kevin&order=next";
    let id = id_of_row(&kay.open("/birthdays").await, 0);
    let value = |tag: &str| {
        let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split('"').next());
        value.expect("a value").replace("&amp;", "&")
    };
    let edit = link_to(&kay.open(list).await, "Edit").expect("a link");
    assert_eq!(edit, format!("/birthdays/{id}/edit?search=kevin&order=next"));
    let page = kay.open(&edit).await;
    assert_eq!(value(&page.field("next")), list);
    assert_eq!(link_to(&page, "Cancel").as_deref(), Some(list));
    assert!(kay.open(list).await.main().contains(&format!("<li id=\"birthday-{id}\" tabindex=\"-1\"")));
    assert!(!page.main().contains("aria-current"), "{}", page.main());
    let question = kay.open(&edit.replace("/edit", "/delete")).await;
    assert_eq!(value(&question.field("next")), list);
    assert!(!question.main().contains("aria-current"), "{}", question.main());
    for (next, target) in [(list, list), ("//evil.example", "/birthdays")] {
        let id = id_of_row(&kay.open("/birthdays").await, 0);
        let answer = kay.post_form("/actions/delete_birthday", &[("id", &id), ("next", next)]).await;
        assert_eq!((answer.status, answer.location()), (303, target));
    }
    assert_eq!(link_to(&kay.open("/birthdays").await, "Edit").map(|link| link.ends_with("/edit")), Some(true));
}

#[tokio::test]
async fn date_picker_offers_the_past_130_years() {
    let app = App::start().await;
    let field = app.browser_of("Kay").await.open("/birthdays").await.field("date");
    let today = Timestamp::now().to_zoned(TimeZone::fixed(offset(14))).date();
    let expected = format!("min=\"{}-01-01\" max=\"{today}\"", today.year() - 130);
    assert!(field.contains(&expected), "{expected}: {field}");
}
