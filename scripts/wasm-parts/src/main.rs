//! Splits a module of wasm into parts and connects it with JavaScript, as `cargo leptos build --split` does:
//! `wasm-parts MODULE FOLDER NAME` writes `NAME.js`, `NAME.wasm`, the parts and the list of the parts' files to the folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, anyhow};
use wasm_bindgen_cli_support::Bindgen;

/// The script that loads the parts, under the name that cargo-leptos gives it.
const SCRIPT: &str = "./__wasm_split.______________________.js";

fn main() -> anyhow::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    let [module, folder, name] = args.try_into().map_err(|_| anyhow!("usage: wasm-parts MODULE FOLDER NAME"))?;
    let (module, folder) = (PathBuf::from(module), PathBuf::from(folder));
    let bytes = fs::read(&module).with_context(|| module.display().to_string())?;
    let first = module.with_extension("first.wasm");
    let main_script = format!("./{name}.js");

    let mut options = wasm_split_cli_support::Options::new(&bytes);
    options.output_dir = &folder;
    options.main_out_path = &first;
    options.main_module = &main_script;
    options.link_name = SCRIPT;
    let split = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:?}"))?;
    // Sorted, so that the same code makes the same file.
    let files: BTreeMap<_, _> = split.prefetch_map.into_iter().collect();
    fs::write(folder.join("__wasm_split_manifest.json"), serde_json::to_vec(&files)?)?;

    Bindgen::new()
        .input_path(&first)
        .out_name(&name)
        .web(true)?
        .typescript(false)
        // Pages name the file themselves.
        .omit_default_module_path(true)
        .keep_lld_exports(true)
        .demangle(false)
        .generate(&folder)?;
    fs::rename(folder.join(format!("{name}_bg.wasm")), folder.join(format!("{name}.wasm")))?;
    Ok(())
}
