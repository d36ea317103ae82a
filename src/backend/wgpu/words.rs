//! Values of the host as words, and back.

use crate::backend::{Data, Tensor};
use crate::plan::Elem;

/// A tensor's elements as words of this element type.
pub fn to_words(tensor: &Tensor, elem: Elem) -> Vec<u32> {
    match (&tensor.data, elem) {
        (Data::F32(v), Elem::I32) => v.iter().map(|x| *x as i32 as u32).collect(),
        (Data::F32(v), _) => v.iter().map(|x| x.to_bits()).collect(),
        (Data::F64(v), Elem::I32) => v.iter().map(|x| *x as i32 as u32).collect(),
        (Data::F64(v), _) => v.iter().map(|x| (*x as f32).to_bits()).collect(),
        (Data::I32(v), Elem::I32) => v.iter().map(|x| *x as u32).collect(),
        (Data::I32(v), _) => v.iter().map(|x| (*x as f32).to_bits()).collect(),
    }
}

/// Words as a tensor.
pub fn to_tensor(elem: Elem, shape: &[usize], words: &[u32]) -> Tensor {
    match elem {
        Elem::I32 => Tensor::i32(shape, words.iter().map(|x| *x as i32).collect()),
        _ => Tensor::f32(shape, words.iter().map(|x| f32::from_bits(*x)).collect()),
    }
}
