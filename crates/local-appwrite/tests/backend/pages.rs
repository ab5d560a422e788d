//! The HTML pages: they show the project, escape its content, and are readable on this machine only.

use serde_json::json;

use crate::client::{Answer, As, Backend};

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&";

async fn page(backend: &Backend, path: &str) -> Answer {
    backend.open(&format!("{}{path}", backend.origin())).await
}

async fn with_hostile_data() -> Backend {
    let backend = Backend::start().await;
    let user = json!({"userId": "ann", "email": "ann@example.com", "name": HOSTILE, "password": "Correct-horse-1"});
    backend.post(As::Key, "/users", user).await.expect(201);
    let table = json!({"tableId": "hostile", "name": HOSTILE});
    backend.post(As::Key, "/tablesdb/main/tables", table).await.expect(201);
    let column = json!({"key": "text", "size": 64, "required": false});
    backend.post(As::Key, "/tablesdb/main/tables/hostile/columns/string", column).await.expect(202);
    for count in 0..30 {
        let row = json!({"rowId": format!("row{count}"), "data": {"text": HOSTILE}});
        backend.post(As::Key, "/tablesdb/main/tables/hostile/rows", row).await.expect(201);
    }
    let token = json!({"userId": "ann", "email": "ann@example.com", "url": "http://localhost/<b>x", "phrase": true});
    backend.post(As::Key, "/account/tokens/magic-url", token).await.expect(201);
    backend
}

#[tokio::test]
async fn overview_page_shows_connection_users_and_tables() {
    let backend = with_hostile_data().await;
    let page = page(&backend, "/").await;
    assert_eq!(page.status, 200);
    for part in [
        &format!("{}/v1", backend.origin()),
        "<code>demo</code>",
        "Appwrite 2.7.1",
        "<b>1</b> Users",
        "<b>30</b> Rows",
        "/browse/tables/main/hostile",
        "/outbox/1/page",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!([">just now</time>", " ago</time>"].iter().any(|words| page.text.contains(words)), "{}", page.text);
    let (before, after) = page.text.split_once("<details>").expect("the key is folded");
    assert!(!before.contains(&backend.key()) && after.contains(&backend.key()));
}

#[tokio::test]
async fn lists_are_paged() {
    let backend = with_hostile_data().await;
    let first = page(&backend, "/browse/tables/main/hostile").await.text;
    assert!(first.contains("row29") && !first.contains("row4<"), "newest first");
    assert!(first.contains("Page 1 of 2") && first.contains("?page=2"));
    let second = page(&backend, "/browse/tables/main/hostile?page=2").await.text;
    assert!(second.contains("row4<") && !second.contains("row29") && !second.contains("Next page"));
    for odd in ["0", "-1", "x", "999999999999999999999"] {
        let odd = page(&backend, &format!("/browse/tables/main/hostile?page={odd}")).await;
        assert_eq!(odd.text, first);
    }
    assert_eq!(page(&backend, "/browse/tables/main/nope").await.status, 404);
    assert_eq!(page(&backend, "/browse/users?page=9").await.status, 200);
}

#[tokio::test]
async fn pages_escape_user_text() {
    let backend = with_hostile_data().await;
    let paths = [
        "/",
        "/browse/users",
        "/browse/tables/main/hostile",
        "/outbox",
        "/outbox/1",
        "/outbox/1/page",
        "/outbox/1/frame",
    ];
    for path in paths {
        let page = page(&backend, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.text.contains("<img") && !page.text.contains("</script>") && !page.text.contains("<b>x"),
            "{path}"
        );
    }
    assert!(
        page(&backend, "/browse/users")
            .await
            .text
            .contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;")
    );
}

#[tokio::test]
async fn pages_forbid_caches_frames_and_scripts() {
    let backend = with_hostile_data().await;
    let paths = [
        "/",
        "/browse/users",
        "/browse/tables/main/hostile",
        "/browse/tables/x/y",
        "/outbox",
        "/outbox/1",
        "/outbox/1/page",
    ];
    for path in paths {
        let page = page(&backend, path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path} {policy}"
        );
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{path} {policy}");
        assert!(!page.headers.contains_key("access-control-allow-origin"), "{path}");
        assert!(!page.text.contains("<script"), "{path}");
    }
    // The consent page may redirect to any app, so it sets no `form-action`.
    for path in ["/oauth2/mock/authorize?state={}", "/oauth2/mock/authorize?state=x"] {
        let page = page(&backend, path).await;
        let policy = page.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'");
        assert!(page.text.contains("/browse/style.css") && !page.text.contains("<script"), "{}", page.text);
    }
    let frame = page(&backend, "/outbox/1/frame").await;
    let policy = frame.header("content-security-policy");
    assert!(
        policy.contains("sandbox") && policy.contains("frame-ancestors 'self'") && !policy.contains("allow-scripts")
    );
    assert!(page(&backend, "/outbox/1/page").await.text.contains("sandbox=\"allow-popups"));
}
