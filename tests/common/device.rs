//! Whether tests have a graphics device.

/// Whether there is one. Says so where there is none, and fails where `RLC_GPU=required` is set.
pub fn present() -> bool {
    let present = !rlc::backend::wgpu::list().is_empty();
    let required = std::env::var("RLC_GPU").is_ok_and(|v| v == "required");
    assert!(present || !required, "there is no graphics device, and RLC_GPU=required");
    if !present {
        eprintln!("skipped: there is no graphics device");
    }
    present
}
