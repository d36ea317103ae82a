//! Shaders of small graphs under every option are valid. Needs no device.

use super::{Cooperative, Layout, Limits, program};
use crate::backend::cases::{self, Case};
use crate::plan;
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// Graphs with every kind of kernel.
fn some() -> impl Iterator<Item = Case> {
    let many = [cases::ops(), cases::contractions(), cases::folds(), cases::convolutions()];
    many.into_iter()
        .flatten()
        .chain(cases::loops())
        .chain(cases::sizes())
        .chain(cases::lines())
        .chain(cases::random(0..100))
}

/// Validates the shaders of every graph; how many have some text.
fn check(limits: &Limits, capabilities: Capabilities, text: &str) -> usize {
    let mut found = 0;
    for case in some() {
        let plan = plan::plan(&case.graph);
        let program = program(&plan, &Layout::of(&plan, limits.half), limits);
        for module in &program.modules {
            let place = format!("{}\n{}", case.name, module.text);
            let parsed = naga::front::wgsl::parse_str(&module.text)
                .unwrap_or_else(|why| panic!("{}: {place}", why.emit_to_string(&module.text)));
            let mut validator = Validator::new(ValidationFlags::all(), capabilities);
            validator.validate(&parsed).unwrap_or_else(|why| panic!("{why:?}: {place}"));
            found += usize::from(module.text.contains(text));
        }
    }
    found
}

#[test]
fn plain_shaders_are_valid() {
    assert!(check(&Limits::default(), Capabilities::empty(), "fn main") > 300);
}

/// Operands and results whose lines are whole fours are read and written so.
#[test]
fn products_read_and_write_in_fours() {
    // So few groups at a time that large tiles are best.
    let limits = Limits { busy: 1, ..Limits::default() };
    let none = Capabilities::empty();
    assert!(check(&limits, none, "return bitcast<vec4<f32>>(") > 10);
    assert!(check(&limits, none, "arena: array<vec4<u32>>") >= 5);
    assert!(check(&limits, none, "/ 4u] = vec4<u32>(result0.to0, result1.to0") > 1);
}

#[test]
fn shaders_with_values_in_16_bits_are_valid() {
    let limits = Limits { half: Some(1), ..Limits::default() };
    let f16 = Capabilities::SHADER_FLOAT16 | Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    assert!(check(&limits, f16, "halves: array<f16>") > 20);
    let large = Limits { half: Some(1), busy: 1, ..Limits::default() };
    assert!(check(&large, f16, "halves: array<vec4<f16>>") > 2);
    let pages = Limits { half: Some(1), page: 64, ..Limits::default() };
    assert!(check(&pages, f16, "put_halves_") > 5);
}

#[test]
fn shaders_with_subgroups_are_valid() {
    let limits = Limits { subgroups: true, ..Limits::default() };
    assert!(check(&limits, Capabilities::SUBGROUP, "subgroupAdd") > 2);
}

/// Products that fill a matrix use matrix units, whatever the size of these and of a subgroup.
#[test]
fn shaders_with_cooperative_matrices_are_valid() {
    let needed = Capabilities::COOPERATIVE_MATRIX | Capabilities::SUBGROUP;
    let f16 = Capabilities::SHADER_FLOAT16 | Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    for (size, lanes) in [(8, 8), (8, 32), (16, 32), (16, 64)] {
        let cooperative = Some(Cooperative { size, lanes });
        let limits = Limits { cooperative, ..Limits::default() };
        assert!(check(&limits, needed, "coopMultiplyAdd(a0, b0, sum0_0)") > 3, "{size}, {lanes}");
        let limits = Limits { half: Some(1), ..limits };
        let text = &format!("coopLoadT<coop_mat{size}x{size}<f16, B>>");
        assert!(check(&limits, needed | f16, text) > 3, "{size}, {lanes}");
    }
}
