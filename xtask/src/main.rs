//! The developers' commands: `cargo x <command>`. `cargo x help` lists them.
//!
//! Runs cargo and the built program; never does what the program itself could do.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developers' tool talks to the terminal")]

mod bench;
mod cargo;
mod scaffold;

use std::process::ExitCode;

const HELP: &str = "\
cargo x <command>

  check                  what CI runs: format, lints, documentation, tests
  test [args]            the tests; args go to `cargo test`
  golden [--update]      the golden tests; --update writes what they give now
  docs                   writes the pages of rules, gates, checks and presets from what the program says of them
  api [--open]           the library's documentation
  demo [args]            the demo, with the program built for release
  bench [flags]          four data sets moved, beside what the server alone needs and beside other programs; --help lists the flags
  new-mapping <name>     a rule that chooses a column's type and conversion
  new-check <name>       a check of `verify`
  new-gate <name>        a gate
  new-readiness <name>   a gate before a cutover
  new-preset <name>      what a framework means by its schema
                         each makes the file and its golden case, and says what remains
  help                   this page";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().map_or(("help", [].as_slice()), |(command, rest)| (command.as_str(), rest));
    let result = match command {
        "check" => cargo::check(),
        "test" => cargo::test(rest),
        "golden" => cargo::golden(rest),
        "docs" => cargo::docs(),
        "api" => cargo::api(rest),
        "demo" => cargo::demo(rest),
        "bench" => bench::run(rest),
        "new-mapping" => scaffold::create(&scaffold::MAPPING, rest),
        "new-check" => scaffold::create(&scaffold::CHECK, rest),
        "new-gate" => scaffold::create(&scaffold::GATE, rest),
        "new-readiness" => scaffold::create(&scaffold::READINESS, rest),
        "new-preset" => scaffold::create(&scaffold::PRESET, rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("`{other}` is no command; see `cargo x help`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
