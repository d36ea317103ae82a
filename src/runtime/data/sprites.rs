//! Images of one shape, in every combination of form, size, angle and place: data whose factors are
//! known (after the dSprites of Matthey et al. 2017, drawn anew). In: how many values each factor
//! has. Out: a [`Table`] with a row per combination. Nothing is random.

use super::raw::{Elements, Grey, Raw};
use super::{RawColumn, Table};
use std::f64::consts::FRAC_PI_2;

/// Names of the columns of factors, in the order in which rows run through them.
const FACTORS: [&str; 5] = ["shape", "scale", "rotation", "px", "py"];
/// Number of shapes: square, ellipse, heart.
pub const SHAPES: usize = 3;
/// A pixel is looked at in this many places each way.
const PLACES: usize = 8;
/// The level of a pixel that is covered entirely.
const WHITE: u8 = (PLACES * PLACES) as u8;

/// How many values each factor has, and how large the images are.
#[derive(Clone, Copy, Debug)]
pub struct Sprites {
    /// Pixels of a side.
    pub size: usize,
    /// How many of the shapes.
    pub shapes: usize,
    /// Sizes.
    pub scales: usize,
    /// Angles within a quarter turn: no shape looks the same twice.
    pub rotations: usize,
    /// Places along each axis.
    pub positions: usize,
    /// Levels of grey at the edges, or black and white.
    pub grey: bool,
}

impl Sprites {
    fn counts(&self) -> [usize; 5] {
        [self.shapes, self.scales, self.rotations, self.positions, self.positions]
    }

    /// Number of pixels of all images.
    pub fn pixels(&self) -> Option<usize> {
        let factors = self.counts().into_iter().chain([self.size, self.size]);
        factors.into_iter().try_fold(1usize, usize::checked_mul)
    }

    /// All images and their factors.
    pub fn table(&self) -> Table {
        let counts = self.counts();
        let rows: usize = counts.iter().product();
        let mut images = vec![0; rows * self.size * self.size];
        let mut factors = vec![Vec::with_capacity(rows); FACTORS.len()];
        for (row, image) in images.chunks_exact_mut(self.size * self.size).enumerate() {
            let mut rest = row;
            let mut values = [0; 5];
            for (value, count) in values.iter_mut().zip(counts).rev() {
                (*value, rest) = (rest % count, rest / count);
            }
            self.draw(image, values);
            factors.iter_mut().zip(values).for_each(|(list, value)| list.push(value as i32));
        }
        let white = if self.grey { WHITE } else { 1 };
        let image = RawColumn {
            name: "x".into(),
            values: Raw { shape: vec![rows, self.size, self.size], elements: Elements::U8(images) },
            grey: Some(Grey { low: 0.0, high: f64::from(white) }),
        };
        let factor = |(name, values): (&str, Vec<i32>)| RawColumn {
            name: name.into(),
            values: Raw { shape: vec![rows], elements: Elements::I32(values) },
            grey: None,
        };
        let factors = FACTORS.into_iter().zip(factors).map(factor);
        let columns = [image].into_iter().chain(factors).collect();
        Table::new(columns, true)
    }

    fn draw(&self, image: &mut [u8], [shape, scale, rotation, px, py]: [usize; 5]) {
        let share = |at: usize, of: usize| match of {
            1 => 0.5,
            _ => at as f64 / (of - 1) as f64,
        };
        let size = self.size as f64;
        let radius = size * (0.2 + 0.1 * share(scale, self.scales));
        let place = |at| size * (0.3 + 0.4 * share(at, self.positions));
        let (left, top) = (place(px), place(py));
        let (sin, cos) = (FRAC_PI_2 * rotation as f64 / self.rotations as f64).sin_cos();
        let turned = |x: f64, y: f64| {
            let (dx, dy) = ((x - left) / radius, (y - top) / radius);
            (cos * dx + sin * dy, cos * dy - sin * dx)
        };
        let inside = |x: f64, y: f64| {
            let (x, y) = turned(x, y);
            within(shape, x, y)
        };
        // No shape reaches further than 1.3 radii, and a pixel not further than one from its middle.
        let reach = 1.3 * radius + 1.0;
        let near = |middle: f64| {
            let low = (middle - reach).floor().max(0.0) as usize;
            low..((middle + reach).ceil().max(0.0) as usize).min(self.size)
        };
        let places = near(top).flat_map(|row| near(left).map(move |column| (row, column)));
        for (row, column) in places {
            let Some(pixel) = image.get_mut(row * self.size + column) else { continue };
            let (x, y) = (column as f64, row as f64);
            if (x + 0.5 - left).powi(2) + (y + 0.5 - top).powi(2) > reach * reach {
                continue;
            }
            let (u, v) = turned(x + 0.5, y + 0.5);
            if let Some(all) = all_within(shape, u, v, 0.71 / radius) {
                *pixel = if self.grey { WHITE * u8::from(all) } else { u8::from(all) };
                continue;
            }
            let step = |i: usize| (i as f64 + 0.5) / PLACES as f64;
            let places = (0..PLACES * PLACES).map(|i| (step(i % PLACES), step(i / PLACES)));
            let covered = places.filter(|(dx, dy)| inside(x + dx, y + dy)).count() as u8;
            *pixel = if self.grey { covered } else { u8::from(2 * covered >= WHITE) };
        }
    }
}

