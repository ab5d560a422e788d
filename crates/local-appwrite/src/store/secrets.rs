//! Generated secrets in the data folder: the API key, and the key that signs JWTs. Only their owner may read them.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::private;
use crate::{
    identity::secret,
    settings::{ApiKey, KeyScopes, Settings},
    start_error::StartError,
};

/// The file that holds the generated API key.
pub const API_KEY_FILE: &str = "api-key";
const JWT_KEY_FILE: &str = "jwt-key";

/// The configured keys, or the one that was generated at the first start.
///
/// # Errors
/// When the file cannot be read or written.
pub fn api_keys(settings: &Settings) -> Result<Vec<ApiKey>, StartError> {
    if !settings.api_keys.is_empty() {
        return Ok(settings.api_keys.clone());
    }
    let secret = read_or_create(&settings.data.join(API_KEY_FILE), new_api_key)?;
    Ok(vec![ApiKey { secret, scopes: KeyScopes::All }])
}

fn new_api_key() -> String {
    format!("standard_{}", secret::hex(128))
}

/// The configured keys, or a generated one that is not stored.
#[must_use]
pub fn unkept_api_keys(settings: &Settings) -> Vec<ApiKey> {
    if settings.api_keys.is_empty() {
        vec![ApiKey { secret: new_api_key().into(), scopes: KeyScopes::All }]
    } else {
        settings.api_keys.clone()
    }
}

/// A generated key that signs JWTs and is not stored.
#[must_use]
pub fn unkept_jwt_key() -> SecretString {
    secret::hex(64).into()
}

/// The key that signs JWTs, the same after a restart.
///
/// # Errors
/// When the file cannot be read or written.
pub fn jwt_key(folder: &Path) -> Result<SecretString, StartError> {
    read_or_create(&folder.join(JWT_KEY_FILE), || secret::hex(64))
}

fn read_or_create(path: &Path, make: impl FnOnce() -> String) -> Result<SecretString, StartError> {
    let failed = |source| StartError::Data { path: path.to_path_buf(), source };
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned().into()),
        Ok(_) => write(path, make()).map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write(path, make()).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// Writes a temporary file and renames it, so that a kill leaves a complete file or none.
fn write(path: &Path, text: String) -> io::Result<SecretString> {
    let text = SecretString::from(text);
    let fresh: PathBuf = path.with_extension("new");
    let mut file = private::open(&fresh)?;
    file.set_len(0)?;
    writeln!(file, "{}", text.expose_secret())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_key_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings::new(folder.path());
        let first = api_keys(&settings).expect("a key");
        let second = api_keys(&settings).expect("a key");
        assert_eq!(first[0].secret.expose_secret(), second[0].secret.expose_secret());
    }

    #[cfg(unix)]
    #[test]
    fn generated_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        api_keys(&Settings::new(folder.path())).expect("a key");
        let mode = fs::metadata(folder.path().join(API_KEY_FILE)).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn configured_key_is_not_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(folder.path());
        settings.api_keys = vec!["configured".parse().expect("a key")];
        api_keys(&settings).expect("the key");
        assert!(!folder.path().join(API_KEY_FILE).exists());
    }
}
