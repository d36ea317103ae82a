//! Arrays as files hold them. In: nothing. Out: [`Raw`], three element types wide enough for every
//! file format we read. Knows no files.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

/// How integers mean grey levels: `low` is black, `high` is white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grey {
    /// The smallest level, usually 0.
    pub low: f64,
    /// The largest level: 255 for bytes, 16 for the UCI digits.
    pub high: f64,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Bytes, kept as they are: a quarter of the memory.
    U8(Vec<u8>),
    /// All other integers.
    I32(Vec<i32>),
    /// All reals.
    F32(Vec<f32>),
}

impl Elements {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Elements::U8(v) => v.len(),
            Elements::I32(v) => v.len(),
            Elements::F32(v) => v.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `at` as a real; exact for every type.
    pub fn get(&self, at: usize) -> Option<f64> {
        match self {
            Elements::U8(v) => v.get(at).map(|x| f64::from(*x)),
            Elements::I32(v) => v.get(at).map(|x| f64::from(*x)),
            Elements::F32(v) => v.get(at).map(|x| f64::from(*x)),
        }
    }

    /// All elements as reals, in order.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Appends the elements of `other`; the result takes the wider of the two types.
    pub fn append(self, other: Elements) -> Elements {
        match (self, other) {
            (Elements::U8(mut a), Elements::U8(b)) => {
                a.extend(b);
                Elements::U8(a)
            }
            (Elements::I32(mut a), Elements::I32(b)) => {
                a.extend(b);
                Elements::I32(a)
            }
            (a, b) => Elements::F32(a.iter().chain(b.iter()).map(|x| x as f32).collect()),
        }
    }
}

/// An array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// Its dims; the product is the number of elements.
    pub shape: Vec<usize>,
    /// The elements.
    pub elements: Elements,
}

impl Raw {
    /// Number of rows: the first dim, 1 for a scalar.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Number of elements of one row.
    pub fn width(&self) -> usize {
        self.shape.iter().skip(1).product()
    }
}

/// The product of dims, unless it overflows.
pub fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim))
}

/// An empty vector with room for `n` elements, or `None` if there is no such memory.
pub fn reserve<T>(n: usize) -> Option<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(n).ok()?;
    Some(values)
}

/// `N` bytes at `at` of a file's bytes.
pub fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}
