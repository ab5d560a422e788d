//! The Appwrite client over real sockets: against a server that misbehaves in every way, and against the local backend.

mod calls;
mod local;
mod negotiation;
mod recorded;
mod secrets;
mod transport;
mod upstream;

use std::time::Duration;

use appwrite_client::{Appwrite, AppwriteSettings, Limits, SessionClient, SessionSecret};

use upstream::Upstream;

const API_KEY: &str = "standard_0123456789abcdef";
const SECRET: &str = "eyJpZCI6ImFubiIsInNlY3JldCI6IjRkNGUzYjYwIn0=";

/// Short for tests that wait for this timeout, long enough for the others on a busy machine.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(5),
    total: Duration::from_secs(5),
    answer: 64 * 1024,
};

fn client(upstream: &Upstream) -> Appwrite {
    client_with(upstream, LIMITS)
}

fn client_with(upstream: &Upstream, limits: Limits) -> Appwrite {
    Appwrite::with_limits(settings(upstream), limits).expect("a client")
}

fn settings(upstream: &Upstream) -> AppwriteSettings {
    AppwriteSettings { endpoint: upstream.endpoint(), project_id: "demo".into(), api_key: API_KEY.into() }
}

fn session(appwrite: &Appwrite) -> SessionClient {
    appwrite.session(SessionSecret::new(SECRET))
}
