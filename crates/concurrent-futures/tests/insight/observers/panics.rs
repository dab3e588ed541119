//! An observer that panics.

use std::sync::Arc;

use concurrent_futures::{
    EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, ThreadPoolExecutor,
};

use crate::{
    support::{LogCapture, watchdog},
    witness::Witness,
};

struct Clumsy;

impl Observer for Clumsy {
    fn enqueued(&self, _: &EnqueuedTask) {
        panic!("clumsy when enqueued");
    }

    fn started(&self, _: &StartedTask<'_>) {
        panic!("clumsy when started");
    }

    fn finished(&self, _: &FinishedTask<'_>) {
        panic!("clumsy when finished");
    }
}

#[test]
fn it_harms_neither_tasks_nor_other_observers() {
    watchdog(|| {
        let logs = LogCapture::containing("clumsy when");
        let witness = Arc::new(Witness::default());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .observer(Clumsy)
            .observer(Arc::clone(&witness))
            .build()
            .unwrap();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
        assert_eq!(witness.fates(), [(TaskOutcome::Completed, true)]);
        let told = logs.records();
        let told: Vec<_> = told.iter().map(|record| record.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "an observer panicked: clumsy when enqueued",
                "an observer panicked: clumsy when started",
                "an observer panicked: clumsy when finished",
            ]
        );
    });
}
