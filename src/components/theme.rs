//! The choice of the pages' colors.

use leptos::prelude::*;
use leptos_appwrite::theme::{SetTheme, Theme, current_theme, show_theme};

use super::{FormAction, HiddenField, PostForm};

/// A button for each theme. They work without JavaScript, and for people who are not signed in.
#[component]
pub fn ThemeButtons() -> impl IntoView {
    let shown = RwSignal::new(current_theme());
    let buttons = Theme::ALL.into_iter().map(|theme| view! { <ThemeButton theme shown/> }).collect_view();
    view! { <div class="themes" role="group" aria-label="Theme">{buttons}</div> }
}

#[component]
fn ThemeButton(theme: Theme, shown: RwSignal<Theme>) -> impl IntoView {
    let action = FormAction::of::<SetTheme>();
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
                // At the press: the answer may wait for Appwrite.
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
