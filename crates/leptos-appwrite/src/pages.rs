//! The macro that makes the router and the guards from the same rows.

/// Makes [`Guards`](crate::routes::Guards) named `GUARDS` and a component `Pages` from the same rows: path, guard
/// ([`Access`](crate::session::Access)), view.
///
/// ```
/// use leptos::prelude::*;
///
/// leptos_appwrite::routes! {
///     fallback => SameForAll, || view! { <h1>"Page not found"</h1> };
///     "/" => Anyone, || view! { <h1>"Notes"</h1> };
///     "/notes/:id" => SignedIn, || view! { <h1>"A note"</h1> };
/// }
///
/// assert!(GUARDS.is_page("/notes/6b01") && !GUARDS.is_page("/notes"));
/// ```
#[macro_export]
macro_rules! routes {
    (
        fallback => $fallback_access:ident, $fallback:expr;
        $($path:tt => $access:ident, $view:expr;)+
    ) => {
        /// The guard of each page.
        pub const GUARDS: $crate::routes::Guards = $crate::routes::Guards {
            pages: &[$(($path, $crate::session::Access::$access)),+],
            fallback: $crate::session::Access::$fallback_access,
        };

        /// The pages. Each is rendered whole before its first byte (`Async`), so that it works without JavaScript and
        /// its status code is true.
        #[::leptos::component]
        pub fn Pages() -> impl ::leptos::prelude::IntoView {
            use ::leptos_router::components::{Route, Routes};
            use ::leptos_router::{SsrMode, path};

            ::leptos::view! {
                <Routes fallback=$fallback>
                    $(<Route path=path!($path) view=move || $crate::session::guarded($crate::session::Access::$access, $view) ssr=SsrMode::Async/>)+
                </Routes>
            }
        }
    };
}
