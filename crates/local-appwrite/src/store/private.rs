//! A folder and files that only their owner may read.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crate::start_error::StartError;

/// Prefixes of the backend's own files.
const OWN_FILES: &[&str] = &["local-appwrite", "base.sqlite", "api-key", "jwt-key"];

/// Creates the data folder, or restricts it to its owner. Refuses a folder with other files instead of changing it.
///
/// # Errors
/// [`StartError::Data`] when the system refuses, [`StartError::OpenFolder`] when others have access to it.
pub fn folder(path: &Path) -> Result<(), StartError> {
    let failed = |source| StartError::Data { path: path.to_path_buf(), source };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed)?;
    if is_open_to_others(path).map_err(failed)? {
        if !holds_only_own_files(path).map_err(failed)? {
            return Err(StartError::OpenFolder(path.to_path_buf()));
        }
        tighten(path, 0o700).map_err(failed)?;
    }
    own_files(path).map_err(failed)?.iter().try_for_each(|file| restrict(file)).map_err(failed)
}

/// The backend's own files in a folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn own_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if is_own(&entry.file_name()) && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

fn is_own(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    OWN_FILES.iter().any(|own| name.starts_with(own))
}

/// Returns true if the group or other users have any permission.
///
/// # Errors
/// When the permissions cannot be read.
#[cfg(unix)]
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// On other systems, files inherit the permissions of their folder.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}

fn holds_only_own_files(path: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(path)? {
        if !is_own(&entry?.file_name()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens or creates a file for writing, and sets the mode 0600.
///
/// # Errors
/// When the system refuses.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(path)?;
    Ok(file)
}

/// Gives a file the mode 0600.
///
/// # Errors
/// When the system refuses.
pub(super) fn restrict(path: &Path) -> io::Result<()> {
    if is_open_to_others(path)? { tighten(path, 0o600) } else { Ok(()) }
}

#[cfg(unix)]
fn tighten(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn tighten(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn folder_permissions_are_tightened_only_on_our_own() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("data");
        std::fs::create_dir(&path).expect("a folder");
        tighten(&path, 0o755).expect("a mode");
        std::fs::write(path.join("api-key"), "key").expect("a file");
        folder(&path).expect("an own folder");
        assert_eq!(mode(&path), 0o700);

        std::fs::write(path.join("notes.txt"), "mine").expect("a file");
        folder(&path).expect("a closed folder may hold other things");
        tighten(&path, 0o755).expect("a mode");
        assert!(matches!(folder(&path), Err(StartError::OpenFolder(_))));
        assert_eq!(mode(&path), 0o755);
    }
}
