//! What is known of each element of a value: the last position of a sequence that it depends on, its value where
//! that is known when compiling, and whether it is far below every score.

use crate::model::ir::AxisId;
use ndarray::{ArrayD, Axis, IxDyn};

/// A number for each element.
pub type Plane = ArrayD<f64>;

/// Below this, the exponential of a number is 0 beside that of any score: a mask. Scores of a trained net are far
/// from it, and those near it have lost all digits in 32 bits.
pub const FAR_BELOW: f64 = -1e8;

/// The elements of a value. Its first dims are those of the axes that it varies over.
#[derive(Clone, Debug)]
pub struct Cells {
    /// Axes that it is repeated along, in order.
    pub axes: Vec<AxisId>,
    /// Dims, those of the axes first.
    pub shape: Vec<usize>,
    /// One more than the place in the order of the last position that an element depends on; 0: on none.
    latest: Option<Plane>,
    /// The value, not a number where it is not known.
    known: Option<Plane>,
    /// 1 where an element is far below all that is not.
    low: Option<Plane>,
}

/// What is known of one element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub latest: f64,
    pub known: f64,
    pub low: bool,
}

impl Cell {
    /// Nothing is known, but that it depends on no position.
    pub const ANY: Cell = Cell { latest: 0.0, known: f64::NAN, low: false };

    /// A number.
    pub fn number(known: f64) -> Cell {
        Cell { known, ..Cell::ANY }
    }

    pub fn is_low(&self) -> bool {
        self.low || self.known <= FAR_BELOW
    }

    pub fn is_zero(&self) -> bool {
        self.known == 0.0
    }
}

impl Cells {
    /// Nothing is known of them, but that they depend on no position.
    pub fn any(shape: &[usize]) -> Cells {
        Cells { axes: vec![], shape: shape.to_vec(), latest: None, known: None, low: None }
    }

    /// Numbers.
    pub fn numbers(known: Plane) -> Cells {
        Cells { known: Some(known.clone()), ..Cells::any(known.shape()) }
    }

    /// Elements that depend on these positions.
    pub fn upto(latest: Plane) -> Cells {
        Cells { latest: Some(latest.clone()), ..Cells::any(latest.shape()) }
    }

    /// All elements depend on what is before this place.
    pub fn all(shape: &[usize], latest: f64) -> Cells {
        match latest == 0.0 {
            true => Cells::any(shape),
            false => Cells::upto(Plane::from_elem(IxDyn(shape), latest)),
        }
    }

    /// Elements one by one, in row-major order.
    pub fn each(shape: &[usize], cells: impl Iterator<Item = Cell>) -> Cells {
        let cells: Vec<Cell> = cells.collect();
        let plane = |some: fn(&Cell) -> bool, f: fn(&Cell) -> f64| {
            let values = || cells.iter().map(f).collect();
            cells.iter().any(some).then(|| Plane::from_shape_vec(IxDyn(shape), values()).unwrap())
        };
        let latest = plane(|c| c.latest > 0.0, |c| c.latest);
        let known = plane(|c| !c.known.is_nan(), |c| c.known);
        let low = plane(|c| c.low, |c| f64::from(u8::from(c.low)));
        Cells { latest, known, low, ..Cells::any(shape) }
    }

    /// Whether nothing is known.
    pub fn is_any(&self) -> bool {
        self.latest.is_none() && self.known.is_none() && self.low.is_none()
    }

    /// The latest place of all elements.
    pub fn last(&self) -> f64 {
        self.latest.as_ref().map_or(0.0, |plane| plane.iter().fold(0.0, |a: f64, b| a.max(*b)))
    }

    /// All values, where all are known.
    pub fn values(&self) -> Option<&Plane> {
        self.known.as_ref().filter(|plane| plane.iter().all(|x| !x.is_nan()))
    }

    /// The latest places.
    pub fn latest(&self) -> Plane {
        self.latest.clone().unwrap_or_else(|| Plane::zeros(IxDyn(&self.shape)))
    }

    /// What is known of the values.
    pub fn known(&self) -> Option<&Plane> {
        self.known.as_ref()
    }

