//! Steps per second of whole training steps, and of bare products in the same run. In: names of
//! workloads, seconds and threads on the command line. Out: one line of JSON per workload.
//!
//! `cargo bench --bench step -- vae mlp_ae --seconds 3 --threads 2 [--plan] [--kernels]`

use rlc::autodiff;
use rlc::backend::cpu::Cpu;
use rlc::backend::{Device, Loaded, Tensor};
use rlc::graph::attrs::Window;
use rlc::graph::{DType, Graph, InputRole, NodeId, NoiseKind, Ty};
use rlc::plan::{self, Plan};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const BATCH: usize = 128;

/// A graph under construction: its weights, and what they start from.
struct Model {
    g: Graph,
    weights: Vec<(String, NodeId, usize)>,
}

impl Model {
    fn new() -> Model {
        Model { g: Graph::new(), weights: vec![] }
    }

    fn weight(&mut self, name: String, shape: &[usize], fan: usize) -> NodeId {
        let id = self.g.input(name.clone(), InputRole::Param, Ty::f32(shape));
        let id = self.g.mark(id);
        self.weights.push((name, id, fan));
        id
    }

    fn dense(&mut self, name: &str, x: NodeId, outputs: usize) -> NodeId {
        let inputs = self.g.shape(x)[1];
        let w = self.weight(format!("{name}.w"), &[outputs, inputs], inputs);
        let b = self.weight(format!("{name}.b"), &[outputs], inputs);
        let y = self.g.contract(x, w, "bi,oi->bo");
        let b = self.g.broadcast(b, &[BATCH, outputs], &[1]);
        self.g.add(y, b)
    }

    fn relu(&mut self, x: NodeId) -> NodeId {
        let zero = self.g.like(0.0, x);
        self.g.max(x, zero)
    }

    fn input(&mut self) -> NodeId {
        self.g.input("data.x", InputRole::Data, Ty::f32([BATCH, 784]))
    }

    /// Mean over the batch of the summed cross-entropy of logits.
    fn cross_entropy(&mut self, logits: NodeId, x: NodeId) -> NodeId {
        let soft = self.g.softplus(logits);
        let hit = self.g.mul(x, logits);
        let loss = self.g.sub(soft, hit);
        let sum = self.g.sum_all(loss);
        self.g.scale(sum, 1.0 / BATCH as f64)
    }

    /// Adam on every weight.
    fn adam(mut self, loss: NodeId) -> (Graph, Vec<(String, usize)>) {
        let g = &mut self.g;
        g.output("track:loss", loss);
        let step = g.input("step", InputRole::Step, Ty::i32([]));
        let step = g.cast(step, DType::F32);
        let step = g.add_const(step, 1.0);
        let mut power = |base: f64| {
            let base = g.full(base, &Ty::f32([]));
            let p = g.pow(base, step);
            let p = g.neg(p);
            g.add_const(p, 1.0)
        };
        let (c1, c2) = (power(0.9), power(0.999));
        for (name, w, _) in &self.weights {
            let d = g.grad(loss, *w);
            let ty = g.ty(*w).clone();
            let m = g.input(format!("{name}.m"), InputRole::State, ty.clone());
            let v = g.input(format!("{name}.v"), InputRole::State, ty.clone());
            let (m, d1) = (g.scale(m, 0.9), g.scale(d, 0.1));
            let m = g.add(m, d1);
            let (v, d2) = (g.scale(v, 0.999), g.square(d));
            let d2 = g.scale(d2, 0.001);
            let v = g.add(v, d2);
            let axes: Vec<usize> = vec![];
            let (c1, c2) = (g.broadcast(c1, &ty.shape, &axes), g.broadcast(c2, &ty.shape, &axes));
            let (top, below) = (g.div(m, c1), g.div(v, c2));
            let root = g.sqrt(below);
            let root = g.add_const(root, 1e-8);
            let change = g.div(top, root);
            let change = g.scale(change, 1e-3);
            let new = g.sub(*w, change);
            g.output(format!("param:{name}"), new);
            g.output(format!("state:{name}.m"), m);
            g.output(format!("state:{name}.v"), v);
        }
        let starts = self.weights.iter().map(|(name, _, fan)| (name.clone(), *fan)).collect();
        (autodiff::expand(&self.g), starts)
    }
}

fn mlp_ae() -> (Graph, Vec<(String, usize)>) {
    let mut m = Model::new();
    let x = m.input();
    let mut h = x;
    let sizes = [512, 256, 32, 256, 512, 784];
    for (i, n) in sizes.iter().enumerate() {
        h = m.dense(&format!("l{i}"), h, *n);
        if i + 1 < sizes.len() {
            h = m.relu(h);
        }
    }
    let loss = m.cross_entropy(h, x);
    m.adam(loss)
}

