//! What an app tells this crate about itself: its pages, its tables, its addresses, its words.

use appwrite_realtime::state::{ConnectionState, Ending};
use leptos::prelude::*;

use crate::error::{AppError, Problem};
use crate::routes::Guards;
use crate::tables::Table;

/// An app. It is one static value, the same on the server and in the browser.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// The component around all pages. It has a router in it and calls [`provide_visit`](crate::session::provide_visit).
    pub root: fn() -> AnyView,
    /// What the head of each page has besides scripts and styles: the icon, for instance.
    pub head: fn() -> AnyView,
    /// The language of the pages: `en`.
    pub lang: &'static str,
    /// Who may open which page, made by [`routes!`](crate::routes!).
    pub guards: Guards,
    /// The tables whose rows pages may follow.
    pub tables: &'static [Table],
    /// Whether people may create accounts by email and password. Where they may not, `sign_up` refuses every request.
    pub offers_sign_up: bool,
    /// Where people are sent. Each is a row of `guards`.
    pub paths: Paths,
    /// What people read.
    pub wording: Wording,
}

/// The pages that people are sent to.
#[derive(Debug, Clone, Copy)]
pub struct Paths {
    /// Where a sign-out leads.
    pub home: &'static str,
    /// Where people sign in. It gets `?next=` with the page to go on to.
    pub sign_in: &'static str,
    /// Where people give their second factor. It gets `?next=` too.
    pub second_factor: &'static str,
    /// Where a sign-in leads if it names no `next`.
    pub after_sign_in: &'static str,
}

impl Default for Paths {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Paths {
    /// `/`, `/login`, `/login/factor` and `/account`.
    pub const DEFAULT: Self =
        Self { home: "/", sign_in: "/login", second_factor: "/login/factor", after_sign_in: "/account" };
}

/// What people read where this crate puts text on a page. It has no words of its own.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// What happened, and what to do.
    pub error: fn(&AppError) -> String,
    /// The heading of a page that shows nothing but an error.
    pub heading: fn(&AppError) -> String,
    /// What is wrong with a field; with its label, if that is at hand.
    pub problem: fn(Problem, Option<&str>) -> String,
    /// How it stands with the live connection: first the part that a screen reader is told when it changes, then the rest.
    pub connection: fn(&ConnectionState) -> [String; 2],
    /// Why the person is not signed in any more.
    pub ending: fn(Ending) -> String,
    /// The line that names the other people on the page; empty if there are none.
    pub also_here: fn(&[String]) -> String,
    /// What people read who are alone on a page: others would see their name.
    pub alone_here: &'static str,
    /// The link to the sign-in page for a person whose session has ended.
    pub sign_in_again: &'static str,
    /// A form could not keep all that was typed.
    pub text_cut: &'static str,
    /// The heading and the sentence for a browser that sends too many cookies.
    pub too_many_cookies: [&'static str; 2],
    /// The title of a page that opens another one at once.
    pub one_moment: &'static str,
    /// Its link, for browsers that do not.
    pub continue_link: &'static str,
    /// What stands before the id of a request that went wrong.
    pub request_id: &'static str,
    /// The link to the home page on a page without the app around it.
    pub home_link: &'static str,
}

/// The id of the element that holds the app.
pub const ROOT: &str = "app";

/// The app with its own description in context, as the server renders it and the browser hydrates it.
pub fn root(site: &'static Site) -> AnyView {
    provide_context(site);
    (site.root)()
}

/// The app that the calling component belongs to.
pub fn use_site() -> &'static Site {
    expect_context()
}
