//! The two ways to run the downloads: one after the other, and through the pool.

use concurrent_futures::{ThreadPoolExecutor, as_completed};

use crate::{
    fetch::{Download, Fetcher},
    report::{Outcome, Report},
};

pub(crate) fn one_by_one(fetcher: &Fetcher, downloads: &[Download], mut report: Report) -> Outcome {
    for download in downloads {
        report.ended(download, fetcher.fetch(download));
    }
    report.finish()
}

pub(crate) fn in_pool(
    pool: &ThreadPoolExecutor,
    fetcher: &Fetcher,
    downloads: &[Download],
    mut report: Report,
) -> Outcome {
    let futures = downloads.iter().map(|download| {
        let (fetcher, task) = (fetcher.clone(), download.clone());
        let named = pool.task().name(download.label.as_str());
        (download, named.try_submit(move || fetcher.fetch(&task)))
    });
    for (download, future) in as_completed(futures) {
        report.ended(download, future.result());
    }
    report.finish()
}
