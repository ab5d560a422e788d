//! Tells the code whether cargo-leptos splits the wasm (`--split`): only then can parts of it be loaded later.

fn main() {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rustc-check-cfg=cfg(split)");
    // The linker flag that cargo-leptos adds for the browser's half with `--split`.
    if std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("--emit-relocs")) {
        println!("cargo::rustc-cfg=split");
    }
}
