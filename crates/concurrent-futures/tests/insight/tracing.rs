//! A span for each task, in the span where it was submitted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use concurrent_futures::ThreadPoolExecutor;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    info, info_span,
    span::{Attributes, Id},
    subscriber::with_default,
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt as _},
    registry::{LookupSpan, Registry},
};

use crate::support::{Gate, watchdog};

/// Writes down the spans that it sees, each with the path of those around it.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    /// By their path, the fields of each.
    spans: Vec<(String, HashMap<&'static str, String>)>,
    /// Where each event was.
    events: Vec<String>,
    closed: Vec<String>,
}

impl Journal {
    fn listen<R>(&self, f: impl FnOnce() -> R) -> R {
        with_default(Registry::default().with(self.clone()), f)
    }

    fn paths(&self) -> Vec<String> {
        let book = self.0.lock().unwrap();
        book.spans.iter().map(|(path, _)| path.clone()).collect()
    }

    fn events(&self) -> Vec<String> {
        self.0.lock().unwrap().events.clone()
    }

    fn closed(&self) -> Vec<String> {
        self.0.lock().unwrap().closed.clone()
    }

    /// A field of the span with that path.
    fn field(&self, path: &str, name: &str) -> Option<String> {
        let book = self.0.lock().unwrap();
        let (_, fields) = book
            .spans
            .iter()
            .find(|(of, _)| of == path)
            .expect("a span");
        fields.get(name).cloned()
    }
}

struct Fields(HashMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

fn path<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, context: &Context<'_, S>) -> String {
    let span = context.span(id).expect("it is open");
    let names: Vec<_> = span.scope().from_root().map(|span| span.name()).collect();
    names.join("/")
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Journal {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(HashMap::new());
        attributes.record(&mut fields);
        let path = path(id, &context);
        self.0.lock().unwrap().spans.push((path, fields.0));
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let around = context.event_span(event);
        let path = around.map_or_else(String::new, |span| path(&span.id(), &context));
        self.0.lock().unwrap().events.push(path);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let path = path(&id, &context);
        self.0.lock().unwrap().closed.push(path);
    }
}

fn traced(max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix("traced")
        .tracing()
        .build()
        .unwrap()
}

#[test]
fn a_task_has_a_span_in_the_one_where_it_was_submitted() {
    watchdog(|| {
        let journal = Journal::default();
        journal.listen(|| {
            let pool = traced(1);
            let request = info_span!("request");
            let task = request.in_scope(|| pool.task().name("look up").submit(|| info!("found")));
            task.result().unwrap();
        });
        assert_eq!(journal.paths(), ["request", "request/task"]);
        assert_eq!(journal.events(), ["request/task"]);
        let field = |name| journal.field("request/task", name);
        assert_eq!(field("task.name").as_deref(), Some("look up"));
        assert_eq!(field("worker").as_deref(), Some("traced_0"));
    });
}

#[test]
fn every_way_to_submit_makes_one() {
    watchdog(|| {
        let journal = Journal::default();
        journal.listen(|| {
            let pool = traced(2);
            let request = info_span!("request");
            request.in_scope(|| {
                pool.submit(|| ()).result().unwrap();
                pool.try_submit(|| Ok::<_, ()>(())).result().unwrap();
                pool.offer(|| ()).unwrap().result().unwrap();
                pool.submit(|| ()).then(|()| ()).result().unwrap();
                pool.map(0..3, |n| n).for_each(drop);
                pool.map_unordered(0..3, |n| n).for_each(drop);
                pool.map_buffered(2, 0..3, |n| n).for_each(drop);
                pool.scope(|scope| scope.submit(|| ()).result()).unwrap();
            });
        });
        let tasks = 1 + 1 + 1 + 2 + 3 + 3 + 3 + 1;
        let mut paths = journal.paths();
        assert_eq!(paths.remove(0), "request");
        assert_eq!(paths, vec!["request/task"; tasks]);
    });
}

#[test]
fn tasks_of_tasks_lie_in_each_other() {
    watchdog(|| {
        let journal = Journal::default();
        journal.listen(|| {
            let pool = traced(1);
            let inner = pool.clone();
            // On one worker the outer task runs the inner one while it waits for it.
            let task = pool.submit(move || inner.submit(|| info!("deep")).result());
            task.result().unwrap().unwrap();
        });
        assert_eq!(journal.paths(), ["task", "task/task"]);
        assert_eq!(journal.events(), ["task/task"]);
    });
}

#[test]
fn the_span_where_it_was_submitted_stays_open_until_it_has_ended() {
    watchdog(|| {
        let journal = Journal::default();
        let gate = Gate::new();
        journal.listen(|| {
            let pool = traced(1);
            let closed = gate.clone();
            let request = info_span!("request");
            let task = request.in_scope(|| pool.submit(move || closed.wait()));
            drop(request);
            assert_eq!(journal.closed(), [""; 0]);
            gate.open();
            task.result().unwrap();
        });
        assert_eq!(journal.closed(), ["request/task", "request"]);
    });
}

#[test]
fn each_goes_to_whoever_listens_where_it_was_submitted() {
    watchdog(|| {
        let pool = traced(1);
        let (first, second) = (Journal::default(), Journal::default());
        let one = first.listen(|| pool.submit(|| info!("one")));
        let two = second.listen(|| info_span!("other").in_scope(|| pool.submit(|| info!("two"))));
        let nobody = pool.submit(|| info!("three"));
        for task in [one, two, nobody] {
            task.result().unwrap();
        }
        assert_eq!(first.events(), ["task"]);
        assert_eq!(second.events(), ["other/task"]);
    });
}

#[test]
fn a_context_of_ones_own_is_carried_as_well() {
    watchdog(|| {
        let journal = Journal::default();
        journal.listen(|| {
            let pool = ThreadPoolExecutor::builder()
                .tracing()
                .context(|| {
                    |task| {
                        info!("before");
                        task();
                        info!("after");
                    }
                })
                .build()
                .unwrap();
            pool.submit(|| info!("within")).result().unwrap();
            pool.map(0..1, |_| info!("within")).for_each(drop);
        });
        assert_eq!(journal.events(), vec!["task"; 6]);
    });
}
