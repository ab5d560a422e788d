//! JSON, in which server functions answer and pages bring their data.

use std::fmt;

use leptos::prelude::{Resource, SharedValue};
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use side::Later;
use side::Unreadable;
pub(crate) use side::from_text;

/// JSON. The browser's half has one reader for all of it, made of the browser's own parser.
///
/// So the browser refuses whole numbers beyond 2^53, and maps whose keys are not text: send both as text.
#[derive(Debug)]
pub struct Json;

/// The `output` of a server function that returns a value to the browser.
pub type Answer = Post<Json>;

impl ContentType for Json {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Json {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Json {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Json {
    type Error = Unreadable;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        from_text(&String::from_utf8_lossy(&bytes))
    }
}

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        from_text(text)
    }
}

/// Returns a value that the page's server has made: the browser reads it from the page.
pub fn of_page<T: Serialize + DeserializeOwned>(make: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(make).into_inner()
}

/// Returns a [`Resource`] whose first value the browser reads from the page.
pub fn resource<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> Resource<T, Json>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    // In a box: Leptos copies the future several times.
    Resource::new_with_options(source, move |source| Box::pin(fetch(source)), false)
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later")
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn later_value_survives_the_page() {
        let value = Later::from(vec!["Ann".to_owned()]);
        let text = <Json as Encoder<Later<Vec<String>>>>::encode(&value).expect("JSON");
        assert_eq!(text, r#""[\"Ann\"]""#);
        assert_eq!(<Json as Decoder<Later<Vec<String>>>>::decode(&text).expect("the value"), value);
    }
}
