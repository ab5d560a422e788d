//! Presence over real sockets, with the app's own state machine and roster on both sides.

use std::time::{Duration, Instant};

use appwrite_realtime::connection::{Input, Machine};
use appwrite_realtime::output::Output;
use appwrite_realtime::presence::{PersonPresent, Roster};
use appwrite_realtime::protocol::{Channel, ClientFrame, Presence, ServerFrame};
use leptos_appwrite::english::also_here;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::network::Network;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

const PAGE: &str = "/birthdays";
/// Maximum wait for an event before the test fails.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A page that is open in a browser.
struct Page {
    browser: Browser,
    socket: Socket,
    machine: Machine,
    roster: Roster,
    began: Instant,
    frames: usize,
}

impl Page {
    /// Opens the page for a user of this name.
    async fn open(app: &App, browser: &Browser, name: &str) -> Self {
        let ticket = ticket(browser).await;
        let channels: &[Channel] =
            if ticket.takes_messages { &[Channel::Account, Channel::Presences] } else { &[Channel::Account] };
        let headers = [("origin", Some(app.origin.as_str()))];
        let socket = Socket::open_with(app, browser, &ticket, channels, &headers).await.expect("a socket");
        let mut page = Self {
            browser: browser.clone(),
            socket,
            machine: Machine::new(&ticket.user_id, &app.origin, || 0.5),
            roster: Roster::new(&ticket.user_id, PAGE),
            began: Instant::now(),
            frames: 0,
        };
        let presence = Presence::at(PAGE, &ticket.user_id, name);
        for input in [
            Input::Subscribe(Channel::Presences),
            Input::Present(Some(presence)),
            Input::Ticket { attempt: 1, outcome: Ok(ticket) },
            Input::SocketOpened { attempt: 1 },
        ] {
            page.give(input).await;
        }
        page
    }

    async fn give(&mut self, input: Input) {
        for output in self.machine.handle(input, self.began.elapsed()) {
            match output {
                Output::Send(text) => {
                    self.frames += 1;
                    self.socket.say(&text).await;
                }
                Output::Event(event) => {
                    if let Some(change) = event.presence_change() {
                        self.roster.hear(&change, self.began.elapsed());
                    }
                }
                Output::Gap(_) => {
                    let asked = self.roster.ask();
                    if let Some(list) = people_present(&self.browser, PAGE).await {
                        self.roster.answered(asked, list, self.began.elapsed());
                    }
                }
                Output::MintTicket { attempt, .. } => assert_eq!(attempt, 1, "the connection stands"),
                Output::OpenSocket { .. } | Output::State(_) => {}
                other => panic!("unexpected: {other:?}"),
            }
        }
    }

    /// Waits for the next frame or timer.
    async fn step(&mut self) {
        let wakes = [self.machine.next_wake(), self.roster.next_wake()];
        let wake = wakes.into_iter().flatten().min().map_or(TIMEOUT, |at| at.saturating_sub(self.began.elapsed()));
        match tokio::time::timeout(wake, self.socket.next_text()).await {
            Ok(text) => self.give(Input::Frame { attempt: 1, frame: ServerFrame::parse(&text) }).await,
            Err(_) => self.give(Input::Wake).await,
        }
    }

    fn shows(&mut self) -> String {
        also_here(self.roster.names(self.began.elapsed()))
    }

    async fn until_it_shows(&mut self, words: &str) {
        let wait = async {
            while self.shows() != words {
                self.step().await;
            }
        };
        tokio::time::timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("it never showed {words:?}"));
    }

    /// Asserts that the page shows this text for the whole time.
    async fn keeps_showing(&mut self, words: &str, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            // Safe to cancel: a frame is read completely or not at all.
            let _ = tokio::time::timeout(left, self.step()).await;
            assert_eq!(self.shows(), words);
        }
    }

    /// Closes the tab without a close frame.
    fn kill(self) {
        drop(self.socket);
    }
}

