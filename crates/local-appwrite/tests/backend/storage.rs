//! Buckets and files: uploads, parts, permissions, ranges, tokens.

use std::time::Duration;

use local_appwrite::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, As, Backend, answer};

const PART: usize = 5 * 1024 * 1024;

fn multipart(fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, text) in fields {
        let part = format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.into_bytes());
    body.extend(bytes);
    body.extend(b"\r\n--B--\r\n");
    body
}

async fn upload(backend: &Backend, who: As<'_>, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
    let request = backend
        .request(who, Method::POST, "/storage/buckets/pics/files")
        .header("content-type", "multipart/form-data; boundary=B")
        .body(multipart(fields, name, bytes));
    answer(request).await
}

async fn bucket(backend: &Backend, more: Value) {
    let mut bucket = json!({"bucketId": "pics", "name": "Pictures"});
    bucket.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    backend.post(As::Key, "/storage/buckets", bucket).await.expect(201);
}

#[tokio::test]
async fn buckets_are_created_changed_and_removed_by_keys() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"fileSecurity": true, "permissions": ["create(\"users\")"]})).await;
    let ann = backend.sign_up("Ann").await;
    let refused = backend.get(As::Session(&ann.secret), "/storage/buckets").await;
    assert_eq!(refused.error(), (401, "general_unauthorized_scope".to_owned()));
    let again = backend.post(As::Key, "/storage/buckets", json!({"bucketId": "PICS", "name": "P"})).await;
    assert_eq!(again.error(), (409, "storage_bucket_already_exists".to_owned()));
    let changed = backend.put(As::Key, "/storage/buckets/pics", json!({"name": "Photos"})).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["fileSecurity"]),
        (&json!("Photos"), &json!(false)),
        "what is not said is reset"
    );
    assert_eq!(changed["$permissions"], json!(["create(\"users\")"]));
    assert_eq!(backend.get(As::Key, "/storage/buckets?search=photos").await.expect(200)["total"], 1);
    backend.delete(As::Key, "/storage/buckets/pics").await.expect(204);
    let gone = backend.get(As::Key, "/storage/buckets/pics").await;
    assert_eq!(gone.error(), (404, "storage_bucket_not_found".to_owned()));
}

#[tokio::test]
async fn file_is_uploaded_shown_downloaded_and_removed() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"fileSecurity": true, "permissions": ["create(\"users\")"]})).await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let ann_asks = As::Session(&ann.secret);
    let file = upload(&backend, ann_asks, &[("fileId", "hello")], "hello.txt", b"Hello, world").await.expect(201);
    assert_eq!(
        (&file["name"], &file["mimeType"], &file["sizeOriginal"]),
        (&json!("hello.txt"), &json!("text/plain"), &json!(12))
    );
    assert_eq!(file["signature"], "bc6e6f16b8a077ef5fbc8d59d0b931b9");
    let own: Vec<String> = ["read", "update", "delete"].map(|action| format!("{action}(\"user:{}\")", ann.id)).to_vec();
    assert_eq!(file["$permissions"], json!(own));

    let path = "/storage/buckets/pics/files/hello";
    let shown = backend.get(ann_asks, &format!("{path}/view")).await;
    assert_eq!((shown.text.as_str(), shown.header("x-content-type-options").as_str()), ("Hello, world", "nosniff"));
    assert_eq!(shown.header("content-disposition"), "inline; filename=\"hello.txt\"");
    let downloaded = backend.get(ann_asks, &format!("{path}/download")).await;
    assert_eq!(downloaded.header("content-disposition"), "attachment; filename=\"hello.txt\"");
    let part =
        answer(backend.request(ann_asks, Method::GET, &format!("{path}/view")).header("range", "bytes=7-11")).await;
    assert_eq!(
        (part.status.as_u16(), part.text.as_str(), part.header("content-range").as_str()),
        (206, "world", "bytes 7-11/12")
    );
    let beyond =
        answer(backend.request(ann_asks, Method::GET, &format!("{path}/view")).header("range", "bytes=7-12")).await;
    assert_eq!(beyond.error(), (416, "storage_invalid_range".to_owned()));

    let hidden = (404, "storage_file_not_found".to_owned());
    for path in [path.to_owned(), format!("{path}/view"), format!("{path}/preview")] {
        assert_eq!(backend.get(As::Session(&bob.secret), &path).await.error(), hidden, "{path}");
    }
    let unauthorized = (401, "user_unauthorized".to_owned());
    assert_eq!(backend.delete(As::Session(&bob.secret), path).await.error(), unauthorized);
    let shared = json!({"name": "shared.txt", "permissions": ["read(\"users\")"]});
    assert_eq!(backend.put(ann_asks, path, shared).await.expect(200)["name"], "shared.txt");
    assert_eq!(backend.get(As::Session(&bob.secret), &format!("{path}/view")).await.text, "Hello, world");
    assert_eq!(
        backend.put(ann_asks, path, json!({"name": "mine"})).await.error(),
        unauthorized,
        "Ann gave the right away"
    );
    backend.delete(As::Key, path).await.expect(204);
    assert_eq!(backend.get(As::Key, path).await.error(), hidden);
}

