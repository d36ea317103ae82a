//! Two players, each with a goal and weights of its own. In: random games, nets of several layers and
//! activations, optimizers, turns. Out: the weights after a step of one player, and its graph:
//!
//! - a step over one player leaves the other as it was, bit for bit, with nothing detached;
//! - the graph of that step writes no weight of the other, and is that of a program that detaches by hand;
//! - a penalty on slopes has the gradient that differences give.

#[path = "common/facts.rs"]
mod facts;
mod mutate;

use mutate::Random;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// One game: the nets, and what each player minimizes.
struct Game {
    nets: String,
    critic: String,
    generator: String,
    optimizers: [&'static str; 2],
}

const ACTIVATIONS: &[&str] =
    &["tanh", "softplus", "sigmoid", "leaky_relu(0.2)", "relu", "BatchNorm()"];

/// Critics do not normalize the batch, as a slope at one example would not be its own, and have no unit
/// that is off for all.
fn net(dice: &mut Random, name: &str, (from, to): (usize, usize)) -> String {
    let activations = &ACTIVATIONS[..ACTIVATIONS.len() - 2 * usize::from(name == "D")];
    let mut text = format!("net {name}(x: f32[{from}]) -> f32[{to}] = x");
    for _ in 0..1 + dice.below(2) {
        let activation = activations[dice.below(activations.len())];
        text += &format!(" |> Linear({}) |> {activation}", 2 + dice.below(4));
    }
    text + &format!(" |> Linear({to})\n")
}

fn game(dice: &mut Random) -> Game {
    let (noise, width) = (1 + dice.below(3), 1 + dice.below(3));
    let mut nets = net(dice, "G", (noise, width)) + &net(dice, "D", (width, 1));
    nets += &format!("prior noise(z) {{ z: f32[{noise}] ~ Normal(0, 1) }}\n");
    nets += &format!(
        "data d from uniform(n = 64, width = {width}, split = 1.0) {{ x: f32[{width}] }}\n"
    );
    let (real, made) = ("D(x)[0]", "D(HELD)[0]");
    let goals = [
        (format!("softplus(-{real}) + softplus({made})"), format!("softplus(-{made})")),
        (format!("({real} - 1)^2 + {made}^2"), format!("({made} - 1)^2")),
        (
            format!(
                "{made} - {real} + (norm(grad((v) => D(v)[0], at = 0.5 * x + 0.5 * HELD)) - 1)^2"
            ),
            format!("-{made}"),
        ),
    ];
    let (critic, generator) = goals[dice.below(goals.len())].clone();
    let rules = ["sgd(lr = 0.1)", "sgd(lr = 0.1, momentum = 0.9)", "adam(lr = 0.01, b1 = 0.5)"];
    let optimizers = [rules[dice.below(rules.len())], rules[dice.below(rules.len())]];
    Game { nets, critic, generator, optimizers }
}

impl Game {
    /// A step of the critic; `held` is how it sees a sample.
    fn critic_step(&self, held: &str) -> String {
        let goal = self.critic.replace("HELD", held);
        format!("minimize E[z ~ noise]({goal}) over D with {}", self.optimizers[0])
    }

    fn generator_step(&self) -> String {
        let goal = self.generator.replace("HELD", "G(z)");
        format!("minimize E[z ~ noise]({goal}) over G with {}", self.optimizers[1])
    }

    fn program(&self, steps: &[&str]) -> String {
        format!(
            "{}train play on d.train batch 16 steps 2 {{\n  {}\n}}\neval look on d.train batch 16 {{ report D(x)[0] as real }}\n",
            self.nets,
            steps.join("\n  ")
        )
    }
}

/// What `rlc check` says of a file.
fn checked(file: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rlc")).args(["check", file]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{file}: {said}");
    said
}

