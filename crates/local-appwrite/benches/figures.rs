//! Measures the release binary from a client's side, and writes the figures to `benches/README.md`.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

const ROWS: &str = "/tablesdb/main/tables/people/rows";

struct Running {
    child: Child,
    _output: BufReader<ChildStdout>,
    http: reqwest::Client,
    endpoint: String,
    key: String,
    took: Duration,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-appwrite"))
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut line).expect("a line");
        let took = started.elapsed();
        let endpoint = line.split(' ').find(|word| word.starts_with("http")).expect("an address").to_owned();
        let key = std::fs::read_to_string(folder.join("api-key")).expect("a key").trim().to_owned();
        Self { child, _output: output, http: reqwest::Client::new(), endpoint, key, took }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self
            .http
            .request(method, format!("{}{path}", self.endpoint))
            .header("x-appwrite-project", "demo")
            .header("x-appwrite-key", &self.key);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let response = request.send().await.expect("an answer");
        let (status, text) = (response.status(), response.text().await.expect("a body"));
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The current and the highest resident memory, in MiB.
    fn memory(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
        };
        (mebibytes("VmRSS:"), mebibytes("VmHWM:"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The median and the 99th percentile.
fn spread(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[(times.len() * 99 / 100).min(times.len() - 1)])
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

struct Figures(String);

impl Figures {
    fn add(&mut self, what: &str, figure: &str) {
        println!("{what:<60} {figure}");
        let _ = writeln!(self.0, "| {what} | {figure} |");
    }

    fn add_spread(&mut self, what: &str, times: Vec<Duration>) {
        let (median, high) = spread(times);
        self.add(what, &format!("{} (99 %: {})", milliseconds(median), milliseconds(high)));
    }
}

fn query(queries: &[Value]) -> String {
    let mut address = url::form_urlencoded::Serializer::new(String::new());
    for query in queries {
        address.append_pair("queries[]", &query.to_string());
    }
    format!("{ROWS}?{}", address.finish())
}

#[tokio::main]
async fn main() {
    let mut figures = Figures(String::new());
    starts(&mut figures);
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), &mut figures).await;
    lists(folder.path(), &mut figures).await;
    writers(folder.path(), &mut figures).await;
    sign_ups(&mut figures).await;
    relations(&mut figures).await;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let page = format!(
        "# Figures\n\n`make bench` measures the release of the binary over HTTP and writes this file. Last run on {cores} cores. \
         Times are medians, and in parentheses the 99th percentile.\n\n| what | figure |\n|---|---|\n{}",
        figures.0
    );
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/README.md"), page).expect("a file");
}

fn starts(figures: &mut Figures) {
    let folder = tempfile::tempdir().expect("a folder");
    let fresh = (0..11).map(|count| Running::start(&folder.path().join(count.to_string())).took).collect();
    figures.add_spread("start, new data folder", fresh);
    let again = (0..11).map(|_| Running::start(&folder.path().join("0")).took).collect();
    figures.add_spread("start, data folder with data", again);
    let running = Running::start(&folder.path().join("0"));
    figures.add("resident memory, idle", &format!("{:.1} MiB", running.memory().0));
}

async fn fill(folder: &Path, figures: &mut Figures) {
    let running = Running::start(folder);
    running.ask(Method::POST, "/tablesdb", Some(json!({"databaseId": "main", "name": "Main"}))).await;
    let table = "/tablesdb/main/tables";
    running.ask(Method::POST, table, Some(json!({"tableId": "people", "name": "People"}))).await;
    let columns = [
        ("string", json!({"key": "name", "size": 64, "required": true})),
        ("integer", json!({"key": "age", "required": true})),
        ("integer", json!({"key": "years", "required": false})),
        ("string", json!({"key": "about", "size": 512, "required": false})),
    ];
    for (kind, column) in columns {
        running.ask(Method::POST, &format!("{table}/people/columns/{kind}"), Some(column)).await;
    }
    for (key, kind, column) in [("by_age", "key", "age"), ("by_words", "fulltext", "about")] {
        let index = json!({"key": key, "type": kind, "columns": [column]});
        running.ask(Method::POST, &format!("{table}/people/indexes"), Some(index)).await;
    }
    let started = Instant::now();
    for part in 0..100 {
        let rows: Vec<Value> = (part * 100..part * 100 + 100)
            .map(|count| json!({"$id": format!("p{count}"), "name": format!("Person {count}"), "age": count % 100, "years": count % 100, "about": format!("likes number{count} and the sea")}))
            .collect();
        running.ask(Method::POST, ROWS, Some(json!({"rows": rows}))).await;
    }
    figures.add("10,000 rows written, 100 in a request", &format!("{:.2} s", started.elapsed().as_secs_f64()));
}

