//! Metrics for Prometheus: served on loopback, and scraped once as Prometheus does it.
//!
//! ```text
//! $ cargo run --example metrics
//! concurrent_futures_tasks_cancelled_total{pool="letters"} 0
//! concurrent_futures_tasks_completed_total{pool="letters"} 39
//! concurrent_futures_tasks_failed_total{pool="letters"} 1
//! concurrent_futures_tasks_queued{pool="letters"} 0
//! concurrent_futures_tasks_rejected_total{pool="letters"} 0
//! concurrent_futures_tasks_running{pool="letters"} 0
//! concurrent_futures_tasks_submitted_total{pool="letters"} 40
//! concurrent_futures_workers{pool="letters"} 4
//! concurrent_futures_task_run_seconds_count{pool="letters"} 40
//! ```

use std::{
    error::Error,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;
use metrics_exporter_prometheus::PrometheusBuilder;

fn main() -> Result<(), Box<dyn Error>> {
    let address = free_address()?;
    // First, since a pool tells who is there when it is built.
    PrometheusBuilder::new()
        .with_http_listener(address)
        .install()?;

    let pool = ThreadPoolExecutor::builder()
        .max_workers(4)
        .metrics("letters")
        .build()?;
    pool.prestart(4);
    pool.try_map_unordered(1..=40, send).for_each(drop);

    let page = scrape(address)?;
    let (mut counts, mut summaries) = (Vec::new(), Vec::new());
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        if line.contains("run_seconds_count") {
            summaries.push(line);
        } else if line.contains("{pool=\"letters\"}") && !line.contains("_seconds") {
            counts.push(line);
        }
    }
    counts.sort_unstable();
    // How many of the workers sleep already is a matter of moments.
    counts.retain(|line| !line.contains("workers_idle"));
    for line in counts.into_iter().chain(summaries) {
        println!("{line}");
    }
    Ok(())
}

fn send(grams: u64) -> Result<(), &'static str> {
    thread::sleep(Duration::from_millis(grams % 7));
    if grams == 13 { Err("lost") } else { Ok(()) }
}

/// What an HTTP client would get.
fn scrape(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// An address of this machine that nobody uses now. A real program has a fixed one.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
