//! An endpoint that can be cut: it passes requests on to a node until it is told otherwise.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Passed on, and answered.
    Pass,
    /// Not passed on; the line is dead from here.
    CutBefore,
    /// Passed on, not answered; the line is dead from here.
    CutAfter,
    /// Not passed on; nothing happens at all.
    HoldBefore,
    /// Passed on; the answer is never given.
    HoldAfter,
}

type Rule = Box<dyn FnMut(&str) -> Action + Send>;

/// A proxy in front of a node.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) url: String,
    rule: Arc<Mutex<Rule>>,
    dead: Arc<AtomicBool>,
    held: Arc<AtomicBool>,
}

impl Proxy {
    /// Listens on a free port and passes everything on to `node` (`http://host:port`).
    pub(crate) fn before(node: &str) -> Self {
        let node = node.trim_start_matches("http://").trim_end_matches('/').to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(Box::new(|_| Action::Pass)));
        let (dead, held) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let line = Line { node, rule: rule.clone(), dead: dead.clone(), held: held.clone() };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let line = line.clone();
                std::thread::spawn(move || line.serve(client));
            }
        });
        Self { url, rule, dead, held }
    }

    /// Decides about every request from now on, by its method; the line is whole again.
    pub(crate) fn rule(&self, rule: impl FnMut(&str) -> Action + Send + 'static) {
        *self.rule.lock().unwrap() = Box::new(rule);
        self.dead.store(false, Ordering::SeqCst);
        self.held.store(false, Ordering::SeqCst);
    }

    /// Whether the line was cut.
    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Waits until a request is held.
    pub(crate) fn wait_until_held(&self) {
        for _ in 0..600 {
            if self.held.load(Ordering::SeqCst) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no request was held");
    }
}

#[derive(Clone)]
struct Line {
    node: String,
    rule: Arc<Mutex<Rule>>,
    dead: Arc<AtomicBool>,
    held: Arc<AtomicBool>,
}

impl Line {
    fn serve(&self, mut client: TcpStream) {
        let Some(body) = read_body(&mut client) else { return };
        let action = if self.dead.load(Ordering::SeqCst) {
            Action::CutBefore
        } else {
            (self.rule.lock().unwrap())(method(&body))
        };
        if matches!(action, Action::CutBefore | Action::CutAfter) {
            self.dead.store(true, Ordering::SeqCst);
        }
        let answer = match action {
            Action::CutBefore | Action::HoldBefore => None,
            _ => self.ask(&body),
        };
        match (action, answer) {
            (Action::Pass, Some(answer)) => drop(client.write_all(&answer)),
            (Action::HoldBefore | Action::HoldAfter, _) => {
                self.held.store(true, Ordering::SeqCst);
                // Until the other side is gone.
                drop(client.read(&mut [0; 1]));
            }
            _ => drop(client.shutdown(Shutdown::Both)),
        }
    }

    /// One request to the node, its whole answer.
    fn ask(&self, body: &str) -> Option<Vec<u8>> {
        let mut node = TcpStream::connect(&self.node).ok()?;
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.node,
            body.len()
        );
        node.write_all(head.as_bytes()).ok()?;
        node.write_all(body.as_bytes()).ok()?;
        let mut answer = Vec::new();
        node.read_to_end(&mut answer).ok()?;
        Some(answer)
    }
}

/// The body of one HTTP request with a content-length.
fn read_body(client: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text[..end].lines().find_map(|l| l.strip_prefix("content-length:"))?;
            let length: usize = length.trim().parse().ok()?;
            if bytes.len() >= end + 4 + length {
                return String::from_utf8(bytes[end + 4..end + 4 + length].to_vec()).ok();
            }
        }
        match client.read(&mut buffer).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn method(body: &str) -> &str {
    body.split("\"method\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}
