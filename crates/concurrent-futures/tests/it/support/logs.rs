use std::{
    sync::{Arc, Mutex, Once},
    thread,
};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// Collects the records whose text, or whose thread's name, contains `needle`, as long as it lives.
/// Tests run side by side in one process: a needle of its own keeps each test's records apart.
#[derive(Debug)]
pub(crate) struct LogCapture {
    sink: Arc<Sink>,
}

#[derive(Clone, Debug)]
pub(crate) struct LogRecord {
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) thread: String,
}

#[derive(Debug)]
struct Sink {
    needle: String,
    records: Mutex<Vec<LogRecord>>,
}

static SINKS: Mutex<Vec<Arc<Sink>>> = Mutex::new(Vec::new());

impl LogCapture {
    pub(crate) fn containing(needle: impl Into<String>) -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            log::set_logger(&Distributor).expect("no other logger in this process");
            log::set_max_level(LevelFilter::Trace);
        });
        let sink = Arc::new(Sink {
            needle: needle.into(),
            records: Mutex::default(),
        });
        SINKS.lock().unwrap().push(Arc::clone(&sink));
        Self { sink }
    }

    pub(crate) fn records(&self) -> Vec<LogRecord> {
        self.sink.records.lock().unwrap().clone()
    }
}

impl Drop for LogCapture {
    fn drop(&mut self) {
        SINKS
            .lock()
            .unwrap()
            .retain(|sink| !Arc::ptr_eq(sink, &self.sink));
    }
}

struct Distributor;

impl Log for Distributor {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let entry = LogRecord {
            level: record.level(),
            message: record.args().to_string(),
            thread: thread::current().name().unwrap_or_default().to_owned(),
        };
        for sink in &*SINKS.lock().unwrap() {
            if entry.message.contains(&sink.needle) || entry.thread.contains(&sink.needle) {
                sink.records.lock().unwrap().push(entry.clone());
            }
        }
    }

    fn flush(&self) {}
}
