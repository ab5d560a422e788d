//! Countries, languages, images, and health.

use reqwest::Method;
use serde_json::json;

use crate::client::{As, Backend};

#[tokio::test]
async fn locale_lists_have_the_length_of_appwrites() {
    let backend = Backend::start().await;
    for (path, key, total) in [
        ("codes", "localeCodes", 131),
        ("continents", "continents", 7),
        ("countries", "countries", 197),
        ("countries/eu", "countries", 27),
        ("countries/phones", "phones", 196),
        ("currencies", "currencies", 117),
        ("languages", "languages", 186),
    ] {
        let list = backend.get(As::Guest, &format!("/locale/{path}")).await.expect(200);
        assert_eq!((&list["total"], list[key].as_array().map(Vec::len)), (&json!(total), Some(total)), "{path}");
    }
    let phones = backend.get(As::Guest, "/locale/countries/phones").await.expect(200);
    assert_eq!(phones["phones"][1], json!({"code": "+1", "countryCode": "US", "countryName": "United States"}));
    let currencies = backend.get(As::Guest, "/locale/currencies").await.expect(200);
    assert_eq!(
        (&currencies["currencies"][0]["code"], &currencies["currencies"][0]["decimalDigits"]),
        (&json!("USD"), &json!(2))
    );
}

/// The width and height of a PNG.
async fn size(backend: &Backend, path: &str) -> (u32, u32) {
    let response = backend.request(As::Guest, Method::GET, path).send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"image/png".parse().expect("a value"))
    );
    let bytes = response.bytes().await.expect("a picture");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[tokio::test]
async fn pictures_have_the_requested_size() {
    let backend = Backend::start().await;
    assert_eq!(size(&backend, "/avatars/flags/de").await, (100, 100));
    assert_eq!(size(&backend, "/avatars/photo?name=Ann&height=0").await, (256, 256));
    assert_eq!(size(&backend, "/avatars/browsers/ff?width=20&height=30").await, (20, 30));
    assert_eq!(size(&backend, "/avatars/credit-cards/visa?width=0").await, (100, 100));
    assert_eq!(size(&backend, "/avatars/qr?text=hello&size=64").await, (64, 64));
    assert_eq!(size(&backend, "/avatars/favicon?url=https://appwrite.io").await, (56, 56));
    assert_eq!(size(&backend, "/avatars/image?url=https://appwrite.io/a.png&width=10").await, (10, 400));
    for path in ["flags/zz", "browsers/xx", "qr", "image?url=ftp://a", "favicon"] {
        let refused = backend.get(As::Guest, &format!("/avatars/{path}")).await;
        assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn health_is_for_keys_except_the_version() {
    let backend = Backend::start().await;
    for path in ["", "/db", "/cache", "/pubsub", "/storage", "/storage/local", "/time", "/anti-virus", "/queue/mails"] {
        let path = format!("/health{path}");
        assert_eq!(backend.get(As::Guest, &path).await.error(), (401, "general_unauthorized_scope".to_owned()));
        backend.get(As::Key, &path).await.expect(200);
    }
    backend.get(As::Guest, "/health/version").await.expect(200);
    assert_eq!(backend.get(As::Key, "/health").await.expect(200), json!({"name": "http", "ping": 0, "status": "pass"}));
}
