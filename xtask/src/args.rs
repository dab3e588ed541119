//! The words after the verb. What nobody asked for is an error, never ignored.

use std::fmt::Display;
use std::str::FromStr;

use crate::cargo::Failure;

pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Args(words.into_iter().collect())
    }

    /// Takes `--name value` or `--name=value`.
    pub(crate) fn option<T>(&mut self, name: &str) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err: Display>,
    {
        let prefix = format!("{name}=");
        let Some(at) = self
            .0
            .iter()
            .position(|word| word == name || word.starts_with(&prefix))
        else {
            return Ok(None);
        };
        let word = self.0.remove(at);
        let value = match word.strip_prefix(&prefix) {
            Some(value) => value.to_owned(),
            None if at < self.0.len() => self.0.remove(at),
            None => return Err(Failure::Failed(format!("{name} needs a value"))),
        };
        value
            .parse()
            .map(Some)
            .map_err(|error| Failure::Failed(format!("{name} {value}: {error}")))
    }

    /// Takes `--name`, a word without a value.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|word| word == name);
        at.map(|at| self.0.remove(at)).is_some()
    }

    /// Everything that is left, for a program that has options of its own.
    pub(crate) fn rest(self) -> Vec<String> {
        self.0
    }

    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(Failure::Failed(format!("`{word}` is not understood"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args::new(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn an_option_is_taken_in_both_spellings() {
        for words in [&["--seed", "7"][..], &["--seed=7"]] {
            let mut args = args(words);
            assert_eq!(args.option::<u64>("--seed").unwrap(), Some(7));
            args.finish().unwrap();
        }
    }

    #[test]
    fn a_flag_is_taken_once() {
        let mut args = args(&["--fetch"]);
        assert!(args.flag("--fetch"));
        assert!(!args.flag("--fetch"));
        args.finish().unwrap();
    }

    #[test]
    fn an_absent_option_is_none() {
        assert_eq!(
            args(&["--seconds", "1"]).option::<u64>("--seed").unwrap(),
            None
        );
    }

    #[test]
    fn a_missing_or_wrong_value_is_an_error() {
        assert!(args(&["--seed"]).option::<u64>("--seed").is_err());
        assert!(args(&["--seed", "x"]).option::<u64>("--seed").is_err());
    }

    #[test]
    fn what_is_left_over_is_an_error() {
        assert!(args(&["--quik"]).finish().is_err());
    }
}
