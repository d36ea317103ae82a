//! Systems on one page each: `tests/programs/*.rl` train for a moment and state facts that a mistake
//! in the compiler would break (`common/facts.rs` says how). Figures at fixed weights are those of
//! `tools/programs.py`, which writes the formulas out with numpy. Each runs on the fused executor and
//! on the f64 interpreter, unless a line `// on: cpu` says that it trains too long for that.

#[path = "common/facts.rs"]
mod facts;

use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn hold(name: &str) {
    let file = folder().join(format!("{name}.rl"));
    let text = std::fs::read_to_string(&file).unwrap();
    facts::check(&file, "cpu");
    if !text.contains("\n// on: cpu\n") {
        facts::check(&file, "reference");
    }
}

macro_rules! programs {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            hold(stringify!($name));
        })*

        #[test]
        fn every_program_is_held() {
            // That one has its own test: its figures are held far closer.
            let mut listed: Vec<&str> = vec!["optimizers" $(, stringify!($name))*];
            listed.sort_unstable();
            let entries = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path());
            let files = entries.filter(|p| p.extension().is_some_and(|e| e == "rl"));
            let mut found: Vec<String> =
                files.map(|p| p.file_stem().unwrap().to_str().unwrap().to_string()).collect();
            found.sort_unstable();
            assert_eq!(found, listed);
        }
    };
}

programs! {
    adversarial_autoencoder autoregressive byol conditional_gan contrastive cycle_gan diffusion gan hmc
    ladder layers_of_sequences least_squares masked quantized reinforce sequences top_k wgan_gp
}