fn vae() -> (Graph, Vec<(String, usize)>) {
    let mut m = Model::new();
    let x = m.input();
    let h = m.dense("e0", x, 400);
    let h = m.relu(h);
    let (mu, lv) = (m.dense("mu", h, 20), m.dense("lv", h, 20));
    let g = &mut m.g;
    let seed = g.input("seed", InputRole::Seed, Ty::i32([]));
    let step = g.input("step", InputRole::Step, Ty::i32([]));
    let eps = g.random(NoiseKind::Normal, "z", &[BATCH, 20], seed, step);
    let half = g.scale(lv, 0.5);
    let deviation = g.exp(half);
    let noise = g.mul(deviation, eps);
    let z = g.add(mu, noise);
    let h = m.dense("d0", z, 400);
    let h = m.relu(h);
    let logits = m.dense("d1", h, 784);
    let reconstruction = m.cross_entropy(logits, x);
    let g = &mut m.g;
    let (mu2, var) = (g.square(mu), g.exp(lv));
    let sum = g.add(mu2, var);
    let sum = g.sub(sum, lv);
    let sum = g.add_const(sum, -1.0);
    let kl = g.sum_all(sum);
    let kl = g.scale(kl, 0.5 / BATCH as f64);
    let loss = g.add(reconstruction, kl);
    m.adam(loss)
}

/// Two convolutions, pooling, two dense layers, cross-entropy of ten classes.
fn cnn_cls() -> (Graph, Vec<(String, usize)>) {
    let mut m = Model::new();
    let x = m.input();
    let mut h = m.g.reshape(x, &[BATCH, 1, 28, 28]);
    for (name, from, to) in [("c0", 1, 32), ("c1", 32, 64)] {
        let window = Window {
            size: vec![3, 3],
            stride: vec![1, 1],
            dilation: vec![1, 1],
            pad_low: vec![1, 1],
            pad_high: vec![1, 1],
            groups: 1,
            input: vec![28, 28],
        };
        let w = m.weight(format!("{name}.w"), &[to, from, 3, 3], from * 9);
        let b = m.weight(format!("{name}.b"), &[to], from * 9);
        let y = m.g.conv(h, w, &window);
        let b = m.g.broadcast(b, &[BATCH, to, 28, 28], &[1]);
        let y = m.g.add(y, b);
        h = m.relu(y);
    }
    let cells = m.g.reshape(h, &[BATCH, 64, 14, 2, 14, 2]);
    let pooled = m.g.reduce(&rlc::graph::op::reduce::MAX_OF, cells, &[3, 5]);
    let flat = m.g.reshape(pooled, &[BATCH, 64 * 14 * 14]);
    let h = m.dense("f0", flat, 128);
    let h = m.relu(h);
    let logits = m.dense("f1", h, 10);
    let g = &mut m.g;
    let total = g.reduce(&rlc::graph::op::reduce::LOGSUMEXP, logits, &[1]);
    let zero = g.constant(0.0, DType::I32);
    let class = g.broadcast(zero, &[BATCH, 1], &[]);
    let hit = g.take_along(logits, class, 1);
    let hit = g.reshape(hit, &[BATCH]);
    let loss = g.sub(total, hit);
    let sum = g.sum_all(loss);
    let loss = g.scale(sum, 1.0 / BATCH as f64);
    m.adam(loss)
}

/// A small generator: values need only be spread out.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }
}

fn fill(cpu: &mut Cpu, graph: &Graph, weights: &[(String, usize)]) {
    let mut dice = Dice(1);
    for id in graph.ids() {
        let rlc::graph::Attrs::Input { name, role, ty } = &graph.node(id).attrs else { continue };
        let value = match role {
            InputRole::Param => {
                let fan = weights.iter().find(|(n, _)| n == name).expect("a weight").1;
                let size = 1.0 / (fan as f32).sqrt();
                (0..ty.len()).map(|_| size * (2.0 * dice.unit() - 1.0)).collect()
            }
            InputRole::State => vec![0.0; ty.len()],
            _ => continue,
        };
        cpu.create(name, ty, &Tensor::f32(ty.shape.clone(), value));
    }
}

struct Options {
    names: Vec<String>,
    seconds: f64,
    threads: usize,
    plan: bool,
    kernels: bool,
}

fn options() -> Options {
    let mut options =
        Options { names: vec![], seconds: 2.0, threads: 2, plan: false, kernels: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|a| a.parse::<f64>().ok()).expect("a number");
        match &arg[..] {
            "--seconds" => options.seconds = number(),
            "--threads" => options.threads = number() as usize,
            "--plan" => options.plan = true,
            "--kernels" => options.kernels = true,
            "--bench" => {}
            _ => options.names.push(arg),
        }
    }
    if options.names.is_empty() {
        options.names = vec!["vae".into(), "mlp_ae".into()];
    }
    options
}

