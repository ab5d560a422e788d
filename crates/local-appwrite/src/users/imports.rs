//! Imports users from other systems with their password hashes.

use super::{User, changes::keep_new};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, Route},
    identity::HashKind,
    oauth2::identity,
};

const WRITE: &[&str] = &["users.write"];

const SHA: &[&str] = &[
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512/224",
    "sha512/256",
    "sha512",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
];

/// `POST /users/<kind of hash>`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/users/argon2", |call| create(call, |_| Ok(HashKind::Argon2))).scope(WRITE),
        Route::post("/users/bcrypt", |call| create(call, |_| Ok(HashKind::Bcrypt))).scope(WRITE),
        Route::post("/users/md5", |call| create(call, |_| Ok(HashKind::Md5))).scope(WRITE),
        Route::post("/users/sha", |call| create(call, sha)).scope(WRITE),
        Route::post("/users/phpass", |call| create(call, |_| Ok(HashKind::Phpass))).scope(WRITE),
        Route::post("/users/scrypt", |call| create(call, scrypt)).scope(WRITE),
        Route::post("/users/scrypt-modified", |call| create(call, scrypt_modified)).scope(WRITE),
    ]
}

fn create(call: &Call<'_>, kind: fn(&Call<'_>) -> Result<HashKind, ApiError>) -> Result<Reply, ApiError> {
    let mut user = User::new(call.params.new_id("userId", call.now)?, call.now);
    let email = call.params.email("email")?;
    let hash = call.params.password("password")?;
    let kind = kind(call)?;
    user.name = call.params.optional_text("name", 1, 128)?.unwrap_or_default();
    user.set_password(hash, call.now);
    user.hash_kind = kind;
    if call.state.store().read(|db| identity::has_email(db, &email))? {
        return Err(ErrorKind::UserEmailAlreadyExists.into());
    }
    user.email = Some(email);
    keep_new(call, user)
}

fn sha(call: &Call<'_>) -> Result<HashKind, ApiError> {
    let version = match call.params.raw("passwordVersion") {
        None => "sha3-512",
        Some(_) => call.params.choice("passwordVersion", SHA)?,
    };
    Ok(HashKind::Sha { version: version.to_owned() })
}

fn scrypt(call: &Call<'_>) -> Result<HashKind, ApiError> {
    Ok(HashKind::Scrypt {
        salt: call.params.text("passwordSalt", 1, 128)?,
        cpu: call.params.integer("passwordCpu")?,
        memory: call.params.integer("passwordMemory")?,
        parallel: call.params.integer("passwordParallel")?,
        length: call.params.integer("passwordLength")?,
    })
}

fn scrypt_modified(call: &Call<'_>) -> Result<HashKind, ApiError> {
    Ok(HashKind::ScryptMod {
        salt: call.params.text("passwordSalt", 1, 128)?,
        separator: call.params.text("passwordSaltSeparator", 1, 128)?,
        signer_key: call.params.text("passwordSignerKey", 1, 128)?,
    })
}
