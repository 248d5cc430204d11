//! Time as it is spent: the processor's, by this thread alone, and the wall's.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// Rounds of which the median is told. Odd, so that the median is one of them.
const ROUNDS: usize = 21;

/// Processor time of the calling thread since it began.
fn cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux keeps this clock for every thread").into()
}

/// Processor time of one call, in microseconds: the median over rounds of `calls` calls. The first round warms up
/// and is not counted.
pub(crate) fn per_call(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..=ROUNDS)
        .map(|_| {
            let before = cpu();
            for _ in 0..calls {
                call();
            }
            micros(cpu() - before) / f64::from(calls)
        })
        .collect();
    rounds.remove(0);
    median(rounds)
}

/// Processor and wall time of one call, in microseconds.
pub(crate) fn once<T>(call: impl FnOnce() -> T) -> (f64, f64, T) {
    let (wall, before) = (Instant::now(), cpu());
    let value = call();
    (micros(cpu() - before), micros(wall.elapsed()), value)
}

/// The middle value; of an even number of values the upper one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
