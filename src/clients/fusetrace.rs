//! Waits for tests of FUSE file systems: a client of a monitor that `fusetrace serve` or `fusetrace record --workload` serves.
//! One file, std only; copy it into your tests as `mod fusetrace;`.
//!
//! ```no_run
//! let mut monitor = fusetrace::Monitor::connect(None)?;       // FUSETRACE_SOCKET
//! let since = monitor.mark(None)?;
//! std::fs::write(mnt.join("a.txt"), "x")?;
//! monitor.wait("file-visible", &["a.txt"], &[("since", since.as_str().into())])?;
//! ```

// Nobody needs all of it.
#![allow(dead_code)]

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

const PROTOCOL: f64 = 1.0;
/// How long a monitor may take to say hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(30);

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Self {
        Json::Number(number)
    }
}

impl Json {
    /// A field of a map; `Null` where there is none.
    pub fn get(&self, key: &str) -> &Json {
        match self {
            Json::Map(fields) => fields.iter().find(|(name, _)| name == key).map_or(&Json::Null, |(_, value)| value),
            _ => &Json::Null,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    fn parse(bytes: &[u8], at: &mut usize) -> Option<Json> {
        while bytes.get(*at).map_or(false, u8::is_ascii_whitespace) {
            *at += 1;
        }
        match *bytes.get(*at)? {
            b'{' => Self::items(bytes, at, b'}', |bytes, at| {
                let key = match Self::parse(bytes, at)? {
                    Json::Text(key) => key,
                    _ => return None,
                };
                while *bytes.get(*at)? != b':' {
                    *at += 1;
                }
                *at += 1;
                Some((key, Self::parse(bytes, at)?))
            })
            .map(Json::Map),
            b'[' => Self::items(bytes, at, b']', Self::parse).map(Json::List),
            b'"' => Self::string(bytes, at).map(Json::Text),
            b't' => Self::word(bytes, at, "true", Json::Bool(true)),
            b'f' => Self::word(bytes, at, "false", Json::Bool(false)),
            b'n' => Self::word(bytes, at, "null", Json::Null),
            _ => {
                let begin = *at;
                while bytes.get(*at).map_or(false, |b| b"+-.eE0123456789".contains(b)) {
                    *at += 1;
                }
                std::str::from_utf8(&bytes[begin..*at]).ok()?.parse().ok().map(Json::Number)
            }
        }
    }

    fn word(bytes: &[u8], at: &mut usize, word: &str, value: Json) -> Option<Json> {
        let is = bytes[*at..].starts_with(word.as_bytes());
        *at += word.len();
        is.then_some(value)
    }

    fn items<T>(bytes: &[u8], at: &mut usize, end: u8, one: impl Fn(&[u8], &mut usize) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        *at += 1;
        loop {
            match *bytes.get(*at)? {
                b if b == end => {
                    *at += 1;
                    return Some(items);
                }
                b if b == b',' || b.is_ascii_whitespace() => *at += 1,
                _ => items.push(one(bytes, at)?),
            }
        }
    }

    fn string(bytes: &[u8], at: &mut usize) -> Option<String> {
        let mut units: Vec<u8> = Vec::new();
        let mut high: Option<u16> = None;
        *at += 1;
        loop {
            let byte = *bytes.get(*at)?;
            *at += 1;
            match byte {
                b'"' => return String::from_utf8(units).ok(),
                b'\\' => {
                    let escape = *bytes.get(*at)?;
                    *at += 1;
                    let plain = match escape {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'b' => 8,
                        b'f' => 12,
                        b'u' => {
                            let digits = std::str::from_utf8(bytes.get(*at..*at + 4)?).ok()?;
                            *at += 4;
                            let unit = u16::from_str_radix(digits, 16).ok()?;
                            if (0xd800..0xdc00).contains(&unit) {
                                high = Some(unit);
                                continue;
                            }
                            let pair: Vec<u16> = high.take().into_iter().chain([unit]).collect();
                            units.extend(String::from_utf16_lossy(&pair).as_bytes());
                            continue;
                        }
                        other => other,
                    };
                    units.push(plain);
                }
                other => units.push(other),
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => write!(f, "null"),
            Json::Bool(value) => write!(f, "{}", value),
            Json::Number(value) => write!(f, "{}", value),
            Json::Text(text) => {
                write!(f, "\"")?;
                for c in text.chars() {
                    match c {
                        '"' | '\\' => write!(f, "\\{}", c)?,
                        c if (c as u32) < 32 => write!(f, "\\u{:04x}", c as u32)?,
                        c => write!(f, "{}", c)?,
                    }
                }
                write!(f, "\"")
            }
            Json::List(items) => {
                write!(f, "[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if i > 0 { "," } else { "" }, item)?;
                }
                write!(f, "]")
            }
            Json::Map(fields) => {
                write!(f, "{{")?;
                for (i, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{}", if i > 0 { "," } else { "" }, Json::Text(key.clone()), value)?;
                }
                write!(f, "}}")
            }
        }
    }
}

/// Why a request failed. `Unsatisfied` holds a wait's whole explanation.
#[derive(Debug)]
pub enum Error {
    Unsatisfied { code: String, explanation: String },
    Refused(String),
    Gone(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Unsatisfied { explanation, .. } => write!(f, "{}", explanation),
            Error::Refused(text) | Error::Gone(text) => write!(f, "{}", text),
        }
    }
}

impl std::error::Error for Error {}

/// A connection to a served monitor: one question at a time; threads connect each for themselves.
pub struct Monitor {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Monitor {
    /// The monitor at a socket, else at `FUSETRACE_SOCKET`.
    pub fn connect(socket: Option<&str>) -> Result<Monitor, Error> {
        let path = match socket.map(str::to_owned).or_else(|| std::env::var("FUSETRACE_SOCKET").ok()) {
            Some(path) => path,
            None => return Err(Error::Gone("no monitor is served: run under `fusetrace record --workload`".to_owned())),
        };
        let gone = |error: std::io::Error| Error::Gone(format!("no monitor answers at {}: {}", path, error));
        let stream = UnixStream::connect(&path).map_err(gone)?;
        let reader = BufReader::new(stream.try_clone().map_err(gone)?);
        stream.set_read_timeout(Some(HELLO_TIMEOUT)).map_err(gone)?;
        let mut monitor = Monitor { stream, reader, next: 0 };
        match monitor.call("hello", &[])?.get("protocol") {
            Json::Number(version) if *version == PROTOCOL => {
                monitor.stream.set_read_timeout(None).map_err(gone)?;
                Ok(monitor)
            }
            other => Err(Error::Gone(format!("the monitor speaks protocol {}, this client {}", other, PROTOCOL))),
        }
    }

    /// A request of the protocol, and its result.
    pub fn call(&mut self, method: &str, params: &[(&str, Json)]) -> Result<Json, Error> {
        self.next += 1;
        let params = params.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let message = Json::Map(vec![
            ("jsonrpc".to_owned(), "2.0".into()),
            ("id".to_owned(), Json::Number(self.next as f64)),
            ("method".to_owned(), method.into()),
            ("params".to_owned(), Json::Map(params)),
        ]);
        let gone = |text: String| Error::Gone(format!("the monitor has gone: {}", text));
        // In one piece: `writeln!` would be a system call for each part of it.
        self.stream.write_all(format!("{}\n", message).as_bytes()).map_err(|error| gone(error.to_string()))?;
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => return Err(gone("it closed the connection".to_owned())),
            Err(error) => return Err(gone(error.to_string())),
            Ok(_) => (),
        }
        let answer = Json::parse(line.as_bytes(), &mut 0).ok_or_else(|| gone("it answered with something else".to_owned()))?;
        let error = answer.get("error");
        if *error == Json::Null {
            return Ok(answer.get("result").clone());
        }
        let text = |value: &Json| value.text().unwrap_or_default().to_owned();
        if *error.get("code") == Json::Number(1.0) {
            let data = error.get("data");
            return Err(Error::Unsatisfied { code: text(data.get("code")), explanation: text(data.get("explanation")) });
        }
        Err(Error::Refused(text(error.get("message"))))
    }

    /// Waits for a kind of thing, with further params such as `("timeoutMs", 1000.0.into())`: `src/serve/README.md` lists them.
    /// `Error::Unsatisfied` when it is not satisfied.
    pub fn wait(&mut self, kind: &str, args: &[&str], more: &[(&str, Json)]) -> Result<Json, Error> {
        let args = Json::List(args.iter().map(|arg| (*arg).into()).collect());
        let mut params = vec![("kind", kind.into()), ("args", args)];
        params.extend(more.iter().cloned());
        self.call("wait", &params)
    }

    /// A mark, for `since`.
    pub fn mark(&mut self, name: Option<&str>) -> Result<String, Error> {
        let params: Vec<_> = name.map(|name| ("name", name.into())).into_iter().collect();
        Ok(self.call("mark", &params)?.get("mark").text().unwrap_or_default().to_owned())
    }

    /// Operations since a mark (`None` for all), oldest first.
    pub fn operations(&mut self, since: Option<&str>) -> Result<Vec<Json>, Error> {
        let params: Vec<_> = since.map(|since| ("since", since.into())).into_iter().collect();
        match self.call("operations", &params)?.get("operations") {
            Json::List(operations) => Ok(operations.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// Returns when all that the daemon has answered so far is known to the monitor.
    pub fn fence(&mut self) -> Result<(), Error> {
        self.call("fence", &[]).map(drop)
    }

    /// Ends the monitor, and the daemon that it has started.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.call("stop", &[]).map(drop)
    }

    /// Runs a named piece of the run; waits look from its begin on.
    pub fn step<T>(&mut self, name: &str, run: impl FnOnce(&mut Monitor) -> T) -> Result<T, Error> {
        self.call("step.begin", &[("name", name.into())])?;
        let result = run(self);
        self.call("step.end", &[("name", name.into())])?;
        Ok(result)
    }
}
