use super::*;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

const WATCHDOG: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Threads {
    joins: Mutex<Vec<JoinHandle<()>>>,
    refuses: AtomicBool,
    fails: AtomicBool,
    parks: AtomicUsize,
}

impl Host for Threads {
    fn start(&self, worker: WorkerThread) -> io::Result<()> {
        if self.refuses.load(SeqCst) {
            return Err(io::Error::other("no thread"));
        }
        let join = std::thread::spawn(move || worker.run());
        self.joins.lock().unwrap().push(join);
        Ok(())
    }

    fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.fails.load(SeqCst) {
            return Err("no use".into());
        }
        Ok(())
    }

    fn park(&self, sleep: &mut (dyn FnMut() + Send)) {
        self.parks.fetch_add(1, SeqCst);
        sleep();
    }
}

/// Says what became of it; a run waits for the gate first, if there is one.
struct Note {
    number: usize,
    gate: Option<Receiver<()>>,
    sender: Sender<(usize, Option<Refusal>)>,
}

impl Item for Note {
    fn taken(&self) {}

    fn run(self) -> Ended {
        if let Some(gate) = self.gate {
            let _ = gate.recv_timeout(WATCHDOG);
        }
        let _ = self.sender.send((self.number, None));
        Ended::Completed
    }

    fn refuse(self, reason: Refusal) {
        let _ = self.sender.send((self.number, Some(reason)));
    }
}

fn settings(max_workers: usize) -> Settings {
    Settings {
        max_workers,
        min_workers: 0,
        keep_alive: None,
        prefix: "rim".to_owned(),
        queue_capacity: None,
    }
}

struct Rig {
    host: Arc<Threads>,
    pool: Pool,
    sender: Sender<(usize, Option<Refusal>)>,
    heard: Receiver<(usize, Option<Refusal>)>,
}

impl Rig {
    fn new(max_workers: usize) -> Self {
        Self::with(settings(max_workers))
    }

    fn with(settings: Settings) -> Self {
        let host = Arc::new(Threads::default());
        let (sender, heard) = channel();
        let pool = Pool::new(settings, Arc::clone(&host));
        Self {
            host,
            pool,
            sender,
            heard,
        }
    }

    fn submit(&self, number: usize) -> bool {
        self.submit_gated(number, None)
    }

    fn submit_gated(&self, number: usize, gate: Option<Receiver<()>>) -> bool {
        let sender = self.sender.clone();
        let note = Note {
            number,
            gate,
            sender,
        };
        self.pool.submit(note).is_ok()
    }

    fn next(&self) -> (usize, Option<Refusal>) {
        self.heard.recv_timeout(WATCHDOG).expect("news in time")
    }

    fn end(self) {
        drop(self.pool);
        for join in self.host.joins.lock().unwrap().drain(..) {
            join.join().unwrap();
        }
    }
}

#[test]
fn tasks_run_in_order_and_the_host_surrounds_the_sleep() {
    let rig = Rig::new(1);
    for number in 0..200 {
        assert!(rig.submit(number));
    }
    for number in 0..200 {
        assert_eq!(rig.next(), (number, None));
    }
    rig.pool.close();
    assert!(!rig.submit(200));
    let host = Arc::clone(&rig.host);
    rig.end();
    assert!(host.parks.load(SeqCst) <= 201);
}

#[test]
fn submits_start_a_thread_for_each_task_that_has_none() {
    let rig = Rig::new(3);
    let gates: Vec<_> = (0..5)
        .map(|number| {
            let (gate, wait) = channel();
            assert!(rig.submit_gated(number, Some(wait)));
            assert_eq!(rig.pool.workers(), (number + 1).min(3));
            gate
        })
        .collect();
    for gate in gates {
        gate.send(()).unwrap();
    }
    let mut ran: Vec<_> = (0..5).map(|_| rig.next().0).collect();
    ran.sort_unstable();
    assert_eq!(ran, [0, 1, 2, 3, 4]);
    rig.end();
}

