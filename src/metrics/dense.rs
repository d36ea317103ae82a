//! Products of dense f64 matrices on one thread, for figures that the host computes. In: row-major
//! matrices or their transposes. Out: the product. Not for plans: those have their own kernels.

use gemm::Parallelism;

/// A row-major matrix, or its transpose.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f64],
    /// Rows and columns as seen from outside.
    shape: (usize, usize),
    turned: bool,
}

impl<'a> Matrix<'a> {
    /// The values as rows of `columns` entries; an incomplete last row is left out.
    pub fn new(values: &'a [f64], columns: usize) -> Matrix<'a> {
        let rows = values.len().checked_div(columns).unwrap_or(0);
        Matrix { values, shape: (rows, columns), turned: false }
    }

    /// The transpose.
    pub fn turn(self) -> Matrix<'a> {
        let (rows, columns) = self.shape;
        Matrix { shape: (columns, rows), turned: !self.turned, ..self }
    }

    /// Steps to the next row and the next column.
    fn steps(&self) -> (isize, isize) {
        let (rows, columns) = self.shape;
        if self.turned { (1, rows as isize) } else { (columns as isize, 1) }
    }
}

/// `to = a b`, or `to += a b`; `to` is row-major.
///
/// # Panics
/// If the sizes do not fit.
pub fn multiply(a: Matrix, b: Matrix, to: &mut [f64], add: bool) {
    let ((m, k), (inner, n)) = (a.shape, b.shape);
    assert!(k == inner && to.len() == m * n, "a product of matrices that do not fit");
    let (a_row, a_col) = a.steps();
    let (b_row, b_col) = b.steps();
    let alpha = f64::from(u8::from(add));
    // SAFETY: `Matrix::new` made sure that the values reach over the shape, the assertion that
    // `to` does; `to` is borrowed mutably and so overlaps neither.
    unsafe {
        gemm::gemm::<f64>(
            m,
            n,
            k,
            to.as_mut_ptr(),
            1,
            n as isize,
            add,
            a.values.as_ptr(),
            a_col,
            a_row,
            b.values.as_ptr(),
            b_col,
            b_row,
            alpha,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_transposes() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0, 2.0, 0.5, 1.0]);
        let (a, b) = (Matrix::new(&a, 3), Matrix::new(&b, 2));
        let mut to = [1.0; 4];
        multiply(a, b, &mut to, false);
        assert_eq!(to, [0.5, 7.0, 2.0, 16.0]);
        multiply(a, b, &mut to, true);
        assert_eq!(to, [1.0, 14.0, 4.0, 32.0]);
        let mut gram = [0.0; 9];
        multiply(a.turn(), a, &mut gram, false);
        assert_eq!(gram, [17.0, 22.0, 27.0, 22.0, 29.0, 36.0, 27.0, 36.0, 45.0]);
        let mut turned = [0.0; 4];
        multiply(b.turn(), a.turn(), &mut turned, false);
        assert_eq!(turned, [0.5, 2.0, 7.0, 16.0]);
    }
}