/// GFLOP/s of a product of squares on all threads: what the machine gives at this moment.
fn peak(threads: usize) -> f64 {
    let n = 512;
    let mut g = Graph::new();
    let a = g.input("a", InputRole::Data, Ty::f32([n, n]));
    let b = g.input("b", InputRole::Data, Ty::f32([n, n]));
    let c = g.contract(a, b, "ij,jk->ik");
    g.output("c", c);
    let mut cpu = Cpu::new(threads);
    let loaded = cpu.load(&plan::plan(&g));
    let t = Tensor::f32([n, n], vec![0.5; n * n]);
    let mut best = f64::MAX;
    for _ in 0..60 {
        let start = Instant::now();
        cpu.run(loaded, &[("a", &t), ("b", &t)]);
        best = best.min(start.elapsed().as_secs_f64());
    }
    2.0 * (n * n * n) as f64 / best / 1e9
}

/// A quick time (one run in ten is quicker) of each kernel over some runs.
fn profile(cpu: &mut Cpu, loaded: Loaded, plan: &Plan, inputs: &[(&str, &Tensor)]) {
    let mut all = vec![vec![]; plan.kernels.len()];
    for _ in 0..20 {
        let marks = Mutex::new(vec![Instant::now()]);
        cpu.watch(loaded, inputs, &|_| marks.lock().unwrap().push(Instant::now()));
        for (i, pair) in marks.into_inner().unwrap().windows(2).enumerate() {
            all[i].push((pair[1] - pair[0]).as_secs_f64());
        }
    }
    let mut total = 0.0;
    for (times, kernel) in all.iter_mut().zip(&plan.kernels) {
        times.sort_by(f64::total_cmp);
        let quick = times[times.len() / 10];
        total += quick;
        println!("{:9.1} us  {}", quick * 1e6, kernel.label);
    }
    println!("{:9.1} us  in all: {:.1} steps/s", total * 1e6, 1.0 / total);
}

fn bench(name: &str, options: &Options) {
    let (graph, weights) = match name {
        "vae" => vae(),
        "mlp_ae" => mlp_ae(),
        "cnn_cls" => cnn_cls(),
        name => panic!("no workload {name}"),
    };
    let start = Instant::now();
    let plan = plan::plan(&graph);
    println!("planned {} nodes in {:.2} ms", graph.len(), start.elapsed().as_secs_f64() * 1e3);
    if options.plan {
        println!("{plan}");
    }
    let mut cpu = Cpu::new(options.threads);
    fill(&mut cpu, &graph, &weights);
    let loaded = cpu.load(&plan);
    let mut dice = Dice(2);
    let batches: Vec<Tensor> = (0..16)
        .map(|_| {
            let bits = (0..BATCH * 784).map(|_| f32::from(dice.unit() < 0.3)).collect();
            Tensor::f32([BATCH, 784], bits)
        })
        .collect();
    let seed = Tensor::i32([], vec![1]);
    let mut steps = 0;
    let mut times = vec![];
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs_f64(options.seconds) || steps < 12 {
        let step = Tensor::i32([], vec![steps]);
        let inputs = [("data.x", &batches[steps as usize % 16]), ("seed", &seed), ("step", &step)];
        let start = Instant::now();
        cpu.run(loaded, &inputs);
        times.push(start.elapsed().as_secs_f64());
        steps += 1;
        if options.kernels && steps == 10 {
            let step = Tensor::i32([], vec![steps]);
            let inputs = [("data.x", &batches[0]), ("seed", &seed), ("step", &step)];
            profile(&mut cpu, loaded, &plan, &inputs);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[(part * (times.len() - 1) as f64) as usize];
    let loss = cpu.output(loaded, "track:loss").to_f32()[0];
    let (rate, peak) = (1.0 / at(0.5), peak(options.threads));
    let gflops = plan.bill.flops as f64 * rate / 1e9;
    println!(
        "{{\"workload\": \"{name}\", \"threads\": {}, \"steps_per_s\": {rate:.1}, \"best\": {:.1}, \
         \"mean\": {:.1}, \"loss\": {loss:.3}, \"gflops\": {gflops:.1}, \"product_gflops\": {peak:.1}, \
         \"kernels\": {}, \"peak_mb\": {:.2}}}",
        options.threads,
        1.0 / at(0.02),
        times.len() as f64 / times.iter().sum::<f64>(),
        plan.bill.kernels,
        plan.bill.peak_bytes as f64 / 1e6,
    );
}

fn main() {
    let options = options();
    for name in &options.names {
        bench(name, &options);
    }
}
