//! Copies of a whole database in one file: for a reset, an export or an import.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{DATABASE_FILE, MIGRATIONS, Store, StoreError, copy, lock::FolderLock, private};
use crate::start_error::StartError;

/// The file in a data folder with the state that a reset restores.
#[must_use]
pub fn base_of(folder: &Path) -> PathBuf {
    folder.join("base.sqlite")
}

/// Writes a database to one file, readable by its owner only. A kill leaves the complete new file or the old one.
///
/// # Errors
/// When the file cannot be written.
pub fn write(source: &Connection, path: &Path) -> Result<(), StartError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    fill(source, &fresh).and_then(|()| Ok(std::fs::rename(&fresh, path)?)).map_err(|source| {
        // Ignores this error: the first one is returned.
        let _ = std::fs::remove_file(&fresh);
        StartError::Write { path: path.to_path_buf(), source }
    })
}

fn fill(source: &Connection, path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    drop(private::open(path)?);
    let mut target = Connection::open(path)?;
    copy(source, &mut target)?;
    // Without the write-ahead log, everything is in this one file.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    std::fs::File::open(path)?.sync_all()?;
    Ok(())
}

/// Exports a data folder without its keys to a file. A backend may be running on the folder.
///
/// # Errors
/// When the folder holds no data, the file exists and may not be replaced, or the file cannot be written.
pub fn export(folder: &Path, file: &Path, may_replace: bool) -> Result<(), StartError> {
    let database = folder.join(DATABASE_FILE);
    if !database.exists() {
        return Err(StartError::NoData(folder.to_path_buf()));
    }
    if file.exists() && !may_replace {
        return Err(StartError::FileExists(file.to_path_buf()));
    }
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(StoreError::from)?;
    write(&source, file)
}

/// Imports an exported file into a data folder. From then on, a reset restores it.
///
/// # Errors
/// When the folder is in use, holds data that may not be replaced, or the file is no export.
pub async fn import(folder: &Path, file: &Path, may_replace: bool) -> Result<(), StartError> {
    let source = open_export(file)?;
    private::folder(folder)?;
    let _lock = FolderLock::take_within(folder, std::time::Duration::ZERO).await?;
    let store = Store::open(folder)?;
    if !may_replace && !store.is_empty()? {
        return Err(StartError::HoldsData(folder.to_path_buf()));
    }
    write(&source, &base_of(folder))?;
    Ok(store.replace_with(&source, || {})?)
}

fn open_export(file: &Path) -> Result<Connection, StartError> {
    let refused = || StartError::NoExport(file.to_path_buf());
    let source = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|_| refused())?;
    let is_sound =
        source.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0)).is_ok_and(|said| said == "ok");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('users', 'rows', 'outbox')";
    let is_ours = source.query_row(tables, [], |row| row.get::<_, u32>(0)).is_ok_and(|count| count == 3);
    if !is_sound || !is_ours {
        return Err(refused());
    }
    let found: u32 = source.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(StoreError::from)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    Ok(source)
}
