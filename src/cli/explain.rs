//! `outgrow explain`.

use std::borrow::Cow;

use super::args::ExplainArgs;
use super::screen::Screen;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::GATES;
use crate::mapping::RULES;
use crate::preset::PRESETS;
use crate::verify::CHECKS;

pub(super) fn run(args: &ExplainArgs, screen: &Screen) -> Result<Outcome> {
    let Some(id) = &args.id else {
        list(screen)?;
        return Ok(Outcome::Done);
    };
    let Some((title, text)) = find(id) else {
        let detail = format!("nothing is called `{id}`");
        return Err(Error::new(ErrorKind::Usage, "explain", detail).hint("`outgrow explain` lists everything that has a name"));
    };
    if screen.is_json() {
        screen.document(&serde_json::json!({ "id": id, "title": title, "text": text }))?;
    } else {
        screen.line(format!("{id}: {title}\n\n{}", wrap(&text)));
        if crate::gate::find(id).is_some() && !text.contains("can't be waived") {
            screen.line(waiver(id));
        }
    }
    Ok(Outcome::Done)
}

/// How a finding is waived, ready to be copied.
fn waiver(id: &str) -> String {
    format!(
        "\nTo waive it, write into outgrow.toml:\n\n  [[waiver]]\n  finding = \"{id}\"\n  at = \"the place as it is shown, or * for every place\"\n  \
         reason = \"why it is no obstacle\"\n  by = \"who says so\""
    )
}

fn list(screen: &Screen) -> Result<()> {
    if screen.is_json() {
        let findings: Vec<_> = GATES.iter().map(|gate| serde_json::json!({ "id": gate.id, "title": gate.title })).collect();
        let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        let checks: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        let frameworks: Vec<_> = PRESETS.iter().map(|preset| serde_json::json!({ "id": preset.id, "title": preset.name })).collect();
        let all = serde_json::json!({ "findings": findings, "rules": rules, "checks": checks, "frameworks": frameworks });
        return screen.document(&all);
    }
    screen.out("Findings");
    for gate in GATES {
        screen.out(&format!("  {:<26} {}", gate.id, gate.title));
    }
    screen.out("\nMapping rules");
    for rule in RULES {
        screen.out(&format!("  {}", rule.id));
    }
    screen.out("\nChecks of the verification");
    for check in CHECKS {
        screen.out(&format!("  {}", check.name));
    }
    screen.out("\nFrameworks");
    for preset in PRESETS {
        screen.out(&format!("  {:<26} {}", preset.id, preset.name));
    }
    Ok(())
}

fn find(id: &str) -> Option<(&'static str, Cow<'static, str>)> {
    let gate = GATES.iter().find(|gate| gate.id == id).map(|gate| (gate.title, Cow::from(gate.explain)));
    let rule = || RULES.iter().find(|rule| rule.id == id).map(|rule| ("a mapping rule", Cow::from(rule.explain)));
    let check = || CHECKS.iter().find(|check| check.name == id).map(|check| ("a check of the verification", Cow::from(check.explain)));
    let preset = || crate::preset::find(id).map(|preset| (preset.name, Cow::from(preset.described())));
    gate.or_else(rule).or_else(check).or_else(preset)
}

/// Paragraphs of lines that fit a terminal.
fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    for paragraph in text.split("\n\n") {
        let mut width = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > 96 {
                wrapped.push('\n');
                width = 0;
            } else if width > 0 {
                wrapped.push(' ');
                width += 1;
            }
            wrapped.push_str(word);
            width += length;
        }
        wrapped.push_str("\n\n");
    }
    wrapped.trim_end().to_owned()
}