#[test]
fn without_a_thread_the_task_is_refused_and_the_next_may_run() {
    let rig = Rig::new(2);
    rig.host.refuses.store(true, SeqCst);
    assert!(rig.submit(0));
    assert_eq!(rig.next(), (0, Some(Refusal::NoThread)));
    assert_eq!(rig.pool.workers(), 0);
    rig.host.refuses.store(false, SeqCst);
    assert!(rig.submit(1));
    assert_eq!(rig.next(), (1, None));
    rig.end();
}

#[test]
fn each_way_to_empty_the_queue_says_so() {
    let rig = Rig::new(1);
    let (gate, wait) = channel();
    assert!(rig.submit_gated(0, Some(wait)));
    while rig.pool.queued() > 0 {
        std::thread::yield_now();
    }
    for number in 1..5 {
        assert!(rig.submit(number));
    }
    assert!(rig.pool.abandon_one());
    assert_eq!(rig.next(), (1, Some(Refusal::Abandoned)));
    rig.pool.cancel_queued();
    for number in 2..5 {
        assert_eq!(rig.next(), (number, Some(Refusal::Cancelled)));
    }
    assert!(rig.submit(5));
    rig.pool.abandon();
    assert_eq!(rig.next(), (5, Some(Refusal::Abandoned)));
    assert!(!rig.pool.abandon_one());
    gate.send(()).unwrap();
    assert_eq!(rig.next(), (0, None));
    rig.end();
}

#[test]
fn a_failed_initializer_refuses_what_is_queued() {
    let rig = Rig::new(1);
    rig.host.fails.store(true, SeqCst);
    assert!(rig.submit(0));
    assert_eq!(rig.next(), (0, Some(Refusal::Broken)));
    while !rig.pool.is_closed() {
        std::thread::yield_now();
    }
    assert!(!rig.submit(1));
    rig.end();
}

/// A worker that runs until the gate opens, and nothing else queued.
fn busy(rig: &Rig) -> Sender<()> {
    let (gate, wait) = channel();
    assert!(rig.submit_gated(0, Some(wait)));
    while rig.pool.queued() > 0 {
        std::thread::yield_now();
    }
    gate
}

fn bounded(queue_capacity: usize) -> Settings {
    Settings {
        queue_capacity: Some(queue_capacity),
        ..settings(1)
    }
}

#[test]
fn room_is_given_out_in_line_and_once() {
    let rig = Rig::with(bounded(2));
    let (tell, told) = channel();
    let line_up = |number: usize| {
        let tell = tell.clone();
        let guest = rig.pool.line_up(move || tell.send(number).unwrap());
        guest.expect("a bounded pool")
    };
    let mut at_once = line_up(0);
    assert!(matches!(at_once.ask(), Answer::Enter(_)));
    assert!(matches!(at_once.ask(), Answer::Closed));
    let rooms = [rig.pool.try_room(), rig.pool.try_room()];
    assert!(rig.pool.try_room().is_none());
    let [mut first, second, mut third] = [1, 2, 3].map(line_up);
    assert!(matches!(first.ask(), Answer::Wait));
    // Who leaves is passed over; who is answered and leaves gives the room back.
    drop(first);
    drop(rooms);
    assert_eq!((told.try_recv(), told.try_recv()), (Ok(2), Ok(3)));
    drop(second);
    let _third = third.ask();
    let fourth = rig.pool.try_room();
    assert!(fourth.is_some());
    assert!(rig.pool.try_room().is_none());
    let mut last = line_up(5);
    rig.pool.close();
    assert_eq!(told.try_recv(), Ok(5));
    assert!(matches!(last.ask(), Answer::Closed));
    rig.end();
}

#[test]
fn an_unbounded_pool_has_no_rooms() {
    let rig = Rig::new(1);
    assert!(rig.pool.try_room().is_none() && rig.pool.force_room().is_none());
    assert!(rig.pool.line_up(|| ()).is_none());
    rig.end();
}

