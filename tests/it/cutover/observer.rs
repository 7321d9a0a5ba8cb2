//! Somebody outside who asks an application how it is, again and again, and notes when it was away.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(5);

/// One who watches until told to end.
pub(super) struct Observer {
    ends: Arc<AtomicBool>,
    watches: JoinHandle<Vec<Duration>>,
}

impl Observer {
    /// Begins to watch.
    pub(super) fn of(port: u16) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let watches = std::thread::spawn(move || {
            let (mut outages, mut away) = (Vec::new(), None);
            while !end.load(Ordering::Relaxed) {
                let asked = Instant::now();
                match (is_well(port), away) {
                    (false, None) => away = Some(asked),
                    (true, Some(since)) => {
                        outages.push(Instant::now().duration_since(since));
                        away = None;
                    }
                    (true, None) | (false, Some(_)) => {}
                }
                std::thread::sleep(PAUSE);
            }
            assert!(away.is_none(), "the application is down");
            outages
        });
        Self { ends, watches }
    }

    /// For how long the application was away, the only time that it was.
    pub(super) fn outage(self) -> Duration {
        // It may have come up in this very moment.
        std::thread::sleep(Duration::from_millis(50));
        self.ends.store(true, Ordering::Relaxed);
        let outages = self.watches.join().unwrap();
        assert_eq!(outages.len(), 1, "{outages:?}");
        outages[0]
    }
}

fn is_well(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), Duration::from_secs(5))?;
        write!(stream, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
