//! A new table needs only its definition: the backend creates it, and the relay passes its events on.

use appwrite_realtime::handshake::Ticket;
use appwrite_realtime::protocol::{Channel, ServerFrame};
use leptos_appwrite::tables::{Column, Index, IndexKind, Kind, Table};
use leptos_birthdays::tables::TABLES;
use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

const TWO: &[Table] = &[
    TABLES[0],
    Table {
        id: "notes",
        name: "Notes",
        columns: &[
            Column::required("text", Kind::Text(500)),
            Column::optional("stars", Kind::Integer),
            Column::optional("weight", Kind::Float),
            Column::optional("done", Kind::Boolean),
        ],
        indexes: &[
            Index::new("words", IndexKind::Fulltext, &["text"]),
            Index::new("by_stars", IndexKind::Key, &["stars"]),
        ],
        permissions: &["create(\"users\")", "read(\"users\")"],
        row_security: true,
    },
];

#[tokio::test]
async fn second_table_is_created_and_relayed_on_every_version() {
    for profile in [Profile::Two, Profile::OneNine, Profile::OneFive] {
        let app = App::start_with_tables(TWO, profile, &[("REALTIME", "relay")]).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        let channels = [Channel::Account, Channel::rows("main", "notes")];
        let origin = [("origin", Some(app.origin.as_str()))];
        let mut socket = Socket::open_with(&app, &browser, &ticket, &channels, &origin).await.expect("a socket");
        assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id), "{profile:?}");
        let session = browser.cookie("session").expect("a session");
        let data = json!({ "text": "Buy tea", "stars": 3, "weight": 0.5, "done": false });
        let (path, body) = match profile {
            Profile::OneFive => {
                ("/databases/main/collections/notes/documents", json!({ "documentId": "n1", "data": data }))
            }
            _ => ("/tablesdb/main/tables/notes/rows", json!({ "rowId": "n1", "data": data })),
        };
        app.ask_backend(Method::POST, path, Some(&session), body).await;
        assert_eq!(socket.next_event().await.payload()["text"], "Buy tea", "{profile:?}");
    }
}

#[tokio::test]
async fn created_table_matches_its_definition() {
    let app = App::start_with_tables(TWO, Profile::Two, &[]).await;
    for table in TWO {
        let path = format!("/tablesdb/main/tables/{}", table.id);
        let found = app.ask_backend(Method::GET, &path, None, Value::Null).await;
        let names = |list: &Value| -> Vec<String> {
            let list = list.as_array().expect("a list").iter();
            list.map(|one| one["key"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(names(&found["columns"]), table.columns.iter().map(|column| column.key).collect::<Vec<_>>());
        assert_eq!(names(&found["indexes"]), table.indexes.iter().map(|index| index.key).collect::<Vec<_>>());
        assert_eq!(found["$permissions"], json!(table.permissions));
        assert_eq!(found["rowSecurity"], table.row_security);
    }
}

/// A table whose rows only its owner's server may read: no permission on the table or on its rows.
const WITH_PRIVATE_TABLE: &[Table] = &[
    TABLES[0],
    Table {
        id: "journal",
        name: "Journal",
        columns: &[Column::required("text", Kind::Text(500))],
        indexes: &[],
        permissions: &[],
        row_security: true,
    },
];

#[tokio::test]
async fn unreadable_table_is_connected_but_sends_nothing() {
    for transport in ["direct", "relay"] {
        let app = App::start_with_tables(WITH_PRIVATE_TABLE, Profile::Two, &[("REALTIME", transport)]).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        let ticket = ticket(&ben).await;
        let channels = ["journal", "birthdays"].map(|table| Channel::rows("main", table));
        let mut socket = open(&app, &ben, &ticket, &channels).await;
        let ServerFrame::Connected(connected) = socket.next().await else { panic!("{transport}: not connected") };
        assert_eq!(connected.user_id.as_ref(), Some(&ticket.user_id), "{transport}");
        for channel in &channels {
            assert!(connected.channels.contains(&channel.name(ticket.row_naming)), "{transport}: {connected:?}");
        }
        let row = json!({ "rowId": "j1", "data": { "text": "For nobody" } });
        app.ask_backend(Method::POST, "/tablesdb/main/tables/journal/rows", None, row).await;
        let change = json!({ "data": { "text": "Still for nobody" } });
        app.ask_backend(Method::PATCH, "/tablesdb/main/tables/journal/rows/j1", None, change).await;
        add_birthday(&ann).await;
        assert_eq!(socket.next_event().await.payload()["name"], "Shared", "{transport}");
    }
}

/// Appwrite accepts any channel name, so only the relay detects the mistake.
#[tokio::test]
async fn misspelled_table_is_connected_directly_but_sends_nothing() {
    let app = App::start_with(&[("REALTIME", "direct")]).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let ticket = ticket(&ben).await;
    let channels = [Channel::Account, Channel::rows("main", "birthday")];
    let mut socket = open(&app, &ben, &ticket, &channels).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
    add_birthday(&ann).await;
    let session = ben.cookie("session").expect("a session");
    app.ask_backend(Method::PATCH, "/account/name", Some(&session), json!({ "name": "Benedict" })).await;
    let event = socket.next_event().await;
    assert!(Channel::Account.carries(&event), "{}", event.name());
}

async fn open(app: &App, browser: &Browser, ticket: &Ticket, channels: &[Channel]) -> Socket {
    let origin = [("origin", Some(app.origin.as_str()))];
    Socket::open_with(app, browser, ticket, channels, &origin).await.expect("a socket")
}

async fn add_birthday(browser: &Browser) {
    let fields = [("name", "Shared"), ("date", "2001-02-03"), ("visibility", "signed-in")];
    assert_eq!(browser.call("/actions/add_birthday", &fields).await.status, 200);
}
