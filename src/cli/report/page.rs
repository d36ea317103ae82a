//! The page around a document. In: a document. Out: HTML with its style, its scripts and the data in it. The content
//! security policy of the page names its scripts by their SHA-256, so that nothing else can run, whatever the data holds.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use sha2::{Digest, Sha256};

const FRAME: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/report.css");
/// uPlot by Leon Sorokin, MIT: its licence asks that its text goes with every copy.
const PLOT: [&str; 2] =
    [include_str!("page/vendor/uPlot-LICENSE"), include_str!("page/vendor/uPlot.iife.min.js")];
const PLOT_STYLE: &str = include_str!("page/vendor/uPlot.min.css");
/// In this order; the last one starts what the others declare.
const SCRIPTS: [&str; 11] = [
    include_str!("page/js/base.js"),
    include_str!("page/js/plot.js"),
    include_str!("page/js/table.js"),
    include_str!("page/js/overview.js"),
    include_str!("page/js/bottleneck.js"),
    include_str!("page/js/map.js"),
    include_str!("page/js/pictures.js"),
    include_str!("page/js/objective.js"),
    include_str!("page/js/cost.js"),
    include_str!("page/js/compare.js"),
    include_str!("page/js/page.js"),
];

/// The page of a document.
pub fn html(document: &Value) -> String {
    let own: Vec<String> = SCRIPTS.iter().map(|script| lean(script)).collect();
    let own = format!("\"use strict\";\n{{\n{}}}", own.concat());
    let plot = format!("/*\n{}\n*/\n{}", PLOT[0].trim(), PLOT[1].trim());
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    // `<` stands in texts only, and written so nothing in them ends the script that holds them.
    let data = document.to_string().replace('<', "\\u003c");
    let parts = [
        ("__HASHES__", format!("{} {}", hash(&plot), hash(&own))),
        ("__UPLOT_CSS__", PLOT_STYLE.trim().into()),
        ("__REPORT_CSS__", lean(STYLE)),
        ("__UPLOT_JS__", plot),
        ("__REPORT_JS__", own),
        ("__RLC_REPORT_JSON__", data),
    ];
    filled(FRAME, &parts)
}

/// A text with each name in it replaced once, in the order of the text: what is put in is not looked at again.
fn filled(frame: &str, parts: &[(&str, String)]) -> String {
    let mut places: Vec<(usize, &str, &str)> = parts
        .iter()
        .filter_map(|(name, text)| Some((frame.find(name)?, *name, text.as_str())))
        .collect();
    places.sort_unstable();
    let (mut page, mut from) = (String::new(), 0);
    for (at, name, text) in places {
        page.push_str(&frame[from..at]);
        page.push_str(text);
        from = at + name.len();
    }
    page.push_str(&frame[from..]);
    page
}

/// Without indentation and without lines that are a comment alone: a page is for readers of reports.
fn lean(text: &str) -> String {
    let (mut lean, mut inside) = (String::with_capacity(text.len()), false);
    for line in text.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        if begins || inside {
            inside = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            lean.push_str(line);
            lean.push('\n');
        }
    }
    lean
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_in_the_data_leaves_its_script() {
        let page = html(&json!({ "format": 1, "runs": [{ "name": "</script><b>__UPLOT_JS__" }] }));
        assert!(page.contains("\\u003c/script>\\u003cb>__UPLOT_JS__"));
        assert_eq!(page.matches("</script>").count(), 3);
        for name in ["HASHES", "UPLOT_CSS", "REPORT_CSS", "REPORT_JS", "RLC_REPORT_JSON"] {
            assert!(!page.contains(&format!("__{name}__")), "{name}");
        }
        // A name in the data stays one.
        assert_eq!(page.matches("__UPLOT_JS__").count(), 1);
        // The policy names what is there.
        let script = page.split("<script>").nth(2).unwrap().split("</script>").next().unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(script));
        assert!(page.contains(&format!("'sha256-{hash}'")));
        assert!(page.len() < 160_000, "{} bytes", page.len());
    }

    #[test]
    fn comments_are_left_out_and_code_is_not() {
        assert_eq!(
            lean("/* a\n   b */\n  x = 1; // c\n// d\n\n  y /* e */ = 2\n"),
            "x = 1; // c\ny /* e */ = 2\n"
        );
    }
}