#[tokio::test]
async fn bucket_without_file_security_uses_only_bucket_permissions() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"permissions": ["create(\"users\")", "read(\"users\")"]})).await;
    let ann = backend.sign_up("Ann").await;
    let fields = [("fileId", "one"), ("permissions[]", "read(\"any\")"), ("permissions[]", "delete(\"users\")")];
    upload(&backend, As::Session(&ann.secret), &fields, "a.txt", b"a").await.expect(201);
    let unauthorized = (401, "user_unauthorized".to_owned());
    assert_eq!(backend.get(As::Guest, "/storage/buckets/pics/files").await.error(), unauthorized);
    assert_eq!(backend.get(As::Guest, "/storage/buckets/pics/files/one/view").await.error(), unauthorized);
    let list = backend.get(As::Session(&ann.secret), "/storage/buckets/pics/files?search=a.txt").await.expect(200);
    assert_eq!((&list["total"], &list["files"][0]["$id"]), (&json!(1), &json!("one")));
    assert_eq!(backend.delete(As::Session(&ann.secret), "/storage/buckets/pics/files/one").await.error(), unauthorized);
    let guest = upload(&backend, As::Guest, &[("fileId", "two")], "a.txt", b"a").await;
    assert_eq!(guest.error(), unauthorized);
    let closed = json!({"name": "Pictures", "enabled": false});
    backend.put(As::Key, "/storage/buckets/pics", closed).await.expect(200);
    let absent = backend.get(As::Session(&ann.secret), "/storage/buckets/pics/files").await;
    assert_eq!(absent.error(), (404, "storage_bucket_not_found".to_owned()));
    backend.get(As::Key, "/storage/buckets/pics/files").await.expect(200);
}

#[tokio::test]
async fn uploads_that_do_not_fit_are_refused() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"maximumFileSize": 4, "allowedFileExtensions": ["txt"]})).await;
    let fields = [("fileId", "one")];
    let refusal = |kind: &str| (400, kind.to_owned());
    let picture = upload(&backend, As::Key, &fields, "a.png", b"a").await;
    assert_eq!(picture.error(), refusal("storage_file_type_unsupported"));
    let large = upload(&backend, As::Key, &fields, "a.TXT", b"12345").await;
    assert_eq!(large.error(), refusal("storage_invalid_file_size"));
    let empty = backend.post(As::Key, "/storage/buckets/pics/files", json!({"fileId": "one"})).await;
    assert_eq!(empty.error(), refusal("storage_file_empty"));
    upload(&backend, As::Key, &fields, "a.TXT", b"1234").await.expect(201);
    let again = upload(&backend, As::Key, &fields, "a.txt", b"1234").await;
    assert_eq!(again.error(), (409, "storage_file_already_exists".to_owned()));
    let unknown = backend.post(As::Key, "/storage/buckets/none/files", json!({"fileId": "one"})).await;
    assert_eq!(unknown.error(), (404, "storage_bucket_not_found".to_owned()));
}

async fn send_part(backend: &Backend, id: Option<&str>, range: &str, bytes: &[u8]) -> Answer {
    let mut request = backend
        .request(As::Key, Method::POST, "/storage/buckets/pics/files")
        .header("content-type", "multipart/form-data; boundary=B")
        .header("content-range", range)
        .body(multipart(&[("fileId", "unique()")], "large.bin", bytes));
    if let Some(id) = id {
        request = request.header("x-appwrite-id", id);
    }
    answer(request).await
}