fn rlc(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rlc")).args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "rlc {args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

type Weights = BTreeMap<String, Vec<u8>>;

/// The weights after one phase of a program.
fn weights(folder: &Path, text: &str, phase: &str) -> Weights {
    let (file, out) = (folder.join("game.rl"), folder.join("run"));
    let _ = std::fs::remove_dir_all(&out);
    std::fs::write(&file, text).unwrap();
    let (file, to) = (file.to_str().unwrap(), out.to_str().unwrap());
    rlc(&["run", file, "--quiet", "--threads", "1", "--phase", phase, "--out", to]);
    let bytes = std::fs::read(out.join("weights.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    tensors.iter().map(|(name, t)| (name.to_string(), t.data().to_vec())).collect()
}

/// The names of one player's weights that differ.
fn moved(before: &Weights, after: &Weights, player: &str) -> Vec<String> {
    assert!(before.keys().eq(after.keys()));
    let own = before.iter().filter(|(name, _)| name.starts_with(player));
    own.filter(|(name, old)| after[*name] != **old).map(|(name, _)| name.clone()).collect()
}

#[test]
fn a_step_of_one_player_leaves_the_other() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..12 {
        let game = game(&mut Random::new(seed));
        let (critic, generator) = (game.critic_step("G(z)"), game.generator_step());
        let before = weights(folder.path(), &game.program(&[&critic]), "look");
        let after_critic = weights(folder.path(), &game.program(&[&critic]), "play");
        let after_generator = weights(folder.path(), &game.program(&[&generator]), "play");
        let text = game.program(&[&critic, &generator]);
        assert_eq!(moved(&before, &after_critic, "G."), [""; 0], "{text}");
        assert_eq!(moved(&before, &after_generator, "D."), [""; 0], "{text}");
        assert_ne!(moved(&before, &after_critic, "D."), [""; 0], "{text}");
        assert_ne!(moved(&before, &after_generator, "G."), [""; 0], "{text}");
    }
}

/// The part of a printed graph that belongs to the train phase.
fn graph(folder: &Path, text: &str) -> String {
    let file = folder.join("game.rl");
    std::fs::write(&file, text).unwrap();
    let printed = rlc(&["compile", file.to_str().unwrap(), "--emit", "opt"]);
    let from = printed.find("// play\n").unwrap();
    let rest = &printed[from + 3..];
    rest[..rest.find("\n// ").unwrap_or(rest.len())].to_string()
}

#[test]
fn a_step_has_no_gradient_of_the_other_player() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 100..120 {
        let game = game(&mut Random::new(seed));
        let free = graph(folder.path(), &game.program(&[&game.critic_step("G(z)")]));
        let held = graph(folder.path(), &game.program(&[&game.critic_step("stop(G(z))")]));
        assert_eq!(free, held, "{}", game.program(&[&game.critic_step("G(z)")]));
        let step = game.generator_step();
        let generator = graph(folder.path(), &game.program(&[&step]));
        for (text, other) in [(&free, "G."), (&generator, "D.")] {
            let outputs = text.lines().filter(|line| line.starts_with("output \"param:"));
            let names: Vec<&str> = outputs.filter_map(|line| line.split('"').nth(1)).collect();
            assert!(!names.is_empty(), "{text}");
            let wrong = names.iter().find(|name| name.starts_with(&format!("param:{other}")));
            assert_eq!(wrong, None, "{text}");
        }
    }
}

/// The penalty's step is a derivative of a derivative: `rlc check` holds it against differences in double
/// precision, for the model and for random critics without kinks.
#[test]
fn penalties_on_slopes_have_their_gradient() {
    let model = format!("{}/models/wgan_gp.rl", env!("CARGO_MANIFEST_DIR"));
    assert!(checked(&model).contains("phase `play`: the gradient agrees with differences"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("game.rl");
    let games = (200..).map(|seed| game(&mut Random::new(seed)));
    let kinks = |game: &Game| game.nets.contains("leaky_relu");
    for game in games.filter(|g| g.critic.contains("grad(") && !kinks(g)).take(6) {
        let text = game.program(&[&game.critic_step("G(z)")]);
        std::fs::write(&file, &text).unwrap();
        let said = checked(file.to_str().unwrap());
        assert!(
            said.contains("phase `play`: the gradient agrees with differences"),
            "{text}\n{said}"
        );
    }
}

/// An average of a generator over time: `w` is 0.9, 0.8, 0.7 after the steps, and each is a tenth of what
/// its copy becomes.
#[test]
fn averages_of_a_generator() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("average.rl");
    let text = "data d from uniform(n = 16, width = 1, split = 1.0) { x: f32[1] }
net G(z: f32) -> f32 {
  param w: f32 = ones()
  return w * z
}
const slow = copy(G)
train play on d.train batch 16 steps 3 {
  minimize G(1.0) + 0 * x[0] over G with sgd(lr = 0.1)
  slow <- 0.9 * slow + 0.1 * G
}
eval look on d.train batch 16 { report G(1.0) + 0 * x[0] as now, slow(1.0) + 0 * x[0] as average }
// fact: now = 0.7
// fact: average = 0.9439
";
    std::fs::write(&file, text).unwrap();
    facts::check(&file, "cpu");
}
