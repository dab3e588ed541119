//! What `Debug` shows of a future, in the words of Python's `repr`.

use crate::error::TaskError;
use std::{any::type_name, fmt, sync::Arc};

pub(crate) struct Repr<'a, T, E> {
    address: usize,
    running: bool,
    outcome: Option<Result<&'a T, &'a TaskError<E>>>,
    name: Option<Arc<str>>,
}

impl<'a, T, E> Repr<'a, T, E> {
    pub(crate) fn new(
        address: usize,
        running: bool,
        outcome: Option<Result<&'a T, &'a TaskError<E>>>,
    ) -> Self {
        Self {
            address,
            running,
            outcome,
            name: None,
        }
    }

    pub(crate) fn named(self, name: Option<Arc<str>>) -> Self {
        Self { name, ..self }
    }
}

impl<T, E> fmt::Debug for Repr<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Future at {:#x} state=", self.address)?;
        match self.outcome {
            None if self.running => f.write_str("running")?,
            None => f.write_str("pending")?,
            Some(Ok(_)) => write!(f, "finished returned {}", short_name::<T>())?,
            Some(Err(error)) => match error {
                TaskError::Cancelled => f.write_str("cancelled")?,
                TaskError::Failed(_) => write!(f, "finished raised {}", short_name::<E>())?,
                TaskError::Panicked(panic) => {
                    write!(f, "finished panicked {:?}", panic.message())?;
                }
                TaskError::Broken(_) => f.write_str("finished raised BrokenThreadPool")?,
                TaskError::Rejected(_) => f.write_str("finished raised Rejected")?,
                TaskError::DeadlineExceeded => f.write_str("finished raised DeadlineExceeded")?,
                TaskError::Deadlock(_) => f.write_str("finished raised Deadlock")?,
            },
        }
        if let Some(name) = &self.name {
            write!(f, " name={name:?}")?;
        }
        f.write_str(">")
    }
}

/// The name of a type without the paths: `Vec<Error>` for `alloc::vec::Vec<std::io::Error>`.
fn short_name<T>() -> String {
    let name = type_name::<T>();
    let mut short = String::with_capacity(name.len());
    for word in name.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
        short.push_str(word.rsplit("::").next().unwrap_or(word));
    }
    short
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::short_name;

    #[test]
    fn names_lose_their_paths() {
        assert_eq!(short_name::<i32>(), "i32");
        assert_eq!(short_name::<()>(), "()");
        assert_eq!(short_name::<&str>(), "&str");
        assert_eq!(
            short_name::<Vec<Option<std::io::Error>>>(),
            "Vec<Option<Error>>"
        );
        assert_eq!(
            short_name::<(String, [std::time::Duration; 2])>(),
            "(String, [Duration; 2])"
        );
    }
}
