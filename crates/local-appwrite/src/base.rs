//! The initial state of a data folder, which a reset restores.

use rusqlite::{Connection, OpenFlags};

use crate::{
    AppState,
    seed::{self, Problem},
    start_error::StartError,
    store::{Changes, Store, StoreError, snapshot},
    tables,
};

/// Fills an empty data folder from the seed, if there is one.
///
/// # Errors
/// When the seed cannot be applied, or the data folder cannot be written.
pub fn begin(state: &AppState) -> Result<(), StartError> {
    let settings = state.settings();
    if !state.store().is_empty()? {
        if settings.is_seeded() {
            tracing::info!("the data folder holds data already, so the seed is not applied");
        }
        return fill_indexes(state);
    }
    if !settings.is_seeded() {
        return Ok(());
    }
    build(state)?.store().read(|source| {
        // Is written first: after a kill in between, the next start finds an empty database and applies the seed again.
        match state.memory_base() {
            Some(base) => base.replace_with(source, || {})?,
            None => snapshot::write(source, &snapshot::base_of(&settings.data))?,
        }
        Ok(state.store().replace_with(source, || {})?)
    })
}

/// Restores the state after the seed or the import. Without either, empties the tables and buckets, removes users
/// and teams. Also closes the Realtime connections, clears the rate limits, and resets the clock and the policies.
///
/// # Errors
/// When the state cannot be restored.
pub fn reset(state: &AppState) -> Result<(), StartError> {
    let settings = state.settings();
    let path = snapshot::base_of(&settings.data);
    let back = |source: &Connection| state.store().replace_with(source, || state.forget());
    match state.memory_base() {
        Some(base) if settings.is_seeded() => base.read(back)?,
        None if path.exists() => {
            let source = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
            back(&source.map_err(StoreError::from)?)?;
        }
        None if settings.is_seeded() => build(state)?.store().read(back)?,
        _ => state.store().clear(|| state.forget())?,
    }
    fill_indexes(state)?;
    tracing::info!("the state was reset");
    Ok(())
}

/// The data of an older version has indexes without entries.
fn fill_indexes(state: &AppState) -> Result<(), StartError> {
    let fill = |changes: &mut Changes<'_>| tables::fill_indexes(changes);
    state.store().write(state.hub(), fill).map_err(StartError::Indexes)
}

/// Applies the seed to a new database in memory, so that a bad seed leaves nothing behind.
fn build(state: &AppState) -> Result<AppState, StartError> {
    let settings = state.settings().clone();
    let (config, seed) = (settings.config.clone(), settings.seed_file.clone());
    let (jwt_key, clock) = (state.jwt_key().clone(), state.clock().clone());
    let scratch = AppState::new(settings, Vec::new(), jwt_key, Store::in_memory()?, clock);
    let mut problems: Vec<Problem> = Vec::new();
    for (path, kind) in [(config, seed::Kind::Config), (seed, seed::Kind::Seed)] {
        problems.extend(path.map(|path| seed::apply(&path, kind, &scratch)).unwrap_or_default());
    }
    if problems.is_empty() { Ok(scratch) } else { Err(StartError::BadSeed(problems)) }
}
