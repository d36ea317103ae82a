//! Eigenvalues of symmetric f64 matrices. In: the entries, row after row. Out: the eigenvalues, in no
//! order. Not for plans.

/// The eigenvalues of a symmetric `[n, n]`, by Jacobi's rotations: each makes one entry beside the
/// diagonal 0, until all are nothing beside it.
pub fn eigenvalues(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    const SWEEPS: usize = 30; // convergence is quadratic: a handful is enough
    let whole: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let beside = |(at, x): (usize, &f64)| if at / n == at % n { 0.0 } else { x * x };
        if a.iter().enumerate().map(beside).sum::<f64>() <= 1e-30 * whole {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, n, p, q);
            }
        }
    }
    a.into_iter().step_by(n + 1).collect()
}

fn rotate(a: &mut [f64], n: usize, p: usize, q: usize) {
    let beside = a[p * n + q];
    if beside == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * beside);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = t.hypot(1.0).recip();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
    }
}
