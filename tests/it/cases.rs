//! The cases of the field: constructs and values that broke for somebody who moved from SQLite to PostgreSQL. Each test
//! bears the number of its case and takes it through the built program on a real server.

mod existing;
mod schema;
mod values;

use std::path::PathBuf;

use serde_json::Value;

use crate::fixture::Database;
use crate::program::{Ended, Program, text};
use crate::target::{ask, ask_one, equal, settle, tell};

/// A source, a target, and what is asked of them.
struct Case {
    program: Program,
    database: Database,
    source: PathBuf,
}

impl Case {
    /// A source of these statements, and an empty target.
    fn new(name: &str, sql: &str) -> Self {
        let program = Program::new();
        let source = program.source("app.db", sql);
        Self { program, database: Database::new(name), source }
    }

    /// Writes the policy, with everything waived that can be.
    fn rules(self, rules: &str) -> Self {
        settle(&self.program, rules);
        self
    }

    fn migrate(&self) -> Ended {
        self.program.run(&["migrate", text(&self.source), &self.database.url(), "--json"])
    }

    /// Moves and compares, everything waived unless there is a policy; both sides must be equal.
    fn moved(&self) -> Value {
        if !self.program.path("outgrow.toml").exists() {
            settle(&self.program, "");
        }
        let report = self.migrate().expect(0).document();
        equal(&self.program, &self.source, &self.database);
        report
    }

    /// Moves without a policy, and fails unless a gate stops it with this finding at this place.
    fn stops(&self, finding: &str, place: &str) -> Value {
        let report = self.migrate().expect(3).document();
        assert!(self.database_is_empty(), "something was made before the move was stopped");
        assert!(found(&report, finding, place), "no {finding} at {place}: {:#}", report["findings"]);
        report
    }

    fn database_is_empty(&self) -> bool {
        ask_one(&self.database, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == "0"
    }

    fn ask(&self, sql: &str) -> Vec<String> {
        ask(&self.database, sql)
    }

    fn ask_one(&self, sql: &str) -> String {
        ask_one(&self.database, sql)
    }

    fn tell(&self, sql: &str) {
        tell(&self.database, sql);
    }

    /// What the server says to a statement that it must refuse.
    fn refused(&self, sql: &str) -> String {
        crate::fixture::in_own_runtime(async {
            let session = self.database.session().await;
            let refusal = session.client().batch_execute(sql).await.unwrap_err();
            refusal.code().unwrap_or_else(|| panic!("{refusal}")).code().to_owned()
        })
    }

    /// The type of a column.
    fn type_of(&self, table: &str, column: &str) -> String {
        self.ask_one(&format!(
            "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = '{table}'::regclass and attname = '{column}'"
        ))
    }
}

/// Whether a report has this finding at a place that begins so.
fn found(report: &Value, finding: &str, place: &str) -> bool {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().any(|one| one["id"] == finding && one["place"].as_str().unwrap().starts_with(place))
}

/// The cells of a class: `normalised` or `quarantined`, by rule or reason.
fn cells(report: &Value, class: &str, name: &str) -> u64 {
    report["cells"][class][name].as_u64().unwrap_or(0)
}

const UNIQUE: &str = "23505";
const CHECK: &str = "23514";
const FOREIGN_KEY: &str = "23503";
