//! A ceremony: the options from our server, the browser's `navigator.credentials`, and the answer as JSON.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array, encode_uri_component};

use super::task::{Mediation, Task};
use crate::components::form::exchange::exchange;
use crate::error::AppError;

/// Performs the ceremony. Returns the form's fields with the answer.
pub(super) async fn perform(task: Task) -> Result<String, AppError> {
    let (options, _) = exchange(task.ceremony.ask, &task.body).await?;
    let promise = ask_browser(&task, &options).map_err(|error| refusal(&error))?;
    let credential = JsFuture::from(promise).await.map_err(|error| refusal(&error))?;
    answer(&task.body, &options, &credential).map_err(|_| AppError::PasskeysUnsupported)
}

/// Translates the browser's error. A browser hides from pages whether the user declined or has no passkey.
fn refusal(error: &JsValue) -> AppError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "AbortError") => AppError::PasskeyCancelled,
        Some("InvalidStateError") => AppError::PasskeyExists,
        _ => AppError::PasskeysUnsupported,
    }
}

fn ask_browser(task: &Task, options: &str) -> Result<Promise, JsValue> {
    let public_key = get(&JSON::parse(options)?, "public_key")?;
    let (parse, call) = match task.ceremony.is_new {
        true => ("parseCreationOptionsFromJSON", "create"),
        false => ("parseRequestOptionsFromJSON", "get"),
    };
    let class = get(&window(), "PublicKeyCredential")?;
    let public_key = match get(&class, parse)?.dyn_into::<Function>() {
        Ok(parse) => parse.call1(&class, &public_key)?,
        Err(_) => parsed(public_key)?,
    };
    let request = Object::new();
    set(&request, "publicKey", &public_key)?;
    set(&request, "signal", &task.signal)?;
    if task.mediation == Mediation::Conditional {
        set(&request, "mediation", &"conditional".into())?;
    }
    let credentials = get(&window().navigator(), "credentials")?;
    get(&credentials, call)?.dyn_into::<Function>()?.call1(&credentials, &request)?.dyn_into()
}

fn answer(body: &str, options: &str, credential: &JsValue) -> Result<String, JsValue> {
    let id = get(&JSON::parse(options)?, "id")?.as_string().ok_or(JsValue::NULL)?;
    let json = match get(credential, "toJSON")?.dyn_into::<Function>() {
        Ok(to_json) => to_json.call0(credential)?,
        Err(_) => written(credential)?,
    };
    let json = String::from(JSON::stringify(&json)?);
    let [id, json] = [id, json].map(|text| String::from(encode_uri_component(&text)));
    Ok(format!("{body}&id={id}&credential={json}"))
}

/// Does what `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` do, for browsers without them.
fn parsed(options: JsValue) -> Result<JsValue, JsValue> {
    let user = get(&options, "user")?;
    let lists = [get(&options, "excludeCredentials")?, get(&options, "allowCredentials")?];
    let known = lists.iter().filter(|list| list.is_object()).flat_map(|list| Array::from(list).to_vec());
    decode(&options, "challenge")?;
    for object in known.chain(user.is_object().then_some(user)) {
        decode(&object, "id")?;
    }
    Ok(options)
}

/// Does what `toJSON` does, for browsers without it.
fn written(credential: &JsValue) -> Result<JsValue, JsValue> {
    let (json, response) = (Object::new(), Object::new());
    for field in ["id", "type"] {
        set(&json, field, &get(credential, field)?)?;
    }
    encode(credential, "rawId", &json)?;
    let given = get(credential, "response")?;
    for field in ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] {
        encode(&given, field, &response)?;
    }
    set(&json, "response", &response)?;
    set(&json, "clientExtensionResults", &Object::new())?;
    Ok(json.into())
}

/// Replaces a text in base64url by its bytes.
fn decode(object: &JsValue, field: &str) -> Result<(), JsValue> {
    let text = get(object, field)?.as_string().ok_or(JsValue::NULL)?;
    let characters = window().atob(&text.replace('-', "+").replace('_', "/"))?;
    // Each character of the result is one byte.
    let bytes: Vec<u8> = characters.chars().filter_map(|character| u8::try_from(character).ok()).collect();
    set(object, field, &Uint8Array::from(bytes.as_slice()))
}

/// Copies a buffer as a text in base64url, if there is one.
fn encode(from: &JsValue, field: &str, to: &JsValue) -> Result<(), JsValue> {
    let buffer = get(from, field)?;
    if !buffer.is_object() {
        return Ok(());
    }
    let characters: String = Uint8Array::new(&buffer).to_vec().into_iter().map(char::from).collect();
    let text = window().btoa(&characters)?;
    set(to, field, &text.trim_end_matches('=').replace('+', "-").replace('/', "_").into())
}

fn get(object: &JsValue, field: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &field.into())
}

fn set(object: &JsValue, field: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &field.into(), value).map(drop)
}
