//! Databases, tables and rows.

pub mod seed;
