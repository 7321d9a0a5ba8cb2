//! `outgrow explain`.

use std::borrow::Cow;

use super::args::ExplainArgs;
use super::screen::Screen;
use super::value_pages::{of_reason, of_rule};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{GATES, READINESS, find_readiness};
use crate::mapping::RULES;
use crate::plan::DECIDERS;
use crate::preset::PRESETS;
use crate::value::{Reason, Rule};
use crate::verify::CHECKS;

const OF_RULES: &str = "a rule that changes a cell";
const OF_REASONS: &str = "a reason to quarantine a cell";

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
        if (crate::gate::find(id).is_some() || find_readiness(id).is_some()) && !text.contains("can't be waived") {
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
        let readiness: Vec<_> = READINESS.iter().map(|gate| serde_json::json!({ "id": gate.id, "title": gate.title })).collect();
        let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        let checks: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        let frameworks: Vec<_> = PRESETS.iter().map(|preset| serde_json::json!({ "id": preset.id, "title": preset.name })).collect();
        let deciders: Vec<_> = DECIDERS.iter().map(|decider| decider.id).collect();
        let values: Vec<_> = Rule::ALL.into_iter().map(|rule| serde_json::json!({ "id": rule.id(), "title": rule.meaning() })).collect();
        let reasons: Vec<_> =
            Reason::ALL.into_iter().map(|reason| serde_json::json!({ "id": reason.id(), "title": reason.meaning() })).collect();
        let all = serde_json::json!({
            "findings": findings, "readiness": readiness, "rules": rules, "checks": checks, "frameworks": frameworks,
            "deciders": deciders, "value-rules": values, "reasons": reasons,
        });
        return screen.document(&all);
    }
    screen.out("Findings");
    for gate in GATES {
        screen.out(&format!("  {:<26} {}", gate.id, gate.title));
    }
    screen.out("\nGates before a cutover");
    for gate in READINESS {
        screen.out(&format!("  {:<26} {}", gate.id, gate.title));
    }
    screen.out("\nMapping rules");
    for rule in RULES {
        screen.out(&format!("  {}", rule.id));
    }
    screen.out("\nWho else chooses a type");
    for decider in DECIDERS {
        screen.out(&format!("  {}", decider.id));
    }
    screen.out("\nRules that change a cell");
    for rule in Rule::ALL {
        screen.out(&format!("  {:<26} {}", rule.id(), rule.meaning()));
    }
    screen.out("\nReasons to quarantine a cell");
    for reason in Reason::ALL {
        screen.out(&format!("  {:<26} {}", reason.id(), reason.meaning()));
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

/// What there is of this name. A gate and a rule may share one: then both are told.
fn find(id: &str) -> Option<(&'static str, Cow<'static, str>)> {
    let gate = GATES.iter().find(|gate| gate.id == id).map(|gate| (gate.title, Cow::from(gate.explain)));
    let readiness = find_readiness(id).map(|gate| (gate.title, Cow::from(gate.explain)));
    let rule = RULES.iter().find(|rule| rule.id == id).map(|rule| ("a mapping rule", Cow::from(rule.explain)));
    let decider = DECIDERS.iter().find(|decider| decider.id == id).map(|decider| ("who chose a type", Cow::from(decider.explain)));
    let check = CHECKS.iter().find(|check| check.name == id).map(|check| ("a check of the verification", Cow::from(check.explain)));
    let preset = crate::preset::find(id).map(|preset| (preset.name, Cow::from(preset.described())));
    let value = Rule::ALL.into_iter().find(|rule| rule.id() == id).map(|rule| (OF_RULES, Cow::from(of_rule(rule))));
    let reason = Reason::ALL.into_iter().find(|reason| reason.id() == id).map(|reason| (OF_REASONS, Cow::from(of_reason(reason))));
    let mut pages = [gate, readiness, rule, decider, check, preset, value, reason].into_iter().flatten();
    let (title, text) = pages.next()?;
    let further = pages.fold(text, |text, (title, more)| format!("{text}\n\n**Also {title}.** {more}").into());
    Some((title, further))
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
