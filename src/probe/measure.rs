//! Measures what the policy names, to hold "before" and "after" against each other.

use serde::{Deserialize, Serialize};

use super::answer::{Line, to_millionths};
use super::machine::{Machine, Ticks};
use super::sides::Sides;
use crate::plan::Probe;

/// After so many wrong answers in a row, a probe is not asked again: the rest would be wrong too, and the application may
/// stand still meanwhile.
const PATIENCE: u32 = 3;

/// What was measured at one moment of the move.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Each probe, in the policy's order.
    pub probes: Vec<Measured>,
    /// The machine, over the time of measuring.
    pub machine: Machine,
}

/// What was measured by one probe. The times are those of right answers; none where there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What the probe is called.
    pub name: String,
    /// How many right answers came.
    pub samples: u32,
    /// How many wrong ones came.
    pub errors: u32,
    /// Half of the answers came within this time.
    pub median_ms: Option<f64>,
    /// Nineteen of twenty came within this time.
    pub p95_ms: Option<f64>,
    /// The slowest.
    pub max_ms: Option<f64>,
    /// What was wrong with the last wrong answer; never what it holds.
    pub fault: Option<String>,
}

/// Asks each probe as often as it says, one after the other, and takes the times.
///
/// A probe that asks a side which is not given is left out. A time limit (`within`) does not make an answer wrong here.
pub async fn measure(probes: &[Probe], sides: &Sides<'_>) -> Baseline {
    let since = Ticks::now();
    let mut measured = Vec::new();
    for probe in probes.iter().filter(|probe| sides.can_answer(probe)) {
        measured.push(measured_by(probe, sides).await);
    }
    Baseline { probes: measured, machine: Machine::look(since) }
}

async fn measured_by(probe: &Probe, sides: &Sides<'_>) -> Measured {
    let mut line = Line::new(probe, sides);
    let mut measured = Measured { name: probe.name.clone(), ..Measured::default() };
    let (mut times, mut in_a_row) = (Vec::new(), 0);
    for _ in 0..probe.samples {
        let once = line.ask(probe, sides).await;
        match once.said {
            Ok(_) => {
                times.push(to_millionths(once.seconds * 1000.0));
                in_a_row = 0;
            }
            Err(fault) => {
                measured.fault = Some(fault);
                measured.errors += 1;
                in_a_row += 1;
            }
        }
        if in_a_row == PATIENCE {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    measured.samples = u32::try_from(times.len()).unwrap_or(u32::MAX);
    (measured.median_ms, measured.p95_ms, measured.max_ms) = (within(&times, 50), within(&times, 95), times.last().copied());
    measured
}

/// The least of the times, in ascending order, within which so many of a hundred answers came.
fn within(times: &[f64], percent: usize) -> Option<f64> {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn shares_of_times_are_the_nearest_rank() {
        let times: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(within(&times, 50), Some(10.0));
        assert_eq!(within(&times, 95), Some(19.0));
        assert_eq!(within(&[7.0], 50), Some(7.0));
        assert_eq!(within(&[1.0, 2.0, 3.0], 50), Some(2.0));
        assert_eq!(within(&[], 95), None);
    }
}
