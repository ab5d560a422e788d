//! The user that a handshake connects, for each version of Appwrite, each transport and each kind of JWT.

use std::time::Duration;

use appwrite_realtime::connection::{Input, Machine};
use appwrite_realtime::handshake::{Ticket, Transport};
use appwrite_realtime::output::Output;
use appwrite_realtime::protocol::{Channel, ServerFrame};
use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::network::Network;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

/// Kinds of JWTs, in the order of the columns of [`MATRIX`].
const KINDS: [&str; 5] = ["valid", "expired", "badly signed", "of a deleted session", "of somebody else"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Direct,
    Relay,
}

/// The result of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Connected as the page's user.
    Live,
    /// Connected as a guest, without an error.
    Guest,
    /// Connected as another user.
    SomebodyElse,
    /// An error frame with this code, then the end of the connection.
    Error(i64),
    /// Closed with this code and no error frame.
    Closed(u16),
}

use Outcome::{Closed, Error, Guest, Live, SomebodyElse};

/// The expected results. Only 2.x reads the JWT of a direct connection. The relay sends it in a header, which every
/// version reads, and never connects another user.
const MATRIX: [(Profile, Way, [Outcome; 5]); 6] = [
    (Profile::Two, Way::Direct, [Live, Error(401), Error(401), Guest, SomebodyElse]),
    (Profile::Two, Way::Relay, [Live, Error(401), Error(401), Guest, Closed(1011)]),
    (Profile::OneNine, Way::Direct, [Guest, Guest, Guest, Guest, Guest]),
    (Profile::OneNine, Way::Relay, [Live, Error(401), Error(401), Guest, Closed(1011)]),
    (Profile::OneFive, Way::Direct, [Guest, Guest, Guest, Guest, Guest]),
    (Profile::OneFive, Way::Relay, [Live, Error(401), Error(401), Guest, Closed(1011)]),
];

/// A time longer than the lifetime of a JWT.
const LONG: Duration = Duration::from_secs(3601);

#[tokio::test]
async fn jwt_outcome_depends_on_version_and_transport() {
    for (profile, way, outcomes) in MATRIX {
        let network = Network::start().await;
        let clock = Clock::manual(Timestamp::now());
        let app = App::start_over(&network, profile, clock.clone(), &[("REALTIME", "relay")]).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        for ((kind, jwt), expected) in jwts(&app, &ann, &ben, &clock).await.into_iter().zip(outcomes) {
            let ticket = match way {
                Way::Direct => {
                    let (endpoint, project) = (network.endpoint().to_string(), "demo".to_owned());
                    let transport = Transport::Direct { endpoint, project, jwt };
                    Ticket { transport, ..ticket(&ann).await }
                }
                Way::Relay => {
                    // The relay creates a valid JWT, and the proxy replaces it.
                    network.exchange_jwt(&jwt);
                    ticket(&ann).await
                }
            };
            let outcome = outcome(&app, &ann, &ticket).await;
            assert_eq!(outcome, expected, "{profile:?}, {way:?}, a JWT that is {kind}");
        }
    }
}

/// One JWT of each kind, for Ann's page.
async fn jwts(app: &App, ann: &Browser, ben: &Browser, clock: &Clock) -> Vec<(&'static str, String)> {
    let expired = jwt(app, ann).await;
    clock.advance(LONG);
    let elsewhere = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(elsewhere.post_form("/actions/sign_in", &fields).await.status, 303);
    let of_deleted = jwt(app, &elsewhere).await;
    let secret = elsewhere.cookie("session").expect("a session");
    app.ask_backend(Method::DELETE, "/account/sessions/current", Some(&secret), Value::Null).await;
    let valid = jwt(app, ann).await;
    KINDS.into_iter().zip([valid.clone(), expired, badly_signed(&valid), of_deleted, jwt(app, ben).await]).collect()
}

