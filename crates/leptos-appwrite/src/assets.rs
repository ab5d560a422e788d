//! The URLs of the files that a page loads, with content hashes if the build created them.

use std::path::PathBuf;
use std::{env, fs, io};

use leptos::config::LeptosOptions;

/// The URLs of the style sheet, the script and the wasm module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub style: String,
    /// The script that loads the wasm module.
    pub script: String,
    /// The wasm module.
    pub wasm: String,
}

/// The hash list that cargo-leptos writes beside the server is unusable.
#[derive(Debug, thiserror::Error)]
pub enum MissingHashes {
    /// The file does not exist or cannot be read.
    #[error(
        "the file names' hashes cannot be read from {0}: {1}. Build with cargo-leptos, or set LEPTOS_HASH_FILES=false"
    )]
    Unreadable(PathBuf, #[source] io::Error),
    /// The file lacks one of the hashes.
    #[error("{0} names no hash of the {1} file. Build with cargo-leptos again")]
    Incomplete(PathBuf, &'static str),
}

impl Assets {
    /// Determines the URLs, once, at startup.
    pub fn find(options: &LeptosOptions) -> Result<Self, MissingHashes> {
        if !options.hash_files {
            return Ok(Self::named(options, ["", "", ""]));
        }
        let folder =
            env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from)).unwrap_or_default();
        let path = folder.join(options.hash_file.as_ref());
        let hashes = fs::read_to_string(&path).map_err(|error| MissingHashes::Unreadable(path.clone(), error))?;
        let hash = |kind| hash_of(&hashes, kind).ok_or_else(|| MissingHashes::Incomplete(path.clone(), kind));
        Ok(Self::named(options, [hash("css")?, hash("js")?, hash("wasm")?]))
    }

    fn named(options: &LeptosOptions, [css, js, wasm]: [&str; 3]) -> Self {
        let address = |hash: &str, kind| {
            let dot = if hash.is_empty() { "" } else { "." };
            format!("/{}/{}{dot}{hash}.{kind}", options.site_pkg_dir, options.output_name)
        };
        Self { style: address(css, "css"), script: address(js, "js"), wasm: address(wasm, "wasm") }
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
    fn without_hashes_the_names_are_plain() {
        assert_eq!(Assets::find(&options()).expect("assets").wasm, "/pkg/app.wasm");
    }

    #[test]
    fn hashes_stand_before_the_ending() {
        let hashes = "css: AbC\njs: dEf\nwasm: 0-_";
        let [css, js, wasm] = ["css", "js", "wasm"].map(|kind| hash_of(hashes, kind).expect(kind));
        let assets = Assets::named(&options(), [css, js, wasm]);
        assert_eq!(assets.style, "/pkg/app.AbC.css");
        assert_eq!(assets.script, "/pkg/app.dEf.js");
        assert_eq!(assets.wasm, "/pkg/app.0-_.wasm");
    }

    #[test]
    fn list_without_a_hash_is_no_list() {
        assert_eq!(hash_of("css: AbC", "wasm"), None);
    }
}
