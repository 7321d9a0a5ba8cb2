//! A template and what is known → the subject and the text of a notice.

use minijinja::{Environment, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use super::facts::Context;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Letter {
    /// Its subject: one line.
    pub subject: String,
    /// Its text.
    pub body: String,
}

impl Letter {
    /// Subject and text, for ways that know no subject.
    pub fn text(&self) -> String {
        format!("{}\n\n{}\n", self.subject, self.body)
    }
}

/// How the values in a letter are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// As they are.
    Plain,
    /// So that Slack and its kin take nothing in them for a command: `<!channel>` in a value calls nobody. What the
    /// template itself says stays.
    Webhook,
}

/// The environment that templates are read and filled in.
pub(super) fn environment(writing: Writing) -> Environment<'static> {
    let mut environment = Environment::new();
    // Its errors would show the values.
    environment.set_debug(false);
    // A misspelt field must not become an empty place in a letter.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line that holds nothing but a condition leaves no line behind.
    let mut syntax = environment.syntax().to_builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(move |out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value| {
        // What is not known leaves nothing behind.
        if value.is_none() {
            return Ok(());
        }
        let escaped = match writing {
            Writing::Plain => None,
            Writing::Webhook => value.as_str().map(|text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")),
        };
        minijinja::escape_formatter(out, state, &escaped.map_or_else(|| value.clone(), Value::from))
    });
    environment
}

/// Fills a template in. Its first line is the subject, and the rest is the text.
pub(super) fn fill(name: &str, source: &str, context: &Context, writing: Writing) -> Result<Letter, String> {
    let environment = environment(writing);
    let filled = environment.render_named_str(name, source, Value::from_object(context.clone())).map_err(|error| error.to_string())?;
    let filled = filled.trim();
    let (subject, body) = filled.split_once('\n').unwrap_or((filled, ""));
    if subject.trim().is_empty() {
        return Err(format!("{name} has no subject: its first line"));
    }
    Ok(Letter { subject: subject.trim().to_owned(), body: paragraphs(body) })
}

/// One empty line between paragraphs, whatever was left out between them.
fn paragraphs(text: &str) -> String {
    let mut tidy = String::new();
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && tidy.ends_with("\n\n")) {
            tidy += line;
            tidy.push('\n');
        }
    }
    tidy.trim_end().to_owned()
}
