//! What can go wrong on a device. In: its callbacks. Out: the first fault, until the device is closed.

use crate::backend::Fault;
use std::sync::{Arc, Mutex};
use wgpu::{Device, Error};

/// The first fault of a device.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Option<Noted>>>);

#[derive(Clone)]
enum Noted {
    Fault(Fault),
    /// A shader or a call that is not valid: a mistake of ours.
    Mistake(String),
}

impl Faults {
    /// Listens to a device.
    pub fn watch(device: &Device) -> Faults {
        let faults = Faults::default();
        let heard = faults.clone();
        device.on_uncaptured_error(Arc::new(move |error: Error| {
            heard.note(match error {
                Error::OutOfMemory { source } => Noted::Fault(Fault::Memory(source.to_string())),
                Error::Validation { description, .. } => Noted::Mistake(description),
                Error::Internal { description, .. } => Noted::Fault(Fault::Lost(description)),
            });
        }));
        let heard = faults.clone();
        device.set_device_lost_callback(move |_, why| {
            heard.note(Noted::Fault(Fault::Lost(why)));
        });
        faults
    }

    fn note(&self, noted: Noted) {
        let mut first = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        first.get_or_insert(noted);
    }

    /// A device that does not answer.
    pub fn lost(&self, why: String) {
        self.note(Noted::Fault(Fault::Lost(why)));
    }

    /// The first fault, if any.
    ///
    /// # Panics
    /// If a shader or a call was not valid.
    pub fn first(&self) -> Option<Fault> {
        let first = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        match first? {
            Noted::Fault(fault) => Some(fault),
            Noted::Mistake(what) => panic!("the graphics device refused a call: {what}"),
        }
    }
}
