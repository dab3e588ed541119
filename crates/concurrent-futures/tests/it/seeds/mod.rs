//! The programs of the introductions to the original, rebuilt: what each of them shows holds here too.
//! Network, database and printer are stand-ins; where a program makes its point by the clock, a barrier or a gate
//! proves it instead.

mod best_practices;
mod common_errors;
mod common_questions;
mod configuration;
mod downloads;
mod exceptions;
mod futures_in_detail;
mod how_it_works;
mod life_cycle;
mod map_patterns;
mod objections;
mod six_patterns;
mod stand_ins;
mod submit_patterns;
mod wished_for;
