//! The only printer.

use std::error::Error as _;
use std::io::{BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::settings::Settings;
use super::text::{Escaping, clean, duration, escaped, keys, shorten};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{Finding, Severity, State};
use crate::report::{DOCUMENT_FORMAT, MoveReport, PhaseReport, write_json};

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const OPEN: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// How much of a document is gathered before it is printed.
const PIECE_BYTES: usize = 64 * 1024;

/// How many findings of one kind a page shows.
const FINDINGS_SHOWN: usize = 12;

/// Standard output and standard error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    json: bool,
    verbose: bool,
}

impl Screen {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { json: settings.json, verbose: settings.verbose }
    }

    /// Whether standard output is for one JSON document.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line of the page; nothing where standard output is for a document.
    pub(super) fn line(&self, line: impl AsRef<str>) {
        if !self.json {
            self.out(line.as_ref());
        }
    }

    /// Prints to standard output whatever it is for.
    #[expect(clippy::unused_self, reason = "whoever prints has been given the screen")]
    pub(super) fn out(&self, text: &str) {
        // A reader that went away (`| head`) wants no more.
        drop(writeln!(anstream::stdout().lock(), "{text}"));
    }

    /// Prints a statement as it is, whatever the names in it: for a program to read, unless a terminal shows it.
    #[expect(clippy::unused_self, reason = "whoever prints has been given the screen")]
    pub(super) fn statement(&self, sql: &str) {
        let mut out = std::io::stdout().lock();
        if out.is_terminal() {
            let lines: Vec<String> = sql.lines().map(clean).collect();
            drop(writeln!(out, "{};", lines.join("\n")));
        } else {
            drop(writeln!(out, "{sql};"));
        }
    }

    /// Prints a remark that is not part of the page.
    pub(super) fn remark(&self, text: &str) {
        if self.json {
            drop(writeln!(std::io::stderr().lock(), "{}", escaped(&serde_json::json!({ "event": "said", "text": text }).to_string())));
            return;
        }
        drop(writeln!(anstream::stderr().lock(), "{FAINT}{}{FAINT:#}", shorten(text, 500)));
    }

    /// Prints the document, with its format first.
    #[expect(clippy::unused_self, reason = "whoever prints has been given the screen")]
    pub(super) fn document(&self, document: &impl Serialize) -> Result<()> {
        let mut out = Escaping::new(BufWriter::with_capacity(PIECE_BYTES, std::io::stdout().lock()));
        match write_json(document, &mut out).and_then(|()| writeln!(out)).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::new(ErrorKind::WorkDirectory, "print the document", error.to_string()).because(error))
            }
            // A reader that went away wants no more.
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Prints what went wrong, and what to do.
    pub(super) fn error(&self, error: &Error) {
        let mut err = anstream::stderr().lock();
        if self.json {
            document_of(error);
        }
        drop(writeln!(err, "{BAD}error{BAD:#}: {}", clean(&error.to_string())));
        let mut cause = error.source().filter(|_| self.verbose);
        while let Some(source) = cause {
            drop(writeln!(err, "  caused by: {}", clean(&source.to_string())));
            cause = source.source();
        }
        for hint in error.hints() {
            drop(writeln!(err, "  {FAINT}hint:{FAINT:#} {}", clean(hint)));
        }
    }

    /// Prints a phase: name, what, result, time.
    pub(super) fn phase(&self, phase: &PhaseReport) {
        let what = format!("{:<22}", phase.what);
        self.line(format!("  {:<18} {what} {:>9}   {FAINT}{}{FAINT:#}", phase.name, duration(phase.seconds), phase.result));
    }

    /// Prints what the gates found: what stands in the way first.
    pub(super) fn findings(&self, findings: &[Finding]) {
        let open = |severity: Severity| findings.iter().filter(move |finding| finding.severity == severity && finding.state == State::Open);
        self.group(BAD, "In the way", open(Severity::Stop).collect());
        self.group(OPEN, "To decide before the move", open(Severity::Decide).collect());
        self.group(FAINT, "Waived", findings.iter().filter(|finding| finding.state != State::Open).collect());
        self.group(FAINT, "Worth knowing", open(Severity::Note).collect());
    }

    fn group(&self, style: Style, title: &str, findings: Vec<&Finding>) {
        if findings.is_empty() {
            return;
        }
        self.line(format!("\n{style}{title}{style:#}"));
        for (position, finding) in findings.iter().enumerate() {
            let same = findings.iter().filter(|other| other.id == finding.id).count();
            let before = findings.iter().take(position).filter(|other| other.id == finding.id).count();
            if before == FINDINGS_SHOWN {
                self.line(format!("  {FAINT}{:<24} {} more: outgrow plan --json, or outgrow report{FAINT:#}", finding.id, same - before));
            }
            if before < FINDINGS_SHOWN {
                self.finding(finding);
            }
        }
        let mut ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
        ids.dedup();
        self.line(format!("  {FAINT}→ outgrow explain {}{FAINT:#}", ids.first().copied().unwrap_or_default()));
    }

    fn finding(&self, finding: &Finding) {
        let place = shorten(&finding.place, 60);
        let message = shorten(&finding.message, 160);
        self.line(format!("  {:<24} {BOLD}{place}{BOLD:#}  {message} {}", finding.id, keys(&finding.rows, finding.count)).trim_end());
        if let State::Waived { reason, by } = &finding.state {
            self.line(format!("  {:<24} waived by {}: {}", "", clean(by), clean(reason)));
        }
    }

    /// Prints what a move ended with.
    pub(super) fn verdict(&self, good: bool, text: &str) {
        let style = if good { GOOD } else { BAD };
        self.line(format!("\n{style}{text}{style:#}"));
    }

    /// Prints the head of a move: the source and the target.
    pub(super) fn head(&self, report: &MoveReport) {
        self.line(source_line(report));
        // A disposable server says its version by itself.
        let named = report.target.place.starts_with("PostgreSQL");
        self.line(if named {
            report.target.place.clone()
        } else {
            format!("PostgreSQL {} · {}", report.target.version, report.target.place)
        });
    }
}

/// Prints the document of an error.
pub(super) fn document_of(error: &Error) {
    let document = serde_json::json!({
        "format": DOCUMENT_FORMAT,
        "error": error.to_string(),
        "kind": error.kind(),
        "exit-code": error.kind().policy().exit_code.number(),
        "hints": error.hints().collect::<Vec<_>>(),
    });
    drop(writeln!(anstream::stdout().lock(), "{}", escaped(&format!("{document:#}"))));
}

/// `app.db · 702 MB · 158 tables · 6,213,004 rows · SQLite WAL · looks like Laravel`.
pub(super) fn source_line(report: &MoveReport) -> String {
    let source = &report.source;
    let mut parts = vec![
        shorten(&source.path, 60),
        super::text::bytes(source.bytes),
        super::text::counted(source.tables, "table"),
        super::text::counted(source.rows, "row"),
        format!("SQLite {}", if source.journal_mode == "wal" { "WAL" } else { "rollback journal" }),
    ];
    parts.extend(source.framework.iter().map(|name| format!("looks like {name}")));
    parts.join(" · ")
}
