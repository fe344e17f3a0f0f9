//! A policy behind HTTP: `POST /plan` takes a book and answers with its plan.
//!
//! One compiled policy serves all requests. Planning is work for a processor, so it runs on
//! threads of its own, at most a few at a time. It stops when the client goes away or the time is
//! up. What is wrong with the input is answered with status 422 and the list of problems.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bookwright::{Book, Budget, Cancel, Plan, PlanError, PlanOptions, Policy, Records, Time};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// The largest book that is read.
const BODY_BYTES: usize = 64 << 20;

/// How long one plan may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Service {
    policy: Policy,
    /// How many plans may be made at once.
    places: Arc<Semaphore>,
    made: AtomicU64,
    stopped: AtomicU64,
}

impl Service {
    pub(crate) fn new(policy: Policy, at_once: usize) -> Arc<Self> {
        Arc::new(Self {
            policy,
            places: Arc::new(Semaphore::new(at_once)),
            made: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
        })
    }

    fn count(&self) -> Count {
        Count {
            made: self.made.load(Ordering::Relaxed),
            stopped: self.stopped.load(Ordering::Relaxed),
        }
    }
}

/// The routes.
pub(crate) fn app(service: Arc<Service>) -> Router {
    Router::new()
        .route("/plan", post(plan))
        .route("/count", get(count))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(service)
}

/// `?now=2026-03-02&utc_offset=%2B08:00`; without `now`, the service looks at its clock.
#[derive(Debug, Deserialize)]
struct When {
    now: Option<String>,
    utc_offset: Option<String>,
}

/// Plans made, and stopped before their end.
#[derive(Debug, Serialize)]
struct Count {
    made: u64,
    stopped: u64,
}

/// Why there is no plan.
#[derive(Debug)]
enum Refused {
    /// The request is wrong, in these ways.
    Wrong(Vec<String>),
    /// It takes too long.
    Late,
    /// The work ended without an answer.
    Broken,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, problems) = match self {
            Self::Wrong(problems) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
            Self::Late => {
                let text = format!("the plan took more than {} s", PATIENCE.as_secs());
                (StatusCode::SERVICE_UNAVAILABLE, vec![text])
            }
            Self::Broken => {
                let text = "the plan could not be made".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, vec![text])
            }
        };
        (status, Json(serde_json::json!({ "problems": problems }))).into_response()
    }
}

async fn count(State(service): State<Arc<Service>>) -> Json<Count> {
    Json(service.count())
}

async fn plan(
    State(service): State<Arc<Service>>,
    Query(when): Query<When>,
    body: Bytes,
) -> Result<Json<Plan>, Refused> {
    let place = Arc::clone(&service.places).acquire_owned().await;
    let place = place.map_err(|_| Refused::Broken)?;
    let cancel = Cancel::new();
    // The server drops this future when its client goes away, and the guard with it.
    let _guard = CancelOnDrop(cancel.clone());
    let work = tokio::task::spawn_blocking(move || {
        let plan = make(&service, &when, &body, cancel);
        drop(place);
        plan
    });
    work.await.unwrap_or(Err(Refused::Broken)).map(Json)
}

/// Raises the flag when it is dropped; a flag that nobody looks at any more does no harm.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Reads the book and plans: all of it work for a processor.
fn make(service: &Service, when: &When, body: &[u8], cancel: Cancel) -> Result<Plan, Refused> {
    let records: Records = serde_json::from_slice(body).map_err(wrong)?;
    let schema = service.policy.schema();
    if records.schema.as_ref().is_some_and(|own| own != schema) {
        return Err(wrong(PlanError::OtherSchema));
    }
    let options = options(when)?;
    let book = Book::builder(schema.clone()).offset(options.utc_offset);
    let book = book.records(records).build().map_err(|errors| {
        let mut problems: Vec<String> = errors.problems().iter().map(ToString::to_string).collect();
        if errors.more() > 0 {
            problems.push(format!("and {} more problems", errors.more()));
        }
        Refused::Wrong(problems)
    })?;

    let start = Instant::now();
    let budget = Budget::time(PATIENCE, Arc::new(move || start.elapsed())).cancel(cancel);
    let plan = service.policy.plan(&book, &options.budget(budget));
    match plan {
        Ok(plan) => {
            service.made.fetch_add(1, Ordering::Relaxed);
            Ok(plan)
        }
        Err(PlanError::Stopped(_)) => {
            service.stopped.fetch_add(1, Ordering::Relaxed);
            Err(Refused::Late)
        }
        Err(error) => Err(wrong(error)),
    }
}

fn options(when: &When) -> Result<PlanOptions, Refused> {
    let offset = when.utc_offset.as_deref().unwrap_or("Z");
    let offset = offset.parse().map_err(wrong)?;
    let now = match &when.now {
        Some(text) => Time::parse(text, offset).map_err(wrong)?,
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let micros = since.map_err(wrong)?.as_micros();
            Time::from_micros(i64::try_from(micros).map_err(wrong)?).map_err(wrong)?
        }
    };
    Ok(PlanOptions::at(now).utc_offset(offset))
}

fn wrong(problem: impl ToString) -> Refused {
    Refused::Wrong(vec![problem.to_string()])
}
