//! What a database did with a statement, in words that both sides share.

use std::fmt;

use tokio_postgres::error::DbError;

use crate::sqlite::{Attempt, RefusalClass};

/// What a database did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// It took the statement, and gave the row this key where it gives keys.
    Accepted {
        /// The key.
        key: Option<i64>,
    },
    /// It refused the statement.
    Refused(Class),
}

/// Why a statement is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    /// NOT NULL.
    NotNull,
    /// A primary key, a unique key or a unique index.
    Unique,
    /// CHECK.
    Check,
    /// A foreign key.
    ForeignKey,
    /// A trigger said no.
    Trigger,
    /// A trigger or a conflict clause left the row out without a word.
    LeftOut,
    /// A value that the column's type doesn't hold.
    Datatype,
    /// Anything else, with PostgreSQL's code where it has one.
    Other(Option<String>),
}

impl Behaviour {
    /// Whether both sides took it, or refused it for the same class of reason; keys are not compared.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Accepted { .. }, Self::Accepted { .. }) => true,
            (Self::Refused(one), Self::Refused(another)) => one == another,
            (Self::Accepted { .. }, Self::Refused(_)) | (Self::Refused(_), Self::Accepted { .. }) => false,
        }
    }

    /// The same in words, without the key, which says nothing about a constraint.
    pub(super) fn without_key(&self) -> String {
        match self {
            Self::Accepted { .. } => Self::Accepted { key: None }.to_string(),
            Self::Refused(_) => self.to_string(),
        }
    }

    /// Whether it was taken.
    pub(super) fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Whether it was refused for this reason.
    pub(super) fn is_refused(&self, class: &Class) -> bool {
        matches!(self, Self::Refused(refused) if refused == class)
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { key: Some(key) } => write!(f, "accepted, key {key}"),
            Self::Accepted { key: None } => f.write_str("accepted"),
            Self::Refused(class) => write!(f, "refused: {class}"),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => f.write_str("not-null"),
            Self::Unique => f.write_str("unique"),
            Self::Check => f.write_str("check"),
            Self::ForeignKey => f.write_str("foreign-key"),
            Self::Trigger => f.write_str("trigger"),
            Self::LeftOut => f.write_str("left out without an error"),
            Self::Datatype => f.write_str("datatype"),
            Self::Other(None) => f.write_str("another reason"),
            Self::Other(Some(code)) => write!(f, "SQLSTATE {code}"),
        }
    }
}

impl From<Attempt> for Behaviour {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::Accepted { .. } => Self::Accepted { key: None },
            Attempt::Refused(class) => Self::Refused(match class {
                RefusalClass::NotNull => Class::NotNull,
                RefusalClass::Unique | RefusalClass::PrimaryKey => Class::Unique,
                RefusalClass::Check => Class::Check,
                RefusalClass::ForeignKey => Class::ForeignKey,
                RefusalClass::Trigger => Class::Trigger,
                RefusalClass::Datatype => Class::Datatype,
                RefusalClass::Other => Class::Other(None),
            }),
        }
    }
}

impl From<&DbError> for Class {
    fn from(refusal: &DbError) -> Self {
        match refusal.code().code() {
            "23502" => Self::NotNull,
            "23505" => Self::Unique,
            "23514" => Self::Check,
            "23503" | "23001" => Self::ForeignKey,
            // Translated triggers raise the integrity violation that has no kind, which the server itself never does.
            "23000" | "P0001" => Self::Trigger,
            // Within class 22, this one is a sequence that has come to its end.
            "2200H" => Self::Other(Some("2200H".to_owned())),
            code if code.starts_with("22") => Self::Datatype,
            code => Self::Other(Some(code.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_by_class_and_not_by_key() {
        let accepted = |key| Behaviour::Accepted { key };
        let refused = |class| Behaviour::Refused(Class::from_source(class));
        assert!(accepted(Some(5)).agrees(&accepted(None)));
        assert!(refused(RefusalClass::PrimaryKey).agrees(&refused(RefusalClass::Unique)));
        assert!(!refused(RefusalClass::Check).agrees(&refused(RefusalClass::NotNull)));
        assert!(!accepted(None).agrees(&refused(RefusalClass::NotNull)));
        assert_eq!(accepted(Some(5450)).to_string(), "accepted, key 5450");
        assert_eq!(refused(RefusalClass::NotNull).to_string(), "refused: not-null");
    }

    impl Class {
        fn from_source(class: RefusalClass) -> Self {
            match Behaviour::from(Attempt::Refused(class)) {
                Behaviour::Refused(class) => class,
                Behaviour::Accepted { .. } => unreachable!("a refusal stays a refusal"),
            }
        }
    }
}
