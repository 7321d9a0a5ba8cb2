//! Views: each runs to its end on PostgreSQL, and shows what it shows on SQLite.

use std::ops::ControlFlow;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;

use super::sides::Sides;
use super::view_rows::{Form, ROWS_COMPARED, Rows, source_cell, target_cell};
use crate::catalog::{View, quoted};
use crate::error::{Error, Result};
use crate::mapping::counted;
use crate::postgres::failed;

/// What makes a view's rows differ from one run to the next, or from one order of the rows to another.
const VARYING: [&str; 8] = ["random", "now", "current_", "limit", "group_concat", "string_agg", "date(", "time("];

/// Probes every view that the target has.
pub(super) async fn probe(sides: &mut Sides<'_>) -> Result<()> {
    for view in &sides.found.catalog.views {
        if !sides.present.has(&format!("view:{}", view.name)) {
            continue;
        }
        let renamed = sides.why.renames.iter().find(|rename| rename.what == "view" && rename.source == view.name);
        let target = renamed.map_or(view.name.as_str(), |rename| rename.target.as_str());
        one(sides, view, target).await?;
    }
    Ok(())
}

async fn one(sides: &mut Sides<'_>, view: &View, name: &str) -> Result<()> {
    let probe = format!("view {}", view.name);
    let target = match on_target(sides, name).await? {
        Ok(target) => target,
        Err(code) if code == "57014" => {
            sides.not_probed(&probe, "it did not end on PostgreSQL within 60 seconds");
            return Ok(());
        }
        Err(code) => {
            sides.surprise(probe, "runs", format!("refused: SQLSTATE {code}"));
            return Ok(());
        }
    };
    let mut source = Rows::default();
    let read = tokio::task::block_in_place(|| {
        sides.scratch.read_view(&view.name, &mut |row| {
            let cells = (0..row.len()).map(|index| target.forms.get(index).and_then(|form| source_cell(*form, row.value(index))));
            source.add(cells);
            Ok(ControlFlow::Continue(()))
        })
    });
    if let Err(error) = read {
        sides.not_probed(&probe, &format!("SQLite can't run it: {}", error.detail()));
        return Ok(());
    }
    sides.report.views += 1;
    let text = view.sql.to_ascii_lowercase();
    if source.count != target.rows.count {
        // A view over the clock may lose a row between one side and the other; it is shown all the same.
        sides.surprise(probe, counted(source.count, "row"), counted(target.rows.count, "row"));
    } else if source.count > ROWS_COMPARED {
        sides.not_probed(&format!("the rows of {probe}"), "there are too many to compare them; their number is the same");
    } else if source.incomparable || target.rows.incomparable {
        sides.not_probed(&format!("the rows of {probe}"), "a column has another form on PostgreSQL; their number is the same");
    } else if VARYING.iter().any(|word| text.contains(word)) {
        sides.not_probed(&format!("the rows of {probe}"), "it depends on chance, time or the order of rows; their number is the same");
    } else if !source.same_as(&target.rows)
        && (sides.why.columns.iter().any(|column| !column.inexact.is_empty() && text.contains(&column.table.to_ascii_lowercase()))
            || sides.why.value_maps.iter().any(|column| text.contains(&column.table.to_ascii_lowercase())))
    {
        sides.not_probed(
            &format!("the rows of {probe}"),
            "cells of its tables are quarantined, normalised or called otherwise; their number is the same",
        );
    } else if !source.same_as(&target.rows) {
        sides.surprise(probe, counted(source.count, "row"), "as many rows, and other values in some");
    }
    Ok(())
}

/// What a view shows on PostgreSQL.
struct Shown {
    forms: Vec<Form>,
    rows: Rows,
}

/// Runs the view to its end; or the code with which the server refuses it.
async fn on_target(sides: &Sides<'_>, name: &str) -> Result<std::result::Result<Shown, String>> {
    let view = format!("{}.{}", quoted(&sides.plan.schema), quoted(name));
    sides.run("begin read only").await?;
    let shown = read(sides, &view).await;
    sides.run("rollback").await?;
    match shown {
        Ok(shown) => Ok(Ok(shown)),
        Err(error) => match error.as_db_error() {
            Some(refusal) => Ok(Err(refusal.code().code().to_owned())),
            None => Err(lost(name, error)),
        },
    }
}

fn lost(name: &str, error: tokio_postgres::Error) -> Error {
    failed(format!("run the view {name} on the rehearsed database"), error)
}

async fn read(sides: &Sides<'_>, view: &str) -> Result<Shown, tokio_postgres::Error> {
    let client = sides.session.client();
    let columns = client.prepare(&format!("select * from {view}")).await?;
    let forms: Vec<Form> = columns.columns().iter().map(|column| Form::of(column.type_())).collect();
    // As text, which every type has and which makes PostgreSQL compute every column.
    let list: Vec<String> = columns.columns().iter().map(|column| format!("{}::text", quoted(column.name()))).collect();
    let mut rows = Rows::default();
    let none: [&(dyn ToSql + Sync); 0] = [];
    let mut stream = pin!(client.query_raw(&format!("select {} from {view}", list.join(", ")), none).await?);
    while let Some(row) = stream.try_next().await? {
        let mut cells = Vec::with_capacity(forms.len());
        for (index, form) in forms.iter().enumerate() {
            cells.push(target_cell(*form, row.try_get::<_, Option<&str>>(index)?));
        }
        rows.add(cells.into_iter());
    }
    Ok(Shown { forms, rows })
}
