//! The service of `examples/service`, started and called over a socket.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

#[path = "../examples/service/app.rs"]
mod app;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bookwright::{HookError, Plan, Policy, Schema};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const POLICY: &str = r#"
    fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 1e6 { "A" } else { "C" } }
    fn score(customer, rep) { rep.level }
"#;

async fn start(policy: Policy) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app::app(app::Service::new(policy, 2));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// Sends a request and leaves the connection open.
async fn send(address: SocketAddr, request: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}

/// Sends a request and reads the status and the JSON of the answer.
async fn call(address: SocketAddr, request: &str, body: &str) -> (u16, Value) {
    let mut answer = String::new();
    let mut stream = send(address, request, body).await;
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_book_is_answered_with_its_plan() {
    let address = start(Policy::compile(POLICY, &Schema::default()).unwrap()).await;
    let book = json!({
        "customers": [{"id": "c1", "annual_revenue": 2e6}, {"id": "c2"}],
        "reps": [
            {"id": "r1", "roles": ["developer", "manager"], "level": 1},
            {"id": "r2", "roles": ["developer"], "level": 2},
        ],
    });
    let (status, plan) = call(address, "POST /plan?now=2026-03-02", &book.to_string()).await;
    assert_eq!(status, 200, "{plan}");
    let plan: Plan = serde_json::from_value(plan).unwrap();
    assert_eq!(plan.tiers["c1"], "A");
    let owners: Vec<_> = (plan.assignments.iter())
        .map(|it| [&*it.customer, &*it.role, &*it.rep])
        .collect();
    assert_eq!(
        owners,
        [
            ["c1", "developer", "r2"],
            ["c1", "manager", "r1"],
            ["c2", "developer", "r2"],
        ]
    );
    let (_, count) = call(address, "GET /count", "").await;
    assert_eq!(count, json!({"made": 1, "stopped": 0}));
}

#[tokio::test]
async fn bad_input_is_answered_with_every_problem() {
    let address = start(Policy::compile(POLICY, &Schema::default()).unwrap()).await;
    let book = json!({
        "customers": [
            {"id": "c1", "intent": 3.5, "owners": {"developer": "r9"}},
            {"id": "c1"},
        ],
        "reps": [{"id": "r1", "roles": ["developer"]}],
    });
    let (status, answer) = call(address, "POST /plan?now=2026-03-02", &book.to_string()).await;
    assert_eq!(status, 422);
    assert_eq!(
        answer["problems"],
        json!([
            "customer `c1`: field `intent` is `3.5`, expected 0 to 1",
            "customer `c1`: `owners.developer` names the unknown rep `r9`",
            "customer `c1` is there more than once",
        ])
    );

    for (request, body, problem) in [
        (
            "POST /plan",
            "{",
            "EOF while parsing an object at line 1 column 1",
        ),
        ("POST /plan?now=soon", "{}", "`soon`"),
        ("POST /plan?utc_offset=east", "{}", "`east`"),
        (
            "POST /plan",
            r#"{"schema": {"tiers": ["X", "Y"]}}"#,
            "another schema",
        ),
    ] {
        let (status, answer) = call(address, request, body).await;
        assert_eq!(status, 422, "{request}: {answer}");
        let text = answer["problems"][0].as_str().unwrap();
        assert!(text.contains(problem), "{request}: {text}");
    }
}

#[tokio::test]
async fn a_plan_stops_when_its_client_goes_away() {
    // A hook that takes its time: the whole book would take a minute.
    static ASKED: AtomicU64 = AtomicU64::new(0);
    const CUSTOMERS: u64 = 60_000;
    let policy = Policy::builder(&Schema::default())
        .tier(|_| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(1));
            Ok::<_, HookError>("A")
        })
        .build()
        .unwrap();
    let address = start(policy).await;
    let customers: Vec<Value> = (0..CUSTOMERS)
        .map(|n| json!({"id": format!("c{n}")}))
        .collect();
    let book = Arc::new(json!({"customers": customers, "reps": []}).to_string());

    let stream = send(address, "POST /plan", &book).await;
    while ASKED.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    for _ in 0..500 {
        let (_, count) = call(address, "GET /count", "").await;
        if count == json!({"made": 0, "stopped": 1}) {
            assert!(ASKED.load(Ordering::Relaxed) < CUSTOMERS);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "still planning after {} customers",
        ASKED.load(Ordering::Relaxed)
    );
}
