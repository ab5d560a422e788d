//! REST API of the birthdays, for clients that sign in to Appwrite themselves and send a JWT.
//!
//! Ignores cookies, so another site cannot act through a user's browser. The API therefore needs no `Origin` check.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{BoxError, Extension, Json, Router};
use leptos_appwrite::error::AppError;
use leptos_appwrite::server::RequestPermits;
use leptos_appwrite::server::body::whole;
use leptos_appwrite::server::client_permits::ClientPermits;
use leptos_appwrite::server::limits::{BODY_LIMIT, REQUEST_TIMEOUT};
use leptos_appwrite::state::AppState;
use serde::de::DeserializeOwned;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::{BirthdayBody, BirthdayListBody, ChangedBirthday, NewBirthday};
use self::credentials::{JWT_HEADER, JwtHolder};
use self::document::{AnyRefusal, BodyRefusal, RowRefusal, description};
use self::refusal::{Refusal, RefusalKind};
use super::store::{self, Changes, Draft};

mod body;
mod credentials;
mod document;
mod refusal;

/// Browsers cache the CORS preflight response for this long.
const PREFLIGHT_LIFETIME: Duration = Duration::from_secs(600);

/// The routes with their own middleware. They belong outside the layers of the pages.
///
/// They share the pages' limits on concurrent requests. Pages of `cors_origins` may call them.
pub fn routes(
    state: &AppState,
    RequestPermits { work, client_permits }: RequestPermits,
    cors_origins: Vec<HeaderValue>,
) -> Router<AppState> {
    let (router, document) = documented().split_for_parts();
    let router = router
        .route("/api/birthdays/", any(not_found))
        .route("/api/birthdays/{id}/{*rest}", any(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(Arc::new(document)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(overloaded))
                .layer(LoadShedLayer::new())
                .layer(GlobalConcurrencyLimitLayer::with_semaphore(work)),
        )
        .layer(from_fn_with_state(client_permits, limit_per_client))
        .layer(from_fn_with_state(state.clone(), read_body))
        .layer(from_fn(keep_private));
    match cors(cors_origins) {
        Some(cors) => router.layer(cors),
        None => router,
    }
}

/// Registers each route together with its part of the OpenAPI document, so neither can be missing.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(description())
        .routes(routes!(list, add))
        .routes(routes!(read, change, delete))
        .routes(routes!(openapi))
}

/// Lists the birthdays that you may see, by name.
#[utoipa::path(
    get,
    path = "/api/birthdays",
    tag = "birthdays",
    operation_id = "listBirthdays",
    security(("bearer" = []), ("header" = [])),
    responses((status = 200, description = "The birthdays", body = BirthdayListBody), AnyRefusal),
)]
async fn list(JwtHolder(acting): JwtHolder) -> Result<Json<BirthdayListBody>, Refusal> {
    Ok(Json(store::list_all(&acting).await?.into()))
}

/// Adds a birthday that you own.
#[utoipa::path(
    post,
    path = "/api/birthdays",
    tag = "birthdays",
    operation_id = "addBirthday",
    security(("bearer" = []), ("header" = [])),
    request_body = NewBirthday,
    responses(
        (
            status = 201,
            description = "The birthday as added",
            body = BirthdayBody,
            headers(("Location" = String, description = "The path of the birthday")),
        ),
        AnyRefusal,
        BodyRefusal,
    ),
)]
async fn add(JwtHolder(acting): JwtHolder, Sent(new): Sent<NewBirthday>) -> Result<Response, Refusal> {
    // Treats a missing field as empty, so that one response reports all problems.
    let [name, date, visibility] = [new.name, new.date, new.visibility].map(Option::unwrap_or_default);
    let draft = Draft::new(&name, &date, &visibility)?;
    let added: BirthdayBody = store::add(&acting, &draft).await?.into();
    // Needs no escaping: Appwrite's ids contain only characters that a path allows.
    let location = [(header::LOCATION, format!("/api/birthdays/{}", added.id))];
    Ok((StatusCode::CREATED, location, Json(added)).into_response())
}

/// Returns one birthday that you may see.
#[utoipa::path(
    get,
    path = "/api/birthdays/{id}",
    tag = "birthdays",
    operation_id = "readBirthday",
    security(("bearer" = []), ("header" = [])),
    params(("id" = String, Path, description = "The birthday's id")),
    responses((status = 200, description = "The birthday", body = BirthdayBody), AnyRefusal, RowRefusal),
)]
async fn read(JwtHolder(acting): JwtHolder, RowId(id): RowId) -> Result<Json<BirthdayBody>, Refusal> {
    Ok(Json(store::get(&acting, &id).await?.into()))
}

