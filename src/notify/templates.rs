//! The templates: ours, and the user's that take their place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::facts::{Context, Facts};
use super::letter::{Letter, Writing, environment, fill};
use crate::plan::{Notice, NoticesPolicy};

/// What a template may say: each field with its meaning.
pub const FIELDS: [(&str, &str); 19] = [
    ("notice", "the name of the notice: `start`"),
    ("application", "what the application is called"),
    ("lead", "who leads the move"),
    ("contact", "where to turn with questions"),
    ("affected", "what can't be done meanwhile"),
    ("at", "when the notice is sent"),
    ("start", "when the window begins"),
    ("end", "when it ends"),
    ("length", "how long it lasts: `60 minutes`"),
    ("next", "when it is tried again if it has to be taken back"),
    ("source", "the SQLite file"),
    ("target", "the PostgreSQL database, without a password"),
    ("state", "where it stands: `loading, 41 of 158 tables`"),
    ("elapsed", "how long it has been going on"),
    ("remaining", "what is left of the window"),
    ("downtime", "how long the application stood still"),
    ("reason", "why it failed or was taken back"),
    ("details", "a list: what was checked and measured, one line each"),
    ("report", "where the report is"),
];

/// Functions of the template language that are no fields.
const FUNCTIONS: [&str; 4] = ["range", "dict", "namespace", "loop"];

/// The template that outgrow has for a notice.
pub const fn default_template(notice: Notice) -> &'static str {
    match notice {
        Notice::Announcement3Days => include_str!("templates/announcement-3-days.txt"),
        Notice::Announcement1Day => include_str!("templates/announcement-1-day.txt"),
        Notice::Announcement1Hour => include_str!("templates/announcement-1-hour.txt"),
        Notice::Start => include_str!("templates/start.txt"),
        Notice::Progress => include_str!("templates/progress.txt"),
        Notice::Completion => include_str!("templates/completion.txt"),
        Notice::Rollback => include_str!("templates/rollback.txt"),
        Notice::Failed => include_str!("templates/failed.txt"),
        Notice::Health4Hours => include_str!("templates/health-4-hours.txt"),
        Notice::Report48Hours => include_str!("templates/report-48-hours.txt"),
    }
}

/// The user's templates, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Templates {
    own: BTreeMap<Notice, String>,
    /// What can't be used, and why.
    pub(super) problems: Vec<String>,
}

impl Templates {
    /// Reads the templates that a directory holds, and tries each.
    pub(super) fn read(directory: Option<&Path>) -> Self {
        let mut templates = Self::default();
        let Some(directory) = directory else { return templates };
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => {
                templates.problems.push(format!("the directory {} of the templates can't be read: {}", directory.display(), error.kind()));
                return templates;
            }
        };
        let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "txt")) {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let Some(notice) = Notice::ALL.into_iter().find(|notice| notice.name() == stem) else {
                templates.problems.push(format!("no notice is called as the template {stem}.txt"));
                continue;
            };
            match fs::read_to_string(file) {
                Ok(source) => {
                    templates.problems.extend(fault(notice, &source));
                    templates.own.insert(notice, source);
                }
                Err(error) => templates.problems.push(format!("the template {stem}.txt can't be read: {}", error.kind())),
            }
        }
        templates
    }

    /// The letter of a notice, and why it is not the user's where it should be: then it is ours.
    pub(super) fn letter(
        &self,
        policy: &NoticesPolicy,
        notice: Notice,
        facts: &Facts,
        writing: Writing,
    ) -> Result<(Letter, Option<String>), String> {
        let context = Context::of(policy, notice, facts);
        let name = format!("{}.txt", notice.name());
        let ours = || fill(&name, default_template(notice), &context, writing);
        match self.own.get(&notice).map(|source| fill(&name, source, &context, writing)) {
            None => ours().map(|letter| (letter, None)),
            Some(Ok(letter)) => Ok((letter, None)),
            Some(Err(fault)) => ours().map(|letter| (letter, Some(fault))),
        }
    }
}

/// What is wrong with a template: it can't be read, it names a field that there is none of, or it can't be filled in.
fn fault(notice: Notice, source: &str) -> Option<String> {
    let name = format!("{}.txt", notice.name());
    let environment = environment(Writing::Plain);
    let template = match environment.template_from_named_str(&name, source) {
        Ok(template) => template,
        Err(error) => return Some(format!("the template {name} can't be read: {error}")),
    };
    // Also those in branches that are not taken today.
    let mut strangers: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|named| !FIELDS.iter().any(|(field, _)| field == named) && !FUNCTIONS.contains(&named.as_str()))
        .collect();
    strangers.sort();
    if let Some(stranger) = strangers.first() {
        let known: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
        return Some(format!("the template {name} names `{stranger}`, and there is no such field; there are {}", known.join(", ")));
    }
    let policy = NoticesPolicy::default();
    [Facts::default(), sample()].iter().find_map(|facts| {
        let filled = fill(&name, source, &Context::of(&policy, notice, facts), Writing::Plain);
        filled.err().map(|error| format!("the template {name} can't be filled in: {error}"))
    })
}