async fn people_present(browser: &Browser, page: &str) -> Option<Vec<PersonPresent>> {
    let answer = browser.call("/actions/people_present", &[("page", page)]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
    serde_json::from_value(answer.json()).expect("a list or nothing")
}

/// Two users see each other. One has two devices; their tabs are killed one after the other.
async fn people_see_each_other(profile: Profile, way: &str) {
    let app = App::start_with_profile(profile, &[("REALTIME", way)]).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let mut anns = Page::open(&app, &ann, "Ann").await;
    anns.step().await;
    assert_eq!(anns.shows(), "", "nobody else is here");
    let mut bens = Page::open(&app, &ben, "Ben").await;
    tokio::join!(anns.until_it_shows("Also here: Ben"), bens.until_it_shows("Also here: Ann"));

    let mut elsewhere = Page::open(&app, &ann, "Ann").await;
    tokio::join!(elsewhere.until_it_shows("Also here: Ben"), bens.until_it_shows("Also here: Ann"));
    let listed = people_present(&ben, PAGE).await.expect("a list");
    assert_eq!(listed.iter().filter(|person| person.name == "Ann").count(), 1, "{listed:?}");
    assert_eq!(people_present(&ben, "/elsewhere").await, Some(Vec::new()));

    // Appwrite deletes the user's only presence with the first tab; the other device sends it again.
    anns.kill();
    let calm = Duration::from_secs(8);
    tokio::join!(elsewhere.keeps_showing("Also here: Ben", calm), bens.keeps_showing("Also here: Ann", calm));
    elsewhere.kill();
    bens.until_it_shows("").await;
    assert!(bens.frames <= 3, "{} frames", bens.frames);
}

#[tokio::test]
async fn users_see_each_other_directly() {
    people_see_each_other(Profile::Two, "direct").await;
}

#[tokio::test]
async fn users_see_each_other_through_the_relay() {
    people_see_each_other(Profile::Two, "relay").await;
}

#[tokio::test]
async fn users_see_each_other_on_1_9_6() {
    people_see_each_other(Profile::OneNine, "auto").await;
}

#[tokio::test]
async fn user_who_leaves_page_is_hidden_even_if_connected() {
    let app = App::start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let mut anns = Page::open(&app, &ann, "Ann").await;
    let mut bens = Page::open(&app, &ben, "Ben").await;
    tokio::join!(anns.until_it_shows("Also here: Ben"), bens.until_it_shows("Also here: Ann"));
    let presences = async |browser: &Browser| {
        let secret = browser.cookie("session").expect("a session");
        let listed = app.ask_backend(Method::GET, "/presences", Some(&secret), Value::Null).await;
        listed["presences"].as_array().expect("a list").clone()
    };
    assert_eq!(presences(&ben).await.len(), 2);

    anns.give(Input::Present(None)).await;
    tokio::select! {
        () = bens.until_it_shows("") => {}
        // Keeps handling its own frames and timers during this time.
        () = async { loop { anns.step().await } } => unreachable!("it stays open"),
    }
    let seen = presences(&ben).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let own = presences(&ann).await;
    let own = own.iter().find(|presence| presence["status"] == "away").expect("Ann's own presence");
    assert_eq!(own["metadata"].as_object().map(serde_json::Map::len), Some(0), "no name is kept");
}

#[tokio::test]
async fn presence_is_off_on_old_or_unknown_server_versions() {
    let hidden = Network::hiding_version().await;
    let apps = [
        App::start_with_profile(Profile::OneFive, &[]).await,
        App::start_over(&hidden, Profile::Two, Clock::system(), &[]).await,
    ];
    for app in apps {
        let ann = app.browser_of("Ann").await;
        assert!(!ticket(&ann).await.takes_messages);
        assert_eq!(people_present(&ann, PAGE).await, None);
        let mut page = Page::open(&app, &ann, "Ann").await;
        page.step().await;
        assert!(page.machine.state().is_live());
        page.keeps_showing("", Duration::from_secs(1)).await;
        assert_eq!(page.frames, 0, "sends nothing");
    }
}

#[tokio::test]
async fn only_signed_in_users_can_list_present_users() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let fields = [("page", PAGE)];
    assert_eq!(app.browser().call("/actions/people_present", &fields).await.status, 401);
    let secret = ann.cookie("session").expect("a session");
    app.ask_backend(Method::DELETE, "/account/sessions/current", Some(&secret), Value::Null).await;
    assert_eq!(ann.call("/actions/people_present", &fields).await.status, 401, "the session has ended");
    let foreign = ann.request(Method::POST, "/actions/people_present").form(&fields);
    let foreign = foreign.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    assert_eq!(ann.send(foreign).await.status, 403);
}

#[tokio::test]
async fn presence_metadata_is_used_only_as_a_name() {
    let app = App::start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let mut bens = Page::open(&app, &ben, "Ben").await;
    let ticket = ticket(&ann).await;
    let headers = [("origin", Some(app.origin.as_str()))];
    let mut socket = Socket::open_with(&app, &ann, &ticket, &[Channel::Account], &headers).await.expect("a socket");
    assert!(socket.connected_user().await.is_some());
    let frame = ClientFrame::Presence(Presence::at(PAGE, &ticket.user_id, "")).to_text();
    let mut frame: Value = serde_json::from_str(&frame).expect("JSON");
    frame["data"]["metadata"] =
        json!({"name": "<b>Ann</b>\u{202e}", "userId": "somebody-else", "script": "x".repeat(10_000)});
    socket.say(&frame.to_string()).await;
    bens.until_it_shows("Also here: <b>Ann</b>").await;
}
