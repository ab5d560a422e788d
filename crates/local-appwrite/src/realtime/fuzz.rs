//! Tests that no frame and no URL of a socket makes the backend panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    channel,
    frame::{Message, Vocabulary},
    query,
    subscription::Slots,
    url_query::Parameters,
};
use crate::fuzz;

const FRAMES: &[&str] = &[
    r#"{"type":"ping"}"#,
    r#"{"type":"authentication","data":{"session":"eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0="}}"#,
    r#"{"type":"subscribe","data":[{"subscriptionId":"mine","channels":["rows","account"],"queries":["{\"method\":\"equal\",\"attribute\":\"name\",\"values\":[\"a\"]}"]}]}"#,
    r#"{"type":"unsubscribe","data":[{"subscriptionId":"mine"}]}"#,
    r#"{"type":"presence","data":{"presenceId":"unique()","status":"here","metadata":{"a":[1]},"permissions":["read(\"any\")"]}}"#,
];
const ADDRESSES: &[&str] = &[
    "project=demo&channels[]=rows&channels[]=account",
    "channels%5B0%5D=tablesdb.main.tables.birthdays.rows.r1.update&jwt=x",
    "channels[]=rows&rows[0][]=%7B%22method%22%3A%22isNull%22%2C%22attribute%22%3A%22a%22%7D",
    "channels[]=rows&rows[x][y][z]=1&rows[]=2&rows=3",
];
const WORDS: &[&str] = &[
    "type",
    "data",
    "ping",
    "subscribe",
    "unsubscribe",
    "presence",
    "authentication",
    "session",
    "subscriptionId",
    "channels",
    "queries",
    "status",
    "metadata",
    "permissions",
    "presenceId",
    "unique()",
    "rows",
    "account",
    "method",
    "values",
    "attribute",
    "equal",
    "and",
    "",
    "account.kay",
    "documents",
    "*",
];
const TOKENS: &[&str] =
    &["{", "}", "[", "]", "[]", "%", "%5B", "%ff", "&", "=", "\"", ".", "..", "\\ud800", "é", "\u{0}"];

fn frames() -> impl Strategy<Value = String> {
    let made = (0..WORDS.len(), fuzz::json(WORDS))
        .prop_map(|(kind, data)| json!({"type": WORDS[kind], "data": data}).to_string());
    prop_oneof![2 => fuzz::broken_text(FRAMES, TOKENS), 1 => made]
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn frames_never_cause_a_panic(text in frames(), address in fuzz::broken_text(ADDRESSES, TOKENS), payload in fuzz::json(WORDS)) {
        for vocabulary in [Vocabulary::AuthenticationOnly, Vocabulary::Full] {
            match Message::parse(&text, vocabulary) {
                Ok(Message::Subscribe(wishes)) => {
                    for wish in wishes {
                        query::wanted(&wish.queries, &payload);
                        wish.queries.iter().for_each(|query| drop(query.to_text()));
                        channel::converted(&wish.channels, Some("kay"));
                    }
                }
                Ok(_) => {}
                Err(refusal) => {
                    let frame: Value = serde_json::from_str(&refusal.frame()).expect("a refusal is JSON");
                    prop_assert_eq!(&frame["type"], "error");
                }
            }
        }
        let parameters = Parameters::parse(&address);
        let requested: Vec<String> = address.split('&').map(str::to_owned).collect();
        let channels = channel::converted(&requested, Some("kay"));
        if let Ok(slots) = Slots::read(&channels, &parameters) {
            let (subscriptions, _) = slots.named(|| "id".to_owned());
            subscriptions.wanting(&channels, &payload);
        }
    }
}
