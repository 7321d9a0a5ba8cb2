//! What years of SQLite leave behind: every row of it is legal for SQLite, and none of it is what the schema intends.
//!
//! Runs after the rows are written, with foreign keys off. Never adds or removes a row of the counted tables.

use rusqlite::Connection;

/// Objects that the descriptions can't express.
const OBJECTS: &str = r#"
create unique index "academic_years_one_current" on "academic_years" ("is_current") where "is_current" = 1;
create index "users_email_lower" on "users" (lower("email"));
create index "tasks_open_due" on "tasks" ("due_at" desc) where "completed_at" is null;
create view "active_users" as
  select "users"."id", "users"."name", "users"."email", "institutions"."name" as "institution_name"
  from "users" left join "institutions" on "institutions"."id" = "users"."institution_id"
  where "users"."status" = 'aktiv' and "users"."deleted_at" is null;
create view "student_averages" as
  select "student_id", "subject_id", count(*) as "grade_count", avg("score") as "average_score"
  from "grades" group by "student_id", "subject_id";
create view "open_approvals" as
  select "id", "requested_by", "submitted_at" from "approval_requests" where "status" = 'gözləmədə';
create trigger "grades_keep_history" after update of "score" on "grades" when old."score" <> new."score"
begin
  insert into "grade_changes" ("grade_id", "before_score", "after_score", "changed_at")
  values (new."id", old."score", new."score", cast(strftime('%s', 'now') as integer) * 1000);
end;
create trigger "documents_never_shrink_to_nothing" before update of "size_bytes" on "documents" when new."size_bytes" < 0
begin
  select raise(abort, 'size_bytes must not be negative');
end;
"#;

/// The oddities, each with what it stands for.
const ODDITIES: &[&str] = &[
    // Three students were deleted while foreign keys were off: four grades are orphans, and the highest id ever given is above max(id).
    r#"update "grades" set "student_id" = 21 where "id" in (17, 402)"#,
    r#"update "grades" set "student_id" = 23 where "id" in (403, 977)"#,
    r#"update "sqlite_sequence" set "seq" = 23 where "name" = 'students'"#,
    // Rows that failed halfway left gaps.
    r#"update "notification_logs" set "id" = "id" + 200 where "id" > 500"#,
    r#"update "sqlite_sequence" set "seq" = 1000 where "name" = 'notification_logs'"#,
    // One year is the current one.
    r#"update "academic_years" set "is_current" = ("id" = 3)"#,
    // The frontend writes epoch milliseconds, an old import wrote texts.
    r#"update "surveys" set "opened_at" = '15.09.2024 10:30' where "id" = 5"#,
    r#"update "surveys" set "opened_at" = '2024-10-01 09:00:00' where "id" = 11"#,
    // A form sent an empty field for a number.
    r#"update "institutions" set "student_capacity" = '' where "id" in (44, 271)"#,
    // Names longer than varchar(20).
    r#"update "institutions" set "short_name" = 'Nümunəabad şəhər 7 nömrəli məktəb-lisey' where "id" = 7"#,
    r#"update "institutions" set "short_name" = 'Göykənd kənd tam orta məktəbi' where "id" = 188"#,
    // A message pasted from a terminal, with a NUL byte.
    r#"update "messages" set "body" = cast(x'73C999746972' || x'00' || x'736F6E' as text) where "id" = 77"#,
    // A signature saved as a data URL instead of bytes.
    r#"update "report_cards" set "signature" = 'data:image/png;base64,iVBORw0KGgo=' where "id" in (3, 8)"#,
    // Tags that differ in case only are told apart by nothing.
    r#"update "tags" set "name" = 'Təcili' where "id" = 40"#,
];

/// Creates the remaining objects and makes the mess.
pub(super) fn make(file: &Connection) -> rusqlite::Result<()> {
    for statement in ODDITIES {
        file.execute(statement, [])?;
    }
    file.execute_batch(OBJECTS)
}
