//! What is known of each element of a value: the last position of a sequence that it depends on, its value where
//! that is known when compiling, and whether it is far below every score.

use crate::model::ir::AxisId;
use ndarray::{ArrayD, Axis, IxDyn, Slice};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A number for each element.
pub type Plane = ArrayD<f64>;

/// Below this, the exponential of a number is 0 beside that of any score: a mask. Scores of a trained net are far
/// from it, and those near it have lost all digits in 32 bits.
pub const FAR_BELOW: f64 = -1e8;

/// A plane repeated along dims in which it has one element.
fn wide(plane: &Plane, shape: &[usize]) -> Plane {
    match plane.shape() == shape {
        true => plane.clone(),
        false => plane.broadcast(IxDyn(shape)).expect("wider").to_owned(),
    }
}

/// The elements of a value. Its first dims are those of the axes that it varies over. Along a dim in which all elements
/// are alike, one is kept.
#[derive(Clone, Debug)]
pub struct Cells {
    /// Axes that it is repeated along, in order.
    pub axes: Vec<AxisId>,
    /// Dims, those of the axes first.
    pub shape: Vec<usize>,
    /// How many elements are kept along each dim: all, or one.
    pub narrow: Vec<usize>,
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
        let narrow = shape.iter().map(|n| (*n).min(1)).collect();
        let shape = shape.to_vec();
        Cells { axes: vec![], shape, narrow, latest: None, known: None, low: None }
    }

    /// Numbers.
    pub fn numbers(known: Plane) -> Cells {
        let (shape, narrow) = (known.shape().to_vec(), known.shape().to_vec());
        Cells { known: Some(known), narrow, ..Cells::any(&shape) }.collapsed()
    }

    /// Elements that depend on these positions.
    pub fn upto(latest: Plane) -> Cells {
        let (shape, narrow) = (latest.shape().to_vec(), latest.shape().to_vec());
        Cells { latest: Some(latest), narrow, ..Cells::any(&shape) }.collapsed()
    }

    /// All elements depend on what is before this place.
    pub fn all(shape: &[usize], latest: f64) -> Cells {
        let any = Cells::any(shape);
        let plane = Plane::from_elem(IxDyn(&any.narrow), latest);
        Cells { latest: (latest > 0.0).then_some(plane), ..any }
    }

    /// Elements one by one, in row-major order of those that are kept.
    pub fn each(shape: &[usize], narrow: &[usize], cells: &[Cell]) -> Cells {
        let plane = |some: fn(&Cell) -> bool, f: fn(&Cell) -> f64| {
            let values = || cells.iter().map(f).collect();
            let plane = || Plane::from_shape_vec(IxDyn(narrow), values()).expect("one for each");
            cells.iter().any(some).then(plane)
        };
        let latest = plane(|c| c.latest > 0.0, |c| c.latest);
        let known = plane(|c| !c.known.is_nan(), |c| c.known);
        let low = plane(|c| c.low, |c| f64::from(u8::from(c.low)));
        Cells { latest, known, low, narrow: narrow.to_vec(), ..Cells::any(shape) }.collapsed()
    }

    /// The same with one element along dims in which all are alike.
    fn collapsed(mut self) -> Cells {
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        for d in 0..self.narrow.len() {
            let alike = |plane: &Option<Plane>| {
                plane.as_ref().is_none_or(|plane| {
                    let first = plane.index_axis(Axis(d), 0);
                    let mut parts = plane.axis_iter(Axis(d)).skip(1);
                    parts.all(|part| part.iter().zip(&first).all(|(a, b)| same(*a, *b)))
                })
            };
            let planes = [&self.latest, &self.known, &self.low];
            if self.narrow[d] > 1 && planes.into_iter().all(alike) {
                self.narrow[d] = 1;
                for plane in [&mut self.latest, &mut self.known, &mut self.low] {
                    *plane = plane.take().map(|plane| {
                        plane.slice_axis(Axis(d), Slice::from(0..1)).as_standard_layout().to_owned()
                    });
                }
            }
        }
        self
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
    pub fn values(&self) -> Option<Plane> {
        let known = self.known.as_ref().filter(|plane| plane.iter().all(|x| !x.is_nan()))?;
        Some(wide(known, &self.shape))
    }

    /// The latest places.
    pub fn latest(&self) -> Plane {
        let none = || Plane::zeros(IxDyn(&self.shape));
        self.latest.as_ref().map_or_else(none, |plane| wide(plane, &self.shape))
    }

    /// The latest places of the elements that are kept; none where no element depends on a position.
    pub fn latest_kept(&self) -> Option<&Plane> {
        self.latest.as_ref()
    }

    /// What is known of the values.
    pub fn known(&self) -> Option<Plane> {
        self.known.as_ref().map(|plane| wide(plane, &self.shape))
    }

    /// What is known of the values, with so many along each dim.
    pub fn known_along(&self, narrow: &[usize]) -> Option<Plane> {
        self.known.as_ref().map(|plane| wide(plane, narrow))
    }

    /// Every element, in row-major order, with so many along each dim.
    pub fn cells(&self, narrow: &[usize]) -> Vec<Cell> {
        let list = |plane: &Option<Plane>| -> Option<Vec<f64>> {
            plane.as_ref().map(|plane| wide(plane, narrow).iter().copied().collect())
        };
        let (latest, known, low) = (list(&self.latest), list(&self.known), list(&self.low));
        let mut cells = vec![Cell::ANY; narrow.iter().product()];
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
                let none = || Plane::from_elem(IxDyn(&c.shape), none);
                get(c).as_ref().map_or_else(none, |plane| wide(plane, &c.shape))
            };
            of.iter().any(|c| get(c).is_some()).then(|| {
                let planes: Vec<Plane> = of.iter().map(full).collect();
                f(&planes.iter().collect::<Vec<_>>())
            })
        };
        let latest = plane(|c| &c.latest, 0.0);
        let known = plane(|c| &c.known, f64::NAN);
        let low = plane(|c| &c.low, 0.0);
        let any = Cells::any(shape);
        if latest.is_none() && known.is_none() && low.is_none() {
            return any;
        }
        Cells { latest, known, low, narrow: shape.to_vec(), ..any }.collapsed()
    }

    /// The same elements in other places, of which as many are kept along each dim as `f` gives.
    pub fn viewed(&self, shape: &[usize], narrow: &[usize], f: impl Fn(&Plane) -> Plane) -> Cells {
        let [latest, known, low] =
            [&self.latest, &self.known, &self.low].map(|plane| plane.as_ref().map(&f));
        Cells { latest, known, low, narrow: narrow.to_vec(), ..Cells::any(shape) }
    }

    /// Whether two say the same.
    pub fn same(&self, other: &Cells) -> bool {
        let bits = |plane: &Option<Plane>| -> Option<Vec<u64>> {
            plane.as_ref().map(|plane| plane.iter().map(|x| x.to_bits()).collect())
        };
        let head = |c: &Cells| (c.axes.clone(), c.shape.clone(), c.narrow.clone());
        let all = |c: &Cells| [bits(&c.latest), bits(&c.known), bits(&c.low)];
        head(self) == head(other) && all(self) == all(other)
    }

    /// A number that is the same for two that say the same.
    pub fn digest(&self) -> u64 {
        let mut state = DefaultHasher::new();
        (&self.axes, &self.shape, &self.narrow).hash(&mut state);
        for plane in [&self.latest, &self.known, &self.low] {
            plane.is_some().hash(&mut state);
            plane.iter().flatten().for_each(|x| x.to_bits().hash(&mut state));
        }
        state.finish()
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
        let repeated = |planes: &[&Plane]| {
            let plane = planes[0].to_shape(IxDyn(&narrow)).expect("the same elements");
            plane.broadcast(IxDyn(&shape)).expect("wider").to_owned()
        };
        let cells = Cells::moved(&[self], &shape, repeated);
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
        let (mut shape, mut narrow) = (self.shape.clone(), self.narrow.clone());
        shape.remove(dim);
        let i = if narrow.remove(dim) == 1 { 0 } else { i };
        let cells = self.viewed(&shape, &narrow, |plane| plane.index_axis(Axis(dim), i).to_owned());
        Cells { axes: self.axes.clone(), ..cells }.collapsed()
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

    /// The same, whose first dims are those of these axes.
    pub fn with_axes(mut self, axes: Vec<AxisId>) -> Cells {
        self.axes = axes;
        self
    }
}
