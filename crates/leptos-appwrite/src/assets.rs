//! The files that a page loads: their URLs, with content hashes if the build created them, and the text of the style sheet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use leptos::config::LeptosOptions;

/// The URLs of the style sheet, the script and the wasm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub style: String,
    /// The text of the style sheet, which pages contain so that they need not wait for a file. None if it cannot be read, and
    /// while `cargo leptos watch` replaces the file.
    pub style_text: Option<String>,
    /// The script that loads the wasm.
    pub script: String,
    /// The wasm that each page loads.
    pub wasm: String,
    /// The files of each [part](crate::routes::Part) of the wasm.
    parts: HashMap<String, Vec<String>>,
}

/// The hash list of cargo-leptos beside the server is unusable.
#[derive(Debug, thiserror::Error)]
pub enum MissingHashes {
    /// The file does not exist or cannot be read.
    #[error(
        "the file names' hashes cannot be read from {0}: {1}. Build with LEPTOS_HASH_FILES=true, or start with LEPTOS_HASH_FILES=false"
    )]
    Unreadable(PathBuf, #[source] io::Error),
    /// The list of the wasm's parts cannot be read.
    #[error("the list of the wasm's parts cannot be read from {0}. Build the app again")]
    Parts(PathBuf, #[source] io::Error),
    /// The file lacks one of the hashes.
    #[error("{0} names no hash of the {1} file. Build the app again")]
    Incomplete(PathBuf, &'static str),
}

impl Assets {
    /// Determines the URLs, once, at startup.
    pub fn find(options: &LeptosOptions) -> Result<Self, MissingHashes> {
        let package = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
        let is_watched = env::var_os("LEPTOS_WATCH").is_some();
        let style_text = |file: String| {
            let text = (!is_watched).then(|| fs::read_to_string(package.join(file)).ok()).flatten();
            text.filter(|text| !text.contains("</"))
        };
        if !options.hash_files {
            let style_text = style_text(format!("{}.css", options.output_name));
            let mut assets = Self { style_text, ..Self::named(options, ["", "", ""]) };
            assets.find_parts(options, &package, "__wasm_split_manifest.json")?;
            return Ok(assets);
        }
        let folder =
            env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from)).unwrap_or_default();
        let path = folder.join(options.hash_file.as_ref());
        let hashes = fs::read_to_string(&path).map_err(|error| MissingHashes::Unreadable(path.clone(), error))?;
        let hash = |kind| hash_of(&hashes, kind).ok_or_else(|| MissingHashes::Incomplete(path.clone(), kind));
        let css = hash("css")?;
        let style_text = style_text(format!("{}.{css}.css", options.output_name));
        let mut assets = Self { style_text, ..Self::named(options, [css, hash("js")?, hash("wasm")?]) };
        if let Some(manifest) = hash_of(&hashes, "manifest") {
            assets.find_parts(options, &package, &format!("__wasm_split_manifest.{manifest}.json"))?;
        }
        Ok(assets)
    }

    /// Returns the files of one part of the wasm; none if it is not split.
    pub fn part(&self, name: &str) -> &[String] {
        self.parts.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Reads cargo-leptos's list of the wasm's parts. A build without `--split` has none.
    fn find_parts(&mut self, options: &LeptosOptions, package: &Path, manifest: &str) -> Result<(), MissingHashes> {
        let path = package.join(manifest);
        let unreadable = |error| MissingHashes::Parts(path.clone(), error);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(unreadable)?,
        };
        let parts: HashMap<String, Vec<String>> =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
        let address = |file: &str| format!("/{}/{file}", options.site_pkg_dir);
        let files = |files: Vec<String>| files.iter().map(|file| address(&format!("{file}.wasm"))).collect();
        self.parts = parts.into_iter().map(|(name, list)| (name, files(list))).collect();
        Ok(())
    }

    fn named(options: &LeptosOptions, [css, js, wasm]: [&str; 3]) -> Self {
        let address = |hash: &str, kind| {
            let dot = if hash.is_empty() { "" } else { "." };
            format!("/{}/{}{dot}{hash}.{kind}", options.site_pkg_dir, options.output_name)
        };
        Self {
            style: address(css, "css"),
            style_text: None,
            script: address(js, "js"),
            wasm: address(wasm, "wasm"),
            parts: HashMap::new(),
        }
    }
}

/// Returns the hash of one kind of file from cargo-leptos's list, with lines like `css: DBE6aE2Lot1WzDd2vPhHAA`.
fn hash_of<'a>(hashes: &'a str, kind: &str) -> Option<&'a str> {
    let mut pairs = hashes.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| name.trim() == kind).map(|(_, hash)| hash.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> LeptosOptions {
        LeptosOptions::builder().output_name("app").build()
    }

    #[test]
    fn file_names_are_plain_without_hashes() {
        assert_eq!(Assets::find(&options()).expect("assets").wasm, "/pkg/app.wasm");
    }

    #[test]
    fn hashes_stand_before_the_file_extension() {
        let hashes = "css: AbC\njs: dEf\nwasm: 0-_";
        let [css, js, wasm] = ["css", "js", "wasm"].map(|kind| hash_of(hashes, kind).expect(kind));
        let assets = Assets::named(&options(), [css, js, wasm]);
        assert_eq!(assets.style, "/pkg/app.AbC.css");
        assert_eq!(assets.script, "/pkg/app.dEf.js");
        assert_eq!(assets.wasm, "/pkg/app.0-_.wasm");
    }

    #[test]
    fn missing_hash_is_none() {
        assert_eq!(hash_of("css: AbC", "wasm"), None);
    }
}
