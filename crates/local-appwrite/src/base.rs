//! The state that a data folder begins with, and that a reset goes back to.

use rusqlite::{Connection, OpenFlags};

use crate::{
    AppState, Settings,
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
    let is_seeded = settings.seed_file.is_some() || settings.config.is_some();
    if !state.store().is_empty()? {
        if is_seeded {
            tracing::info!("the data folder holds data already, so the seed is not applied");
        }
        return Ok(());
    }
    let built = build(state)?;
    built.store().read::<_, StoreError>(|source| {
        // Written first: a kill in between leaves an empty database, and the next start begins anew.
        match state.memory_base() {
            Some(base) => base.replace_with(source, || {})?,
            None if is_seeded => snapshot::write(source, &snapshot::base_of(&settings.data))?,
            None => {}
        }
        state.store().replace_with(source, || {})
    })?;
    Ok(())
}

/// Goes back to the first state, or to the imported one. Closes the Realtime connections, clears the rate limits and
/// undoes changes of the clock and the policies.
///
/// # Errors
/// When the first state cannot be read or made again.
pub fn reset(state: &AppState) -> Result<(), StartError> {
    let path = snapshot::base_of(&state.settings().data);
    let back = |source: &Connection| state.store().replace_with(source, || state.forget());
    if let Some(base) = state.memory_base() {
        base.read(back)?;
    } else if path.exists() {
        let source = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(StoreError::from)?;
        back(&source)?;
    } else {
        build(state)?.store().read(back)?;
    }
    tracing::info!("the state was reset");
    Ok(())
}

/// The first state, in a memory of its own, so that a bad seed leaves nothing behind.
fn build(state: &AppState) -> Result<AppState, StartError> {
    let settings: &Settings = state.settings();
    let scratch = AppState::new(
        settings.clone(),
        Vec::new(),
        state.jwt_key().clone(),
        Store::in_memory()?,
        state.clock().clone(),
    );
    let mut problems: Vec<Problem> = Vec::new();
    if let Some(path) = &settings.config {
        problems.extend(seed::apply(path, seed::Kind::Config, &scratch));
    }
    if let Some(path) = &settings.seed_file {
        problems.extend(seed::apply(path, seed::Kind::Seed, &scratch));
    }
    if !problems.is_empty() {
        return Err(StartError::BadSeed(problems));
    }
    if settings.seed && settings.config.is_none() && settings.seed_file.is_none() {
        tables::seed::default_table(scratch.store(), scratch.hub(), scratch.clock().now()).map_err(StartError::Seed)?;
    }
    Ok(scratch)
}
