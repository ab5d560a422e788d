//! Inputs for fuzz tests. `FUZZ_CASES` sets the number of inputs per test.

use proptest::{collection, prelude::*, test_runner::FileFailurePersistence};
use serde_json::{Map, Value};

/// The number of inputs per test in `make test`.
const FEW: u32 = 400;

/// Sets the number of cases, and stores failures in `proptest-regressions/` for later runs.
pub fn config() -> ProptestConfig {
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

/// An edit of a text.
#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, &'static str),
    Replace(usize, u8),
    Cut(usize, usize),
    Repeat(usize, usize),
}

fn edits(tokens: &'static [&'static str]) -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<usize>(), 0..tokens.len()).prop_map(|(at, token)| Edit::Insert(at, tokens[token])),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (any::<usize>(), 0..40_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        (any::<usize>(), 1..200_usize).prop_map(|(at, times)| Edit::Repeat(at, times)),
    ];
    collection::vec(edit, 0..6)
}

fn edited(seed: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for edit in edits {
        apply(edit, &mut bytes);
    }
    bytes
}

/// One of `seeds` with a few edits that may insert `tokens`; or arbitrary bytes.
pub fn broken(seeds: &'static [&'static str], tokens: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let edited = (0..seeds.len(), edits(tokens)).prop_map(|(seed, edits)| edited(seeds[seed].as_bytes(), &edits));
    prop_oneof![9 => edited, 1 => collection::vec(any::<u8>(), 0..80)]
}

/// One of `seeds`, which are not text, with a few edits.
pub fn broken_bytes(seeds: &'static [Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    const TOKENS: &[&str] = &["\u{0}", "\u{0}\u{0}\u{0}\u{0}", "\u{7f}", "X"];
    (0..seeds.len(), edits(TOKENS)).prop_map(|(seed, edits)| edited(&seeds[seed], &edits))
}

/// Like [`broken`], but as text.
pub fn broken_text(seeds: &'static [&'static str], tokens: &'static [&'static str]) -> impl Strategy<Value = String> {
    broken(seeds, tokens).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn apply(edit: &Edit, bytes: &mut Vec<u8>) {
    let length = bytes.len();
    match edit {
        Edit::Insert(at, token) => {
            let at = at % (length + 1);
            bytes.splice(at..at, token.bytes());
        }
        Edit::Replace(at, byte) if length > 0 => bytes[at % length] = *byte,
        Edit::Cut(at, count) if length > 0 => {
            let at = at % length;
            bytes.drain(at..(at + count).min(length));
        }
        Edit::Repeat(at, times) if length > 0 => {
            let at = at % length;
            let repeated = vec![bytes[at]; *times];
            bytes.splice(at..at, repeated);
        }
        _ => {}
    }
}

/// Arbitrary JSON of a few levels with strings from `words`.
pub fn json(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let word = move || (0..words.len()).prop_map(move |index| words[index].to_owned());
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-3..3_i64).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        5 => word().prop_map(Value::from),
        1 => ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::vec((word(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}
