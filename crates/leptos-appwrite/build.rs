//! Tells the code whether the build splits the wasm (`cargo leptos … --split`, or a release of scripts/build.sh): only then can parts of it be loaded later.

fn main() {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rustc-check-cfg=cfg(split)");
    // The linker flag that splitting needs.
    if std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("--emit-relocs")) {
        println!("cargo::rustc-cfg=split");
    }
}
