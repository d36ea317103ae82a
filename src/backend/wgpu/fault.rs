//! What can go wrong on a device. In: its callbacks. Out: the first fault, until the device is closed.

use crate::backend::Fault;
use std::sync::{Arc, Mutex, MutexGuard};
use wgpu::{Device, Error, PollType};

/// The first fault of a device.
#[derive(Clone, Default)]
pub struct Faults {
    noted: Arc<Mutex<Noted>>,
    device: Option<Device>,
}

#[derive(Clone, Default)]
struct Noted {
    fault: Option<Fault>,
    /// A shader or a call that is not valid: a mistake of ours, unless the device is lost.
    mistake: Option<String>,
}

impl Faults {
    /// Listens to a device.
    pub fn watch(device: &Device) -> Faults {
        let heard = Faults::default();
        let faults = Faults { device: Some(device.clone()), noted: heard.noted.clone() };
        let (errors, losses) = (heard.clone(), heard);
        device.on_uncaptured_error(Arc::new(move |error: Error| match error {
            Error::OutOfMemory { source } => errors.note(Fault::Memory(source.to_string())),
            Error::Internal { description, .. } => errors.note(Fault::Lost(description)),
            Error::Validation { description, .. } => {
                errors.lock().mistake.get_or_insert(description);
            }
        }));
        device.set_device_lost_callback(move |_, why| losses.note(Fault::Lost(why)));
        faults
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn note(&self, fault: Fault) {
        self.lock().fault.get_or_insert(fault);
    }

    /// A graph that is too large for the device.
    pub fn too_large(&self, why: String) {
        self.note(Fault::Memory(why));
    }

    /// A device that does not answer.
    pub fn lost(&self, why: String) {
        self.note(Fault::Lost(why));
    }

    /// The first fault, if any.
    ///
    /// # Panics
    /// If a shader or a call was not valid.
    pub fn first(&self) -> Option<Fault> {
        let noted = self.lock().clone();
        if let (None, Some(what)) = (&noted.fault, noted.mistake) {
            // Calls on a device that is gone are not valid either; that it is gone is told when asked.
            self.device.as_ref().map(|device| device.poll(PollType::Poll));
            let lost = self.lock().fault.clone();
            assert!(lost.is_some(), "the graphics device refused a call: {what}");
            return lost;
        }
        noted.fault
    }
}
