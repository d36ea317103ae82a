//! The arguments of a source's call. In: a call and the names that it may use. Out: values of the
//! type that is asked for, or an error that says what to type. Knows no source and no option.

use crate::base::{Diagnostic, Span, codes, nearest};
use crate::model::ir::{Source, Static};

/// Arguments of a call by name.
pub struct Args<'a> {
    call: &'a Source,
    /// Name and value of each, in the order given.
    pub values: Vec<(&'a str, &'a Static)>,
    places: Vec<Option<Span>>,
}

impl<'a> Args<'a> {
    /// Gives every argument its name: those of the source itself, which may stand without one, and
    /// those that every source takes. Where both have a name, its value decides.
    pub fn bind(
        source: &'a Source,
        usage: &str,
        own: &[&'static str],
        options: &[&'static str],
        is_option: impl Fn(&str, &Static) -> bool,
    ) -> Result<(Args<'a>, Args<'a>), Diagnostic> {
        let none = || Args { call: source, values: Vec::new(), places: Vec::new() };
        let (mut args, mut rest) = (none(), none());
        let mut unnamed = own.iter();
        for (at, (name, value)) in source.args.iter().enumerate() {
            let place = source.places.get(at).copied().flatten();
            let (name, is_own): (&'a str, bool) = match name {
                Some(name) => {
                    let known = own.contains(&name.as_str());
                    let option = options.contains(&name.as_str()) && is_option(name, value);
                    (name, known && !option)
                }
                None => match unnamed.next() {
                    Some(name) => (name, true),
                    None => {
                        let error = args.wrong("too many arguments").help(format!("write {usage}"));
                        return Err(placed(error, place));
                    }
                },
            };
            if !is_own && !options.contains(&name) {
                return Err(placed(unknown(&args, (name, place), own, options), place));
            }
            let list = if is_own { &mut args } else { &mut rest };
            if list.get(name).is_some() {
                let error = args.wrong(format!("`{name}` is given twice")).help("keep one");
                return Err(placed(error, place));
            }
            list.values.push((name, value));
            list.places.push(place);
        }
        Ok((args, rest))
    }

    /// The name of the source.
    pub fn source(&self) -> &'a str {
        &self.call.name
    }

    /// An error about this call.
    pub fn wrong(&self, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::new(codes::RL2066, format!("source `{}`: {text}", self.call.name))
    }

    /// An error about an argument.
    pub fn wrong_at(&self, name: &str, text: impl std::fmt::Display) -> Diagnostic {
        placed(self.wrong(text), self.place(name))
    }

    /// Where an argument stands, if it stands in a file.
    pub fn place(&self, name: &str) -> Option<Span> {
        let at = self.values.iter().position(|(n, _)| *n == name)?;
        self.places.get(at).copied().flatten()
    }

    /// An argument that has to be something else.
    fn other(&self, name: &str, what: &str, found: &Static) -> Diagnostic {
        let error = self.wrong_at(name, format!("`{name}` is {what}, found {}", show(found)));
        let own = self.call.args.iter().any(|(key, value)| key.is_none() && value == found);
        let is_text = matches!(found, Static::Str(_));
        if own && is_text { self.in_quotes(error) } else { error }
    }

    /// What was meant as a path may look like arguments on a command line.
    fn in_quotes(&self, error: Diagnostic) -> Diagnostic {
        if self.call.place.is_some() {
            return error;
        }
        let help = format!(
            "a path that holds `=` or `,` stands in quotes: `--data 'NAME={}:\"PATH\"'`",
            self.call.name
        );
        error.help(help)
    }

    /// The argument of this name.
    pub fn get(&self, name: &str) -> Option<&'a Static> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }

    /// A number.
    pub fn number(&self, name: &str, default: f64) -> Result<f64, Diagnostic> {
        match self.get(name) {
            None => Ok(default),
            Some(Static::Int(n)) => Ok(*n as f64),
            Some(Static::Float(x)) if x.is_finite() => Ok(*x),
            Some(other) => {
                let error = self.other(name, "a number", other);
                let meant = match other {
                    Static::Str(text) => text.trim().parse().ok().filter(|x: &f64| x.is_finite()),
                    _ => None,
                };
                Err(match meant {
                    Some(x) => error.help(format!("write `{name} = {}`", show(&Static::Float(x)))),
                    None => error.help(format!("write a number: `{name} = {default}`")),
                })
            }
        }
    }

    /// A number of a range, ends included.
    pub fn between(
        &self,
        name: &str,
        default: f64,
        (low, high): (f64, f64),
    ) -> Result<f64, Diagnostic> {
        let value = self.number(name, default)?;
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        let [low, high, value] = [low, high, value].map(|x| show(&Static::Float(x)));
        let text = format!("`{name}` is a number from {low} to {high}, found {value}");
        Err(self.wrong_at(name, text).help(format!("write a number from {low} to {high}")))
    }

    /// An integer of a range, ends included.
    pub fn integer(
        &self,
        name: &str,
        default: i64,
        (low, high): (i64, i64),
    ) -> Result<i64, Diagnostic> {
        let value = self.number(name, default as f64)?;
        if value.fract() == 0.0 && value >= low as f64 && value <= high as f64 {
            return Ok(value as i64);
        }
        let value = show(&Static::Float(value));
        let text = format!("`{name}` is an integer from {low} to {high}, found {value}");
        Err(self.wrong_at(name, text).help(format!("write an integer from {low} to {high}")))
    }

    /// An integer from 1.
    pub fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Diagnostic> {
        self.integer(name, default as i64, (1, most as i64)).map(|n| n as usize)
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Diagnostic> {
        match self.get(name) {
            None => Ok(None),
            Some(Static::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self
                .other(name, "true or false", other)
                .help(format!("write `{name} = true` or `{name} = false`"))),
        }
    }

    /// The seed of the data.
    pub fn seed(&self) -> Result<u64, Diagnostic> {
        match self.get("seed") {
            None => Ok(0),
            Some(Static::Int(seed @ 0..)) => Ok(*seed as u64),
            Some(other) => {
                Err(self.other("seed", "an integer from 0", other).help("write `seed = 1`"))
            }
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Diagnostic> {
        match self.get(name) {
            None => Ok(None),
            Some(Static::Str(text)) => Ok(Some(text)),
            Some(other) => {
                let help = match other {
                    Static::Int(_) | Static::Float(_) | Static::Bool(_) => {
                        let text = show(other);
                        let shell = match self.call.place {
                            Some(_) => String::new(),
                            None => format!(", in a shell `'{name}=\"{text}\"'`"),
                        };
                        format!("write it in quotes: `{name} = \"{text}\"`{shell}")
                    }
                    _ => format!("write a text in quotes: `{name} = \"...\"`"),
                };
                Err(self.other(name, "a text", other).help(help))
            }
        }
    }

    /// A text that must be there: the path of a file.
    pub fn path(&self, name: &str) -> Result<&'a str, Diagnostic> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.wrong_at(name, format!("`{name}` is missing")).help(format!(
                "name it: `{}(\"...\")`, on the command line `{}:...`",
                self.call.name, self.call.name
            ))),
        }
    }

    /// One text, or several in parentheses; none where the argument is left out.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, Diagnostic> {
        let Some(Static::Tuple(list)) = self.get(name) else {
            return Ok(self.text(name)?.into_iter().collect());
        };
        let texts = list.iter().map(|part| match part {
            Static::Str(text) => Ok(text.as_str()),
            other => Err(self.other(name, "a text or several in parentheses", other)),
        });
        texts.collect()
    }

    /// One number, or several in parentheses.
    pub fn numbers(&self, name: &str) -> Result<Option<Vec<f64>>, Diagnostic> {
        match self.get(name) {
            None => Ok(None),
            Some(Static::Tuple(list)) => {
                let list: Option<Vec<f64>> = list.iter().map(as_number).collect();
                list.map(Some).ok_or_else(|| self.wrong_at(name, format!("`{name}` holds numbers")))
            }
            Some(_) => self.number(name, 0.8).map(|x| Some(vec![x])),
        }
    }
}

