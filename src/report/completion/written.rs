//! The report as a page and as Markdown: the same facts in the same order.

use minijinja::value::Value;
use minijinja::{Environment, context};

use super::facts::CompletionReport;
use super::figures;
use crate::error::{Error, Result};
use crate::report::page::{environment, harmless, summary};

/// The templates. What ends in `.html` is escaped by itself; in the others each text goes through the filter `md`.
const TEMPLATES: &[(&str, &str)] = &[
    ("completion.html", include_str!("completion.html")),
    ("timeline.html", include_str!("timeline.html")),
    ("way_back.html", include_str!("way_back.html")),
    ("entities.html", include_str!("entities.html")),
    ("health.html", include_str!("health.html")),
    ("around.html", include_str!("around.html")),
    ("completion.css", include_str!("completion.css")),
    ("completion.md", include_str!("completion.md")),
];

/// Makes the page: one file that stands alone.
pub fn completion_page(report: &CompletionReport) -> Result<String> {
    written(report, "completion.html")
}

/// Makes the Markdown.
pub fn completion_markdown(report: &CompletionReport) -> Result<String> {
    written(report, "completion.md")
}

fn bug(error: minijinja::Error) -> Error {
    Error::bug("make the completion report", error.to_string()).because(error)
}

fn templates() -> Result<Environment<'static>> {
    let mut environment = environment()?;
    environment.add_filter("md", md);
    environment.add_filter("percent", |share: f64| format!("{:.0} %", share * 100.0));
    environment.add_filter("ms", |ms: f64| format!("{ms:.1} ms"));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).map_err(bug)?;
    }
    Ok(environment)
}

fn written(report: &CompletionReport, template: &str) -> Result<String> {
    let unwritten = |error: serde_json::Error| Error::bug("make the completion report", error.to_string()).because(error);
    let document = serde_json::to_value(report).map_err(unwritten)?;
    let environment = templates()?;
    let moved = report.moved.as_ref().map(|moved| &moved.report);
    let groups = moved.map(summary::groups).transpose().map_err(unwritten)?.unwrap_or_default();
    let courses: Vec<Value> = report.courses.iter().map(|course| figures::steps(&course.steps)).collect();
    let page = environment.get_template(template).map_err(bug)?;
    page.render(context! {
        completion => harmless::value(&document),
        // What the page of a move is made of, for the parts that both have.
        report => document.get("moved").map(harmless::value),
        loaded => moved.is_some_and(|moved| moved.verification.is_some()),
        groups,
        books => moved.map(summary::books),
        differences => moved.map(summary::differences).unwrap_or_default(),
        timelines => courses,
        downtime => figures::downtime(report),
        tables => figures::tables(report),
        latency => figures::latency(&report.latency),
    })
    .map_err(bug)
}

/// A text for Markdown on one line, so that no name in it becomes markup, a link or HTML.
fn md(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = harmless::line(text);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let links = (letter == ':' && letters.peek() == Some(&'/')) || letter == '@';
        if links || "\\`*_{}[]<>#|~&!$".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    // Without a scheme, some readers make links of these.
    escaped.replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        templates().unwrap();
    }

    #[test]
    fn markdown_stays_text() {
        assert_eq!(md("a|b `c` <b> [x](http://y)\n# z"), "a\\|b \\`c\\` \\<b\\> \\[x\\](http\\://y)\u{240a}\\# z");
        assert_eq!(md("app@db www.x"), "app\\@db www\\.x");
    }
}
