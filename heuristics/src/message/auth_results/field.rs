//! Syntax of one Authentication-Results field (RFC 8601, section 2.2).
//!
//! Way in: [`parse`]. Lenient where software is known to differ; what cannot be read is left out.

use crate::facts::AuthResult;
use crate::message::domain::to_ascii;

/// Bytes read of one field.
pub const MAX_BYTES: usize = 16 << 10;

/// Results kept of one field.
pub const MAX_STATEMENTS: usize = 50;

/// One Authentication-Results field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// Who says so, lower case.
    pub authserv_id: String,
    /// What it found, in order; empty for `none`.
    pub statements: Vec<Statement>,
}

/// One result of one method (`resinfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// `spf`, `dkim`, `dmarc`, …; lower case, without version.
    pub method: String,
    /// `pass`, `fail`, …; lower case.
    pub result: String,
    /// Free text, where it is given.
    pub reason: Option<String>,
    /// `ptype.property` in lower case, and its value as written.
    pub properties: Vec<(String, String)>,
}

/// Reads one raw field value. `None` where there is no authserv-id, or a version that RFC 8601
/// does not define.
pub fn parse(raw: &[u8]) -> Option<AuthenticationResults> {
    let mut scanner = Scanner { rest: raw.get(..MAX_BYTES).unwrap_or(raw) };
    scanner.skip_cfws();
    let authserv_id = scanner.value();
    scanner.skip_cfws();
    if authserv_id.is_empty() || scanner.rest.first() == Some(&b'=') {
        return None;
    }
    let version = scanner.value();
    if !matches!(version.as_str(), "" | "1") {
        return None;
    }
    let mut statements = Vec::new();
    while scanner.next_statement() && statements.len() < MAX_STATEMENTS {
        statements.extend(scanner.statement());
    }
    Some(AuthenticationResults { authserv_id: authserv_id.to_ascii_lowercase(), statements })
}

impl Statement {
    /// The result as RFC 8601, section 2.7, names it; words it does not know are `Unknown`.
    pub fn auth_result(&self) -> AuthResult {
        match self.result.as_str() {
            "fail" | "hardfail" => AuthResult::Fail,
            "neutral" | "policy" => AuthResult::Neutral,
            "none" => AuthResult::None,
            "pass" => AuthResult::Pass,
            "permerror" => AuthResult::PermError,
            "softfail" => AuthResult::SoftFail,
            "temperror" | "tempfail" => AuthResult::TempError,
            _ => AuthResult::Unknown,
        }
    }

    /// Value of a property, by its lower-case `ptype.property`.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Domain of an address or domain property; empty where there is none.
    pub(super) fn domain_of(&self, name: &str) -> String {
        let value = self.property(name).unwrap_or_default().trim_matches(['<', '>']);
        let domain = value.rsplit_once('@').map_or(value, |(_, domain)| domain);
        to_ascii(domain).unwrap_or_default()
    }
}

