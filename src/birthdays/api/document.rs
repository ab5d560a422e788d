//! General parts of the OpenAPI document: the description, the security schemes and the errors.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Header, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::credentials::JWT_HEADER;
use super::refusal::{RefusalBody, RefusalKind};

/// Returns the document without its routes.
pub(super) fn description() -> Document {
    Description::openapi()
}

/// Errors of every route.
pub(super) struct AnyRefusal;

/// Errors of the routes for one birthday.
pub(super) struct RowRefusal;

/// Errors of the routes with a body.
pub(super) struct BodyRefusal;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Birthdays",
        description = "Birthdays for apps and programs that sign in to Appwrite themselves. Each request sends an \
                       Appwrite JWT, and reads and changes what the JWT's user may read and change.",
    ),
    components(schemas(RefusalBody)),
    modifiers(&Description),
    tags(
        (name = "birthdays", description = "The birthdays that you may see"),
        (name = "document", description = "The description of this API"),
    ),
)]
struct Description;

impl Modify for Description {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let header = ApiKeyValue::with_description(JWT_HEADER.as_str(), "A JWT of Appwrite, as in its own API");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        components.add_security_scheme("header", SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
}

impl IntoResponses for AnyRefusal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[
            RefusalKind::BadRequest,
            RefusalKind::CredentialsAmbiguous,
            RefusalKind::CredentialsMissing,
            RefusalKind::CredentialsRefused,
            RefusalKind::MoreFactorsRequired,
            RefusalKind::AccountBlocked,
            RefusalKind::Forbidden,
            RefusalKind::RateLimited,
            RefusalKind::Internal,
            RefusalKind::Overloaded,
            RefusalKind::Unavailable,
        ])
    }
}

impl IntoResponses for RowRefusal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[RefusalKind::NotFound])
    }
}

impl IntoResponses for BodyRefusal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[
            RefusalKind::TooLarge,
            RefusalKind::TooSlow,
            RefusalKind::UnsupportedMediaType,
            RefusalKind::Invalid,
        ])
    }
}

/// Groups the errors into one response per status, whose description explains each error type.
fn responses(kinds: &[RefusalKind]) -> BTreeMap<String, RefOr<Response>> {
    let mut meanings: BTreeMap<StatusCode, Vec<String>> = BTreeMap::new();
    for kind in kinds {
        meanings.entry(kind.status()).or_default().push(format!("`{}`: {}", kind.name(), kind.message()));
    }
    let response = |(status, meanings): (StatusCode, Vec<String>)| {
        (status.as_str().to_owned(), RefOr::T(refusal(status, &meanings.join("\n\n"))))
    };
    meanings.into_iter().map(response).collect()
}

fn refusal(status: StatusCode, description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    let response = ResponseBuilder::new().description(description).content("application/json", body);
    let header = |description: &str| -> Header { HeaderBuilder::new().description(Some(description)).build() };
    match status {
        StatusCode::UNAUTHORIZED => {
            response.header("WWW-Authenticate", header("The scheme, and what is wrong with the JWT"))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            response.header("Retry-After", header("Seconds to wait"))
        }
        _ => response,
    }
    .build()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn error_types_stay_stable() {
        let document = serde_json::to_value(description()).expect("JSON");
        let types = json!([
            "bad_request",
            "credentials_ambiguous",
            "credentials_missing",
            "credentials_refused",
            "more_factors_required",
            "account_blocked",
            "forbidden",
            "not_found",
            "method_not_allowed",
            "too_large",
            "too_slow",
            "unsupported_media_type",
            "invalid",
            "rate_limited",
            "internal",
            "overloaded",
            "unavailable",
        ]);
        assert_eq!(document["components"]["schemas"]["ErrorType"]["enum"], types);
    }

    #[test]
    fn new_birthday_has_three_required_fields_without_defaults() {
        let (_, document) = super::super::documented().split_for_parts();
        let document = serde_json::to_value(document).expect("JSON");
        let schema = &document["components"]["schemas"]["NewBirthday"];
        assert_eq!(schema["required"], json!(["name", "date", "visibility"]));
        let fields = schema["properties"].as_object().expect("fields");
        assert_eq!(fields.len(), 3);
        assert!(fields.values().all(|field| field.get("default").is_none()), "{schema:#}");
        assert_eq!(fields["name"]["type"], "string");
    }

    #[test]
    fn status_with_several_types_lists_each() {
        let RefOr::T(unauthorized) = &AnyRefusal::responses()["401"] else { panic!("a reference") };
        for kind in ["`credentials_missing`: ", "`credentials_refused`: ", "`more_factors_required`: "] {
            assert!(unauthorized.description.contains(kind), "{}", unauthorized.description);
        }
    }
}
