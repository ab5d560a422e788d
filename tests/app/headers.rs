//! Response headers for browsers.

use reqwest::Method;

use crate::running::App;

#[test]
fn style_sheet_names_files_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let style = std::fs::read_to_string(root.join("style/main.css")).expect("the style sheet");
    let files: Vec<_> = style.split("url(\"/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(files.contains(&"logos/google.svg"), "{files:?}");
    for file in files {
        assert!(root.join("public").join(file).is_file(), "{file}");
    }
}

#[tokio::test]
async fn head_names_icons_that_exist_and_describes_the_app() {
    let app = App::start().await;
    let browser = app.browser();
    let page = browser.open("/login").await.body;
    let head = page.split_once("</head>").expect("a head").0;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("public");
    for file in ["favicon.ico", "favicon.svg", "apple-touch-icon.png", "site.webmanifest"] {
        assert!(head.contains(&format!("href=\"/{file}\"")) && folder.join(file).is_file(), "{file}: {head}");
    }
    for name in ["name=\"description\"", "property=\"og:title\"", "property=\"og:description\""] {
        assert!(head.contains(name), "{name}: {head}");
    }
    let preview = head.split_once("property=\"og:image\" content=\"").and_then(|(_, rest)| rest.split('"').next());
    assert!(preview.is_some_and(|url| url.starts_with("http") && url.ends_with("/preview.png")), "{preview:?}");
    assert!(folder.join("preview.png").is_file());
    assert_eq!(head.matches("name=\"theme-color\"").count(), 2, "one for each of the system's themes");
    assert_eq!(browser.post_form("/actions/set_theme", &[("theme", "dark"), ("page", "/")]).await.status, 303);
    let head = browser.open("/login").await.body;
    let dark = "name=\"theme-color\" content=\"#1b2221\" media=\"all\"";
    assert!(
        head.contains(dark) && head.matches("media=\"not all\"").count() == 1,
        "the color of the dark header: {head}"
    );
}

#[tokio::test]
async fn every_response_has_the_baseline_headers() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    for path in
        ["/", "/login", "/account", "/birthdays", "/nowhere", "/api/user", "/api/nowhere", "/robots.txt", "/pkg/x.js"]
    {
        let answer = browser.open(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("strict-transport-security").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn mail_link_pages_send_no_referrer_but_forms_send_origin() {
    let app = App::start().await;
    let secret = "a1".repeat(32);
    for (path, action) in [
        ("/login/link/open", "/actions/open_link"),
        ("/recovery/open", "/actions/set_new_password"),
        ("/account/confirm", "/actions/confirm_email"),
    ] {
        for query in [format!("?userId=kay&secret={secret}"), "?userId=kay&secret=x".into(), String::new()] {
            let browser = app.browser();
            let page = browser.open(&format!("{path}{query}")).await;
            assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}{query}");
            assert_eq!(
                page.body.matches("<meta name=\"referrer\" content=\"strict-origin\"").count(),
                1,
                "{}",
                page.body
            );
        }
        let browser = app.browser();
        let fields = [("user_id", "kay"), ("secret", &secret), ("password", "Correct-horse-1"), ("page", path)];
        for (origin, status) in [(app.origin.as_str(), 303), ("null", 403), ("https://evil.example", 403)] {
            let request = browser.request(Method::POST, action).header("accept", "text/html").form(&fields);
            assert_eq!(browser.send(request.header("origin", origin)).await.status, status, "{path} {origin}");
        }
        let request = browser.request(Method::POST, action).header("accept", "text/html").form(&fields);
        let request = request.header("origin", "null").header("sec-fetch-site", "same-origin");
        assert_eq!(browser.send(request).await.status, 303, "{path}");
    }
}

#[tokio::test]
async fn hsts_covers_subdomains_only_if_configured() {
    for (environment, header) in [
        (vec![], ""),
        (vec![("APP_ORIGIN", "https://localhost")], "max-age=31536000"),
        (
            vec![("APP_ORIGIN", "https://localhost"), ("HSTS", "max-age=60; includeSubDomains")],
            "max-age=60; includeSubDomains",
        ),
        (vec![("HSTS", "max-age=60")], ""),
    ] {
        let app = App::start_with(&environment).await;
        assert_eq!(app.browser().open("/").await.header("strict-transport-security"), header, "{environment:?}");
    }
}

#[tokio::test]
async fn scripts_run_by_a_nonce_that_is_new_each_time() {
    let app = App::start().await;
    let nonce = |answer: &crate::browser::Answer| {
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"), "{policy}");
        assert!(policy.contains("object-src 'none'") && policy.contains("base-uri 'none'"), "{policy}");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let scripts: Vec<_> = answer.body.split("<script").skip(1).collect();
        assert!(!scripts.is_empty());
        let has_nonce =
            |html: &&str| html.split('>').next().is_some_and(|tag| tag.contains(&format!("nonce=\"{nonce}\"")));
        assert!(scripts.iter().all(has_nonce), "{}", answer.body);
        nonce
    };
    let first = nonce(&app.browser().open("/login").await);
    assert_ne!(first, nonce(&app.browser().open("/login").await));
}

#[tokio::test]
async fn page_may_connect_to_own_origin_and_realtime_only() {
    let app = App::start().await;
    let policy = app.browser().open("/").await.header("content-security-policy").to_owned();
    let connect = policy.split(';').find(|part| part.trim().starts_with("connect-src")).expect("connect-src");
    let sources: Vec<_> = connect.split_whitespace().skip(1).collect();
    assert_eq!(sources.len(), 2, "{sources:?}");
    assert_eq!(sources[0], "'self'");
    assert!(sources[1].starts_with("ws://127.0.0.1:"), "{sources:?}");
}

#[tokio::test]
async fn private_pages_are_not_cached() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for path in ["/", "/account", "/birthdays"] {
        let answer = ann.open(path).await;
        assert_eq!(answer.header("cache-control"), "no-store, no-transform", "{path}");
        assert!(answer.header("vary").contains("Cookie, Accept-Language"), "{path}");
    }
    assert_eq!(app.browser().open("/account").await.header("cache-control"), "no-store");
    let public = app.browser().open("/").await;
    assert_eq!(public.header("cache-control"), "no-cache, no-transform");
    assert!(public.header("vary").contains("Cookie, Accept-Language"));
}

#[tokio::test]
async fn unknown_path_has_its_own_page() {
    let app = App::start().await;
    for path in ["/nowhere", "/account/nowhere", "/birthdays/x/y/z", "/.env", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        let answer = app.browser().open(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("Page not found"), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn failure_pages_show_the_logged_request_id() {
    let app = App::start_in_front_of("http://127.0.0.1:9/v1").await;
    let browser = app.browser();
    browser.plant("session", "a-session-that-nobody-knows");
    let page = browser.open("/account").await;
    assert_eq!(page.status, 503);
    assert!(page.main().contains(&format!("Request ID: {}", page.header("x-request-id"))), "{}", page.body);
    let foreign = browser.request(Method::POST, "/actions/sign_out").header("sec-fetch-site", "cross-site");
    let foreign = foreign.header("accept", "text/html").form(&[("page", "/")]);
    let page = browser.send(foreign).await;
    assert_eq!(page.status, 403);
    assert!(page.main().contains(page.header("x-request-id")), "{}", page.body);
    let request = browser.request(Method::GET, "/api/birthdays").bearer_auth("header.claims.signature");
    let answer = browser.send(request).await;
    assert_eq!((answer.status, &answer.json()["error"]["requestId"]), (503, &answer.header("x-request-id").into()));
}
