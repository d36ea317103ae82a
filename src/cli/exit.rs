//! Exit codes. In: diagnostics or a panic. Out: the number the shell sees.

use crate::base::text::visible;
use crate::base::{Diagnostics, Severity};
use std::panic::PanicHookInfo;

/// All went well.
pub const OK: u8 = 0;
/// The numbers went bad: the loss is not finite.
pub const NUMERIC: u8 = 1;
/// The command line does not parse.
pub const USAGE: u8 = 2;
/// The model file or the configuration is wrong.
pub const SOURCE: u8 = 3;
/// Data or a checkpoint is wrong.
pub const DATA: u8 = 4;
/// The file system refused, or a run folder is in use.
pub const FILES: u8 = 5;
/// The device failed.
pub const DEVICE: u8 = 6;
/// A mistake of this program.
pub const BUG: u8 = 70;
/// Interrupted, after a checkpoint.
pub const INTERRUPTED: u8 = 130;

/// The code for what was found: that of the first error.
pub fn of(diagnostics: &Diagnostics) -> u8 {
    let first = diagnostics.list.iter().find(|d| d.severity == Severity::Error);
    first.map_or(OK, |d| of_name(d.code.name()))
}

fn of_name(name: &str) -> u8 {
    match name.get(2..4) {
        Some("20") => DATA,
        Some("30") => DATA,
        Some("40") => FILES,
        Some("50") if name == "RL5003" => NUMERIC,
        Some("50") => DEVICE,
        _ => SOURCE,
    }
}

/// What is printed when the program itself is at fault.
pub fn panic_report(info: &PanicHookInfo<'_>) -> String {
    let what = visible(info.payload_as_str().unwrap_or("no message"), &['\n']);
    let place = info.location().map_or(String::new(), |at| format!(" at {at}"));
    let version = env!("CARGO_PKG_VERSION");
    let args: Vec<String> = std::env::args().collect();
    format!(
        "error: a fault in rlc itself, not in your file\n  rlc {version}{place}\n  {what}\n  \
         command: {}\n  please report this with the file that caused it\n",
        visible(&args.join(" "), &[])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnostic, codes};

    #[test]
    fn codes_of_diagnostics() {
        let mut found = Diagnostics::default();
        assert_eq!(of(&found), OK);
        found.push(Diagnostic::new(codes::RL2073, "x"));
        found.push(Diagnostic::new(codes::RL0101, "x"));
        assert_eq!(of(&found), DATA);
        let code = |name| of_name(name);
        assert_eq!([code("RL0101"), code("RL1001"), code("RL3001")], [SOURCE, SOURCE, DATA]);
        assert_eq!([code("RL4001"), code("RL5003"), code("RL5001")], [FILES, NUMERIC, DEVICE]);
    }
}