/// Creates a JWT at Appwrite for the browser's session.
async fn jwt(app: &App, browser: &Browser) -> String {
    let secret = browser.cookie("session").expect("a session");
    let answer = app.ask_backend(Method::POST, "/account/jwt", Some(&secret), json!({})).await;
    answer["jwt"].as_str().expect("a JWT").to_owned()
}

/// The same claims with another signature.
fn badly_signed(jwt: &str) -> String {
    let (claims, signature) = jwt.rsplit_once('.').expect("a signature");
    let turned: String = signature.chars().rev().collect();
    assert_ne!(turned, signature);
    format!("{claims}.{turned}")
}

/// Connects with the ticket and asserts that the page's state machine agrees with the result.
async fn outcome(app: &App, browser: &Browser, ticket: &Ticket) -> Outcome {
    let mut socket = Socket::open(app, browser, ticket).await;
    let mut machine = Machine::new(&ticket.user_id, &app.origin, || 0.5);
    let mut page = |input| machine.handle(input, Duration::ZERO);
    page(Input::Subscribe(Channel::rows("main", "birthdays")));
    page(Input::Ticket { attempt: 1, outcome: Ok(ticket.clone()) });
    page(Input::SocketOpened { attempt: 1 });
    let text = match socket.heard().await {
        Ok(text) => text,
        Err(code) => {
            page(Input::SocketClosed { attempt: 1, code });
            assert!(!machine.state().is_live(), "{:?}", machine.state());
            return Closed(code.expect("a code"));
        }
    };
    let frame = ServerFrame::parse(&text);
    let asked = page(Input::Frame { attempt: 1, frame: frame.clone() });
    let asks_for = |jwt_ignored| asked.contains(&Output::MintTicket { attempt: 2, jwt_ignored });
    let outcome = match frame.expect("a frame") {
        ServerFrame::Connected(connected) => match connected.user_id {
            None => {
                let is_direct = matches!(ticket.transport, Transport::Direct { .. });
                assert_eq!(asks_for(true), is_direct, "a guest is a reason to ask for the relay");
                Guest
            }
            Some(id) if id == ticket.user_id => Live,
            Some(_) => SomebodyElse,
        },
        ServerFrame::Error(error) => {
            assert!(asks_for(false), "a refusal is a reason for one new ticket");
            assert!(socket.heard().await.is_err(), "the end follows");
            Error(error.code)
        }
        other => panic!("not the start of a connection: {other:?}"),
    };
    assert_eq!(machine.state().is_live(), outcome == Live, "{outcome:?} is shown as {:?}", machine.state());
    outcome
}

async fn complain(browser: &Browser) -> Ticket {
    let answer = browser.call("/actions/realtime_ticket", &[("jwt_ignored", "true")]).await;
    serde_json::from_value(answer.json()).expect("a ticket")
}

fn is_direct(ticket: &Ticket) -> bool {
    matches!(ticket.transport, Transport::Direct { .. })
}

#[tokio::test]
async fn first_ticket_detects_that_jwts_are_ignored() {
    let network = Network::hiding_version().await;
    let app = App::start_over(&network, Profile::OneNine, Clock::system(), &[]).await;
    for name in ["Ann", "Ben"] {
        let browser = app.browser_of(name).await;
        let ticket = ticket(&browser).await;
        assert_eq!(ticket.transport, Transport::Relay { path: "/realtime".into() });
        assert_eq!(outcome(&app, &browser, &ticket).await, Live);
    }
    assert_eq!(network.handshakes_with_jwt(), 1, "nobody has to find out again");
}

#[tokio::test]
async fn server_version_does_not_decide_the_transport() {
    for (version, profile, goes_direct) in
        [("1.9.5", Profile::Two, true), ("1.5.7", Profile::Two, true), ("2.7.1", Profile::OneNine, false)]
    {
        let network = Network::claiming_version(version).await;
        let app = App::start_over(&network, profile, Clock::system(), &[]).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        assert_eq!(is_direct(&ticket), goes_direct, "{version}, {profile:?}");
        assert_eq!(outcome(&app, &browser, &ticket).await, Live, "{version}, {profile:?}");
    }
}

