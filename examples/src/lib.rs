//! What the programs of this package and their tests share: documents, and a real HTTP server that serves them.

mod documents;
mod server;

pub use documents::{ALL, Answer, Document};
pub use server::Server;
