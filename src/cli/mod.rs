//! Arguments in; text, colour, progress and exit code out.
//!
//! The only room that prints, and the only one that reads the environment. One file a verb; none of them decides
//! anything about data.

mod args;
mod backup;
mod check;
mod completion;
mod completions;
mod course;
mod cutover;
mod demo;
mod explain;
mod gate;
mod init;
mod inspect;
mod man;
mod migrate;
mod migrations;
mod notify;
mod plan;
mod progress;
mod rehearse;
mod report;
mod restore;
mod roles;
mod rollback;
mod screen;
mod settings;
mod sign_off;
mod status;
mod text;
mod value_pages;
mod verify;

use clap::Parser;

use args::{Arguments, Verb};
use screen::Screen;
use settings::Settings;

use crate::error::{Error, ErrorKind, ExitCode, Outcome, Result, failpoint};

/// Runs the program as its arguments say, and gives the exit code.
pub fn main() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Done };
            if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
                let first = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                screen::document_of(
                    &Error::new(ErrorKind::Usage, "read the command line", first).hint("outgrow --help shows what it takes"),
                );
            }
            // Nothing is left to say when the terminal is gone.
            drop(error.print());
            return code.number().into();
        }
    };
    let settings = Settings::of(&arguments);
    let screen = Screen::new(&settings);
    let result = start(arguments.verb, settings, screen);
    let code = match result {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            screen.error(&error);
            error.kind().policy().exit_code
        }
    };
    code.number().into()
}

fn start(verb: Verb, settings: Settings, screen: Screen) -> Result<Outcome> {
    if let Some(point) = settings.variable("OUTGROW_FAILPOINT") {
        failpoint::arm(&point)?;
    }
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| Error::bug("start", "a second cryptography provider is installed"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "start", "the system gives no threads").because(error))?;
    let (done, ended) = tokio::sync::oneshot::channel();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || {
        let result = handle.block_on(async {
            tokio::select! {
                result = run(&verb, &settings, &screen) => result,
                () = interrupted() => Err(stopped()),
            }
        });
        // Nobody waits for it any more when a signal came first.
        drop(done.send(result));
    });
    let result = runtime.block_on(async {
        tokio::select! {
            result = ended => result.unwrap_or_else(|_| Err(Error::bug("go on", "the work ended in a panic"))),
            () = async { interrupted().await; tokio::time::sleep(GRACE).await } => Err(stopped()),
        }
    });
    // A thread that still reads a file must not keep the program from ending.
    runtime.shutdown_background();
    result
}

/// How long work that a signal stops may tidy up; what reads a file without a pause doesn't hear of it before.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "go on", "a signal stopped the run; what was committed stays")
}

async fn run(verb: &Verb, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    match verb {
        Verb::Rehearse(args) => Box::pin(rehearse::run(args, settings, screen)).await,
        Verb::Inspect(args) => inspect::run(args, settings, screen),
        Verb::Plan(args) => Box::pin(plan::run(args, settings, screen)).await,
        Verb::Migrate(args) => Box::pin(migrate::run(args, settings, screen)).await,
        Verb::Cutover(args) => Box::pin(cutover::run(args, settings, screen)).await,
        Verb::Rollback(args) => Box::pin(rollback::run(args, settings, screen)).await,
        Verb::Migrations(args) => Box::pin(migrations::run(args, settings, screen)).await,
        Verb::Verify(args) => Box::pin(verify::run(args, settings, screen)).await,
        Verb::Gate(args) => Box::pin(gate::run(args, settings, screen)).await,
        Verb::Roles(args) => Box::pin(roles::run(args, settings, screen)).await,
        Verb::SignOff(args) => Box::pin(sign_off::run(args, settings, screen)).await,
        Verb::Notify(args) => Box::pin(notify::run(args, settings, screen)).await,
        Verb::Check(args) => Box::pin(check::run(args, settings, screen)).await,
        Verb::Backup(args) => Box::pin(backup::run(args, settings, screen)).await,
        Verb::Restore(args) => Box::pin(restore::run(args, settings, screen)).await,
        Verb::Demo(args) => Box::pin(demo::run(args, settings, screen)).await,
        Verb::Status => status::run(settings, screen),
        Verb::Report(args) => report::run(args, settings, screen),
        Verb::Init(args) => tokio::task::block_in_place(|| init::run(args, settings, screen)),
        Verb::Explain(args) => explain::run(args, screen),
        Verb::Completions(args) => Ok(completions::run(args, screen)),
        Verb::Man(args) => man::run(args, screen),
    }
}

/// Returns when the operator or the system asks the program to stop.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
