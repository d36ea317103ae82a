//! The loop, figures, samples, encodings, resuming: a small regression on a test device.

use rlc::backend::oracle::Oracle;
use rlc::backend::{Device, Loaded};
use rlc::base::{Diagnostic, codes};
use rlc::graph::{DType, Graph, InputRole, NodeId, NoiseKind, Ty};
use rlc::model::ir::pure::Pure;
use rlc::model::ir::{Head, PhaseKind, Source, Static, Support, Type};
use rlc::runtime::checkpoint::{Identity, Progress};
use rlc::runtime::data::FieldSpec;
use rlc::runtime::encode;
use rlc::runtime::eval::FigureValue;
use rlc::runtime::folder::RunFolder;
use rlc::runtime::job::{DataSpec, Job};
use rlc::runtime::run::{End, Run};
use rlc::runtime::session::{Datasets, Session, load_data};
use rlc::runtime::talk::{Averages, Reporter, Silent};
use rlc::translate::program::{
    Emit, Feed, Figure, FigureKind, Meaning, PhaseGraph, Program, SEED, STEP, Slot,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn meaning(unit: &str) -> Meaning {
    Meaning { unit: unit.into(), bound: String::new() }
}

struct Inputs {
    x: NodeId,
    y: NodeId,
    w: NodeId,
    b: NodeId,
}

/// `x w + b` with noise on `x`, and its squared distance from the label, per row.
fn forward(g: &mut Graph, rows: usize, noisy: bool) -> (Inputs, NodeId, NodeId) {
    let x = g.input("d.x", InputRole::Data, Ty::f32([rows, 2]));
    let y = g.input("d.y", InputRole::Data, Ty::i32([rows]));
    let w = g.input("net.w", InputRole::Param, Ty::f32([2]));
    let b = g.input("net.b", InputRole::Param, Ty::f32([]));
    let seed = g.input(SEED, InputRole::Seed, Ty::i32([]));
    let step = g.input(STEP, InputRole::Step, Ty::i32([]));
    let mut seen = x;
    if noisy {
        let noise = g.random(NoiseKind::Normal, "x", &[rows, 2], seed, step);
        let noise = g.scale(noise, 0.1);
        seen = g.add(x, noise);
    }
    let product = g.contract(seen, w, "ab,b->a");
    let bias = g.broadcast(b, &[rows], &[]);
    let score = g.add(product, bias);
    let target = g.cast(y, DType::F32);
    let error = g.sub(score, target);
    let square = g.square(error);
    (Inputs { x, y, w, b }, score, square)
}

fn train_graph(rate: f64) -> Graph {
    let mut g = Graph::new();
    let rows = 16;
    let (ins, _, square) = forward(&mut g, rows, true);
    let loss = g.mean(square, &[0]);
    // The derivative by hand: 2/n sum (score - y) x, with the score computed without noise.
    let (_, score, _) = forward(&mut g, rows, false);
    let target = g.cast(ins.y, DType::F32);
    let error = g.sub(score, target);
    let slope_w = g.contract(error, ins.x, "a,ab->b");
    let slope_w = g.scale(slope_w, 2.0 / rows as f64 * rate);
    let slope_b = g.mean(error, &[0]);
    let slope_b = g.scale(slope_b, 2.0 * rate);
    let new_w = g.sub(ins.w, slope_w);
    let new_b = g.sub(ins.b, slope_b);
    let t = g.input("opt.t", InputRole::State, Ty::i32([]));
    let next = g.add_const(t, 1.0);
    g.output("param:net.w", new_w);
    g.output("param:net.b", new_b);
    g.output("state:opt.t", next);
    g.output("track:loss", loss);
    g
}

fn phase(kind: PhaseKind, name: &str, split: &str, batch: usize, graph: Graph) -> PhaseGraph {
    let feed = |field: &str| Feed::batch("d", field, 0);
    let on = Some(("d".into(), split.into()));
    let head = Head { kind, ..Head::eval(name.into(), on, batch) };
    PhaseGraph { graph, feeds: vec![feed("x"), feed("y")], ..PhaseGraph::new(head) }
}

fn eval_phase() -> PhaseGraph {
    let mut g = Graph::new();
    let (ins, score, square) = forward(&mut g, 7, false);
    let one = g.full(1.0, &Ty::f32([7]));
    for (name, id) in [
        ("report:error", square),
        ("report:one", one),
        ("metric:probe:0", ins.x),
        ("metric:probe:1", ins.y),
        ("code:net", score),
    ] {
        g.output(name, id);
    }
    let figure =
        |name: &str, how| Figure { name: name.into(), how, meaning: meaning("u"), mixes: false };
    PhaseGraph {
        figures: vec![
            figure("error", FigureKind::Mean),
            figure("one", FigureKind::Mean),
            figure(
                "probe",
                FigureKind::Metric { metric: "linear_probe".into(), args: 2, settings: vec![] },
            ),
            figure(
                "net",
                FigureKind::Bottleneck {
                    part: "net".into(),
                    width: 1,
                    has_rate: false,
                    codes: None,
                },
            ),
        ],
        ..phase(PhaseKind::Eval, "test", "test", 7, g)
    }
}

fn program(rate: f64, epochs: usize) -> Program {
    let mut init = Graph::new();
    let seed = init.input(SEED, InputRole::Seed, Ty::i32([]));
    let zero = init.constant(0.0, DType::I32);
    let w = init.random(NoiseKind::Normal, "net.w", &[2], seed, zero);
    let b = init.constant(0.0, DType::F32);
    init.output("param:net.w", w);
    init.output("param:net.b", b);
    init.output("state:opt.t", zero);
    let mut fit = phase(PhaseKind::Train, "fit", "train", 16, train_graph(rate));
    fit.head.epochs = Some(epochs);
    fit.tracks = vec![("loss".into(), meaning("error"))];
    let mut g = Graph::new();
    let (ins, score, _) = forward(&mut g, 9, false);
    g.output("emit:x", ins.x);
    g.output("emit:score", score);
    let emit = |name: &str, format: &str| Emit {
        name: name.into(),
        format: format.into(),
        range: None,
        words: vec![],
        between: String::new(),
        of: None,
    };
    let draw = PhaseGraph {
        emits: vec![emit("x", "points"), emit("score", "npz")],
        ..phase(PhaseKind::Sample, "draw", "test", 9, g)
    };
    let mut g = Graph::new();
    let (_, score, _) = forward(&mut g, 11, false);
    g.output("code:net", score);
    let slot = |path: &str, ty, is_param| Slot {
        path: path.into(),
        ty,
        is_param,
        is_moment: false,
        support: rlc::model::ir::Support::Real,
    };
    Program {
        name: "line".into(),
        slots: vec![
            slot("net.b", Ty::f32([]), true),
            slot("net.w", Ty::f32([2]), true),
            slot("opt.t", Ty::i32([]), false),
        ],
        init,
        phases: vec![fit, eval_phase(), draw],
        encoders: vec![phase(PhaseKind::Eval, "net", "test", 11, g)],
    }
}

fn job(program: &Program) -> Job {
    let mut job = Job::new(&Pure::default(), program, "hash".into());
    let field = |name: &str, dtype, shape: &[usize], support| FieldSpec {
        name: name.into(),
        ty: Type { dtype, shape: shape.to_vec(), support, varies: true, ends: false },
    };
    let args = vec![(None, Static::Int(200)), (None, Static::Float(0.1))];
    job.data.push(DataSpec {
        name: "d".into(),
        source: Some(Source { name: "moons".into(), args, ..Source::default() }),
        fields: vec![
            field("x", DType::F32, &[2], Support::Real),
            field("y", DType::I32, &[], Support::Index(2)),
        ],
    });
    job
}

struct Fixture {
    program: Program,
    job: Job,
    data: Datasets,
    device: Box<dyn Device>,
    loaded: Vec<Loaded>,
}

/// Makes a device with these graphs on it.
type Make = fn(&[&Graph]) -> (Box<dyn Device>, Vec<Loaded>);

fn oracle(graphs: &[&Graph]) -> (Box<dyn Device>, Vec<Loaded>) {
    let mut device = Oracle::new();
    let loaded = graphs.iter().map(|graph| device.load(graph)).collect();
    (Box::new(device), loaded)
}

fn fixture(rate: f64, epochs: usize) -> Fixture {
    fixture_on(oracle, rate, epochs)
}

fn fixture_on(make: Make, rate: f64, epochs: usize) -> Fixture {
    let program = program(rate, epochs);
    let job = job(&program);
    let phases: Vec<_> = job.phases.iter().chain(&job.encoders).collect();
    let data = load_data(&job, &phases, &BTreeMap::new(), Path::new("."), &[]).unwrap();
    let phases = program.phases.iter().chain(&program.encoders).map(|phase| &phase.graph);
    let graphs: Vec<&Graph> = [&program.init].into_iter().chain(phases).collect();
    let (device, loaded) = make(&graphs);
    Fixture { program, job, data, device, loaded }
}

impl Fixture {
    fn session(&mut self) -> Session<'_> {
        let Fixture { job, data, device, loaded, .. } = self;
        let kept = Default::default();
        let mut session =
            Session { job, device: &mut **device, loaded, data, seed: 5, read_as: &[], kept };
        session.initialize();
        session
    }
}

