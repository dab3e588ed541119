//! How values become bytes: as MessagePack, structs with the names of their fields, so that fields may be
//! added.

use concurrent_futures::remote::CallError;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) fn encode<T: Serialize>(
    what: &str,
    task: &str,
    value: &T,
) -> Result<Vec<u8>, CallError> {
    rmp_serde::to_vec_named(value)
        .map_err(|error| CallError::Codec(format!("{what} of {task} cannot be written: {error}")))
}

pub(crate) fn decode<T: DeserializeOwned>(
    what: &str,
    task: &str,
    bytes: &[u8],
) -> Result<T, CallError> {
    rmp_serde::from_slice(bytes)
        .map_err(|error| CallError::Codec(format!("{what} of {task} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::HashMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Old {
        name: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        #[serde(default)]
        size: u32,
        name: String,
    }

    #[test]
    fn what_json_cannot_say_travels() {
        let value: HashMap<(u8, u8), f64> = [((1, 2), f64::INFINITY)].into();
        let bytes = encode("the arguments", "t", &value).unwrap();
        assert_eq!(
            decode::<HashMap<(u8, u8), f64>>("the arguments", "t", &bytes).unwrap(),
            value
        );
    }

    #[test]
    fn fields_may_be_added() {
        let bytes = encode("the arguments", "t", &Old { name: "a".into() }).unwrap();
        let new: New = decode("the arguments", "t", &bytes).unwrap();
        assert_eq!(
            new,
            New {
                size: 0,
                name: "a".into()
            }
        );
        let bytes = encode("the arguments", "t", &new).unwrap();
        assert_eq!(
            decode::<Old>("the arguments", "t", &bytes).unwrap().name,
            "a"
        );
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_task() {
        let error = decode::<String>("the arguments", "thumbnail@1", &[0xc1]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the arguments of thumbnail@1 cannot be read: "),
            "{text}"
        );
    }
}
