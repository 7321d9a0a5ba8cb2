//! The page of a move: one HTML file that stands alone, for whoever has to decide by it.
//!
//! In comes a [`MoveReport`], out comes text. Every text in it that stems from a database is made harmless before a
//! template sees it, and escaped by the template. The page loads nothing and runs nothing.
//!
//! Never decides anything: what it says of a move is what the report says, or that the report doesn't add up.

pub(in crate::report) mod drawing;
pub(in crate::report) mod harmless;
pub(in crate::report) mod summary;
pub(in crate::report) mod written;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

use super::MoveReport;
use crate::error::{Error, Result};

/// The templates. What ends in `.html` is escaped.
const TEMPLATES: &[(&str, &str)] = &[
    ("page.html", include_str!("page/page.html")),
    ("style.css", include_str!("page/style.css")),
    ("verdict.html", include_str!("page/verdict.html")),
    ("findings.html", include_str!("page/findings.html")),
    ("books.html", include_str!("page/books.html")),
    ("phases.html", include_str!("page/phases.html")),
    ("tables.html", include_str!("page/tables.html")),
    ("verification.html", include_str!("page/verification.html")),
    ("behaviour.html", include_str!("page/behaviour.html")),
    ("identity.html", include_str!("page/identity.html")),
];

/// Makes the page of a move.
pub fn page(report: &MoveReport) -> Result<String> {
    let bug = |error: minijinja::Error| Error::bug("make the page", error.to_string()).because(error);
    let document = serde_json::to_value(report).map_err(|error| Error::bug("make the page", error.to_string()).because(error))?;
    let environment = environment()?;
    let page = environment.get_template("page.html").map_err(bug)?;
    page.render(context! {
        report => harmless::value(&document),
        verdict => summary::verdict(report),
        obstacles => summary::obstacles(report),
        groups => summary::groups(report).map_err(|error| Error::bug("make the page", error.to_string()).because(error))?,
        books => summary::books(report),
        differences => summary::differences(report),
        timeline => drawing::timeline(&report.phases),
        largest => drawing::largest(&report.tables),
        loaded => Value::from(report.verification.is_some()),
    })
    .map_err(bug)
}

/// The templates of the page, with their filters.
pub(in crate::report) fn environment() -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    // Its errors would show the values of the report.
    environment.set_debug(false);
    // A misspelt field must not become an empty place on the page.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("number", written::number);
    environment.add_filter("bytes", written::bytes);
    environment.add_filter("seconds", written::seconds);
    environment.add_filter("moment", written::moment);
    environment.add_filter("many", written::many);
    environment.add_filter("total", written::total);
    environment.add_filter("cut", written::cut);
    environment.add_filter("meaning", written::meaning);
    for (name, source) in TEMPLATES {
        let added = environment.add_template(name, source);
        added.map_err(|error| Error::bug("make the page", error.to_string()).because(error))?;
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        let mut environment = Environment::new();
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).unwrap();
        }
    }
}
