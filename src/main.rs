//! The program: everything is in the library, and what is printed in its room `cli`.

fn main() -> std::process::ExitCode {
    outgrow::cli::main()
}