fn identity() -> Identity {
    Identity {
        model: "line".into(),
        source: "hash".into(),
        seed: 5,
        data: Vec::new(),
        rows: Vec::new(),
        kept: Vec::new(),
    }
}

/// Stops the run after some steps; collects what it hears.
struct Listener<'s> {
    stop: &'s AtomicBool,
    after: usize,
    figures: Vec<FigureValue>,
    losses: Vec<f64>,
}

impl Reporter for Listener<'_> {
    fn begin(&mut self, _: &str, _: PhaseKind, _: usize, _: usize) {}
    fn step(&mut self, _: usize, loss: Option<f64>) {
        self.losses.extend(loss);
        if self.after > 0 {
            self.after -= 1;
            self.stop.store(self.after == 0, Ordering::Relaxed);
        }
    }
    fn averages(&mut self, _: &Averages) {}
    fn end(&mut self, _: &str) {}
    fn figure(&mut self, figure: &FigureValue) {
        self.figures.push(figure.clone());
    }
    fn wrote(&mut self, _: &Path) {}
    fn note(&mut self, _: &str) {}
    fn warn(&mut self, _: &str) {}
}

/// Runs from the start or from what is in the folder; stops after `after` steps (0: never).
fn go(folder: &Path, resume: bool, after: usize) -> (End, Vec<FigureValue>, Vec<f64>) {
    let (end, figures, losses) = go_on(oracle, folder, resume, after);
    (end.unwrap(), figures, losses)
}

