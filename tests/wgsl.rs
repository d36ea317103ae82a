//! The shaders of every model and of every accepted test file: valid, and within what every graphics
//! device allows. Needs no device.

mod common;

use common::{model_names, model_path};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, TypeInner};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One shader of a file.
struct Shader {
    place: String,
    text: String,
    groups: Vec<[u64; 3]>,
}

fn shaders(path: &Path) -> Vec<Shader> {
    let output = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(["compile", "--emit", "wgsl", "--json"])
        .arg(path)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", path.display());
    let text = String::from_utf8(output.stdout).unwrap();
    let shader = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        Shader {
            place: format!("{} {} {}", path.display(), row["phase"], row["module"]),
            text: row["text"].as_str().unwrap().into(),
            groups: serde_json::from_value(row["groups"].clone()).unwrap(),
        }
    };
    text.lines().map(shader).collect()
}

/// Bytes of a type of shared memory.
fn bytes(module: &naga::Module, ty: naga::Handle<naga::Type>) -> u32 {
    module.types[ty].inner.size(module.to_ctx())
}

/// Compilers of shaders take long over long functions, and may run out of stack on deep expressions.
fn sane(place: &str, function: &naga::Function) {
    let statements = function.body.len();
    assert!(statements <= 512, "{place}: {statements} statements");
    let mut depth = vec![0; function.expressions.len()];
    for (handle, expression) in function.expressions.iter() {
        // What has a name is a value of its own, and ends an expression.
        let named = |h: naga::Handle<naga::Expression>| function.named_expressions.contains_key(&h);
        let deepest = operands(expression).into_iter().map(|h| match named(h) {
            true => 0,
            false => depth[h.index()],
        });
        depth[handle.index()] = 1 + deepest.max().unwrap_or(0);
    }
    let deepest = depth.iter().max().copied().unwrap_or(0);
    assert!(deepest <= 32, "{place}: an expression {deepest} deep");
}

fn operands(expression: &naga::Expression) -> Vec<naga::Handle<naga::Expression>> {
    use naga::Expression as E;
    match expression {
        E::Access { base, index } => vec![*base, *index],
        E::AccessIndex { base, .. } => vec![*base],
        E::Splat { value, .. } => vec![*value],
        E::Swizzle { vector, .. } => vec![*vector],
        E::Compose { components, .. } => components.clone(),
        E::Load { pointer } => vec![*pointer],
        E::Unary { expr, .. } | E::As { expr, .. } => vec![*expr],
        E::Binary { left, right, .. } => vec![*left, *right],
        E::Select { condition, accept, reject } => vec![*condition, *accept, *reject],
        E::Math { arg, arg1, arg2, .. } => {
            [Some(*arg), *arg1, *arg2].into_iter().flatten().collect()
        }
        _ => vec![],
    }
}

fn check(shader: &Shader) {
    let Shader { place, text, groups } = shader;
    let module = naga::front::wgsl::parse_str(text)
        .unwrap_or_else(|why| panic!("{place}: {}\n{text}", why.emit_to_string(text)));
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    validator.validate(&module).unwrap_or_else(|why| panic!("{place}: {why:?}\n{text}"));
    let entry = &module.entry_points[0];
    assert_eq!(module.entry_points.len(), 1, "{place}");
    let [x, y, z] = entry.workgroup_size;
    assert!(x * y * z <= 256, "{place}: {x} invocations");
    let of = |space: fn(&AddressSpace) -> bool| {
        module.global_variables.iter().filter(move |(_, var)| space(&var.space))
    };
    let storage = of(|space| matches!(space, AddressSpace::Storage { .. })).count();
    assert!(storage <= 8, "{place}: {storage} storage buffers");
    let shared: u32 = of(|space| matches!(space, AddressSpace::WorkGroup))
        .map(|(_, var)| bytes(&module, var.ty))
        .sum();
    assert!(shared <= 16 << 10, "{place}: {shared} bytes of shared memory");
    assert!(!groups.is_empty(), "{place} is not dispatched");
    assert!(groups.iter().flatten().all(|n| (1..=65_535).contains(n)), "{place}: {groups:?}");
    for (_, function) in module.functions.iter() {
        sane(place, function);
    }
    sane(place, &entry.function);
    let atomic = module.types.iter().any(|(_, ty)| matches!(ty.inner, TypeInner::Atomic(_)));
    assert!(!atomic, "{place}: sums by atomics have no order");
}

#[test]
fn shaders_of_every_model_are_valid() {
    for name in model_names() {
        shaders(&model_path(&name)).iter().for_each(check);
    }
}

#[test]
fn shaders_of_accepted_files_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/accept", "tests/facts", "tests/emit"].map(|name| root.join(name));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rl"));
    files.sort();
    assert!(files.len() >= 20, "{} files", files.len());
    for path in files {
        shaders(&path).iter().for_each(check);
    }
}

/// Of a user's names only ASCII letters and digits get into shaders.
#[test]
fn names_in_shaders_are_plain() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/tiny_vae.rl");
    for shader in shaders(&path) {
        assert!(shader.text.is_ascii(), "{}", shader.place);
        let names = shader.text.lines().filter_map(|line| line.strip_prefix("const at_"));
        for name in names {
            let name = name.split(' ').next().unwrap();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(name.chars().all(plain), "{name}");
        }
    }
}
