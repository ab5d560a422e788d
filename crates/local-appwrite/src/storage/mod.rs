//! Storage: buckets, the files in them, and tokens that open a file.

mod bucket;
mod bucket_routes;
mod content;
mod file;
mod file_routes;
mod file_tokens;
#[cfg(test)]
mod fuzz;
mod mime;
mod preview;
mod upload;

pub(crate) use bucket::LARGEST_FILE;

use crate::{
    Profile,
    http::{Limit, Route},
};

/// The routes of storage and of file tokens.
pub fn routes(profile: Profile) -> Vec<Route> {
    const WRITES: Limit =
        Limit::every_minute(60, &["ip:{ip},method:{method},url:{url},userId:{userId},chunkId:{chunkId}"]);
    const BUCKETS_READ: &[&str] = &["buckets.read"];
    const BUCKETS_WRITE: &[&str] = &["buckets.write"];
    const READ: &[&str] = &["files.read"];
    const WRITE: &[&str] = &["files.write"];
    const TOKENS_READ: &[&str] = &["tokens.read"];
    const TOKENS_WRITE: &[&str] = &["tokens.write"];
    const FILES: &str = "/storage/buckets/{bucketId}/files";
    const FILE: &str = "/storage/buckets/{bucketId}/files/{fileId}";
    let mut routes = vec![
        Route::post("/storage/buckets", bucket_routes::create).scope(BUCKETS_WRITE),
        Route::get("/storage/buckets", bucket_routes::list).scope(BUCKETS_READ),
        Route::get("/storage/buckets/{bucketId}", bucket_routes::get).scope(BUCKETS_READ),
        Route::put("/storage/buckets/{bucketId}", bucket_routes::update).scope(BUCKETS_WRITE),
        Route::delete("/storage/buckets/{bucketId}", bucket_routes::delete).scope(BUCKETS_WRITE),
        Route::post(FILES, upload::create).scope(WRITE).limit(WRITES),
        Route::get(FILES, file_routes::list).scope(READ),
        Route::get(FILE, file_routes::get).scope(READ),
        Route::put(FILE, file_routes::update).scope(WRITE).limit(WRITES),
        Route::delete(FILE, file_routes::delete).scope(WRITE).limit(WRITES),
        Route::get("/storage/buckets/{bucketId}/files/{fileId}/view", content::view).scope(READ),
        Route::get("/storage/buckets/{bucketId}/files/{fileId}/download", content::download).scope(READ),
        Route::get("/storage/buckets/{bucketId}/files/{fileId}/preview", content::preview).scope(READ),
    ];
    if profile >= Profile::OneEight {
        routes.extend([
            Route::post("/tokens/buckets/{bucketId}/files/{fileId}", file_tokens::create).scope(TOKENS_WRITE),
            Route::get("/tokens/buckets/{bucketId}/files/{fileId}", file_tokens::list).scope(TOKENS_READ),
            Route::get("/tokens/{tokenId}", file_tokens::get).scope(TOKENS_READ),
            Route::patch("/tokens/{tokenId}", file_tokens::update).scope(TOKENS_WRITE),
            Route::delete("/tokens/{tokenId}", file_tokens::delete).scope(TOKENS_WRITE),
        ]);
    }
    routes
}