#[tokio::test]
async fn large_file_comes_in_parts_of_any_order() {
    let backend = Backend::start().await;
    bucket(&backend, json!({})).await;
    let total = 2 * PART + 3;
    let bytes: Vec<u8> = (0..total).map(|index| u8::try_from(index % 251).expect("a byte")).collect();
    let range = |start: usize, end: usize| format!("bytes {start}-{}/{total}", end - 1);
    let first = send_part(&backend, None, &range(0, PART), &bytes[..PART]).await.expect(201);
    let id = first["$id"].as_str().expect("an id").to_owned();
    assert_eq!(
        (&first["chunksTotal"], &first["chunksUploaded"], &first["signature"]),
        (&json!(3), &json!(1), &json!(""))
    );
    let path = format!("/storage/buckets/pics/files/{id}");
    assert_eq!(backend.get(As::Key, &format!("{path}/view")).await.error().0, 404, "it is not whole");
    let last = send_part(&backend, Some(&id), &range(2 * PART, total), &bytes[2 * PART..]).await.expect(201);
    assert_eq!(last["chunksUploaded"], 2);
    let whole = send_part(&backend, Some(&id), &range(PART, 2 * PART), &bytes[PART..2 * PART]).await.expect(201);
    assert_eq!((&whole["chunksUploaded"], &whole["sizeOriginal"]), (&json!(3), &json!(total)));
    send_part(&backend, Some(&id), &range(0, PART), &bytes[..PART]).await.expect(200);
    let sent = backend.request(As::Key, Method::GET, &format!("{path}/download")).send().await.expect("an answer");
    assert!(sent.bytes().await.expect("bytes") == bytes);
    for bad in ["bytes 0-5/x", "bytes 5-2/9", "bytes 0-10/9", "bytes 9-9/9"] {
        let refused = send_part(&backend, Some(&id), bad, b"x").await;
        assert_eq!(refused.error(), (400, "storage_invalid_content_range".to_owned()), "{bad}");
    }
    let nobody = send_part(&backend, Some("unique()"), &range(0, PART), b"x").await;
    assert_eq!(nobody.error(), (400, "storage_invalid_appwrite_id".to_owned()));
}

#[tokio::test]
async fn file_token_opens_its_file_until_it_expires() {
    let clock = Clock::manual("2026-11-21T06:55:00Z".parse().expect("a timestamp"));
    let backend = Backend::at(clock.clone(), |_| {}).await;
    bucket(&backend, json!({})).await;
    for id in ["one", "two"] {
        upload(&backend, As::Key, &[("fileId", id)], "a.txt", id.as_bytes()).await.expect(201);
    }
    let tokens = "/tokens/buckets/pics/files/one";
    let token = backend.post(As::Key, tokens, json!({"expire": "2026-11-21T07:00:00Z"})).await.expect(201);
    assert_eq!((&token["resourceId"], &token["resourceType"]), (&json!("pics:one"), &json!("files")));
    let secret = token["secret"].as_str().expect("a secret");
    let view = |id: &str| format!("/storage/buckets/pics/files/{id}/view?token={secret}");
    assert_eq!(backend.get(As::Guest, &view("one")).await.text, "one");
    let unauthorized = (401, "user_unauthorized".to_owned());
    assert_eq!(backend.get(As::Guest, &view("two")).await.error(), unauthorized);
    clock.advance(Duration::from_secs(301));
    assert_eq!(backend.get(As::Guest, &view("one")).await.error(), unauthorized, "it has ended");
    let path = format!("/tokens/{}", token["$id"].as_str().expect("an id"));
    let forever = backend.patch(As::Key, &path, json!({"expire": null})).await.expect(200);
    assert_eq!(forever["expire"], "");
    assert_eq!(backend.get(As::Guest, &view("one")).await.text, "one");
    assert_eq!(backend.get(As::Key, tokens).await.expect(200)["total"], 1);
    backend.delete(As::Key, &path).await.expect(204);
    assert_eq!(backend.get(As::Guest, &view("one")).await.error(), unauthorized);
    assert_eq!(backend.get(As::Key, &path).await.error(), (404, "token_not_found".to_owned()));
}

#[tokio::test]
async fn html_files_are_served_as_text() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"permissions": ["read(\"any\")"], "transformations": false})).await;
    upload(&backend, As::Key, &[("fileId", "page")], "a.html", b"<!DOCTYPE html><script>alert(1)</script>")
        .await
        .expect(201);
    let shown = backend.get(As::Guest, "/storage/buckets/pics/files/page/view").await;
    assert_eq!(
        (shown.header("content-type").as_str(), shown.header("content-security-policy").as_str()),
        ("text/plain", "script-src none;")
    );
    let preview = backend.get(As::Guest, "/storage/buckets/pics/files/page/preview").await;
    assert_eq!(preview.error(), (403, "storage_bucket_transformations_disabled".to_owned()));
    let drawn = backend.get(As::Key, "/storage/buckets/pics/files/page/preview?width=20").await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type").as_str()), (200, "image/png"));
}