/// The same on any device.
fn go_on(
    make: Make,
    folder: &Path,
    resume: bool,
    after: usize,
) -> (Result<End, Diagnostic>, Vec<FigureValue>, Vec<f64>) {
    let mut fixture = fixture_on(make, 0.1, 3);
    let stop = AtomicBool::new(false);
    let mut talk = Listener { stop: &stop, after, figures: Vec::new(), losses: Vec::new() };
    let mut run_folder = if resume {
        RunFolder::resume(folder).unwrap()
    } else {
        RunFolder::create(Some(folder), "line").unwrap()
    };
    let saved = resume.then(|| run_folder.latest().unwrap().0);
    let mut run = Run {
        session: fixture.session(),
        folder: &mut run_folder,
        talk: &mut talk,
        stop: &stop,
        identity: identity(),
        only: None,
        progress: Progress::default(),
        save_every: Duration::from_secs(20),
        record: Vec::new(),
        best: Vec::new(),
        odd: Vec::new(),
    };
    if let Some(saved) = saved {
        run.restore(saved).unwrap();
    }
    let end = run.run();
    (end, talk.figures, talk.losses)
}

#[test]
fn a_whole_run() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let (end, figures, losses) = go(&folder, false, 0);
    assert_eq!(end, End::Done);
    // 160 training rows: ten steps a pass.
    assert_eq!(losses.len(), 30);
    assert!(losses[29] < 0.5 * losses[0], "{losses:?}");
    let value = |name: &str| figures.iter().find(|f| f.name == name).unwrap().value;
    assert!(value("error") < 0.3 && value("error") > 0.0);
    assert_eq!(value("one"), 1.0);
    assert!(value("probe") > 0.7, "{}", value("probe"));
    assert_eq!((value("net.width"), value("net.active")), (1.0, 1.0));
    let metrics = fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        metrics.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3 + 6);
    assert_eq!((&lines[2]["epoch"], &lines[2]["step"]), (&3.into(), &30.into()));
    for file in [
        "weights.safetensors",
        "report.json",
        "samples/draw-x.png",
        "samples/draw-x.csv",
        "samples/draw-score.npz",
    ] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let table = fs::read_to_string(folder.join("samples/draw-x.csv")).unwrap();
    assert_eq!(table.lines().count(), 9);
}

