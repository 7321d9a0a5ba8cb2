//! Progress: bars on a terminal, a line every ten seconds elsewhere, events for programs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::screen::Screen;
use super::settings::Settings;
use crate::copy;
use crate::migrate::{Event, Observer};

/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows what happens.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    screen: &'a Screen,
    form: Form,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bars,
    Lines,
    Events,
}

#[derive(Debug)]
struct State {
    bar: Option<ProgressBar>,
    began: Instant,
    said: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(settings: &Settings, screen: &'a Screen) -> Self {
        let form = match (settings.json, settings.errors_to_terminal) {
            (true, _) => Form::Events,
            (false, true) => Form::Bars,
            (false, false) => Form::Lines,
        };
        let now = Instant::now();
        let state = State { bar: None, began: now, said: now };
        Self { screen, form, state: Mutex::new(state) }
    }

    fn said(&self, text: &str) {
        match self.form {
            Form::Events => print_event(&json!({ "event": "said", "text": text })),
            Form::Bars | Form::Lines => self.screen.remark(text),
        }
    }

    fn begins(&self, state: &mut State, name: &str) {
        clear(state);
        state.began = Instant::now();
        state.said = Instant::now();
        match self.form {
            Form::Bars => {
                let bar = ProgressBar::new_spinner();
                bar.set_prefix(name.to_owned());
                bar.enable_steady_tick(Duration::from_millis(200));
                state.bar = Some(bar);
            }
            Form::Lines => {}
            Form::Events => print_event(&json!({ "event": "begins", "phase": name })),
        }
    }

    fn advanced(&self, state: &mut State, (done, of, unit): (u64, u64, &'static str), work: Option<(u64, u64)>, at: &str) {
        let seconds = state.began.elapsed().as_secs_f64();
        let left = work.and_then(|(done, of)| remaining(done, of, seconds));
        let told = left.map(|left| format!(", about {} left", super::text::duration(left))).unwrap_or_default();
        if let Some(bar) = &state.bar {
            if bar.length() != Some(of) {
                bar.set_length(of);
                bar.set_style(style(unit));
            }
            bar.set_position(done);
            bar.set_message(format!("{}{told}", super::text::shorten(at, 30)));
            return;
        }
        let every = if self.form == Form::Events { Duration::from_secs(1) } else { LINE_EVERY };
        if state.said.elapsed() < every {
            return;
        }
        state.said = Instant::now();
        if self.form == Form::Events {
            let mut event = json!({ "event": "advanced", "done": done, "of": of, "unit": unit, "at": at, "seconds": seconds });
            if let (Some(event), Some(left)) = (event.as_object_mut(), left) {
                event.insert("seconds-left".to_owned(), json!(left));
            }
            print_event(&event);
        } else {
            self.screen.remark(&format!("  {} of {} {unit}{told} ({at})", super::text::counted(done, "").trim_end_matches('s').trim(), of));
        }
    }

    fn copy(&self, state: &mut State, progress: &copy::Progress<'_>) {
        match progress {
            copy::Progress::Phase { phase, steps } => {
                self.begins(state, &phase.to_string());
                if let Some(bar) = &state.bar {
                    bar.set_length(u64::try_from(*steps).unwrap_or(u64::MAX));
                    bar.set_style(style("steps"));
                }
            }
            copy::Progress::Step { step } => {
                if let Some(bar) = &state.bar {
                    bar.inc(1);
                    bar.set_message(super::text::shorten(&step.object, 40));
                }
            }
            copy::Progress::Rows { table, rows, of, bytes, rows_so_far, rows_in_all, work } => {
                let at = format!("{table}: {rows} of {of} rows, {}", super::text::bytes(*bytes));
                self.advanced(state, (*rows_so_far, *rows_in_all, "rows"), Some(*work), &at);
            }
            copy::Progress::Said(text) => self.said(text),
            copy::Progress::PhaseDone { .. } => {
                clear(state);
            }
        }
    }
}

/// Takes the bar away.
fn clear(state: &mut State) {
    if let Some(bar) = state.bar.take() {
        bar.finish_and_clear();
    }
}

/// Prints an event for a program.
fn print_event(event: &serde_json::Value) {
    use std::io::Write;
    // A reader of events that went away wants no more.
    drop(writeln!(std::io::stderr().lock(), "{}", super::text::escaped(&event.to_string())));
}

fn style(unit: &str) -> ProgressStyle {
    let template = match unit {
        "rows" => "  {prefix:18} {wide_bar} {human_pos}/{human_len} rows {per_sec} {msg}",
        _ => "  {prefix:18} {wide_bar} {human_pos}/{human_len} {msg}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How many seconds are left where so much of the work took so many; nothing where too little is done to tell.
fn remaining(done: u64, of: u64, seconds: f64) -> Option<f64> {
    let fraction = |part: u64| part.to_string().parse::<f64>().ok();
    let (done, of) = (fraction(done)?, fraction(of)?);
    (done > 0.0 && of >= done).then(|| seconds * (of - done) / done)
}

impl Observer for Progress<'_> {
    fn event(&self, event: Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Said(text) => self.said(text),
            Event::Begins(name) => self.begins(&mut state, name),
            Event::Advanced { done, of, unit, work, at } => self.advanced(&mut state, (done, of, unit), work, at),
            Event::Copy(progress) => self.copy(&mut state, progress),
            Event::Ended(phase) => {
                clear(&mut state);
                if self.form == Form::Events {
                    print_event(&json!({ "event": "ended", "phase": phase }));
                }
            }
        }
    }
}
