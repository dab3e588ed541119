//! A database connection for each worker, opened once by the initializer and used by all its tasks.
//!
//! ```text
//! $ cargo run --example initializer
//! Estonia: Tallinn, Tartu
//! Iceland: Reykjavik
//! Malta: Valletta
//! Norway: Bergen, Oslo, Tromso
//! 4 queries, 3 connections, 3 workers at most
//! ```
//!
//! The database is `SQLite` in a temporary file, or `PostgreSQL` if the program is built with
//! `--features postgres` and `DATABASE_URL` is set. The two modules have the same three parts: the
//! connection of this thread, the program, and the query that a task runs.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::error::Error;

const CITIES: [(&str, &str); 7] = [
    ("Bergen", "Norway"),
    ("Oslo", "Norway"),
    ("Reykjavik", "Iceland"),
    ("Tallinn", "Estonia"),
    ("Tartu", "Estonia"),
    ("Tromso", "Norway"),
    ("Valletta", "Malta"),
];
const COUNTRIES: [&str; 4] = ["Estonia", "Iceland", "Malta", "Norway"];

#[cfg(feature = "postgres")]
fn main() -> Result<(), Box<dyn Error>> {
    match std::env::var("DATABASE_URL") {
        Ok(url) => postgres::run(&url),
        Err(_) => sqlite::run(),
    }
}

#[cfg(not(feature = "postgres"))]
fn main() -> Result<(), Box<dyn Error>> {
    if std::env::var_os("DATABASE_URL").is_some() {
        eprintln!(
            "DATABASE_URL is set, but PostgreSQL needs `--features postgres`: SQLite is used"
        );
    }
    sqlite::run()
}
