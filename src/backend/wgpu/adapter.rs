//! Adapters: what devices there are, and opening one. In: a choice. Out: a device with the limits that
//! it has, or why there is none.

use super::fault::Faults;
use crate::backend::Fault;
use crate::backend::wgsl::{self, Cooperative};
use wgpu::{
    Adapter, Backends, CommandEncoder, CooperativeScalarType, Device, DeviceDescriptor, DeviceType,
    ExperimentalFeatures, Features, Instance, InstanceDescriptor, Limits, PollType, Queue,
};

/// An adapter for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub api: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: &'static str,
    /// The driver and its version.
    pub driver: String,
    /// Most bytes of a binding.
    pub binding: u64,
    /// Most bytes of a buffer.
    pub buffer: u64,
    /// Most storage buffers of a shader.
    pub bindings: u32,
    /// Most invocations of a workgroup.
    pub lanes: u32,
    /// Most bytes of memory that a workgroup shares.
    pub shared: u32,
    /// Most workgroups along a dim.
    pub groups: u32,
    /// Whether kernels can be timed on the device.
    pub timestamps: bool,
    /// Whether shaders can use 16-bit reals.
    pub half: bool,
    /// Whether invocations of a subgroup can exchange values directly.
    pub subgroups: bool,
    /// Matrix units with sums in 32 bits, for operands in 32 bits and in 16.
    pub cooperative: [Option<Cooperative>; 2],
}

impl Found {
    fn new(adapter: &Adapter) -> Found {
        let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
        Found {
            name: info.name,
            api: info.backend.to_string(),
            kind: kind(info.device_type),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_string(),
            binding: limits.max_storage_buffer_binding_size,
            buffer: limits.max_buffer_size,
            bindings: limits.max_storage_buffers_per_shader_stage,
            lanes: limits.max_compute_invocations_per_workgroup,
            shared: limits.max_compute_workgroup_storage_size,
            groups: limits.max_compute_workgroups_per_dimension,
            timestamps: features.contains(Features::TIMESTAMP_QUERY),
            half: features.contains(Features::SHADER_F16),
            subgroups: features.contains(Features::SUBGROUP),
            cooperative: [CooperativeScalarType::F32, CooperativeScalarType::F16]
                .map(|operands| cooperative(adapter, operands)),
        }
    }

    /// Whether it is hardware made for this, rather than a program that stands in for it.
    pub fn is_real(&self) -> bool {
        matches!(self.kind, "discrete" | "integrated" | "virtual")
    }
}

/// An adapter's matrix units for operands of a type: the largest square matrices with sums in 32 bits
/// for whose tile there is room.
fn cooperative(adapter: &Adapter, operands: CooperativeScalarType) -> Option<Cooperative> {
    let (info, features) = (adapter.get_info(), adapter.features());
    let wanted = Features::EXPERIMENTAL_COOPERATIVE_MATRIX | Features::SUBGROUP;
    // Software devices list matrices that they refuse to open where their subgroups are smaller.
    if !features.contains(wanted) || info.subgroup_min_size < 8 {
        return None;
    }
    let fits = |p: &&wgpu::CooperativeMatrixProperties| {
        let square = p.m_size == p.n_size && p.n_size == p.k_size;
        square && p.ab_type == operands && p.cr_type == CooperativeScalarType::F32
    };
    let all = adapter.cooperative_matrix_properties();
    let size = all.iter().filter(fits).map(|p| p.m_size as usize).max()?;
    let units = Cooperative { size, lanes: info.subgroup_max_size as usize };
    units.fits(&wgsl::Limits::default()).then_some(units)
}

fn kind(of: DeviceType) -> &'static str {
    match of {
        DeviceType::DiscreteGpu => "discrete",
        DeviceType::IntegratedGpu => "integrated",
        DeviceType::VirtualGpu => "virtual",
        DeviceType::Cpu => "software",
        DeviceType::Other => "other",
    }
}

fn adapters() -> Vec<Adapter> {
    let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
    let mut all = pollster::block_on(instance.enumerate_adapters(Backends::PRIMARY));
    let order = |adapter: &Adapter| match adapter.get_info().device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    };
    all.sort_by_key(order);
    all
}

/// All adapters, the likely fastest first.
pub fn list() -> Vec<Found> {
    adapters().iter().map(Found::new).collect()
}

/// Groups that a program in the place of a device runs at a time.
const SOFTWARE: usize = 4;

/// An open device.
pub struct Open {
    pub device: Device,
    pub queue: Queue,
    pub found: Found,
    pub limits: wgsl::Limits,
    pub faults: Faults,
    /// A key under which compiled pipelines may be kept, if the device can take them back.
    pub cache_key: Option<String>,
}

/// Opens the adapter with this number in [`list`], with its matrix units if `cooperative` says so.
pub fn open(number: usize, cooperative: bool) -> Result<Open, Fault> {
    let all = adapters();
    let count = all.len();
    let adapter = all.into_iter().nth(number).ok_or_else(|| {
        Fault::None(match count {
            0 => "no graphics device was found".into(),
            1 => "there is one graphics device, number 0".into(),
            n => format!("there are {n} graphics devices, numbers 0 to {}", n - 1),
        })
    })?;
    let found = Found::new(&adapter);
    let mut optional = Features::TIMESTAMP_QUERY
        | Features::PIPELINE_CACHE
        | Features::SUBGROUP
        | Features::SHADER_F16;
    let mut experimental_features = ExperimentalFeatures::disabled();
    if cooperative {
        optional |= Features::EXPERIMENTAL_COOPERATIVE_MATRIX;
        // Safety: shaders use them as tests on a device check: whole subgroups, inside their memory.
        experimental_features = unsafe { ExperimentalFeatures::enabled() };
    }
    let has = adapter.limits();
    let wanted = Limits {
        max_buffer_size: has.max_buffer_size,
        max_storage_buffer_binding_size: has.max_storage_buffer_binding_size,
        max_storage_buffers_per_shader_stage: has.max_storage_buffers_per_shader_stage,
        ..Limits::default()
    };
    let descriptor = DeviceDescriptor {
        label: Some("rlc"),
        required_features: adapter.features() & optional,
        required_limits: wanted,
        experimental_features,
        ..DeviceDescriptor::default()
    };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
        .map_err(|why| Fault::None(format!("`{}` cannot be opened: {why}", found.name)))?;
    let faults = Faults::watch(&device);
    let most = has.max_storage_buffer_binding_size.min(has.max_buffer_size).min(1 << 31);
    let limits = wgsl::Limits {
        page: (most / 1024 * 256) as usize,
        bindings: has.max_storage_buffers_per_shader_stage as usize,
        subgroups: found.subgroups,
        busy: if found.is_real() { wgsl::Limits::default().busy } else { SOFTWARE },
        ..wgsl::Limits::default()
    };
    let cache_key = wgpu::util::pipeline_cache_key(&adapter.get_info());
    let cache_key = cache_key.filter(|_| device.features().contains(Features::PIPELINE_CACHE));
    Ok(Open { device, queue, found, limits, faults, cache_key })
}

impl Open {
    /// Waits for everything that was submitted.
    pub fn wait(&self) {
        if let Err(why) = self.device.poll(PollType::wait_indefinitely()) {
            self.faults.lost(why.to_string());
        }
    }

    pub fn encoder(&self) -> CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }
}
