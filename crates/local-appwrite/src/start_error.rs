//! Errors at startup.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::{ApiError, seed::Problem, store::StoreError};

/// Errors at startup.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is reachable from other machines.
    #[error("{0} is not a loopback address; the local backend listens on 127.0.0.1 or [::1] only")]
    NotLoopback(SocketAddr),
    /// The address is in use by another program.
    #[error("{0} is in use: another program listens there; choose another port, or 0 for a free one")]
    AddressInUse(SocketAddr),
    /// Listening on the address failed for another reason.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The data folder could not be used.
    #[error("cannot write {}: {source}. Make the data folder writable, or choose another with --data", path.display())]
    Data {
        /// The folder or the file in it.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Other users have access to the folder, and it contains other files.
    #[error("other users may read the data folder {}, and it holds other files; run chmod 700 on it, or choose another with --data", .0.display())]
    OpenFolder(PathBuf),
    /// Another backend uses the folder.
    #[error("the data folder {} is in use by another local-appwrite; stop that one, or choose another folder", .0.display())]
    DataInUse(PathBuf),
    /// The database could not be opened or migrated.
    #[error("cannot open the database: {0}")]
    Store(#[from] StoreError),
    /// The indexes of older data could not be filled.
    #[error("cannot fill the indexes of tables: {0}")]
    Indexes(ApiError),
    /// The seed or the configuration has mistakes.
    #[error("the seed was not applied, because of {}:{}", counted(.0), listed(.0))]
    BadSeed(Vec<Problem>),
    /// Nothing to export.
    #[error("the data folder {} holds no data", .0.display())]
    NoData(PathBuf),
    /// A snapshot of the database could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of SQLite or the system.
        source: StoreError,
    },
    /// An export would overwrite a file.
    #[error("{} exists; pass --replace to overwrite it", .0.display())]
    FileExists(PathBuf),
    /// An import would overwrite data.
    #[error("the data folder {} holds data; pass --replace to overwrite it", .0.display())]
    HoldsData(PathBuf),
    /// The file to import is no export.
    #[error("{} is not a file that `local-appwrite export` wrote", .0.display())]
    NoExport(PathBuf),
}

fn counted(problems: &[Problem]) -> String {
    if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
