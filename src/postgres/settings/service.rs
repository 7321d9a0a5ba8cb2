//! The service file: sections of keywords, by name.
//!
//! Never follows a service from within a service.

use std::path::PathBuf;

use super::{Environment, conninfo::Keywords, keyword};
use crate::error::{Error, ErrorKind, Result};

const DOING: &str = "read the connection service file";

/// The keywords of the service `name`, from the first file that has it.
pub(super) fn keywords(name: &str, given_file: Option<&str>, environment: &Environment<'_>, home: Option<&PathBuf>) -> Result<Keywords> {
    let own = given_file.map(PathBuf::from).or_else(|| home.map(|home| home.join(".pg_service.conf")));
    let system = environment("PGSYSCONFDIR").map(PathBuf::from);
    let directories = system.into_iter().chain(["/etc/postgresql-common", "/etc"].map(PathBuf::from));
    let files = own.into_iter().chain(directories.map(|directory| directory.join("pg_service.conf")));
    let mut searched = Vec::new();
    for file in files {
        searched.push(file.display().to_string());
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                if let Some(keywords) = section(&text, name, &file.display().to_string())? {
                    return Ok(keywords);
                }
            }
            Err(error) if given_file.is_some() && searched.len() == 1 => {
                return Err(Error::new(ErrorKind::Usage, DOING, format!("{} can't be read", file.display())).because(error));
            }
            Err(_) => {}
        }
    }
    Err(Error::new(ErrorKind::Usage, DOING, format!("no service `{name}` is defined"))
        .hint(format!("these files were looked at: {}", searched.join(", "))))
}

fn section(text: &str, name: &str, file: &str) -> Result<Option<Keywords>> {
    let mut found: Option<Keywords> = None;
    let mut within = false;
    for (number, line) in text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let bad = |detail: &str| Error::new(ErrorKind::Usage, DOING, format!("line {} of {file} {detail}", number + 1));
        if let Some(header) = line.strip_prefix('[') {
            if within {
                break;
            }
            within = header.strip_suffix(']') == Some(name);
            if within {
                found = Some(Keywords::new());
            }
        } else if let Some(keywords) = found.as_mut().filter(|_| within) {
            let (key, value) = line.split_once('=').ok_or_else(|| bad("has no `=`"))?;
            let key = key.trim();
            if !keyword::is_known(key) || key.starts_with("service") {
                return Err(bad("begins with what is not a connection keyword"));
            }
            keywords.entry(key.to_owned()).or_insert_with(|| value.trim().to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_found_by_name() {
        let text = "# services\n[other]\nhost=o\n[app]\nhost=db.example\nport = 6000\npassword=a=b\n\n[last]\nnonsense\n";
        let keywords = section(text, "app", "f").unwrap().unwrap();
        assert_eq!(keywords["host"], "db.example");
        assert_eq!(keywords["port"], "6000");
        assert_eq!(keywords["password"], "a=b");
        assert!(section(text, "none", "f").unwrap().is_none());
        assert!(section(text, "last", "f").is_err());
    }
}
