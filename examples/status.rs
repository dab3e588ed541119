//! The states of a future, as its methods and its debug form show them.
//!
//! ```text
//! $ cargo run --example status
//! queued     <Future at 0x5602d3a81c10 state=pending>
//! runs       <Future at 0x5602d3a81b80 state=running>
//! cancelled  <Future at 0x5602d3a81c10 state=cancelled>
//! returned   <Future at 0x5602d3a81b80 state=finished returned i32>
//! failed     <Future at 0x5602d3a81ca0 state=finished raised ParseIntError>
//! panicked   <Future at 0x5602d3a81d30 state=finished panicked "no such page">
//!
//!            running  done   cancelled
//! cancelled  false    true   true
//! returned   false    true   false
//! failed     false    true   false
//! panicked   false    true   false
//! ```

use std::{error::Error, panic, sync::mpsc};

use concurrent_futures::{Future, ReturnWhen, ThreadPoolExecutor, wait};

fn main() -> Result<(), Box<dyn Error>> {
    // The panic below is meant; it need not be printed as well.
    panic::set_hook(Box::new(|_| {}));
    let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;

    let (started, has_started) = mpsc::channel();
    let (finish, may_finish) = mpsc::channel();
    let first = pool.submit(move || {
        started.send(()).expect("main waits for this");
        may_finish.recv().expect("main sends the answer")
    });
    let second = pool.submit(|| 2);
    has_started.recv()?;
    println!("queued     {second:?}");
    println!("runs       {first:?}");

    second.cancel();
    println!("cancelled  {second:?}");

    let failed = pool.try_submit(|| "x".parse::<i32>());
    let panicked = pool.submit(|| -> i32 { panic!("no such page") });
    finish.send(1)?;
    wait([&first, &second, &panicked], ReturnWhen::AllCompleted);
    println!("returned   {first:?}");
    println!("failed     {failed:?}");
    println!("panicked   {panicked:?}");

    println!("\n           running  done   cancelled");
    show("cancelled", &second);
    show("returned", &first);
    show("failed", &failed);
    show("panicked", &panicked);
    Ok(())
}

fn show<T, E>(name: &str, future: &Future<T, E>) {
    let (running, done, cancelled) = (future.running(), future.done(), future.cancelled());
    println!("{name:<10} {running:<8} {done:<6} {cancelled}");
}
