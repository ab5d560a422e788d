//! Locks a data folder, because two backends on it would miss each other's events.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use super::private;
use crate::start_error::StartError;

/// The file that a running backend locks.
pub const LOCK_FILE: &str = "local-appwrite.lock";

/// Waits this long for a stopping backend to unlock the folder.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// The lock on a data folder, until it is dropped or its process ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Locks the folder; waits a short time for a backend that is stopping.
    ///
    /// # Errors
    /// [`StartError::DataInUse`] when another backend keeps it, [`StartError::Data`] when it cannot be written.
    pub async fn take(folder: &Path) -> Result<Self, StartError> {
        Self::take_within(folder, TIMEOUT).await
    }

    /// Like [`FolderLock::take`], with another timeout.
    ///
    /// # Errors
    /// As [`FolderLock::take`].
    pub(crate) async fn take_within(folder: &Path, timeout: Duration) -> Result<Self, StartError> {
        let path = folder.join(LOCK_FILE);
        let failed = |source| StartError::Data { path: path.clone(), source };
        let file = private::open(&path).map_err(failed)?;
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if tokio::time::Instant::now() >= deadline => {
                    return Err(StartError::DataInUse(folder.to_path_buf()));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn folder_is_locked_by_one_backend() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = FolderLock::take(folder.path()).await.expect("a free folder");
        let refused = FolderLock::take_within(folder.path(), Duration::ZERO).await;
        assert!(matches!(refused, Err(StartError::DataInUse(_))));
        drop(first);
        FolderLock::take_within(folder.path(), Duration::ZERO).await.expect("a free folder");
    }

    #[tokio::test]
    async fn waiting_backend_gets_the_freed_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = FolderLock::take(folder.path()).await.expect("a free folder");
        let path = folder.path().to_path_buf();
        let waiting = tokio::spawn(async move { FolderLock::take(&path).await.map(drop) });
        tokio::task::yield_now().await;
        drop(first);
        waiting.await.expect("no panic").expect("the folder");
    }
}
