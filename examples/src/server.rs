//! A small HTTP server on the loopback interface.

use std::{convert::Infallible, io, net::SocketAddr, thread, time::Duration};

use http_body_util::{Either, Full, channel::Channel};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_LENGTH,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, runtime, sync::oneshot, time::sleep};

use crate::documents::{Answer, Document};

/// Serves documents from a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<thread::JoinHandle<()>>,
}

type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

impl Server {
    /// Starts the server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If there is no port or no thread to be had.
    pub fn start(documents: &'static [Document]) -> io::Result<Server> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::spawn(serve(listener, documents));
                    // An error: the sender is only ever dropped.
                    let _ = stopped.await;
                });
            })?;
        Ok(Server {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address without a path, such as `http://127.0.0.1:8080`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of the document with this name.
    pub fn address(&self, name: &str) -> String {
        format!("{}/{name}", self.base())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to report; a panic in it has been printed.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, documents: &'static [Document]) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(documents, request));
            // A client that hangs up and a document that breaks off end a connection with an error.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    documents: &'static [Document],
    request: Request<Incoming>,
) -> hyper::http::Result<Response<Body>> {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let Some(document) = documents.iter().find(|document| document.name == name) else {
        return status(StatusCode::NOT_FOUND);
    };
    sleep(document.latency).await;
    match document.answer {
        Answer::Complete => Ok(Response::new(Either::Left(Full::from(document.text)))),
        Answer::Status(code) => status(StatusCode::from_u16(code)?),
        Answer::BreakOff => half(document.text),
        Answer::Never => std::future::pending().await,
    }
}

fn status(code: StatusCode) -> hyper::http::Result<Response<Body>> {
    Response::builder()
        .status(code)
        .body(Either::Left(Full::default()))
}

/// Announces the whole text, sends half of it, and breaks the connection.
fn half(text: &'static str) -> hyper::http::Result<Response<Body>> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let half = &text.as_bytes()[..text.len() / 2];
        if sender.send_data(Bytes::from_static(half)).await.is_ok() {
            // An abort overtakes data that has not been written to the socket yet.
            sleep(Duration::from_millis(50)).await;
            sender.abort(io::Error::other("broken off on purpose"));
        }
    });
    Response::builder()
        .header(CONTENT_LENGTH, text.len())
        .body(Either::Right(body))
}