async fn lists(folder: &Path, figures: &mut Figures) {
    let running = Running::start(folder);
    figures.add_spread("start, data folder with 10,000 rows", vec![running.took]);
    let limit = json!({"method": "limit", "values": [25]});
    let cases = [
        ("one row by its id, of 10,000", format!("{ROWS}/p5000")),
        ("first 25 of 10,000 rows", query(&[])),
        (
            "25 of 10,000 rows, newest first",
            query(&[json!({"method": "orderDesc", "attribute": "$createdAt"}), limit.clone()]),
        ),
        (
            "25 of 10,000 rows, ordered by an indexed column",
            query(&[json!({"method": "orderDesc", "attribute": "age"}), limit.clone()]),
        ),
        ("rows 9,000 to 9,025", query(&[json!({"method": "offset", "values": [9000]}), limit.clone()])),
        ("filter by an indexed column", query(&[json!({"method": "equal", "attribute": "age", "values": [42]})])),
        (
            "the same filter without an index",
            query(&[json!({"method": "equal", "attribute": "years", "values": [42]})]),
        ),
        ("full-text search", query(&[json!({"method": "search", "attribute": "about", "values": ["number4242"]})])),
        ("part of a name", query(&[json!({"method": "contains", "attribute": "name", "values": ["4242"]})])),
    ];
    let mut medians = Vec::new();
    for (what, path) in cases {
        let mut times = Vec::new();
        for _ in 0..50 {
            let started = Instant::now();
            running.ask(Method::GET, &path, None).await;
            times.push(started.elapsed());
        }
        medians.push((what, spread(times.clone()).0));
        figures.add_spread(what, times);
    }
    let median = |wanted: &str| {
        let found = medians.iter().find(|(what, _)| *what == wanted);
        found.map_or(f64::NAN, |(_, median)| median.as_secs_f64())
    };
    for (with, without) in
        [("filter by an indexed column", "the same filter without an index"), ("full-text search", "part of a name")]
    {
        figures.add(&format!("{with}, faster than {without}"), &format!("{:.0} times", median(without) / median(with)));
    }
    figures.add("resident memory after these lists", &format!("{:.1} MiB", running.memory().0));
}

async fn writers(folder: &Path, figures: &mut Figures) {
    let running = std::sync::Arc::new(Running::start(folder));
    let started = Instant::now();
    let tasks: Vec<_> = (0..100)
        .map(|writer| {
            let running = running.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                for count in 0..20 {
                    let data = json!({"name": "Writer", "age": count, "about": null});
                    let started = Instant::now();
                    running
                        .ask(Method::POST, ROWS, Some(json!({"rowId": format!("w{writer}-{count}"), "data": data})))
                        .await;
                    times.push(started.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a writer"));
    }
    let rate = 2000.0 / started.elapsed().as_secs_f64();
    figures.add("100 writers at once, each write on the disk", &format!("{rate:.0} rows a second"));
    figures.add_spread("100 writers at once, one write", times);
}

async fn sign_ups(figures: &mut Figures) {
    let folder = tempfile::tempdir().expect("a folder");
    let running = std::sync::Arc::new(Running::start(folder.path()));
    let started = Instant::now();
    let tasks: Vec<_> = (0..100)
        .map(|count| {
            let running = running.clone();
            let user = json!({"userId": format!("u{count}"), "email": format!("u{count}@example.com"), "password": "Correct-horse-1"});
            tokio::spawn(async move { running.ask(Method::POST, "/account", Some(user)).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("a sign-up");
    }
    figures.add("100 sign-ups at once", &format!("{:.2} s", started.elapsed().as_secs_f64()));
    let (now, peak) = running.memory();
    figures.add("resident memory at their height, and afterwards", &format!("{peak:.1} MiB, {now:.1} MiB"));
}

async fn relations(figures: &mut Figures) {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path());
    running.ask(Method::POST, "/tablesdb", Some(json!({"databaseId": "main", "name": "Main"}))).await;
    let tables = "/tablesdb/main/tables";
    for (table, count) in [("parents", 500), ("children", 5000)] {
        running.ask(Method::POST, tables, Some(json!({"tableId": table, "name": table}))).await;
        let name = json!({"key": "name", "size": 40, "required": true});
        running.ask(Method::POST, &format!("{tables}/{table}/columns/string"), Some(name)).await;
        for part in 0..count / 100 {
            let row = |at: u32| json!({"$id": format!("r{at}"), "name": format!("{table} {at}")});
            let rows: Vec<Value> = (part * 100..part * 100 + 100).map(row).collect();
            running.ask(Method::POST, &format!("{tables}/{table}/rows"), Some(json!({"rows": rows}))).await;
        }
    }
    let column = json!({"relatedTableId": "children", "type": "oneToMany", "key": "children", "twoWay": true, "twoWayKey": "parent"});
    running.ask(Method::POST, &format!("{tables}/parents/columns/relationship"), Some(column)).await;
    for parent in 0..500 {
        let children: Vec<String> = (0..10).map(|at| format!("r{}", parent * 10 + at)).collect();
        let path = format!("{tables}/parents/rows/r{parent}");
        running.ask(Method::PATCH, &path, Some(json!({"data": {"children": children}}))).await;
    }
    let path = |table: &str, queries: &[Value]| {
        let mut address = url::form_urlencoded::Serializer::new(String::new());
        for query in queries {
            address.append_pair("queries[]", &query.to_string());
        }
        format!("{tables}/{table}/rows?{}", address.finish())
    };
    let all = [json!({"method": "select", "values": ["*", "children.*"]}), json!({"method": "limit", "values": [500]})];
    let own = [json!({"method": "equal", "attribute": "parent.name", "values": ["parents 7"]})];
    for (what, path) in [
        ("500 parents with 5,000 children", path("parents", &all)),
        ("children by their parent's name", path("children", &own)),
    ] {
        let mut times = Vec::new();
        for _ in 0..10 {
            let started = Instant::now();
            running.ask(Method::GET, &path, None).await;
            times.push(started.elapsed());
        }
        figures.add_spread(what, times);
    }
}