    /// Every element, in row-major order.
    pub fn cells(&self) -> Vec<Cell> {
        let len = self.shape.iter().product();
        let mut cells = vec![Cell::ANY; len];
        let planes = |plane: &Option<Plane>| plane.as_ref().map(|p| p.iter().copied().collect());
        let (latest, known, low): (Option<Vec<f64>>, Option<Vec<f64>>, Option<Vec<f64>>) =
            (planes(&self.latest), planes(&self.known), planes(&self.low));
        for (i, cell) in cells.iter_mut().enumerate() {
            cell.latest = latest.as_ref().map_or(0.0, |p| p[i]);
            cell.known = known.as_ref().map_or(f64::NAN, |p| p[i]);
            cell.low = low.as_ref().is_some_and(|p| p[i] > 0.0);
        }
        cells
    }

    /// The same elements in other places: `f` moves the elements of any plane.
    pub fn moved(of: &[&Cells], shape: &[usize], f: impl Fn(&[&Plane]) -> Plane) -> Cells {
        let plane = |get: fn(&Cells) -> &Option<Plane>, none: f64| {
            let full = |c: &&Cells| {
                let plane = get(c).clone();
                plane.unwrap_or_else(|| Plane::from_elem(IxDyn(&c.shape), none))
            };
            of.iter().any(|c| get(c).is_some()).then(|| {
                let planes: Vec<Plane> = of.iter().map(full).collect();
                f(&planes.iter().collect::<Vec<_>>())
            })
        };
        let latest = plane(|c| &c.latest, 0.0);
        let known = plane(|c| &c.known, f64::NAN);
        let low = plane(|c| &c.low, 0.0);
        Cells { latest, known, low, ..Cells::any(shape) }
    }

    /// The same along more axes, in this order.
    pub fn along(&self, axes: &[(AxisId, usize)]) -> Cells {
        if self.axes.iter().eq(axes.iter().map(|(axis, _)| axis)) {
            return self.clone();
        }
        let own = &self.shape[self.axes.len()..];
        let sizes: Vec<usize> = axes.iter().map(|(_, n)| *n).collect();
        let shape = [&sizes[..], own].concat();
        let here = |axis: &AxisId| self.axes.iter().any(|a| a == axis);
        let narrow: Vec<usize> =
            axes.iter().map(|(axis, n)| if here(axis) { *n } else { 1 }).collect();
        let narrow = [&narrow[..], own].concat();
        let wide = |planes: &[&Plane]| {
            let plane = planes[0].to_shape(IxDyn(&narrow)).expect("the same elements");
            plane.broadcast(IxDyn(&shape)).expect("wider").to_owned()
        };
        let cells = Cells::moved(&[self], &shape, wide);
        Cells { axes: axes.iter().map(|(axis, _)| *axis).collect(), ..cells }
    }

    /// Element `i` of the first dim.
    pub fn at(&self, i: usize) -> Cells {
        self.part(self.axes.len(), i)
    }

    /// Element `i` of the first axis.
    pub fn of_axis(&self, i: usize) -> Cells {
        Cells { axes: self.axes[1..].to_vec(), ..self.part(0, i) }
    }

    fn part(&self, dim: usize, i: usize) -> Cells {
        let mut shape = self.shape.clone();
        shape.remove(dim);
        let cells = Cells::moved(&[self], &shape, |p| p[0].index_axis(Axis(dim), i).to_owned());
        Cells { axes: self.axes.clone(), ..cells }
    }

    /// Several of one shape and the same axes, as the first dim behind the axes.
    pub fn stacked(list: &[Cells]) -> Cells {
        let Some(first) = list.first() else { return Cells::any(&[0]) };
        let mut shape = first.shape.clone();
        shape.insert(first.axes.len(), list.len());
        let all: Vec<&Cells> = list.iter().collect();
        let cells = Cells::moved(&all, &shape, |planes| {
            let views: Vec<_> = planes.iter().map(|p| p.view()).collect();
            ndarray::stack(Axis(first.axes.len()), &views).expect("one shape")
        });
        Cells { axes: first.axes.clone(), ..cells }
    }

    /// The same with its first axis as first dim, and back.
    pub fn with_axes(mut self, axes: Vec<AxisId>) -> Cells {
        self.axes = axes;
        self
    }
}
