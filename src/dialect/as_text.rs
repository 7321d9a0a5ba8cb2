//! Operands of `||`: there the class of a value does not matter, only its text.

use turso_parser::ast::Expr;

use super::fault::{Translated, refuse};
use super::typed::{Class, Typed};
use super::walk::Walk;

impl Walk<'_> {
    /// `left || right`.
    pub(super) fn concatenation(&mut self, left: &Expr, right: &Expr) -> Translated<Typed> {
        match (self.text_of(left)?, self.text_of(right)?) {
            (Some(left), Some(right)) => Ok(Typed::computed(format!("({left} || {right})"), Class::Text)),
            (None, _) | (_, None) => Ok(Typed::null()),
        }
    }

    /// The text of an expression; none of NULL. Where its branches are of different classes, each becomes a text.
    fn text_of(&mut self, expr: &Expr) -> Translated<Option<String>> {
        match self.expr(expr) {
            Ok(value) if value.class == Class::Null => Ok(None),
            Ok(value) => value.text("||").map(Some),
            Err(why) => self.branches_as_texts(expr).unwrap_or(Err(why)).map(Some),
        }
    }

    fn branches_as_texts(&mut self, expr: &Expr) -> Option<Translated<String>> {
        if let Expr::Parenthesized(items) = expr
            && let [inner] = items.as_slice()
        {
            return self.branches_as_texts(inner);
        }
        if let Expr::FunctionCall { name, args, .. } = expr
            && ["coalesce", "ifnull"].iter().any(|known| name.as_str().eq_ignore_ascii_case(known))
        {
            let texts = args.iter().map(|arg| self.text_or_null(arg)).collect::<Translated<Vec<_>>>();
            return Some(texts.map(|texts| format!("coalesce({})", texts.join(", "))));
        }
        if let Expr::Case { base: None, when_then_pairs, else_expr } = expr {
            return Some(self.case_as_text(when_then_pairs, else_expr.as_deref()));
        }
        None
    }

    fn case_as_text(&mut self, pairs: &[(Box<Expr>, Box<Expr>)], otherwise: Option<&Expr>) -> Translated<String> {
        let mut branches = Vec::new();
        for (when, then) in pairs {
            branches.push(format!("WHEN {} THEN {}", self.condition(when)?, self.text_or_null(then)?));
        }
        let otherwise = otherwise.map_or(Ok("NULL::text".to_owned()), |otherwise| self.text_or_null(otherwise))?;
        if branches.is_empty() {
            return refuse("CASE", "it has no branch");
        }
        Ok(format!("(CASE {} ELSE {otherwise} END)", branches.join(" ")))
    }

    fn text_or_null(&mut self, expr: &Expr) -> Translated<String> {
        Ok(self.text_of(expr)?.unwrap_or_else(|| "NULL::text".to_owned()))
    }
}
