//! What L and FULL are made of: files of the rows that outgrow loaded, and scripts with the DDL that it ran, as `pg_dump` tells it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::contender::Place;
use super::psql;

/// Writes files and scripts of a database that outgrow has loaded.
pub(super) fn make(place: &Place<'_>) -> Result<(), String> {
    let dump = |section: &str| {
        let mut command = Command::new("pg_dump");
        psql::finish(command.args(["--no-owner", "--no-privileges", "-t", "public.*", "--section", section, "-d", place.url]))
    };
    let (tables, keys, sequences) = (dump("pre-data")?, dump("post-data")?, sequences(place.url)?);
    let (mut out, mut plain, mut frozen) = (String::new(), String::new(), String::new());
    for table in &place.dataset.tables {
        let (name, file) = (&table.name, place.file(&format!("{}.copy", table.name)));
        let key = table.key.join(", ");
        let query = format!("(select * from public.{name} order by {key}) to");
        let into = format!("public.{name} from");
        for (script, what, options) in
            [(&mut out, &query, "format binary"), (&mut plain, &into, "format binary"), (&mut frozen, &into, "format binary, freeze")]
        {
            writeln!(script, "\\copy {what} '{}' with ({options})", file.display()).map_err(|cause| cause.to_string())?;
        }
    }
    write(&place.file("out.sql"), &out)?;
    psql::finish(&mut psql::script(place.url, &place.file("out.sql")))?;
    let full = format!("begin;\n{tables}\n{frozen}commit;\n{keys}\n{sequences}\n");
    for (name, text) in
        [("tables.sql", tables), ("limit.sql", plain), ("full.sql", full), ("keys.sql", runnable(&keys)), ("sequences.sql", sequences)]
    {
        write(&place.file(name), &text)?;
    }
    Ok(())
}

/// What sets every sequence to where it stands.
fn sequences(url: &str) -> Result<String, String> {
    psql::ask(
        url,
        "select format('select pg_catalog.setval(%L, %s);', format('%I.%I', schemaname, sequencename), last_value) \
         from pg_sequences where schemaname = 'public' and last_value is not null order by sequencename",
    )
}

/// Without the lines that only psql understands.
fn runnable(dump: &str) -> String {
    dump.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n")
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|cause| format!("{}: {cause}", file.display()))
}