/// Whether a point belongs to a shape of radius about 1; y points down.
fn within(shape: usize, x: f64, y: f64) -> bool {
    match shape {
        0 => x.abs().max(y.abs()) <= 0.8,
        1 => x * x + (2.0 * y).powi(2) <= 1.0,
        _ => {
            let (x, y) = (1.3 * x, 0.15 - 1.3 * y);
            (x * x + y * y - 1.0).powi(3) <= x * x * y.powi(3)
        }
    }
}

/// Whether all points that are not further than `far` belong to a shape, or none does; nothing where that is not
/// known. A function whose sign says so changes by no more than the largest slope on the way.
fn all_within(shape: usize, x: f64, y: f64, far: f64) -> Option<bool> {
    let (level, change) = match shape {
        0 => (x.abs().max(y.abs()) - 0.8, far),
        1 => (x.hypot(2.0 * y) - 1.0, 2.0 * far),
        _ => {
            let (x, y, far) = (1.3 * x, 0.15 - 1.3 * y, 1.3 * far);
            let most = x.hypot(y) + far;
            let slope = 6.0 * most * (most * most - 1.0).powi(2).max(1.0) + 3.0 * most.powi(4);
            ((x * x + y * y - 1.0).powi(3) - x * x * y.powi(3), slope * far)
        }
    };
    (level.abs() > change).then_some(level < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const USUAL: Sprites =
        Sprites { size: 16, shapes: 3, scales: 3, rotations: 4, positions: 8, grey: false };

    fn images(table: &Table) -> &[u8] {
        match &table.columns[0].values.elements {
            Elements::U8(bytes) => bytes,
            _ => panic!("images are bytes"),
        }
    }

    #[test]
    fn every_combination_is_an_image_of_its_own() {
        for sprites in [USUAL, Sprites { grey: true, ..USUAL }] {
            let table = sprites.table();
            assert_eq!(table.columns[0].values.shape, [3 * 3 * 4 * 8 * 8, 16, 16]);
            let all: HashSet<&[u8]> = images(&table).chunks_exact(256).collect();
            assert_eq!(all.len(), 2304, "{sprites:?}");
        }
    }

    #[test]
    fn pixels_that_are_not_looked_into_are_what_they_would_be() {
        for shape in 0..SHAPES {
            let mut known = 0;
            for at in 0..200 * 200 {
                let (x, y) = ((at % 200) as f64 / 60.0 - 1.6, (at / 200) as f64 / 60.0 - 1.6);
                let Some(all) = all_within(shape, x, y, 0.02) else { continue };
                known += 1;
                for turn in 0..16 {
                    let (sin, cos) = (FRAC_PI_2 * f64::from(turn) / 4.0).sin_cos();
                    assert_eq!(
                        within(shape, x + 0.02 * cos, y + 0.02 * sin),
                        all,
                        "{shape} {x} {y}"
                    );
                }
            }
            assert!(known > 20_000, "{shape}: {known}");
        }
    }

    #[test]
    fn factors_say_what_is_seen() {
        let table = Sprites { grey: true, ..USUAL }.table();
        let images = images(&table);
        let factor = |name: &str, row: usize| {
            let column = table.columns.iter().find(|c| c.name == name).unwrap();
            column.values.elements.get(row).unwrap()
        };
        // Centre of mass and size of each image, against its factors.
        for (row, image) in images.chunks_exact(256).enumerate() {
            let mass: f64 = image.iter().map(|x| f64::from(*x)).sum();
            let centre = |of: fn(usize) -> usize| {
                let moments = image.iter().enumerate().map(|(at, x)| of(at) as f64 * f64::from(*x));
                moments.sum::<f64>() / mass + 0.5
            };
            let place = |at: f64| 16.0 * (0.3 + 0.4 * at / 7.0);
            let (x, y) = (centre(|at| at % 16), centre(|at| at / 16));
            assert!((x - place(factor("px", row))).abs() < 0.8, "row {row}: {x}");
            assert!((y - place(factor("py", row))).abs() < 0.8, "row {row}: {y}");
            if factor("shape", row) == 0.0 {
                let side = 2.0 * 0.8 * 16.0 * (0.2 + 0.1 * factor("scale", row) / 2.0);
                let area = mass / f64::from(WHITE);
                assert!((area / (side * side) - 1.0).abs() < 0.1, "row {row}: {area}");
            }
        }
        assert_eq!(USUAL.table(), USUAL.table());
    }
}
