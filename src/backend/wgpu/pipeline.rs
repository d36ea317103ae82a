//! Modules to pipelines. In: a program. Out: what a dispatch needs, built in parallel.

use crate::backend::wgsl::{Binding, Module, Program, RECORD, Region};
use std::num::NonZeroU64;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wgpu::*;

/// A module that is ready to be dispatched.
pub struct ReadyPipeline {
    pub pipeline: ComputePipeline,
    pub group: BindGroup,
    /// Whether the places of a time step are bound.
    pub moves: bool,
}

/// Pages by region.
pub type Find<'a> = &'a (dyn Fn(Region, usize) -> &'a Buffer + Sync);

/// Bytes of a record.
pub const RECORD_BYTES: u64 = RECORD as u64 * 4;

/// Builds every module of a program.
pub fn build(
    device: &Device,
    cache: Option<&PipelineCache>,
    program: &Program,
    find: Find<'_>,
    records: Option<&Buffer>,
) -> Vec<ReadyPipeline> {
    let made: Vec<Mutex<Option<ReadyPipeline>>> =
        program.modules.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((module, slot)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            program.modules.get(at).zip(made.get(at))
        } {
            let ready = one(device, cache, module, find, records);
            *slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(ready);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        (1..threads.min(made.len())).for_each(|_| {
            scope.spawn(work);
        });
        work();
    });
    let taken = made.into_iter().map(|slot| {
        let ready = slot.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        ready.expect("every module is built")
    });
    taken.collect()
}

fn one(
    device: &Device,
    cache: Option<&PipelineCache>,
    module: &Module,
    find: Find<'_>,
    records: Option<&Buffer>,
) -> ReadyPipeline {
    let moving = NonZeroU64::new(module.moving as u64 * 4);
    let storage = |read_only| BufferBindingType::Storage { read_only };
    let entry = |binding: usize, ty, moves| BindGroupLayoutEntry {
        binding: binding as u32,
        visibility: ShaderStages::COMPUTE,
        ty: BindingType::Buffer {
            ty,
            has_dynamic_offset: moves,
            min_binding_size: if moves { moving } else { None },
        },
        count: None,
    };
    let bindings = module.bindings.iter().enumerate();
    let mut entries: Vec<BindGroupLayoutEntry> =
        bindings.clone().map(|(n, b)| entry(n, storage(!b.region.is_written()), false)).collect();
    let mut resources: Vec<BindGroupEntry> = bindings
        .map(|(n, b)| BindGroupEntry {
            binding: n as u32,
            resource: find(b.region, b.page).as_entire_binding(),
        })
        .collect();
    if let (Some(_), Some(records)) = (moving, records) {
        entries.push(entry(resources.len(), BufferBindingType::Uniform, true));
        resources.push(BindGroupEntry {
            binding: resources.len() as u32,
            resource: BindingResource::Buffer(BufferBinding {
                buffer: records,
                offset: 0,
                size: moving,
            }),
        });
    }
    let layout = device
        .create_bind_group_layout(&BindGroupLayoutDescriptor { label: None, entries: &entries });
    let group = device.create_bind_group(&BindGroupDescriptor {
        label: None,
        layout: &layout,
        entries: &resources,
    });
    ReadyPipeline {
        pipeline: pipeline(device, cache, module, &layout),
        group,
        moves: module.moving > 0,
    }
}

fn pipeline(
    device: &Device,
    cache: Option<&PipelineCache>,
    module: &Module,
    layout: &BindGroupLayout,
) -> ComputePipeline {
    let source = ShaderSource::Wgsl(module.text.as_str().into());
    let descriptor = ShaderModuleDescriptor { label: Some(&module.label), source };
    // Safety: indices stay inside their buffers and loops end, by the invariants of `wgsl`.
    let shader = unsafe {
        device.create_shader_module_trusted(descriptor, ShaderRuntimeChecks::unchecked())
    };
    let layout = device.create_pipeline_layout(&PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    device.create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(&module.label),
        layout: Some(&layout),
        module: &shader,
        entry_point: Some("main"),
        // Shared memory is written before it is read.
        compilation_options: PipelineCompilationOptions {
            zero_initialize_workgroup_memory: false,
            ..PipelineCompilationOptions::default()
        },
        cache,
    })
}

/// The pipeline that copies rows of a table to the inputs.
pub fn gather(device: &Device, text: &str, table: &Buffer, inputs: &Buffer) -> ReadyPipeline {
    let module = Module {
        label: "rows".into(),
        text: text.into(),
        library: 0..0,
        bindings: vec![
            Binding { region: Region::Tables, page: 0 },
            Binding { region: Region::Arena, page: 0 },
        ],
        moving: 0,
    };
    let find = |region: Region, _| if region == Region::Tables { table } else { inputs };
    one(device, None, &module, &find, None)
}