/// Facts with everything in them.
pub(super) fn sample() -> Facts {
    Facts {
        at: None,
        source: Some("app.db".to_owned()),
        target: Some("app@db.example:5432/app".to_owned()),
        state: Some("loading, 41 of 158 tables".to_owned()),
        elapsed: Some(Duration::from_mins(15)),
        downtime: Some(Duration::from_mins(12)),
        reason: Some("the smoke test `login` failed".to_owned()),
        details: vec!["health: ok".to_owned(), "errors in the log: 0".to_owned()],
        report: Some(".outgrow/report.html".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Period, Policy};

    fn policy() -> NoticesPolicy {
        let text = "[notices]\napplication = \"Ward OPS\"\nlead = \"Ada\"\ncontact = \"#ops\"\naffected = \"Alerts may be late.\"\n\
                    [notices.window]\nstart = \"2026-03-01T22:00:00+04:00\"\nlength = \"60 min\"\nnext = \"2026-03-08T22:00:00+04:00\"";
        Policy::parse(text).unwrap().notices
    }

    #[test]
    fn our_templates_name_only_what_there_is_and_say_what_must_be_said() {
        for notice in Notice::ALL {
            assert_eq!(fault(notice, default_template(notice)), None);
            let (letter, fallback) = Templates::default().letter(&policy(), notice, &sample(), Writing::Plain).unwrap();
            assert_eq!(fallback, None);
            assert!(letter.subject.contains("Ward OPS") && !letter.subject.contains('\n'), "{letter:?}");
            assert!(letter.body.contains("#ops") && !letter.body.contains("none") || notice == Notice::Health4Hours, "{letter:?}");
            assert!(!letter.body.contains("\n\n\n"), "{letter:?}");
        }
    }

    #[test]
    fn announcements_say_when_how_long_and_whom_to_ask() {
        for notice in Notice::ALL.into_iter().filter(|notice| notice.is_announcement()) {
            let (letter, _) = Templates::default().letter(&policy(), notice, &Facts::default(), Writing::Plain).unwrap();
            for part in ["Sunday 1 March 2026, 22:00 (UTC+04:00)", "60 minutes", "Ada", "#ops", "Alerts may be late."] {
                assert!(letter.text().contains(part), "{part} in {letter:?}");
            }
        }
    }

    #[test]
    fn nothing_known_leaves_no_holes() {
        for notice in Notice::ALL {
            let (letter, _) = Templates::default().letter(&NoticesPolicy::default(), notice, &Facts::default(), Writing::Plain).unwrap();
            let text = letter.text();
            for hole in ["  ", " .", " ,", "()", "none", "``", ": \n", "\n\n\n"] {
                assert!(!text.contains(hole), "{hole:?} in {text}");
            }
        }
    }

    #[test]
    fn values_call_nobody_in_a_webhook() {
        let mut facts = sample();
        facts.reason = Some("<!channel> & so on".to_owned());
        let (letter, _) = Templates::default().letter(&policy(), Notice::Rollback, &facts, Writing::Webhook).unwrap();
        assert!(letter.body.contains("&lt;!channel&gt; &amp; so on"), "{letter:?}");
        let (plain, _) = Templates::default().letter(&policy(), Notice::Rollback, &facts, Writing::Plain).unwrap();
        assert!(plain.body.contains("<!channel> & so on"), "{plain:?}");
    }

    #[test]
    fn a_template_of_the_users_is_tried_before_it_is_needed() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("start.txt", "{{ application }} moves\n\n{% if lead %}{{ led }}{% endif %}");
        write("begin.txt", "x");
        write("failed.txt", "{% if %}");
        write("rollback.txt", "\n\n{% if lead %}x{% endif %}");
        write("completion.txt", "Done: {{ application }}\nIt took {{ downtime }}.");
        let templates = Templates::read(Some(directory.path()));
        let problems = templates.problems.join("\n");
        for part in ["`led`", "begin.txt", "failed.txt can't be read", "rollback.txt has no subject"] {
            assert!(problems.contains(part), "{part} in {problems}");
        }
        assert_eq!(templates.problems.len(), 4, "{problems}");
        let (letter, fallback) = templates.letter(&policy(), Notice::Completion, &sample(), Writing::Plain).unwrap();
        assert_eq!((letter.text().as_str(), fallback), ("Done: Ward OPS\n\nIt took 12 minutes.\n", None));
        // At the time, ours takes the place of one that can't be filled in, and that is said.
        let (letter, fallback) = templates.letter(&policy(), Notice::Start, &sample(), Writing::Plain).unwrap();
        assert!(letter.body.contains("#ops") && fallback.is_some_and(|fault| fault.contains("start.txt")), "{letter:?}");
        assert_eq!(NoticesPolicy::default().every, Period::seconds(900));
    }
}
