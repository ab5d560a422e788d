//! The choice of the pages' colors.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::session::take_submission;
use leptos_appwrite::theme::{SetTheme, Theme, current_theme, show_theme};

use super::{FormAction, HiddenField, PostForm, words};

/// A button for each theme. They work without JavaScript, and for people who are not signed in.
#[component]
pub fn ThemeButtons() -> impl IntoView {
    let shown = RwSignal::new(current_theme());
    let left = take_submission(SetTheme::PATH).filter(|left| left.outcome.is_ok());
    let saved = RwSignal::new(left.and_then(|left| Theme::of_name(left.typed.get("theme")?)));
    let buttons = Theme::ALL.into_iter().map(|theme| view! { <ThemeButton theme shown saved/> }).collect_view();
    // Names the theme, because with two tabs the later choice wins.
    let message = move || saved.get().map(|theme| words(format!("Theme changed to {}.", theme.as_str())));
    view! {
        <div class="themes" role="group" aria-label="Theme">{buttons}</div>
        <p role="status">{message}</p>
    }
}

#[component]
fn ThemeButton(theme: Theme, shown: RwSignal<Theme>, saved: RwSignal<Option<Theme>>) -> impl IntoView {
    let action = FormAction::of::<SetTheme>();
    Effect::new(move |_| {
        if action.is_done() {
            saved.set(Some(theme));
        }
    });
    let name = theme.as_str();
    let text = match theme {
        Theme::System => "System",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    };
    view! {
        <PostForm action id=format!("theme-{name}") only_for=("theme", name.to_owned())>
            <HiddenField name="theme" value=name/>
            <button
                type="submit"
                class="theme"
                // Changes the colors at once: the response may have to wait for Appwrite.
                on:click=move |_| {
                    show_theme(theme);
                    shown.set(theme);
                }
                aria-pressed=move || if shown.get() == theme { "true" } else { "false" }
            >
                {text}
            </button>
        </PostForm>
    }
}
