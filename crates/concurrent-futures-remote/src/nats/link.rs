//! A connection.

use super::{
    address::{Secret, secret},
    js::Js,
    names::Names,
    options::ConnectOptions,
};
use async_nats::{ConnectError, ConnectErrorKind, Event, rustls};
use concurrent_futures::remote::CallError;
use std::{
    error::Error,
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// A connection to a queue.
pub(crate) struct Link {
    pub(crate) js: Js,
    pub(crate) names: Names,
    /// Told each time that the connection is there again, and when messages have been lost.
    pub(crate) reconnected: Arc<Notify>,
}

impl Link {
    /// Connects, within the time that the options give. The client has no such limit of its own for all
    /// that it does.
    pub(crate) async fn connect(options: &ConnectOptions, name: &str) -> Result<Self, CallError> {
        let names = Names::of(&options.queue)?;
        let unavailable = |reason: String| CallError::Unavailable {
            after: options.connect_timeout,
            reason,
        };
        let connecting = Self::connect_client(options, name);
        match timeout(options.connect_timeout, connecting).await {
            Ok(Ok((client, reconnected))) => Ok(Self {
                js: Js { client },
                names,
                reconnected,
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(unavailable("no answer".to_owned())),
        }
    }

    async fn connect_client(
        options: &ConnectOptions,
        name: &str,
    ) -> Result<(async_nats::Client, Arc<Notify>), CallError> {
        let reconnected = Arc::new(Notify::new());
        let (notify, first) = (Arc::clone(&reconnected), AtomicBool::new(true));
        let mut how = async_nats::ConnectOptions::new()
            .name(name)
            .connection_timeout(options.connect_timeout)
            .ping_interval(Duration::from_secs(5))
            .subscription_capacity(1 << 20)
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(50 * attempts.clamp(1, 20) as u64)
            })
            .event_callback(move |event| {
                let lost = match event {
                    Event::Connected => !first.swap(false, Relaxed),
                    Event::SlowConsumer(_) => true,
                    _ => false,
                };
                if lost {
                    notify.notify_one();
                }
                log::debug!(target: "concurrent_futures", "NATS: {event}");
                std::future::ready(())
            });
        if let Some(file) = &options.root_certificates {
            how = how.add_root_certificates(file.clone());
        }
        if let Some((certificate, key)) = &options.client_certificate {
            how = how.add_client_certificate(certificate.clone(), key.clone());
        }
        if let Some(file) = &options.credentials {
            how = how
                .credentials_file(file)
                .await
                .map_err(|error| CallError::Refused(format!("{}: {error}", file.display())))?;
        }
        if let Some(file) = &options.nkey {
            how = how.nkey(seed(file)?);
        }
        let servers = options.url.servers()?;
        // The client does not take it from the address by itself.
        how = match secret(&servers) {
            Some(Secret::Password { name, password }) => how.user_and_password(name, password),
            Some(Secret::Token(token)) => how.token(token),
            None => how,
        };
        let client = how.connect(servers).await;
        let client = client.map_err(|error| why_not(&error, options.connect_timeout))?;
        Ok((client, reconnected))
    }
}

/// What the file of a key says.
fn seed(file: &Path) -> Result<String, CallError> {
    let refused = |reason: String| CallError::Refused(format!("{}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    let seed = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("SU"));
    seed.map(str::to_owned)
        .ok_or_else(|| refused("there is no seed of a user in it".to_owned()))
}

/// What will not be otherwise the next time is told from what may.
fn why_not(error: &ConnectError, after: Duration) -> CallError {
    match error.kind() {
        ConnectErrorKind::Authentication
        | ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Tls => CallError::Refused(error.to_string()),
        _ => match tls_error(error) {
            Some(error) => CallError::Refused(format!("TLS: {error}")),
            None => CallError::Unavailable {
                after,
                reason: error.to_string(),
            },
        },
    }
}

/// An error of TLS lies in one of input and output.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        next = match error.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}
