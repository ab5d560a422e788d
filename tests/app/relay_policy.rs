//! The app's policy for its relay, and refused channels.

use appwrite_realtime::protocol::{Channel, ServerFrame};
use leptos_appwrite::realtime::relay_policy::{Delivery, RelayPolicy, remove_field};
use serde_json::json;

use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

#[tokio::test]
async fn app_decides_which_channels_and_fields_are_relayed() {
    let policy = RelayPolicy {
        channels: |database, tables| {
            let rows = tables.iter().map(|table| Channel::rows(database, table.id));
            rows.chain([Channel::Named("teams".into())]).collect()
        },
        filter: |_, event| {
            if event["payload"]["name"] == "Secret" {
                return Delivery::Withhold;
            }
            remove_field(event, "birthday");
            Delivery::Pass
        },
    };
    let app = App::start_with_relay_policy(policy).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let ticket = ticket(&ann).await;
    let origin = [("origin", Some(app.origin.as_str()))];

    let channels = [Channel::Account, Channel::Named("teams".into()), Channel::rows("main", "birthdays")];
    let mut socket = Socket::open_with(&app, &ann, &ticket, &channels, &origin).await.expect("a socket");
    let ServerFrame::Connected(connected) = socket.next().await else { panic!("not connected") };
    assert!(connected.channels.iter().any(|channel| channel == "teams"), "{connected:?}");
    for name in ["Secret", "Shared"] {
        let fields = [("name", name), ("date", "2001-02-03"), ("visibility", "signed-in")];
        assert_eq!(ben.call("/actions/add_birthday", &fields).await.status, 200);
    }
    let event = socket.next_event().await;
    assert_eq!((&event.payload()["name"], event.payload().get("birthday")), (&json!("Shared"), None));

    // The default policy forwards it.
    let mut socket = Socket::open_with(&app, &ann, &ticket, &[Channel::Presences], &origin).await.expect("a socket");
    let ServerFrame::Error(error) = socket.next().await else { panic!("no error") };
    assert_eq!((error.code, error.message.as_str()), (1008, "channel_not_relayed: presences"));
}

#[tokio::test]
async fn refused_channel_counts_as_a_connection() {
    for (limit, status) in [("REALTIME_TOTAL", 503), ("REALTIME_PER_ADDRESS", 429)] {
        let app = App::start_with(&[("REALTIME", "relay"), (limit, "1")]).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        let origin = [("origin", Some(app.origin.as_str()))];
        let misspelled = [Channel::rows("main", "birthday")];
        let mut live = Socket::open(&app, &browser, &ticket).await;
        assert!(live.connected_user().await.is_some());
        let refused = Socket::open_with(&app, &browser, &ticket, &misspelled, &origin).await;
        assert_eq!(refused.err(), Some(status), "{limit}");
    }
}
