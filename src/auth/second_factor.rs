//! The page that asks for the second factor at sign-in.

use leptos::prelude::*;
use leptos_appwrite::auth::SignOutForm;
use leptos_appwrite::auth::second_factor::{AskSecondFactor, GiveSecondFactor, OwnFactors, second_factors};
use leptos_appwrite::english::sentence;
use leptos_appwrite::json;
use leptos_appwrite::session::pending_sign_in::{Factor, Proof};
use leptos_appwrite::session::{take_submission, use_pending_sign_in};
use leptos_meta::Title;

use super::use_next;
use crate::components::{
    FormAction, HiddenField, Loaded, Notice, NoticeKind, OutboxHint, PostForm, SixDigitsField, SubmitButton, TextField,
};

/// The server functions that start a challenge and check its code.
#[derive(Clone, Copy)]
pub struct FactorActions {
    /// Starts the challenge.
    pub ask: fn() -> FormAction,
    /// Takes the code.
    pub give: fn() -> FormAction,
    /// The message for a user without a second factor.
    pub none: &'static str,
}

/// Asks for the second factor at sign-in.
#[component]
pub fn SecondFactorPage() -> impl IntoView {
    let actions = FactorActions {
        ask: FormAction::of::<AskSecondFactor>,
        give: FormAction::of::<GiveSecondFactor>,
        none: "Your account needs a second step, but none of its methods works here. Contact the owner of this site.",
    };
    view! {
        <Title text="Two-step verification"/>
        <div class="page page-narrow">
            <h1>"Two-step verification"</h1>
            <FactorStep actions/>
            <SignOutForm text="Cancel and sign out" class="button button-quiet button-small"/>
        </div>
    }
}

/// Lets the user choose a factor, then asks for its code.
#[component]
pub fn FactorStep(
    /// The server functions.
    actions: FactorActions,
) -> impl IntoView {
    let factors = json::resource(|| (), |()| second_factors());
    view! {
        <Loaded from=factors view=move |factors| view! { <CustomHint factors=factors.clone()/> <Step actions factors=factors.known/> }.into_any()/>
    }
}

/// Says that this site does not support the project's own factor, for accounts that have no other factor than recovery
/// codes.
#[component]
fn CustomHint(factors: OwnFactors) -> impl IntoView {
    let has_other = factors.known.iter().any(|factor| *factor != Factor::RecoveryCode);
    (factors.has_custom && !has_other).then(|| {
        view! { <p>"Your account uses a verification method that this site doesn't support."</p> }
    })
}

/// Shows the choice of factors, or the code field of the chosen one.
#[component]
fn Step(
    actions: FactorActions,
    /// The account's factors.
    factors: Vec<Factor>,
) -> impl IntoView {
    let asked = use_pending_sign_in().and_then(|pending| match pending.proof {
        Proof::SecondFactor(factor) if factors.contains(&factor) => Some(factor),
        _ => None,
    });
    // Shows this error above the choice: if the challenge has expired meanwhile, its form is not on the page.
    let left = take_submission((actions.give)().path()).and_then(|left| left.outcome.err());
    let current = asked.or_else(|| without_choice(&factors));
    let others: Vec<_> = factors.iter().copied().filter(|factor| Some(*factor) != current).collect();
    match current {
        Some(factor) => view! {
            <GiveForm action=(actions.give)() factor/>
            {factor.is_sent().then(|| view! {
                <AskForm action=(actions.ask)() factor text="Send a new code" class="button button-quiet"/>
            })}
            {(!others.is_empty()).then(|| view! {
                <section class="other-methods" aria-labelledby="other-factors">
                    <h2 id="other-factors">"Another way"</h2>
                    <AskForms ask=actions.ask factors=others class="button button-quiet"/>
                </section>
            })}
        }
        .into_any(),
        None if others.is_empty() => view! { <p>{actions.none}</p> }.into_any(),
        None => view! {
            {left.map(|error| view! { <Notice kind=NoticeKind::Error>{sentence(&error)}</Notice> })}
            <p>"Choose how to verify it's you."</p>
            <AskForms ask=actions.ask factors=others class="button button-quiet"/>
        }
        .into_any(),
    }
}