#[test]
fn a_run_stopped_anywhere_goes_on_exactly() {
    let home = tempfile::tempdir().unwrap();
    let whole = home.path().join("whole");
    go(&whole, false, 0);
    let files = ["metrics.jsonl", "weights.safetensors", "samples/draw-x.csv"];
    for after in [1, 7, 10, 13, 29, 30, 31] {
        let folder = home.path().join(after.to_string());
        assert_eq!(go(&folder, false, after).0, End::Interrupted, "{after}");
        // A second stop, then to the end.
        go(&folder, true, 2);
        assert_eq!(go(&folder, true, 0).0, End::Done);
        for file in files {
            let same = fs::read(folder.join(file)).unwrap() == fs::read(whole.join(file)).unwrap();
            assert!(same, "{file} after a stop at {after}");
        }
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run() {
    let home = tempfile::tempdir().unwrap();
    let mut fixture = fixture(1e12, 3);
    let mut folder = RunFolder::create(Some(&home.path().join("r")), "line").unwrap();
    let stop = AtomicBool::new(false);
    let mut run = Run {
        session: fixture.session(),
        folder: &mut folder,
        talk: &mut Silent,
        stop: &stop,
        identity: identity(),
        only: None,
        progress: Progress::default(),
        save_every: Duration::from_secs(20),
        record: Vec::new(),
        best: Vec::new(),
        odd: Vec::new(),
    };
    let error = run.run().unwrap_err();
    assert_eq!(error.code, codes::RL5003);
    assert!(error.message.contains("phase `fit`: the loss of step"), "{}", error.message);
    assert!(error.notes[0].contains("first bad value in step"), "{:?}", error.notes);
    assert!(!error.help.is_empty());
    assert!(!home.path().join("r/weights.safetensors").exists());
}

#[test]
fn a_batch_larger_than_the_split() {
    let mut fixture = fixture(0.1, 1);
    fixture.job.phases[0].head.batch = 161;
    let job = fixture.job.clone();
    let session = fixture.session();
    let error = rlc::runtime::train::Train::new(&session, &job.phases[0], 0).err().unwrap();
    assert_eq!(error.code, codes::RL2060);
    assert_eq!(error.help, ["write `batch 160` or less"]);
}

#[test]
fn codes_of_a_split() {
    let mut fixture = fixture(0.1, 1);
    let job = fixture.job.clone();
    let encoders: Vec<_> = job.encoders.iter().collect();
    let mut session = Session { job: &job, ..fixture.session() };
    let arrays = encode::encode(&mut session, &encoders, "test").unwrap();
    let names: Vec<_> = arrays.iter().map(|(n, shape, _)| (n.as_str(), shape.clone())).collect();
    assert_eq!(names, [("net", vec![20]), ("y", vec![20])]);
    let w = session.device.read("net.w").to_f32();
    let data = &session.data["d"];
    let row = data.split("test").unwrap().get(17).unwrap() as usize;
    let rlc::runtime::data::Values::F32(x) = &data.columns[0].values else { panic!("reals") };
    let expected = x[2 * row] * w[0] + x[2 * row + 1] * w[1];
    assert!((arrays[0].2.get(17).unwrap() as f32 - expected).abs() < 1e-5);
    let error = encode::encode(&mut session, &encoders, "holdout").unwrap_err();
    assert_eq!(error.code, codes::RL2068);
}

#[test]
fn an_artifact_carries_the_job() {
    let fixture = fixture(0.1, 1);
    let plans = vec![0u8; fixture.job.plans()];
    let bytes = rlc::runtime::artifact::write(&fixture.job, &plans).unwrap();
    let (job, back) = rlc::runtime::artifact::read::<u8>(&bytes, "a.rlx").unwrap();
    assert_eq!(back.len(), 1 + fixture.program.phases.len() + 1);
    assert_eq!(job.phases[0].scalars, [SEED, STEP]);
    assert_eq!(format!("{:?}", job.slots), format!("{:?}", fixture.job.slots));
    let mut wrong = fixture.job;
    wrong.phases[0].head.batch = 0;
    let bytes = rlc::runtime::artifact::write(&wrong, &plans).unwrap();
    let error = rlc::runtime::artifact::read::<u8>(&bytes, "a.rlx").unwrap_err();
    assert_eq!(error.code, codes::RL3021);
}

/// Runs on a graphics device, and on the processor from where it stopped.
#[cfg(feature = "gpu")]
mod graphics {
    use super::*;
    use rlc::backend::cpu::Cpu;
    use rlc::backend::wgpu::{Gpu, list};
    use rlc::backend::{Fault, Feed, Tensor};
    use rlc::plan::plan;

    fn processor(graphs: &[&Graph]) -> (Box<dyn Device>, Vec<Loaded>) {
        let mut device = Cpu::new(2);
        let loaded = graphs.iter().map(|graph| device.load(&plan(graph))).collect();
        (Box::new(device), loaded)
    }

    fn gpu(graphs: &[&Graph]) -> (Box<dyn Device>, Vec<Loaded>) {
        let mut device = Gpu::open(0, false, |_| None).unwrap();
        let loaded = graphs.iter().map(|graph| device.load(&plan(graph))).collect();
        (Box::new(device), loaded)
    }

    /// A device that is lost after three groups of steps.
    struct Losing(Gpu, usize);

    fn losing(graphs: &[&Graph]) -> (Box<dyn Device>, Vec<Loaded>) {
        let mut device = Gpu::open(0, false, |_| None).unwrap();
        let loaded = graphs.iter().map(|graph| device.load(&plan(graph))).collect();
        (Box::new(Losing(device, 3)), loaded)
    }

    impl Device for Losing {
        fn create(&mut self, path: &str, ty: &Ty, value: &Tensor) {
            self.0.create(path, ty, value);
        }
        fn read(&self, path: &str) -> Tensor {
            self.0.read(path)
        }
        fn write(&mut self, path: &str, value: &Tensor) {
            self.0.write(path, value);
        }
        fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) {
            self.0.run(graph, inputs);
        }
        fn output(&self, graph: Loaded, name: &str) -> Tensor {
            self.0.output(graph, name)
        }
        fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String> {
            self.0.first_bad(graph, inputs)
        }
        fn run_steps(&mut self, graph: Loaded, feeds: &[Feed], tracks: &[String]) -> Vec<Vec<f64>> {
            self.1 -= 1;
            if self.1 == 0 {
                self.0.lose();
            }
            self.0.run_steps(graph, feeds, tracks)
        }
        fn fault(&self) -> Option<Fault> {
            self.0.fault()
        }
    }

    /// Whether there is a device; without one a test is skipped, unless one is required.
    fn present() -> bool {
        let present = !list().is_empty();
        let required = std::env::var("RLC_GPU").is_ok_and(|v| v == "required");
        assert!(present || !required, "there is no graphics device, and RLC_GPU=required");
        if !present {
            eprintln!("skipped: there is no graphics device");
        }
        present
    }

    /// Steps that are handed over in groups, with rows that the device keeps, are the processor's.
    #[test]
    fn a_whole_run_is_that_of_the_processor() {
        if !present() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let all = |make: Make, name: &str| go_on(make, &home.path().join(name), false, 0);
        let (end, figures, losses) = all(gpu, "gpu");
        assert_eq!(end.unwrap(), End::Done);
        let (_, right, right_losses) = all(processor, "cpu");
        for (a, b) in figures.iter().zip(&right) {
            assert!((a.value - b.value).abs() <= 1e-4 * b.value.abs(), "{a:?} {b:?}");
        }
        assert_eq!(figures.len(), right.len());
        let (last, right) = (losses.last().unwrap(), right_losses.last().unwrap());
        assert!((last - right).abs() <= 1e-4 * right, "{last} {right}");
        // The same device twice: the same bits.
        let (_, again, _) = all(gpu, "again");
        assert_eq!(figures, again);
        for file in ["weights.safetensors", "metrics.jsonl"] {
            let read = |name: &str| fs::read(home.path().join(name).join(file)).unwrap();
            assert_eq!(read("gpu"), read("again"), "{file}");
        }
    }

    /// A lost device gives an error, keeps the checkpoint, and the processor goes on from it.
    #[test]
    fn a_lost_device_loses_no_checkpoint() {
        if !present() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("r");
        let (end, ..) = go_on(gpu, &folder, false, 2);
        assert_eq!(end.unwrap(), End::Interrupted);
        let (end, _, losses) = resumed(losing, &folder);
        let error = end.unwrap_err();
        assert_eq!(error.code.name(), codes::RL5005.name(), "{error:?}");
        assert!(error.help.iter().any(|help| help.contains("--resume")), "{error:?}");
        assert!(losses.len() < 3, "{losses:?}");
        let (end, figures, _) = resumed(processor, &folder);
        assert_eq!(end.unwrap(), End::Done);
        let (_, right, _) = go_on(processor, &home.path().join("whole"), false, 0);
        for (a, b) in figures.iter().zip(&right) {
            assert!((a.value - b.value).abs() <= 1e-4 * b.value.abs(), "{a:?} {b:?}");
        }
    }

    fn resumed(make: Make, folder: &Path) -> (Result<End, Diagnostic>, Vec<FigureValue>, Vec<f64>) {
        go_on(make, folder, true, 0)
    }
}
