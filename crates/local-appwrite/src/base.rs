//! The state that a data folder begins with, and that a reset goes back to.

use rusqlite::{Connection, OpenFlags};

use crate::{
    AppState,
    seed::{self, Problem},
    start_error::StartError,
    store::{Store, StoreError, snapshot},
    tables,
};

/// Gives an empty data folder its first state: the seed's, or else the default table.
///
/// # Errors
/// When the seed cannot be applied, or the data folder not be written.
pub fn begin(state: &AppState) -> Result<(), StartError> {
    let settings = state.settings();
    if !state.store().is_empty()? {
        if settings.is_seeded() {
            tracing::info!("the data folder holds data already, so the seed is not applied");
        }
        return Ok(());
    }
    if !settings.is_seeded() {
        let make = || tables::seed::default_table(state.store(), state.hub(), state.clock().now());
        return if settings.seed { make().map_err(StartError::Seed) } else { Ok(()) };
    }
    build(state)?.store().read(|source| {
        // Written first: a kill in between leaves an empty database, and the next start begins anew.
        match state.memory_base() {
            Some(base) => base.replace_with(source, || {})?,
            None => snapshot::write(source, &snapshot::base_of(&settings.data))?,
        }
        Ok(state.store().replace_with(source, || {})?)
    })
}

/// Goes back to the state after the seed, or to the imported one; without either, keeps databases, tables and buckets
/// and removes what is in them. Closes the Realtime connections, clears the rate limits, and undoes changes of the clock
/// and the policies.
///
/// # Errors
/// When the first state cannot be read or made again.
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
    tracing::info!("the state was reset");
    Ok(())
}

/// The state after the seed, in a memory of its own, so that a bad seed leaves nothing behind.
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
