//! Primary keys, unique keys, indexes and checks: made after the rows are in.

use super::build::Draft;
use super::names::Names;
use super::report::{ConflictClause, LeftOut, NullKey};
use super::step::Phase;
use super::table::TablePlan;
use crate::catalog::{Index, IndexOrigin, IndexPart, Table, quoted};
use crate::dialect::{ConflictClause as Clause, IndexSql, TableDdl, Translator, read_table};

/// Plans everything that is checked or looked up within one table.
pub(super) fn plan_keys(draft: &mut Draft<'_>, table: &Table) {
    primary_key(draft, table);
    for index in &table.indexes {
        if index.origin == IndexOrigin::PrimaryKey {
            fold_key(draft, table, index);
        } else {
            plan_index(draft, table, index);
        }
    }
    checks(draft, table);
}

fn qualified(draft: &Draft<'_>, table: &Table) -> Option<(String, TablePlan)> {
    let (plan, _) = draft.table(&table.name)?;
    Some((format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(&plan.target)), plan.clone()))
}

fn key_columns(plan: &TablePlan, names: &[String]) -> Vec<String> {
    let find = |name: &String| plan.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name));
    names.iter().filter_map(find).map(|column| quoted(&column.target)).collect()
}

fn primary_key(draft: &mut Draft<'_>, table: &Table) {
    let Some(key) = &table.primary_key else { return };
    let Some((target, plan)) = qualified(draft, table) else { return };
    let columns = key_columns(&plan, &key.columns).join(", ");
    let nulls = draft.inputs.profile.tables.get(&table.name).map_or(0, |profile| profile.key_nulls.count);
    let name = draft.relations.take_own(&format!("{}_pkey", plan.target));
    let sql = if nulls > 0 {
        draft.report.null_keys.push(NullKey { table: table.name.clone(), rows: nulls });
        format!("CREATE UNIQUE INDEX {} ON {target} ({columns})", quoted(&name))
    } else {
        format!("ALTER TABLE {target} ADD CONSTRAINT {} PRIMARY KEY ({columns})", quoted(&name))
    };
    draft.optional(Phase::Keys, format!("primary-key:{}", table.name), format!("primary key of {}", plan.target), vec![sql]);
}

/// A primary key that compares without regard to case is unique in that sense too.
fn fold_key(draft: &mut Draft<'_>, table: &Table, index: &Index) {
    if index.parts.iter().any(|part| !part.collation.eq_ignore_ascii_case("binary")) {
        plan_index(draft, table, index);
    }
}

fn plan_index(draft: &mut Draft<'_>, table: &Table, index: &Index) {
    let Some((target, plan)) = qualified(draft, table) else { return };
    let named = |part: &IndexPart| part.column.as_ref().is_some_and(|column| table.left_out.contains(column));
    if index.parts.iter().any(named) {
        let reason = "a column of it is left out".to_owned();
        draft.report.left_out.push(LeftOut { what: format!("index {} of {}", index.name, table.name), count: 1, reason });
        return;
    }
    let of_columns_only = !index.partial && index.parts.iter().all(|part| part.column.is_some());
    let scope = if of_columns_only { &draft.stored_scope } else { &draft.scope };
    let translated = Translator::new(scope, draft.inputs.server_major).index(index, &table.name);
    let parts = match translated {
        Ok(parts) => parts,
        Err(why) => {
            let original = index.sql.clone().unwrap_or_else(|| format!("a UNIQUE constraint of {}", table.name));
            draft.untranslated("index", &index.name, why, &original);
            return;
        }
    };
    let automatic = index.sql.is_none();
    let name = if automatic {
        let columns: Vec<&str> = index.parts.iter().filter_map(|part| part.column.as_deref()).collect();
        draft.relations.take_own(&format!("{}_{}_key", plan.target, columns.join("_")))
    } else {
        draft.name_relation("index", &index.name)
    };
    let sql = if automatic && parts.plain && parts.unique {
        format!("ALTER TABLE {target} ADD CONSTRAINT {} UNIQUE ({})", quoted(&name), parts.parts.join(", "))
    } else {
        create_index(&name, &target, &parts)
    };
    draft.optional(Phase::Keys, format!("index:{}", index.name), format!("index {name}"), vec![sql]);
}

fn create_index(name: &str, target: &str, index: &IndexSql) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = index.predicate.as_ref().map(|predicate| format!(" WHERE {predicate}")).unwrap_or_default();
    format!("CREATE {unique}INDEX {} ON {target} ({}){predicate}", quoted(name), index.parts.join(", "))
}

fn checks(draft: &mut Draft<'_>, table: &Table) {
    let Some((target, plan)) = qualified(draft, table) else { return };
    let ddl = match read_table(&table.sql) {
        Ok(ddl) => ddl,
        Err(why) => {
            draft.untranslated("table text", &table.name, why, &table.sql);
            return;
        }
    };
    report_conflict_clauses(draft, table, &ddl);
    let mut names = Names::default();
    for (position, check) in ddl.checks.iter().enumerate() {
        let unnamed = format!("no. {}", position + 1);
        let place = format!("{} of {}", check.name.as_deref().unwrap_or(&unnamed), table.name);
        match Translator::new(&draft.scope, draft.inputs.server_major).check(&table.name, check) {
            Ok(expression) => {
                let wanted = check.name.clone().unwrap_or_else(|| format!("{}_check{}", plan.target, position + 1));
                let name = names.take(&wanted);
                let sql = format!("ALTER TABLE {target} ADD CONSTRAINT {} CHECK ({expression})", quoted(&name));
                draft.optional(Phase::Keys, format!("check:{}:{position}", table.name), format!("check {name}"), vec![sql]);
            }
            Err(why) => draft.untranslated("check", &place, why, &check.source),
        }
    }
    draft.constraints.insert(table.name.clone(), names);
}

/// Every clause but ABORT, which is what PostgreSQL does.
fn report_conflict_clauses(draft: &mut Draft<'_>, table: &Table, ddl: &TableDdl) {
    let word = |clause: Option<Clause>| match clause {
        None | Some(Clause::Abort) => None,
        Some(Clause::Rollback) => Some("ROLLBACK"),
        Some(Clause::Fail) => Some("FAIL"),
        Some(Clause::Ignore) => Some("IGNORE"),
        Some(Clause::Replace) => Some("REPLACE"),
    };
    let mut clauses = Vec::new();
    for column in &ddl.columns {
        clauses.extend(word(column.not_null_conflict).map(|word| format!("{} NOT NULL ON CONFLICT {word}", column.name)));
    }
    for unique in &ddl.uniques {
        let kind = if unique.primary { "PRIMARY KEY" } else { "UNIQUE" };
        clauses.extend(word(unique.conflict).map(|word| format!("{kind} ({}) ON CONFLICT {word}", unique.columns.join(", "))));
    }
    let table = &table.name;
    draft.report.conflict_clauses.extend(clauses.into_iter().map(|clause| ConflictClause { table: table.clone(), clause }));
}
