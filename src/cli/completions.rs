//! `outgrow completions`.

use clap::CommandFactory;

use super::args::{Arguments, CompletionsArgs};
use super::screen::Screen;
use crate::error::Outcome;

pub(super) fn run(args: &CompletionsArgs, screen: &Screen) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "outgrow", &mut script);
    screen.out(&String::from_utf8_lossy(&script));
    Outcome::Done
}