/// Reads tokens from the front of a field value.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    /// White space and comments, which nest (RFC 5322, section 3.2.2).
    fn skip_cfws(&mut self) {
        let mut depth = 0_usize;
        while let Some((&b, tail)) = self.rest.split_first() {
            match b {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b'\\' if depth > 0 => {
                    self.rest = tail.get(1..).unwrap_or_default();
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if depth > 0 => {}
                _ => break,
            }
            self.rest = tail;
        }
    }

    /// A run of token characters and quoted strings, quotes and backslashes removed; empty where
    /// none begins here.
    fn value(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut quoted = false;
        while let Some((&b, tail)) = self.rest.split_first() {
            match b {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    if let Some((&escaped, tail)) = tail.split_first() {
                        bytes.push(escaped);
                        self.rest = tail;
                        continue;
                    }
                }
                b'\r' | b'\n' if quoted => {}
                _ if quoted => bytes.push(b),
                b' ' | b'\t' | b'\r' | b'\n' | b'(' | b';' | b'=' => break,
                _ => bytes.push(b),
            }
            self.rest = tail;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Moves behind the next `;` outside quotes and comments; `false` at the end.
    fn next_statement(&mut self) -> bool {
        loop {
            self.skip_cfws();
            match self.rest.split_first() {
                None => return false,
                Some((b';', tail)) => {
                    self.rest = tail;
                    return true;
                }
                Some((b'=', tail)) => self.rest = tail,
                Some(_) => drop(self.value()),
            }
        }
    }

    /// `name = value`, or a name alone.
    fn pair(&mut self) -> (String, Option<String>) {
        self.skip_cfws();
        let mut name = self.value().to_ascii_lowercase();
        self.skip_cfws();
        // `smtp . mailfrom`, `dkim / 1`: white space and comments may stand beside the joint.
        while name.ends_with(['.', '/']) || matches!(self.rest.first(), Some(b'.' | b'/')) {
            let next = self.value();
            if next.is_empty() {
                break;
            }
            name.push_str(&next.to_ascii_lowercase());
            self.skip_cfws();
        }
        let Some((b'=', tail)) = self.rest.split_first() else { return (name, None) };
        self.rest = tail;
        self.skip_cfws();
        // A property's value may hold `=` (`header.b=abc=`); a method's result does not.
        let mut value = self.value();
        while let Some((b'=', tail)) = self.rest.split_first() {
            self.rest = tail;
            value.push('=');
            value.push_str(&self.value());
        }
        (name, Some(value))
    }

    /// `method=result [reason=…] [ptype.property=value]…`; `None` for `none` and for nonsense.
    fn statement(&mut self) -> Option<Statement> {
        let (method, result) = self.pair();
        let result = result?.to_ascii_lowercase();
        let method = method.split('/').next().unwrap_or_default().trim().to_owned();
        let mut statement = Statement { method, result, ..Statement::default() };
        loop {
            self.skip_cfws();
            if matches!(self.rest.first(), None | Some(b';')) {
                let empty = statement.method.is_empty() || statement.result.is_empty();
                return (!empty).then_some(statement);
            }
            match self.pair() {
                (name, Some(value)) if name == "reason" => statement.reason = Some(value),
                (name, Some(value)) => statement.properties.push((name, value)),
                (_, None) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `id: method=result{property=value, …}[reason]; …`
    #[track_caller]
    fn check(field: &str, expected: &str) {
        let shown = parse(field.as_bytes()).map_or("nothing".into(), |results| {
            let statements = results.statements.iter().map(|s| {
                let properties: Vec<_> =
                    s.properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let reason = s.reason.as_ref().map_or(String::new(), |r| format!("[{r}]"));
                format!("{}={}{{{}}}{reason}", s.method, s.result, properties.join(", "))
            });
            format!("{}: {}", results.authserv_id, statements.collect::<Vec<_>>().join("; "))
        });
        assert_eq!(shown, expected, "{field}");
    }

    #[test]
    fn one_field() {
        check(
            " MX.own.example;\r\n\tdkim=pass (2048-bit key; secure) header.d=example.com\r\n\
             \theader.i=@example.com header.b=\"aB/c=\"; spf=softfail smtp.mailfrom=a@example.com",
            "mx.own.example: dkim=pass{header.d=example.com, header.i=@example.com, \
             header.b=aB/c=}; spf=softfail{smtp.mailfrom=a@example.com}",
        );
        check("own.example 1; none", "own.example: ");
        check("own.example; none; spf=pass", "own.example: spf=pass{}");
        check("own.example", "own.example: ");
    }

    #[test]
    fn comments_and_quotes_stand_anywhere() {
        check(
            "(a (b) \\) c) \"own.example\" (x) 1 (;) ; (y) SPF (z) /1 = (w) Pass \
             reason = \"not; (really) \\\"so\\\"\" smtp . x = 1 smtp.mailfrom = \"a b\"@example.com",
            "own.example: spf=pass{smtp.x=1, smtp.mailfrom=a b@example.com}\
             [not; (really) \"so\"]",
        );
        check("own.example; dkim=pass header.b=aB/c=", "own.example: dkim=pass{header.b=aB/c=}");
        check("own.example; dkim=pass header.b=aB==", "own.example: dkim=pass{header.b=aB==}");
    }

    #[test]
    fn nonsense_is_no_statement() {
        check("", "nothing");
        check("; spf=pass", "nothing");
        check("spf=pass smtp.mailfrom=example.com; dkim=pass", "nothing");
        check("own.example 2; spf=pass", "nothing");
        check("own.example; spf; =; ; dmarc=fail", "own.example: dmarc=fail{}");
        check("own.example; (spf=pass", "own.example: ");
        check("own.example; x=\"; spf=pass", "own.example: x=; spf=pass{}");
    }

    #[test]
    fn results_have_their_names() {
        let of = |result: &str| {
            let field = format!("own.example; spf={result}");
            parse(field.as_bytes()).unwrap().statements[0].auth_result()
        };
        assert_eq!(of("PASS"), AuthResult::Pass);
        assert_eq!(of("hardfail"), AuthResult::Fail);
        assert_eq!(of("softfail"), AuthResult::SoftFail);
        assert_eq!(of("temperror"), AuthResult::TempError);
        assert_eq!(of("bestguesspass"), AuthResult::Unknown);
    }

    #[test]
    fn long_fields_are_cut() {
        let field = format!("own.example{}", "; spf=pass".repeat(100_000));
        assert_eq!(parse(field.as_bytes()).unwrap().statements.len(), MAX_STATEMENTS);
        assert_eq!(parse("(".repeat(100_000).as_bytes()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }

        #[test]
        fn any_likely_text_is_read(
            text in "own((spf|dkim|=|;|[.]|[(]|[)]|\"|\\\\|@|/1|あ|x) ?){0,40}"
        ) {
            parse(text.as_bytes());
        }

        #[test]
        fn what_is_written_is_read(
            result in "[a-z]{1,8}", local in "[ -~]{0,12}", reason in "[ -~]{0,12}",
        ) {
            let quote = |s: &str| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""));
            let field = format!(
                "own.example; spf={result} reason={} smtp.mailfrom={}@example.com; none",
                quote(&reason), quote(&local),
            );
            prop_assert_eq!(parse(field.as_bytes()).unwrap().statements, [Statement {
                method: "spf".into(),
                result,
                reason: Some(reason),
                properties: vec![("smtp.mailfrom".into(), format!("{local}@example.com"))],
            }]);
        }
    }
}
