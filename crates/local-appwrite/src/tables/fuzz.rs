//! Tests that no query, no permission and no date makes the backend panic.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    cells::{Column, Kind},
    dates, filter,
    names::Names,
    permission::{self, Action},
    query,
    row::StoredRow,
};
use crate::{KeyScopes, Profile, fuzz, http::params::Params, identity::Caller, users::User};

const QUERIES: &[&str] = &[
    r#"{"method":"equal","attribute":"name","values":["Ann"]}"#,
    r#"{"method":"between","attribute":"age","values":[1,9223372036854775807]}"#,
    r#"{"method":"contains","attribute":"tags","values":["a",1,null]}"#,
    r#"{"method":"greaterThan","attribute":"born","values":["2024-02-30T25:61:00.000+99:99"]}"#,
    r#"{"method":"lessThan","attribute":"weight","values":[1e308]}"#,
    r#"{"method":"search","attribute":"name","values":["\"a b\" +c* -d"]}"#,
    r#"{"method":"or","values":[{"method":"isNull","attribute":"name"},{"method":"and","values":[{"method":"equal","attribute":"is","values":[true]},{"method":"notEqual","attribute":"mail","values":["x@y.z"]}]}]}"#,
    r#"{"method":"select","values":["name","$id","*"]}"#,
    r#"{"method":"orderDesc","attribute":"born"}"#,
    r#"{"method":"limit","values":[25]}"#,
    r#"{"method":"offset","values":["18446744073709551615"]}"#,
    r#"{"method":"cursorBefore","values":["r2"]}"#,
    r#"{"method":"cursorAfter","values":["r1"]}"#,
    r#"{"method":"createdBetween","values":["0000-00-00","9999-12-31 24:00"]}"#,
    r#"{"method":"elemMatch","attribute":"tags","values":[]}"#,
];
const WORDS: &[&str] = &[
    "method",
    "attribute",
    "values",
    "equal",
    "notEqual",
    "contains",
    "containsAll",
    "between",
    "search",
    "notSearch",
    "startsWith",
    "endsWith",
    "isNull",
    "exists",
    "and",
    "or",
    "limit",
    "offset",
    "cursorAfter",
    "cursorBefore",
    "orderAsc",
    "orderRandom",
    "select",
    "name",
    "age",
    "weight",
    "born",
    "tags",
    "is",
    "mail",
    "kind",
    "$id",
    "$createdAt",
    "$sequence",
    "name.first",
    "r1",
    "İß\u{301}",
    "2024-02-30",
    "-271821-04-20",
    "9999999999-1-1",
    "next year",
    "@1e99",
    "12:61",
    "*",
    "",
    "null",
    "1e999",
    "0x1F",
    "-0",
];
const TOKENS: &[&str] =
    &["{", "}", "[", "]", "\"", "\\u0000", "\\ud800", ",", ":", "null", "1e400", "-9223372036854775809", "é", "\u{0}"];

const PERMISSIONS: &[&str] = &[
    "read(\"any\")",
    "write(\"user:kay\")",
    "update(\"team:crew/owner\")",
    "delete(\"label:vip\")",
    "create(\"users/verified\")",
    "read(\"member:m1\")",
    "read(\"guests\")",
    "read(\"user:kay/unverified\")",
];
const MARKS: &[&str] =
    &["(\"", "\")", ":", "/", "\"", "(", ")", "read", "write", "user", "team", "é", "\u{0}", "//", "::"];

const DATES: &[&str] = &[
    "2012-02-03T01:00:00.000+01:00",
    "Fri, 03 Feb 2012 00:00:00 +0000",
    "2012-W05-5",
    "3-Feb-2012",
    "2/3/2012 11:59 pm",
    "20120203T10:20:30.5Z",
    "@1700000000",
    "+3 days",
    "9 weeks ago",
    "tomorrow 10:00",
    "last friday",
];
const DATE_WORDS: &[&str] = &[
    "-",
    "+",
    "9999",
    "0",
    ":",
    "99",
    "Z",
    "+99:99",
    "9223372036854775807",
    "-9223372036854775808",
    " years",
    " ago",
    " pm",
    "next ",
    "@",
    "W53",
    "İ",
    "T",
];

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let column = |key: &str, kind| Column::listed(key, kind, Timestamp::UNIX_EPOCH);
    vec![
        column("name", Kind::String { size: 64 }),
        column("age", Kind::Integer { min: i64::MIN, max: i64::MAX }),
        column("weight", Kind::Double { min: f64::MIN, max: f64::MAX }),
        column("born", Kind::Datetime),
        column("is", Kind::Boolean),
        column("mail", Kind::Email),
        column("kind", Kind::Enum { elements: vec!["a".into(), "b".into()] }),
        Column { array: true, ..column("tags", Kind::Varchar { size: 8 }) },
    ]
});

