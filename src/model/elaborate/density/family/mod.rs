//! Families of distributions. In: a call, `Normal(0, 1)`, and the type of its value. Out: every formula of the
//! family for these parameters and this shape.

pub mod dist;
pub mod event;
pub mod made_of;
pub mod rows;
pub mod tilt;
