//! Three workers and `PostgreSQL`.

use std::{
    cell::RefCell,
    error::Error,
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use concurrent_futures::ThreadPoolExecutor;
use postgres::{Client, NoTls};

use crate::{CITIES, COUNTRIES};

thread_local! {
    static CLIENT: RefCell<Option<Client>> = const { RefCell::new(None) };
}

pub(crate) fn run(url: &str) -> Result<(), Box<dyn Error>> {
    // A temporary table belongs to one connection; this one is seen by all workers.
    let table = format!("city_{}", process::id());
    let mut client = Client::connect(url, NoTls)?;
    fill(&mut client, &table)?;
    let outcome = ask(url, &table);
    client.batch_execute(&format!("DROP TABLE {table}"))?;
    outcome
}

fn ask(url: &str, table: &str) -> Result<(), Box<dyn Error>> {
    let opened = Arc::new(AtomicUsize::new(0));
    let (counter, url) = (Arc::clone(&opened), url.to_owned());
    let pool = ThreadPoolExecutor::builder()
        .max_workers(3)
        // Runs once in each worker, before its first task. An error would break the pool.
        .initializer(move || -> Result<(), postgres::Error> {
            CLIENT.set(Some(Client::connect(&url, NoTls)?));
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .build()?;

    let query = format!("SELECT name FROM {table} WHERE country = $1 ORDER BY name");
    let answers = pool.try_map(COUNTRIES, move |country| cities_of(country, &query));
    for (country, cities) in COUNTRIES.iter().zip(answers) {
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
fn cities_of(country: &str, query: &str) -> Result<Vec<String>, postgres::Error> {
    CLIENT.with_borrow_mut(|client| {
        let client = client
            .as_mut()
            .expect("the initializer has run in this worker");
        client
            .query(query, &[&country])?
            .iter()
            .map(|row| row.try_get(0))
            .collect()
    })
}

fn fill(client: &mut Client, table: &str) -> Result<(), postgres::Error> {
    client.batch_execute(&format!("CREATE TABLE {table} (name TEXT, country TEXT)"))?;
    let insert = format!("INSERT INTO {table} (name, country) VALUES ($1, $2)");
    for (name, country) in CITIES {
        client.execute(&insert, &[&name, &country])?;
    }
    Ok(())
}