async fn preview(backend: &Backend, file: &str, asked: &str) -> (String, image::RgbaImage) {
    let path = format!("/storage/buckets/pics/files/{file}/preview?{asked}");
    let response = backend.request(As::Guest, reqwest::Method::GET, &path).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200, "{asked}");
    assert!(response.headers().get("x-appwrite-warning").is_none(), "{asked}");
    let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
    let bytes = response.bytes().await.expect("a picture");
    (kind, image::load_from_memory(&bytes).expect("a picture").into_rgba8())
}

/// An image of 40 by 20 pixels whose left half is red and whose right half is blue.
fn halves() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(40, 20, |x, _| image::Rgb(if x < 20 { [255, 0, 0] } else { [0, 0, 255] }));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

#[tokio::test]
async fn preview_has_the_requested_size_shape_and_format() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"permissions": ["read(\"any\")"]})).await;
    upload(&backend, As::Key, &[("fileId", "halves")], "halves.png", &halves()).await.expect(201);
    let is_red = |pixel: &image::Rgba<u8>| pixel[0] > 200 && pixel[2] < 60;
    let (kind, smaller) = preview(&backend, "halves", "width=20").await;
    assert_eq!((kind.as_str(), smaller.dimensions()), ("image/png", (20, 10)));
    assert_eq!(preview(&backend, "halves", "height=10").await.1.dimensions(), (20, 10));
    for (gravity, left, right) in [("left", true, true), ("right", false, false), ("center", true, false)] {
        let (_, square) = preview(&backend, "halves", &format!("width=10&height=10&gravity={gravity}")).await;
        assert_eq!(square.dimensions(), (10, 10));
        assert_eq!((is_red(square.get_pixel(0, 5)), is_red(square.get_pixel(9, 5))), (left, right), "{gravity}");
    }
    for (output, kind) in [("jpg", "image/jpeg"), ("webp", "image/webp"), ("gif", "image/gif"), ("png", "image/png")] {
        let (found, picture) = preview(&backend, "halves", &format!("output={output}&quality=90")).await;
        assert_eq!((found.as_str(), picture.dimensions()), (kind, (40, 20)));
        assert!(is_red(picture.get_pixel(2, 2)), "{output}");
    }
    let (_, turned) = preview(&backend, "halves", "rotation=90").await;
    assert_eq!(turned.dimensions(), (20, 40));
    assert!(is_red(turned.get_pixel(5, 0)) && !is_red(turned.get_pixel(5, 39)));
    let (_, round) = preview(&backend, "halves", "borderRadius=10&opacity=0.5").await;
    assert_eq!((round.get_pixel(0, 0)[3], round.get_pixel(20, 10)[3]), (0, 127));
    let (_, filled) = preview(&backend, "halves", "borderRadius=10&background=0f0").await;
    assert_eq!(filled.get_pixel(0, 0).0, [0, 255, 0, 255]);
    for bad in ["width=4001", "gravity=middle", "output=bmp", "quality=101", "opacity=2", "background=green"] {
        let path = format!("/storage/buckets/pics/files/halves/preview?{bad}");
        assert_eq!(backend.get(As::Guest, &path).await.error(), (400, "general_argument_invalid".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn preview_that_differs_from_the_request_warns() {
    let backend = Backend::start().await;
    bucket(&backend, json!({"permissions": ["read(\"any\")"]})).await;
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    upload(&backend, As::Key, &[("fileId", "dot")], "dot.png", picture).await.expect(201);
    let path = "/storage/buckets/pics/files/dot/preview";
    let plain = backend.get(As::Guest, path).await;
    assert_eq!((plain.status.as_u16(), plain.headers.get("x-appwrite-warning")), (200, None));
    let smaller = backend.get(As::Guest, &format!("{path}?width=20")).await;
    assert_eq!(smaller.header("content-type"), "image/png");
    assert!(smaller.header("x-appwrite-warning").contains("cannot read this picture"));
    upload(&backend, As::Key, &[("fileId", "halves")], "halves.png", &halves()).await.expect(201);
    let tilted =
        backend.request(As::Guest, reqwest::Method::GET, "/storage/buckets/pics/files/halves/preview?rotation=45");
    let warning = tilted.send().await.expect("an answer").headers()["x-appwrite-warning"].clone();
    assert!(warning.to_str().expect("text").contains("rotation"));
}
