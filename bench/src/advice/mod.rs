//! Whether the advice of a profile is right: the size it advises against the best of all sizes, and the
//! shares it measures against those that a load was built to have. And what it costs.

mod cost;
mod load;
mod queue;
mod shares;
mod sizes;

use crate::machine::Machine;
use lexopt::{Arg, Parser, ValueExt};
use load::{Load, Pace};
use std::error::Error;

/// Everything behind `--advice` on the command line.
pub(crate) struct Check {
    /// The names of loads, or `shares`, `queue` or `cost`.
    only: Option<Vec<String>>,
}

impl Check {
    pub(crate) fn parse(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let mut only = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("only") => {
                    let names = parser.value()?.string()?;
                    only = Some(names.split(',').map(str::to_owned).collect());
                }
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Self { only })
    }

    fn asks_for(&self, name: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|names| names.iter().any(|asked| asked == name))
    }

    pub(crate) fn run(&self) -> Result<(), Box<dyn Error>> {
        let pace = Pace::measure();
        println!("{}\n", Machine::here());
        let loads: Vec<_> = Load::all()
            .filter(|load| self.asks_for(load.name))
            .collect();
        if !loads.is_empty() {
            println!("{}", sizes::HEAD);
        }
        for load in loads {
            println!("{}", sizes::row(&load, pace)?);
        }
        if self.asks_for("shares") {
            println!("\n{}", shares::table(pace)?);
        }
        if self.asks_for("queue") {
            println!("\n{}", queue::table()?);
        }
        if self.asks_for("cost") {
            println!("\n{}", cost::table()?);
        }
        Ok(())
    }
}