fn rows() -> Vec<StoredRow> {
    let data = [
        json!({"name": "Ann", "age": 1, "weight": 0.5, "born": "2012-02-03T00:00:00.000+00:00", "tags": ["a"]}),
        json!({"name": "", "age": i64::MIN, "weight": f64::MAX, "born": null, "tags": [], "is": true, "kind": "a"}),
        json!({"name": "İß\u{301}", "age": null, "mail": "x@y.z", "tags": ["", "b"]}),
    ];
    let row = |(data, sequence): (Value, i64)| StoredRow {
        id: format!("r{sequence}"),
        sequence,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::MAX,
        permissions: Vec::new(),
        data: data.as_object().cloned().unwrap_or_default(),
    };
    data.into_iter().zip(1..).map(row).collect()
}

fn texts() -> impl Strategy<Value = String> {
    let made = (0..WORDS.len(), 0..WORDS.len(), fuzz::json(WORDS)).prop_map(|(method, attribute, values)| {
        let values = if values.is_array() { values } else { json!([values]) };
        json!({"method": WORDS[method], "attribute": WORDS[attribute], "values": values}).to_string()
    });
    prop_oneof![4 => fuzz::broken_text(QUERIES, TOKENS), 4 => made, 1 => fuzz::json(WORDS).prop_map(|json| json.to_string())]
}

fn date_texts() -> impl Strategy<Value = String> {
    const UNITS: &[&str] = &["seconds", "mins", "hours", "days", "weeks", "months", "years"];
    let count = prop_oneof![any::<i64>(), -20_000..20_000_i64];
    let made = (count, 0..UNITS.len(), any::<bool>()).prop_map(|(count, unit, is_past)| {
        let unit = UNITS[unit];
        if is_past { format!("{count} {unit} ago") } else { format!("{count:+} {unit}") }
    });
    prop_oneof![3 => fuzz::broken_text(DATES, DATE_WORDS), 1 => made]
}

fn params(name: &str, value: Value) -> Params {
    Params::new([(name.to_owned(), value)].into_iter().collect())
}

/// Runs the query like a list, up to the page.
fn ask(texts: &[String], profile: Profile) {
    let params = params("queries", json!(texts));
    // A refused query is a valid result too.
    let _ = query::of_list(&params, profile, &COLUMNS, Timestamp::UNIX_EPOCH);
    let Ok(mut queries) = query::of_rows(&params, profile) else {
        return;
    };
    let searchable = ["name".to_owned()];
    if query::check(&mut queries, &COLUMNS, Some(&searchable), Timestamp::UNIX_EPOCH).is_ok() {
        let _ = filter::page(rows(), &queries, Names::Current);
        let objects = rows().iter().map(|row| json!({"$id": row.id, "name": row.attribute("name")})).collect();
        let _ = filter::page_of_objects(objects, &queries, "Thing");
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn queries_never_cause_a_panic(texts in proptest::collection::vec(texts(), 1..4), is_old in any::<bool>()) {
        ask(&texts, if is_old { Profile::OneFive } else { Profile::Two });
    }

    #[test]
    fn dates_never_cause_a_panic(text in date_texts()) {
        // An accepted date can be parsed again after formatting.
        if let Some(date) = dates::parse(&text, Timestamp::UNIX_EPOCH) {
            let again = dates::parse(&dates::wire(date), Timestamp::UNIX_EPOCH).map(dates::wire);
            prop_assert_eq!(again, Some(dates::wire(date)));
        }
    }

    #[test]
    fn permissions_never_cause_a_panic(
        texts in proptest::collection::vec(fuzz::broken_text(PERMISSIONS, MARKS), 0..4),
        other in fuzz::json(WORDS),
        is_key in any::<bool>(),
    ) {
        let kay = User::new("kay".into(), Timestamp::UNIX_EPOCH);
        let caller = Caller { user: Some(kay), key: is_key.then_some(KeyScopes::All), ..Caller::default() };
        let actions = [Action::Read, Action::Create, Action::Update, Action::Delete];
        let _ = permission::requested(&params("permissions", other), &actions, &caller);
        let requested = permission::requested(&params("permissions", json!(texts)), &actions, &caller);
        // Accepted permissions can be parsed again after formatting.
        if let Ok(Some(permissions)) = requested {
            let written: Vec<String> = permissions.iter().map(ToString::to_string).collect();
            let again = permission::requested(&params("permissions", json!(written)), &actions, &caller);
            prop_assert_eq!(again.ok().flatten(), Some(permissions));
        }
    }
}
