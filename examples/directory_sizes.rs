//! Tasks that wait for tasks of their own pool: the size of a directory is that of its files and of
//! its subdirectories, each of which is a task. One worker is enough, however deep the tree is.
//!
//! ```text
//! $ cargo run --example directory_sizes
//! 364 directories, 1092 files, 7644 bytes, on 1 worker
//! 364 directories, 1092 files, 7644 bytes, on 4 workers
//! 500 levels below each other, on 1 worker
//! ```

use std::{
    error::Error,
    fs, io,
    ops::AddAssign,
    path::{Path, PathBuf},
};

use concurrent_futures::{TaskError, ThreadPoolExecutor};

fn main() -> Result<(), Box<dyn Error>> {
    let bushy = tempfile::tempdir()?;
    grow(bushy.path(), 5, 3)?;
    for workers in [1, 4] {
        let Sizes {
            directories,
            files,
            bytes,
            ..
        } = walk(bushy.path(), workers)?;
        let s = if workers == 1 { "" } else { "s" };
        println!("{directories} directories, {files} files, {bytes} bytes, on {workers} worker{s}");
    }

    let tall = tempfile::tempdir()?;
    grow(tall.path(), 499, 1)?;
    let levels = walk(tall.path(), 1)?.levels;
    println!("{levels} levels below each other, on 1 worker");
    Ok(())
}

#[derive(Default)]
struct Sizes {
    directories: u64,
    files: u64,
    bytes: u64,
    levels: u64,
}

impl AddAssign for Sizes {
    fn add_assign(&mut self, below: Self) {
        self.directories += below.directories;
        self.files += below.files;
        self.bytes += below.bytes;
        self.levels = self.levels.max(below.levels + 1);
    }
}

fn walk(root: &Path, workers: usize) -> Result<Sizes, Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(workers).build()?;
    let (own, root) = (pool.clone(), root.to_owned());
    Ok(pool.try_submit(move || sizes(&own, &root)).result()?)
}

/// Runs as a task, and waits for a task for each subdirectory.
fn sizes(pool: &ThreadPoolExecutor, directory: &Path) -> io::Result<Sizes> {
    let mut sizes = Sizes {
        directories: 1,
        levels: 1,
        ..Sizes::default()
    };
    let mut below = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let (own, path) = (pool.clone(), entry.path());
            below.push(pool.try_submit(move || self::sizes(&own, &path)));
        } else {
            sizes.files += 1;
            sizes.bytes += entry.metadata()?.len();
        }
    }
    for subdirectory in below {
        sizes += subdirectory.result().map_err(|error| match error {
            TaskError::Failed(error) => error,
            other => io::Error::other(other.to_string()),
        })?;
    }
    Ok(sizes)
}

/// Makes a tree with so many levels below the directory, and three small files in each directory.
fn grow(directory: &Path, levels: u32, branches: u32) -> io::Result<()> {
    let mut row: Vec<PathBuf> = vec![directory.to_owned()];
    for level in 0..=levels {
        for directory in &row {
            for name in ["a", "b", "c"] {
                fs::write(directory.join(name), "7 bytes")?;
            }
        }
        if level < levels {
            let mut next = Vec::new();
            for directory in row {
                for branch in 0..branches {
                    let path = directory.join(branch.to_string());
                    fs::create_dir(&path)?;
                    next.push(path);
                }
            }
            row = next;
        }
    }
    Ok(())
}
