//! The examples for other languages run without changes.

use std::{env, path::Path, process::Command};

fn runs(program: &str, arguments: &[&str], example: &str) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let lines = std::fs::read_to_string(&example).expect("an example").lines().count();
    assert!(lines < 30, "{lines} lines");
    let folder = Path::new(env!("CARGO_BIN_EXE_local-appwrite")).parent().expect("a folder").to_path_buf();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(folder).chain(env::split_paths(&path))).expect("a path");
    let ended = Command::new(program)
        .args(arguments)
        .arg(example)
        .env("PATH", path)
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ended.status.success(), "{}{}", said(&ended.stdout), said(&ended.stderr));
}

#[test]
fn example_in_javascript_works() {
    runs("node", &["--test"], "sign_in.test.mjs");
}

#[test]
fn example_in_python_works() {
    runs("python3", &[], "sign_in_test.py");
}
