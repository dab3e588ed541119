//! Blocking work awaited from tokio: the runtime has one thread, and it stays free.
//!
//! ```text
//! $ cargo run --example await_tokio
//! the runtime goes on while the pool works
//! thumbnail of sea.png: 64 x 48
//! thumbnail of hill.png: 64 x 48
//! notes.txt: not an image
//! still not finished after a while; waiting on
//! thumbnail of panorama.png: 64 x 48
//! ```

use std::{error::Error, pin::pin, sync::mpsc, time::Duration};

use concurrent_futures::ThreadPoolExecutor;
use tokio::{runtime, time::timeout};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(thumbnails())
}

async fn thumbnails() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::new();
    let names = ["sea.png", "hill.png", "notes.txt"];
    let futures = names.map(|name| pool.try_submit(move || thumbnail(name)));

    let busy = tokio::spawn(async { println!("the runtime goes on while the pool works") });
    busy.await?;
    for (name, future) in names.into_iter().zip(futures) {
        match future.await {
            Ok(thumbnail) => println!("{thumbnail}"),
            Err(error) => println!("{name}: {error}"),
        }
    }

    // A limit from the runtime ends the wait and nothing else: the future can be awaited again.
    let (finish, may_finish) = mpsc::channel::<()>();
    let large = pool.try_submit(move || {
        let _ = may_finish.recv();
        thumbnail("panorama.png")
    });
    let mut large = pin!(large);
    if timeout(Duration::from_millis(50), &mut large)
        .await
        .is_err()
    {
        println!("still not finished after a while; waiting on");
    }
    finish.send(())?;
    println!("{}", large.await?);
    Ok(())
}

/// Stands for work that occupies a thread.
fn thumbnail(name: &str) -> Result<String, &'static str> {
    let is_image = name.strip_suffix(".png").is_some();
    is_image
        .then(|| format!("thumbnail of {name}: 64 x 48"))
        .ok_or("not an image")
}
