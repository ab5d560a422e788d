//! The choice of the pages' colors.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::effect::effect;
use leptos_appwrite::session::take_submission;
use leptos_appwrite::theme::{SetTheme, Theme, current_theme, show_theme};

use super::{FormAction, HiddenField, PostForm, reactive, words};

/// A button for each theme. They work without JavaScript, and for people who are not signed in.
#[component]
pub fn ThemeButtons() -> impl IntoView {
    // Of all themes, the number of the one that the page shows.
    let shown = RwSignal::new(number_of(current_theme()));
    let left = take_submission(SetTheme::PATH).filter(|left| left.outcome.is_ok());
    let message = RwSignal::new(left.and_then(|left| Theme::of_name(left.typed.get("theme")?)).map(changed_to));
    let buttons = Theme::ALL.into_iter().map(|theme| view! { <ThemeButton theme shown message/> }).collect_view();
    view! {
        <div class="themes" role="group" aria-label="Theme">{buttons}</div>
        <p role="status">{reactive(move || message.get().map(words))}</p>
    }
}

fn number_of(theme: Theme) -> usize {
    Theme::ALL.into_iter().position(|other| other == theme).unwrap_or_default()
}

/// Names the theme, because with two tabs the later choice wins.
fn changed_to(theme: Theme) -> String {
    format!("Theme changed to {}.", theme.as_str())
}

#[component]
fn ThemeButton(theme: Theme, shown: RwSignal<usize>, message: RwSignal<Option<String>>) -> impl IntoView {
    let action = FormAction::of::<SetTheme>();
    effect(move || {
        if action.is_done() {
            message.set(Some(changed_to(theme)));
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
                    shown.set(number_of(theme));
                }
                aria-pressed=move || if shown.get() == number_of(theme) { "true" } else { "false" }
            >
                {text}
            </button>
        </PostForm>
    }
}
