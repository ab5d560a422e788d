//! Files that only their owner may read.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Opens a file for writing, made when absent, with the mode 0600 whatever it had.
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
#[cfg(unix)]
pub(super) fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// Elsewhere files follow their folder.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub(super) fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}