#[tokio::test]
async fn failed_direct_connection_moves_only_its_browser() {
    for network in [Network::start().await, Network::hiding_version().await] {
        let app = App::start_over(&network, Profile::Two, Clock::system(), &[]).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        for _ in 0..10 {
            assert!(!is_direct(&complain(&ann).await));
            assert!(is_direct(&ticket(&ben).await));
        }
        assert!(is_direct(&ticket(&ann).await), "the next connection, and not all that follow");
        assert_eq!(network.handshakes_with_jwt(), 1, "not each complaint is looked into");
    }
}

#[tokio::test]
async fn ended_session_starts_no_probe() {
    let network = Network::hiding_version().await;
    let app = App::start_over(&network, Profile::OneNine, Clock::system(), &[]).await;
    let stranger = app.browser();
    stranger.plant("session", "bm9ib2R5");
    for complaint in ["true", "false"] {
        assert_eq!(stranger.call("/actions/realtime_ticket", &[("jwt_ignored", complaint)]).await.status, 401);
    }
    assert!(!is_direct(&ticket(&app.browser_of("Ann").await).await));
}

#[tokio::test]
async fn session_ending_during_the_probe_is_inconclusive() {
    // For this version, the app would choose the relay without a probe.
    let network = Network::claiming_version("1.5.7").await;
    let app = App::start_over(&network, Profile::Two, Clock::system(), &[]).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    network.hold_handshakes();
    let asking = ann.call("/actions/realtime_ticket", &[]);
    let ending = async {
        while network.handshakes_with_jwt() == 0 {
            tokio::task::yield_now().await;
        }
        let secret = ann.cookie("session").expect("a session");
        app.ask_backend(Method::DELETE, "/account/sessions/current", Some(&secret), Value::Null).await;
        network.let_handshakes_pass();
    };
    let (answer, ()) = tokio::join!(asking, ending);
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert!(is_direct(&ticket(&ben).await), "a guest without a session shows nothing about the server");
}

#[tokio::test]
async fn relayed_connections_are_limited_per_address() {
    let environment = [("REALTIME", "relay"), ("REALTIME_PER_ADDRESS", "3"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let app = App::start_with(&environment).await;
    let people = [app.browser_of("Ann").await, app.browser_of("Ben").await];
    let open = async |browser: &Browser, address: &'static str| {
        let ticket = ticket(browser).await;
        let headers = [("origin", Some(app.origin.as_str())), ("x-forwarded-for", Some(address))];
        let mut socket = Socket::open_with(&app, browser, &ticket, &[Channel::Account], &headers).await?;
        assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
        Ok::<_, u16>(socket)
    };
    let mut sockets = Vec::new();
    // All addresses in one customer's /64 count together, for both users.
    for (person, address) in [(0, "2001:db8:1:2::1"), (1, "2001:db8:1:2::2"), (0, "2001:db8:1:2:ffff::3")] {
        sockets.push(open(&people[person], address).await.expect("a place"));
    }
    for person in &people {
        assert_eq!(open(person, "2001:db8:1:2::4").await.err(), Some(429));
    }
    for address in ["2001:db8:1:3::1", "198.51.100.7"] {
        sockets.push(open(&people[0], address).await.expect("a place at another address"));
    }
    assert_eq!(sockets.len(), 5);
}

#[tokio::test]
async fn relayed_connections_are_limited_in_total() {
    let app = App::start_with(&[("REALTIME", "relay"), ("REALTIME_TOTAL", "2")]).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let sockets =
        [Socket::open(&app, &ann, &ticket(&ann).await).await, Socket::open(&app, &ben, &ticket(&ben).await).await];
    for browser in [&ann, &ben] {
        let refused = Socket::open_from(&app, Some(&app.origin), browser, &ticket(browser).await).await.err();
        assert_eq!(refused, Some(503));
    }
    drop(sockets);
}