/// The error at a place, if there is one.
fn placed(error: Diagnostic, place: Option<Span>) -> Diagnostic {
    match place {
        Some(place) => error.at(place, ""),
        None => error,
    }
}

fn unknown(
    args: &Args,
    (name, place): (&str, Option<Span>),
    own: &[&str],
    options: &[&str],
) -> Diagnostic {
    let all: Vec<&str> = own.iter().chain(options).copied().collect();
    let text = format!("no argument is called `{}`", name.escape_debug());
    let error = args.wrong(text).note(format!("it takes {}", all.join(", ")));
    match nearest(name, &all) {
        Some(near) => match place {
            // The keyword opens the argument.
            Some(Span { file, start, .. }) => {
                let end = start + name.len() as u32;
                error.meant(Span { file, start, end }, near)
            }
            None => error.help(format!("did you mean `{near}`?")),
        },
        None if args.call.place.is_none() => args.in_quotes(error),
        None => error.help(format!("leave `{}` out, or write one of those", name.escape_debug())),
    }
}

fn as_number(value: &Static) -> Option<f64> {
    match value {
        Static::Int(n) => Some(*n as f64),
        Static::Float(x) => Some(*x),
        _ => None,
    }
}

/// How a source is written, for the run's record.
pub fn describe(source: &Source) -> String {
    let args: Vec<String> = source
        .args
        .iter()
        .map(|(name, value)| match name {
            Some(name) => format!("{name} = {}", show(value)),
            None => show(value),
        })
        .collect();
    format!("{}({})", source.name, args.join(", "))
}

/// How a value is written.
pub fn show(value: &Static) -> String {
    match value {
        Static::Int(n) => n.to_string(),
        Static::Float(x) if x.abs() >= 1e16 => format!("{x:e}"),
        Static::Float(x) => x.to_string(),
        Static::Bool(b) => b.to_string(),
        Static::Str(s) => format!("\"{}\"", s.escape_debug()),
        Static::Tuple(list) => {
            format!("({})", list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Static::Call(source) => describe(source),
    }
}
