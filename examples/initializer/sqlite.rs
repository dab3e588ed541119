//! Three workers and `SQLite`.

use std::{
    cell::RefCell,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use concurrent_futures::ThreadPoolExecutor;
use rusqlite::Connection;

use crate::{CITIES, COUNTRIES};

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cities.db");
    fill(&Connection::open(&path)?)?;

    let opened = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&opened);
    let pool = ThreadPoolExecutor::builder()
        .max_workers(3)
        // Runs once in each worker, before its first task. An error would break the pool.
        .initializer(move || -> rusqlite::Result<()> {
            CONNECTION.set(Some(Connection::open(&path)?));
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .build()?;

    for (country, cities) in COUNTRIES.iter().zip(pool.try_map(COUNTRIES, cities_of)) {
        println!("{country}: {}", cities?.join(", "));
    }
    pool.shutdown();
    let (queries, opened) = (COUNTRIES.len(), opened.load(Ordering::Relaxed));
    println!(
        "{queries} queries, {opened} connections, {} workers at most",
        pool.max_workers()
    );
    Ok(())
}

/// The task: asks over the connection of the worker that runs it.
fn cities_of(country: &str) -> rusqlite::Result<Vec<String>> {
    CONNECTION.with_borrow(|connection| {
        let connection = connection
            .as_ref()
            .expect("the initializer has run in this worker");
        let mut query =
            connection.prepare_cached("SELECT name FROM city WHERE country = ?1 ORDER BY name")?;
        query.query_map([country], |row| row.get(0))?.collect()
    })
}

fn fill(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(
        "CREATE TABLE city (name TEXT NOT NULL, country TEXT NOT NULL)",
        [],
    )?;
    for city in CITIES {
        connection.execute("INSERT INTO city (name, country) VALUES (?1, ?2)", city)?;
    }
    Ok(())
}
