//! The app's description for `leptos-appwrite`.

use leptos::prelude::*;
use leptos_appwrite::english::WORDING;
use leptos_appwrite::site::{LeavingPages, LinkPages, PasskeyPages, Paths, SecurityPages, Site, Wording};

use crate::app::App;
use crate::routes::{GUARDS, PARTS};
use crate::success;
use crate::tables::TABLES;

#[cfg(feature = "ssr")]
mod head;
#[cfg(not(feature = "ssr"))]
#[path = "site/head/absent.rs"]
mod head;

/// The pages, tables, routes and texts of the app.
pub static SITE: Site = Site {
    root: || view! { <App/> }.into_any(),
    head: head::view,
    guards: GUARDS,
    parts: PARTS,
    tables: TABLES,
    offers_sign_up: true,
    visitor_pages: &["/", "/login", "/signup", "/recovery"],
    paths: Paths {
        magic_link: Some(LinkPages { sent: "/login/link/sent", open: "/login/link/open" }),
        email_code: Some("/login/code/enter"),
        phone_code: Some("/login/phone/enter"),
        guest: Some("/account"),
        leave_guest: Some("/account/switch"),
        provider: Some("/login"),
        recovery: Some(LinkPages { sent: "/recovery/sent", open: "/recovery/open" }),
        ask_recovery: Some("/recovery"),
        verification: Some("/account/confirm"),
        change_name: Some("/account/name"),
        change_email: Some("/account/email"),
        change_phone: Some("/account/phone"),
        confirm_phone: Some("/account/phone/confirm"),
        change_password: Some("/account/password"),
        passkeys: Some(PasskeyPages { list: "/account/passkeys", verify: "/account/verify" }),
        devices: Some("/account/devices"),
        linked_providers: Some("/account/services"),
        security: Some(SecurityPages {
            overview: "/account/security",
            authenticator: "/account/security/authenticator",
            recovery_codes: "/account/security/codes",
            verify: "/account/security/verify",
        }),
        leaving: Some(LeavingPages { data: "/account/data", delete: "/account/delete", goodbye: "/goodbye" }),
        ..Paths::DEFAULT
    },
    wording: Wording { success: success::sentence, ..WORDING },
};