/// What is queued holds its room.
struct Housed {
    note: Note,
    _room: Option<Room>,
}

impl Item for Housed {
    fn taken(&self) {}

    fn run(self) -> Ended {
        self.note.run()
    }

    fn refuse(self, reason: Refusal) {
        self.note.refuse(reason);
    }
}

#[test]
fn the_oldest_give_way() {
    let rig = Rig::with(bounded(2));
    let gate = busy(&rig);
    for number in 1..=4 {
        let housed = Housed {
            note: Note {
                number,
                gate: None,
                sender: rig.sender.clone(),
            },
            _room: rig.pool.force_room(),
        };
        let Ok(submitted) = rig.pool.submit(housed) else {
            panic!("the pool is open");
        };
        rig.pool.make_room(&submitted);
    }
    assert_eq!(rig.next(), (1, Some(Refusal::Discarded)));
    assert_eq!(rig.next(), (2, Some(Refusal::Discarded)));
    assert_eq!(rig.pool.queued(), 2);
    gate.send(()).unwrap();
    assert_eq!([rig.next().0, rig.next().0, rig.next().0], [0, 3, 4]);
    rig.end();
}

#[test]
fn the_number_of_workers_changes() {
    let rig = Rig::new(1);
    let gate = busy(&rig);
    assert!(rig.submit(1));
    rig.pool.set_max_workers(3);
    assert_eq!((rig.next(), rig.pool.max_workers()), ((1, None), 3));
    assert!(rig.pool.prestart(100) <= 1);
    assert_eq!(rig.pool.workers(), 3);
    rig.pool.set_max_workers(0);
    while rig.pool.workers() > 1 {
        std::thread::yield_now();
    }
    gate.send(()).unwrap();
    assert_eq!(rig.next(), (0, None));
    rig.end();
}

#[test]
fn idle_workers_leave() {
    let rig = Rig::with(Settings {
        keep_alive: Some(Duration::ZERO),
        ..settings(2)
    });
    for number in 0..10 {
        assert!(rig.submit(number));
        assert_eq!(rig.next(), (number, None));
    }
    while rig.pool.workers() > 0 {
        std::thread::yield_now();
    }
    let stats = rig.pool.stats();
    assert_eq!((stats.completed, stats.submitted), (10, 10));
    rig.end();
}

/// Has another thread run a note in its stead.
struct Deep(Note);

impl Item for Deep {
    fn taken(&self) {}

    fn run(self) -> Ended {
        assert!(run_on_stand_in(self.0));
        Ended::Cancelled
    }

    fn refuse(self, _: Refusal) {}
}

#[test]
fn a_stand_in_runs_an_item_and_ends() {
    let rig = Rig::new(1);
    let note = |number, sender: &Sender<_>| Note {
        number,
        gate: None,
        sender: sender.clone(),
    };
    assert!(rig.pool.submit(Deep(note(7, &rig.sender))).is_ok());
    assert_eq!(rig.next(), (7, None));
    assert!(rig.submit(1));
    assert_eq!(rig.next(), (1, None));
    assert_eq!(rig.host.joins.lock().unwrap().len(), 2);
    assert_eq!(rig.pool.stats().cancelled, 1);
    // The calling thread is no worker.
    assert!(!run_on_stand_in(note(8, &rig.sender)));
    rig.end();
}

/// Its threads have lived when they have been started.
struct Inline;

impl Host for Inline {
    fn start(&self, worker: WorkerThread) -> io::Result<()> {
        worker.run();
        Ok(())
    }

    fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    fn park(&self, sleep: &mut (dyn FnMut() + Send)) {
        sleep();
    }
}

#[test]
fn workers_that_go_as_fast_as_they_come_are_started_ahead_once() {
    let settings = Settings {
        keep_alive: Some(Duration::ZERO),
        ..settings(5)
    };
    let pool = Pool::new(settings, Arc::new(Inline));
    assert_eq!(pool.prestart(3), 3);
    assert_eq!(pool.workers(), 0);
}
