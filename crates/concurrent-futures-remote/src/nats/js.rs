//! Requests to the server.

use async_nats::{Client, HeaderMap, Request, client::RequestErrorKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{fmt, time::Duration};
use tokio::time::timeout;

/// How long one request waits for its answer before it is made again.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Somebody else has written since.
    Conflict,
    /// The stream takes no more.
    Full,
    /// There is no such thing.
    NotFound,
    /// No answer, or the server is not ready. The same request may succeed later, and may have been done.
    Unreachable(String),
    Refused(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("somebody else has written since"),
            Self::Full => f.write_str("the stream is full"),
            Self::NotFound => f.write_str("there is no such thing"),
            Self::Unreachable(reason) | Self::Refused(reason) => f.write_str(reason),
        }
    }
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        match (error.err_code, error.code) {
            (10071, _) => Self::Conflict,
            (10077, _) if error.description.starts_with("maximum ") => Self::Full,
            // Message, consumer, stream not found.
            (10037 | 10014 | 10059, _) => Self::NotFound,
            // A server that has just come, or a cluster without a leader, answers so.
            (10008 | 10009, _) | (_, 503) => Self::Unreachable(error.description),
            _ => Self::Refused(error.description),
        }
    }
}

/// A message as it lies in a stream.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) sequence: u64,
    pub(crate) data: Vec<u8>,
    /// When it was stored, by the server's clock, as it is written.
    pub(crate) time: String,
}

#[derive(Clone)]
pub(crate) struct Js {
    pub(crate) client: Client,
}

/// What a message has to say of itself besides its content.
#[derive(Clone, Copy, Default)]
pub(crate) struct Publish<'a> {
    /// Stored once within two minutes, however often it is sent.
    pub(crate) message_id: Option<&'a str>,
    /// Stored only if the last message of its subject is this one; 0 is none.
    pub(crate) after: Option<u64>,
}

impl Js {
    async fn ask(&self, subject: String, request: Request) -> Result<Value, Fault> {
        let request = request.timeout(Some(PATIENCE));
        let answer = self.client.send_request(subject, request);
        // The limit of the client's own does not hold for handing the request over.
        let Ok(answer) = timeout(2 * PATIENCE, answer).await else {
            return Err(Fault::Unreachable("the connection is down".to_owned()));
        };
        let answer = answer.map_err(|error| match error.kind() {
            RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
                Fault::Refused(error.to_string())
            }
            _ => Fault::Unreachable(error.to_string()),
        })?;
        let mut answer: Value = serde_json::from_slice(&answer.payload)
            .map_err(|error| Fault::Unreachable(format!("no answer of JetStream: {error}")))?;
        match answer.get_mut("error").map(Value::take) {
            None => Ok(answer),
            Some(error) => Err(match serde_json::from_value::<ApiError>(error) {
                Ok(error) => error.into(),
                Err(error) => Fault::Refused(error.to_string()),
            }),
        }
    }

    /// A request to the interface of JetStream.
    pub(crate) async fn api(&self, verb: &str, body: &Value) -> Result<Value, Fault> {
        let request = Request::new().payload(body.to_string().into());
        self.ask(format!("$JS.API.{verb}"), request).await
    }

    /// Stores a message. Its sequence number in the stream.
    pub(crate) async fn publish(
        &self,
        subject: String,
        payload: Bytes,
        how: Publish<'_>,
    ) -> Result<u64, Fault> {
        let mut headers = HeaderMap::new();
        if let Some(id) = how.message_id {
            headers.insert("Nats-Msg-Id", id);
        }
        if let Some(after) = how.after {
            headers.insert(
                "Nats-Expected-Last-Subject-Sequence",
                after.to_string().as_str(),
            );
        }
        let request = Request::new().headers(headers).payload(payload);
        let answer = self.ask(subject, request).await?;
        answer["seq"]
            .as_u64()
            .ok_or_else(|| Fault::Refused(format!("no acknowledgement: {answer}")))
    }

    /// The last message of a subject.
    pub(crate) async fn last(&self, stream: &str, subject: &str) -> Result<Option<Stored>, Fault> {
        self.get(stream, &json!({ "last_by_subj": subject })).await
    }

    pub(crate) async fn by_sequence(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<Stored>, Fault> {
        self.get(stream, &json!({ "seq": sequence })).await
    }

    async fn get(&self, stream: &str, which: &Value) -> Result<Option<Stored>, Fault> {
        let answer = match self.api(&format!("STREAM.MSG.GET.{stream}"), which).await {
            Ok(answer) => answer,
            Err(Fault::NotFound) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let message = &answer["message"];
        let data = STANDARD
            .decode(message["data"].as_str().unwrap_or_default())
            .map_err(|error| Fault::Refused(error.to_string()))?;
        Ok(Some(Stored {
            sequence: message["seq"].as_u64().unwrap_or_default(),
            data,
            time: message["time"].as_str().unwrap_or_default().to_owned(),
        }))
    }

    /// Takes a message out. That it is not there any more is no fault.
    pub(crate) async fn delete(&self, stream: &str, sequence: u64) -> Result<(), Fault> {
        let which = json!({ "seq": sequence, "no_erase": true });
        match self
            .api(&format!("STREAM.MSG.DELETE.{stream}"), &which)
            .await
        {
            Ok(_) | Err(Fault::NotFound) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}
