//! `outgrow demo`.

use std::fs;

use super::args::DemoArgs;
use super::rehearse::{Wanted, rehearse_file};
use super::screen::Screen;
use super::settings::Settings;
use super::text::{bytes, counted};
use crate::budget::Budget;
use crate::demo::write_school;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::postgres::DisposableOptions;
use crate::report::DOCUMENT_FORMAT;

pub(super) async fn run(args: &DemoArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::WorkDirectory, format!("make {}", args.dir.display()), error.to_string()).because(error)
    };
    fs::create_dir_all(&args.dir).map_err(failed)?;
    let file = args.dir.join("school.db");
    let mut made = serde_json::json!({ "format": DOCUMENT_FORMAT, "file": file.display().to_string(), "made": !file.exists() });
    if file.exists() {
        screen.remark(&format!("{} is there already: it is rehearsed as it is", file.display()));
    } else {
        let facts = write_school(&file, (args.size > 0).then_some(args.size), &mut |_| {})?;
        let tables = u64::try_from(facts.tables).unwrap_or(u64::MAX);
        for (name, count) in [("bytes", facts.bytes), ("tables", tables), ("rows", facts.rows)] {
            made[name] = count.into();
        }
        screen.remark(&format!(
            "made {}: {}, {}, {}",
            file.display(),
            bytes(facts.bytes),
            counted(tables, "table"),
            counted(facts.rows, "row")
        ));
    }
    if args.only {
        if screen.is_json() {
            screen.document(&made)?;
        }
        return Ok(Outcome::Done);
    }
    let mut server = DisposableOptions::new(&|name| settings.variable(name));
    server.fetch = !args.no_fetch;
    let wanted = Wanted { server, structure: None, tests: None, budget: Budget::default(), keep: false };
    match rehearse_file(&file, wanted, settings, screen).await? {
        // What is to be decided is what the demo is there to show.
        Outcome::Blocked => Ok(Outcome::Done),
        outcome @ (Outcome::Done | Outcome::Mismatch | Outcome::Inconclusive) => Ok(outcome),
    }
}
