//! Admissions of an image that is known, over TLS on kept connections: how long one takes, and how many a second.
//!
//! The callers share the processor with the webhook, and so does the control plane.

use std::time::{Duration, Instant};

use anyhow::Result;
use e2e::image::Image;
use futures::future::try_join_all;

use crate::{
    door::{self, Door, Installation},
    figure::{Figure, ORIENTATION, percentile},
};

/// Callers, each with a connection of its own.
const CALLERS: [usize; 3] = [1, 8, 32];
/// Long enough for some thousand answers of even a single caller.
const MEASURED: Duration = Duration::from_secs(5);

pub(crate) async fn admissions(installation: &Installation, image: &Image) -> Result<Vec<Figure>> {
    let review = door::pod(&[&image.reference()]);
    let mut figures = Vec::new();
    let mut best: f64 = 0.0;
    for callers in CALLERS {
        let mut times = together(installation, &review, callers).await?;
        let rate = times.len() as f64 / MEASURED.as_secs_f64();
        best = best.max(rate);
        let name = |what| format!("warm admission over TLS, callers: {callers}, {what}");
        figures.push(Figure::new(name("p50"), percentile(&mut times, 50), "ms").compared(ORIENTATION, 24.0));
        figures.push(Figure::new(name("p99"), percentile(&mut times, 99), "ms"));
        figures.push(Figure::new(name("rate"), rate, "per second").compared(ORIENTATION, 40.0));
    }
    let name = "highest rate sustained by one replica, callers on the same machine";
    figures.push(Figure::new(name, best, "per second").compared(ORIENTATION, 40.0));
    Ok(figures)
}

/// The times of all answers, in milliseconds.
async fn together(installation: &Installation, review: &str, callers: usize) -> Result<Vec<f64>> {
    let address = installation.pod_address()?;
    let mut doors = Vec::with_capacity(callers);
    for _ in 0..callers {
        let door = Door::new(installation, address)?;
        door.admits(review).await?;
        doors.push(door);
    }
    let until = Instant::now() + MEASURED;
    let asking = doors.into_iter().map(|door| {
        let review = review.to_owned();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < until {
                times.push(door.admits(&review).await?);
            }
            anyhow::Ok(times)
        })
    });
    let all = try_join_all(asking).await?.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(all.concat())
}
