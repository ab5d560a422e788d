//! The macro that makes the router, the guards and the parts of the wasm from the same rows.

/// Makes from the same rows (path, guard ([`Access`](crate::session::Access)), view):
///
/// - [`Guards`](crate::routes::Guards) named `GUARDS`,
/// - a component `Pages`,
/// - the [`Part`](crate::routes::Part)s of the wasm, named `PARTS`. The browser loads the code of the rows in `lazy NAME
///   { … }` when it opens the first of them. Each name becomes a module, and the name of a file. Needs a build with
///   `cargo leptos … --split`; otherwise all code is in one file.
/// - a module `signed_in` for the rows in `signed_in { … }`, a part with views of the frame around the pages that only signed-in
///   users see. [`loaded_view`](crate::routes::loaded_view) shows one: `loaded_view(signed_in::view("menu"))`.
///
/// ```
/// use leptos::prelude::*;
///
/// leptos_appwrite::routes! {
///     fallback => SameForAll, || view! { <h1>"Page not found"</h1> };
///     "/" => Anyone, || view! { <h1>"Notes"</h1> };
///     lazy one_note {
///         "/notes/:id" => SignedIn, || view! { <h1>"A note"</h1> };
///     }
/// }
///
/// fn main() {
///     assert!(GUARDS.is_page("/notes/6b01") && !GUARDS.is_page("/notes"));
///     assert_eq!(PARTS[0].paths, ["/notes/:id"]);
/// }
/// ```
#[macro_export]
macro_rules! routes {
    (
        fallback => $fallback_access:ident, $fallback:expr;
        $($path:literal => $access:ident, $view:expr;)*
        $(lazy $part:ident { $($part_path:literal => $part_access:ident, $part_view:expr;)+ })*
        $(signed_in { $($name:literal => $frame_view:expr;)+ })?
    ) => {
        /// The guard of each page.
        pub const GUARDS: $crate::routes::Guards = $crate::routes::Guards {
            pages: &[
                $(($path, $crate::session::Access::$access),)*
                $($(($part_path, $crate::session::Access::$part_access),)+)*
            ],
            fallback: $crate::session::Access::$fallback_access,
        };

        /// The parts of the wasm that the browser loads when it opens the first of their pages.
        pub const PARTS: &[$crate::routes::Part] = &[
            $($crate::routes::Part {
                name: stringify!($part),
                paths: &[$($part_path),+],
                is_for_signed_in: false,
                load: $part::load,
            },)*
            $($crate::__signed_in_part!($($name)+),)?
        ];

        $(
            #[expect(non_snake_case, reason = "the name of a file is also that of a module")]
            mod $part {
                use super::*;

                $crate::__part! {
                    $part,
                    path,
                    match path {
                        $($part_path => ::leptos::prelude::IntoAny::into_any(($part_view)()),)+
                        _ => ::leptos::prelude::IntoAny::into_any(()),
                    }
                }
            }
        )*

        $(
            pub(crate) mod signed_in {
                use super::*;

                $crate::__part! {
                    signed_in,
                    name,
                    match name {
                        $($name => ::leptos::prelude::IntoAny::into_any(($frame_view)()),)+
                        _ => ::leptos::prelude::IntoAny::into_any(()),
                    }
                }
            }
        )?

        const PAGES: &[$crate::routes::Page] = &[
            $($crate::routes::Page {
                path: $path,
                access: $crate::session::Access::$access,
                view: $crate::routes::PageView::Here(|| ::leptos::prelude::IntoAny::into_any(($view)())),
            },)*
            $($($crate::routes::Page {
                path: $part_path,
                access: $crate::session::Access::$part_access,
                view: $crate::routes::PageView::InPart { load: $part::load, view: $part::view },
            },)+)*
        ];

        /// The pages, for the router.
        #[::leptos::component]
        pub fn Pages() -> impl ::leptos::prelude::IntoView {
            use ::leptos_router::components::{FlatRoutes, FlatRoutesProps};

            let pages = || $crate::routes::RouteTable::new(PAGES);
            FlatRoutes(
                FlatRoutesProps::builder()
                    .fallback($fallback)
                    .children(::leptos::children::ToChildren::to_children(pages))
                    .build(),
            )
        }
    };
}

/// The part with the views around the pages for signed-in users.
#[doc(hidden)]
#[macro_export]
macro_rules! __signed_in_part {
    ($($name:literal)+) => {
        $crate::routes::Part { name: "signed_in", paths: &[], is_for_signed_in: true, load: signed_in::load }
    };
}

/// One part of the wasm, in a file of its own.
#[cfg(split)]
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($part:ident, $path:ident, $view:expr) => {
        #[::leptos::wasm_split::wasm_split($part, wasm_split_path = ::leptos::wasm_split, preload(load_part), fallible)]
        fn view_part(
            $path: &'static str,
        ) -> Result<::leptos::prelude::AnyView, ::leptos::wasm_split::SplitLoaderError> {
            Ok($view)
        }

        pub fn view(path: &'static str) -> $crate::routes::Loaded<::leptos::prelude::AnyView> {
            Box::pin(async move { view_part(path).await.map_err(|_| $crate::routes::PartMissing) })
        }

        pub fn load() -> $crate::routes::Loaded<()> {
            Box::pin(async { load_part().await.map_err(|_| $crate::routes::PartMissing) })
        }
    };
}

/// One part of the wasm, in the same file as everything else.
#[cfg(not(split))]
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($part:ident, $path:ident, $view:expr) => {
        pub fn view($path: &'static str) -> $crate::routes::Loaded<::leptos::prelude::AnyView> {
            Box::pin(async move { Ok($view) })
        }

        pub fn load() -> $crate::routes::Loaded<()> {
            Box::pin(async { Ok(()) })
        }
    };
}
