//! Options of the linker for the library that is the browser's half.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The linker of a release (scripts/build.sh).
    println!("cargo::rerun-if-changed=../scripts/wasm-ld");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "wasm32") {
        // The linker merges equal strings by default. Parts of the wasm that share a string then need more room than the linker
        // has left for them, and splitting puts the texts of all pages into the first file (26 kB compressed).
        println!("cargo::rustc-link-arg-cdylib=-O0");
        // wasm-bindgen removes this information anyway, after it has read it: two thirds of a development build's file.
        println!("cargo::rustc-link-arg-cdylib=--strip-debug");
    }
}
