//! Content that the server loads for the page's user.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::leave_if_signed_out;

use super::Failure;

/// Shows the content once it is loaded, or the error in its place. Opens the sign-in page for a signed-out user.
#[component]
pub fn Loaded<T, F>(
    /// The content, or why it could not be loaded.
    from: Resource<Result<T, AppError>>,
    /// Shows the content.
    view: F,
    /// The sentence to show if the content does not exist.
    #[prop(optional)]
    not_found: Option<&'static str>,
    /// Shown below an error.
    #[prop(optional)]
    below_error: Option<fn() -> AnyView>,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> AnyView + Copy + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if let Some(Err(error)) = from.get() {
            leave_if_signed_out(&error);
        }
    });
    view! {
        <Suspense fallback=|| view! { <p class="quiet">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match from.await {
                    Ok(content) => view(content),
                    Err(error) => view! { <Failure error not_found/> {below_error.map(|below_error| below_error())} }.into_any(),
                }
            })}
        </Suspense>
    }
}