/// Returns the factor to ask for at once: an authenticator app if it is the only factor, because it needs no message.
/// Recovery codes do not count as a choice.
fn without_choice(factors: &[Factor]) -> Option<Factor> {
    match factors.iter().filter(|factor| **factor != Factor::RecoveryCode).collect::<Vec<_>>()[..] {
        [] => factors.first().copied(),
        [Factor::Totp] => Some(Factor::Totp),
        _ => None,
    }
}

#[component]
fn GiveForm(
    action: FormAction,
    /// The chosen factor.
    factor: Factor,
) -> impl IntoView {
    let lead = match factor {
        Factor::Totp => "Open your authenticator app and enter the code that it shows for this site.",
        Factor::Email => "We sent a code to your email. It expires in an hour.",
        Factor::Phone => "We sent a code to your phone. It expires in an hour.",
        Factor::RecoveryCode => "Enter one of your recovery codes. Each works once.",
    };
    view! {
        <p>{lead}</p>
        {factor.is_sent().then(|| view! { <OutboxHint/> })}
        <PostForm action id="give-factor" class="form">
            <FactorFields factor/>
            {match factor {
                Factor::Totp | Factor::Email | Factor::Phone => view! { <SixDigitsField autofocus=true/> }.into_any(),
                Factor::RecoveryCode => view! { <TextField name="code" label="Recovery code" secret=true autofocus=true/> }.into_any(),
            }}
            <SubmitButton>"Continue"</SubmitButton>
        </PostForm>
    }
}

/// A list of buttons, one per factor.
#[component]
fn AskForms(
    ask: fn() -> FormAction,
    factors: Vec<Factor>,
    /// The buttons' class.
    class: &'static str,
) -> impl IntoView {
    let items = factors
        .into_iter()
        .map(|factor| {
            let text = match factor {
                Factor::Totp => "Use an authenticator app",
                Factor::Email => "Get a code by email",
                Factor::Phone => "Get a code by text message",
                Factor::RecoveryCode => "Use a recovery code",
            };
            view! { <li><AskForm action=ask() factor text class/></li> }
        })
        .collect_view();
    view! { <ul class="button-list" role="list">{items}</ul> }
}

/// A form whose button requests a factor.
#[component]
fn AskForm(
    action: FormAction,
    factor: Factor,
    /// The button's text.
    text: &'static str,
    /// The button's class.
    class: &'static str,
) -> impl IntoView {
    let name = factor.as_str();
    view! {
        <PostForm action id=format!("ask-{name}") only_for=("factor", name.to_owned())>
            <FactorFields factor/>
            <SubmitButton class>{text}</SubmitButton>
        </PostForm>
    }
}

/// Hidden fields that every form here sends.
#[component]
fn FactorFields(factor: Factor) -> impl IntoView {
    view! {
        <HiddenField name="factor" value=factor.as_str()/>
        {use_next().map(|next| view! { <HiddenField name="next" value=next/> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticator_app_needs_no_choice_even_with_recovery_codes() {
        assert_eq!(without_choice(&[Factor::Totp]), Some(Factor::Totp));
        assert_eq!(without_choice(&[Factor::Totp, Factor::RecoveryCode]), Some(Factor::Totp));
        assert_eq!(without_choice(&[Factor::RecoveryCode]), Some(Factor::RecoveryCode));
    }

    #[test]
    fn multiple_factors_and_factors_that_send_codes_need_a_choice() {
        for factors in
            [&[Factor::Email][..], &[Factor::Phone, Factor::RecoveryCode], &[Factor::Totp, Factor::Email], &[]]
        {
            assert_eq!(without_choice(factors), None, "{factors:?}");
        }
    }
}