/// Changes one of your birthdays. Fields missing from the body keep their values.
#[utoipa::path(
    patch,
    path = "/api/birthdays/{id}",
    tag = "birthdays",
    operation_id = "changeBirthday",
    security(("bearer" = []), ("header" = [])),
    params(("id" = String, Path, description = "The birthday's id")),
    request_body = ChangedBirthday,
    responses(
        (status = 200, description = "The birthday as changed", body = BirthdayBody),
        AnyRefusal,
        RowRefusal,
        BodyRefusal,
    ),
)]
async fn change(
    JwtHolder(acting): JwtHolder,
    RowId(id): RowId,
    Sent(changed): Sent<ChangedBirthday>,
) -> Result<Json<BirthdayBody>, Refusal> {
    let ChangedBirthday { name, date, visibility } = changed;
    let changes = Changes::new(name.as_deref(), date.as_deref(), visibility.as_deref())?;
    Ok(Json(store::update(&acting, &id, &changes, None).await?.into()))
}

/// Deletes one of your birthdays.
#[utoipa::path(
    delete,
    path = "/api/birthdays/{id}",
    tag = "birthdays",
    operation_id = "deleteBirthday",
    security(("bearer" = []), ("header" = [])),
    params(("id" = String, Path, description = "The birthday's id")),
    responses((status = 204, description = "The birthday is deleted"), AnyRefusal, RowRefusal),
)]
async fn delete(JwtHolder(acting): JwtHolder, RowId(id): RowId) -> Result<StatusCode, Refusal> {
    store::delete(&acting, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "document",
    operation_id = "readDocument",
    responses(
        (status = 200, description = "The description of this API", content_type = "application/json", body = Object),
    ),
)]
async fn openapi(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    Json(&*document).into_response()
}

async fn not_found() -> Refusal {
    RefusalKind::NotFound.into()
}

async fn method_not_allowed() -> Refusal {
    RefusalKind::MethodNotAllowed.into()
}

async fn overloaded(_: BoxError) -> Refusal {
    AppError::Busy.into()
}

/// Middleware: refuses requests above the client's share of concurrent requests.
async fn limit_per_client(
    State(client_permits): State<ClientPermits>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let _place = client_permits.take(&parts).ok_or(AppError::Busy)?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Middleware: reads the whole body before it passes the request on.
async fn read_body(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match whole(request, state.body_deadline).await {
        Ok(request) => next.run(request).await,
        Err(error) => Refusal::from(error).into_response(),
    }
}

fn after_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request ended in a panic");
    Refusal::from(RefusalKind::Internal).into_response()
}

/// Middleware: removes the cookies from the request and forbids caching of the response.
async fn keep_private(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(header::COOKIE);
    let mut response = match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::from(RefusalKind::Unavailable).into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for name in [header::AUTHORIZATION, JWT_HEADER] {
        response.headers_mut().append(header::VARY, name.into());
    }
    response
}

/// CORS for these origins. Sends no `Access-Control-Allow-Credentials`, so browsers never send cookies.
fn cors(origins: Vec<HeaderValue>) -> Option<CorsLayer> {
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers([header::AUTHORIZATION, JWT_HEADER, header::CONTENT_TYPE])
            .expose_headers([
                header::LOCATION,
                header::RETRY_AFTER,
                header::WWW_AUTHENTICATE,
                HeaderName::from_static("x-request-id"),
            ])
            .max_age(PREFLIGHT_LIFETIME)
    })
}

/// The row id in the path. An invalid id gets the same 404 as a row that does not exist.
struct RowId(String);

impl FromRequestParts<AppState> for RowId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| RefusalKind::NotFound.into())
    }
}

/// A JSON body.
struct Sent<T>(T);

impl<T: DeserializeOwned> FromRequest<AppState> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        // Parses an object first, because serde would also read a struct from an array.
        match Json::<serde_json::Map<_, _>>::from_request(request, state).await {
            Ok(Json(object)) => {
                let body = serde_json::from_value(object.into());
                body.map(Self).map_err(|_| RefusalKind::Invalid.into())
            }
            Err(JsonRejection::JsonDataError(_)) => Err(RefusalKind::Invalid.into()),
            Err(rejection) => Err(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
                StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMediaType,
                _ => AppError::BadRequest,
            }
            .into()),
        }
    }
}
