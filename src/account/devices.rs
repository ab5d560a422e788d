//! The page with the user's sessions.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::account::devices::{Device, EndDevice, EndOtherDevices, list_devices};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::take_submission;
use leptos_meta::Title;
use leptos_router::components::A;

use super::row_form::RowForm;
use crate::components::{ConfirmDialog, FormAction, Loaded, Moment, PostForm, SubmitButton};

/// Lists the devices that are signed in, and signs them out.
#[component]
pub fn DevicesPage() -> impl IntoView {
    let devices = Resource::new(|| (), |()| list_devices());
    view! {
        <Title text="Devices"/>
        <div class="page page-narrow">
            <h1>"Devices"</h1>
            <p>"Your account is signed in on these devices. If you don't know one, sign it out and change your password."</p>
            <WhileSignedIn>
                <Loaded from=devices view=|devices| view! { <Devices devices/> }.into_any()/>
            </WhileSignedIn>
            <p><A href="/account" exact=true>"Back to your account"</A></p>
        </div>
    }
}

#[component]
fn Devices(devices: Vec<Device>) -> impl IntoView {
    let has_others = devices.len() > 1;
    let items = devices.into_iter().map(|device| view! { <DeviceItem device/> }).collect_view();
    view! {
        <ul class="rows" aria-label="Devices">{items}</ul>
        {has_others.then(|| view! { <EndOthers/> })}
    }
}

#[component]
fn DeviceItem(device: Device) -> impl IntoView {
    let name = name_of(&device);
    let Device { id, is_this, kind, country, address, started, ends, .. } = device;
    let facts = [kind_in_words(&kind).to_owned(), country, address].into_iter().filter(|fact| !fact.is_empty());
    let facts = facts.map(|fact| view! { <span>{fact}</span> }).collect_view();
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">{name.clone()}</span>
                <span class="row-facts">{is_this.then(|| view! { <span class="tag">"This device"</span> })} {facts}</span>
                {started.map(|at| view! { <span class="row-facts"><span>"Signed in " <Moment seconds=at/></span></span> })}
                {ends.map(|at| view! { <span class="row-facts"><span>"Session ends " <Moment seconds=at/></span></span> })}
            </div>
            {(!is_this).then(|| view! { <EndOne id name/> })}
        </li>
    }
}

/// Asks for confirmation, and signs the device out.
#[component]
fn EndOne(id: String, name: String) -> impl IntoView {
    let action = FormAction::of::<EndDevice>();
    view! {
        <RowForm action form="end" id name=name.clone() text="Sign out">
            <p>"It's signed out at once, even if this site is open there."</p>
            <SubmitButton class="button button-danger button-small" label=format!("Yes, sign out {name}")>
                "Yes, sign out"
            </SubmitButton>
        </RowForm>
    }
}

/// Asks for confirmation, and signs all other devices out.
#[component]
fn EndOthers() -> impl IntoView {
    let action = FormAction::of::<EndOtherDevices>();
    let is_open = take_submission(action.path()).is_some();
    let button = || "Sign out all other devices";
    view! {
        <ConfirmDialog id="end-others-dialog" title="Sign out all other devices" class="button button-quiet" button is_open>
            <PostForm action id="end-others">
                <p>"Only this device stays signed in."</p>
                <AccountField/>
                <SubmitButton class="button button-danger">"Yes, sign out all others"</SubmitButton>
            </PostForm>
        </ConfirmDialog>
    }
}

fn name_of(device: &Device) -> String {
    let browser = if device.browser.is_empty() { "Unknown browser" } else { &device.browser };
    if device.system.is_empty() { browser.to_owned() } else { format!("{browser} on {}", device.system) }
}

/// Returns a common English name for Appwrite's kind of device.
fn kind_in_words(kind: &str) -> &str {
    match kind {
        "desktop" => "Computer",
        "smartphone" => "Phone",
        "tablet" => "Tablet",
        "tv" => "TV",
        other => other,
    }
}
