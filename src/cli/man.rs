//! `outgrow man`.

use clap::CommandFactory;

use super::args::{Arguments, ManArgs};
use super::screen::Screen;
use crate::error::{Error, ErrorKind, Outcome, Result};

pub(super) fn run(args: &ManArgs, screen: &Screen) -> Result<Outcome> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::WorkDirectory, format!("write the manual to {}", args.directory.display()), error.to_string()).because(error)
    };
    std::fs::create_dir_all(&args.directory).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), &args.directory).map_err(failed)?;
    screen.remark(&format!("the manual pages are in {}", args.directory.display()));
    Ok(Outcome::Done)
}
