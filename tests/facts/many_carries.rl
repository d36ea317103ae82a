// A loop may carry more values than a record of 64 places holds on a graphics device.
// 0 + 1 + ... + 69 = 2415; the first carry grows by that in every turn.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
fn turns(x: f32) {
  let carried = scan(
    h = (0.0 + 0 * x, 1.0 + 0 * x, 2.0 + 0 * x, 3.0 + 0 * x, 4.0 + 0 * x, 5.0 + 0 * x, 6.0 + 0 * x, 7.0 + 0 * x, 8.0 + 0 * x, 9.0 + 0 * x, 10.0 + 0 * x, 11.0 + 0 * x, 12.0 + 0 * x, 13.0 + 0 * x, 14.0 + 0 * x, 15.0 + 0 * x, 16.0 + 0 * x, 17.0 + 0 * x, 18.0 + 0 * x, 19.0 + 0 * x, 20.0 + 0 * x, 21.0 + 0 * x, 22.0 + 0 * x, 23.0 + 0 * x, 24.0 + 0 * x, 25.0 + 0 * x, 26.0 + 0 * x, 27.0 + 0 * x, 28.0 + 0 * x, 29.0 + 0 * x, 30.0 + 0 * x, 31.0 + 0 * x, 32.0 + 0 * x, 33.0 + 0 * x, 34.0 + 0 * x, 35.0 + 0 * x, 36.0 + 0 * x, 37.0 + 0 * x, 38.0 + 0 * x, 39.0 + 0 * x, 40.0 + 0 * x, 41.0 + 0 * x, 42.0 + 0 * x, 43.0 + 0 * x, 44.0 + 0 * x, 45.0 + 0 * x, 46.0 + 0 * x, 47.0 + 0 * x, 48.0 + 0 * x, 49.0 + 0 * x, 50.0 + 0 * x, 51.0 + 0 * x, 52.0 + 0 * x, 53.0 + 0 * x, 54.0 + 0 * x, 55.0 + 0 * x, 56.0 + 0 * x, 57.0 + 0 * x, 58.0 + 0 * x, 59.0 + 0 * x, 60.0 + 0 * x, 61.0 + 0 * x, 62.0 + 0 * x, 63.0 + 0 * x, 64.0 + 0 * x, 65.0 + 0 * x, 66.0 + 0 * x, 67.0 + 0 * x, 68.0 + 0 * x, 69.0 + 0 * x),
    t in 0..3
  ) {
    let (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33, c34, c35, c36, c37, c38, c39, c40, c41, c42, c43, c44, c45, c46, c47, c48, c49, c50, c51, c52, c53, c54, c55, c56, c57, c58, c59, c60, c61, c62, c63, c64, c65, c66, c67, c68, c69) = h
    return (c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11 + c12 + c13 + c14 + c15 + c16 + c17 + c18 + c19 + c20 + c21 + c22 + c23 + c24 + c25 + c26 + c27 + c28 + c29 + c30 + c31 + c32 + c33 + c34 + c35 + c36 + c37 + c38 + c39 + c40 + c41 + c42 + c43 + c44 + c45 + c46 + c47 + c48 + c49 + c50 + c51 + c52 + c53 + c54 + c55 + c56 + c57 + c58 + c59 + c60 + c61 + c62 + c63 + c64 + c65 + c66 + c67 + c68 + c69, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33, c34, c35, c36, c37, c38, c39, c40, c41, c42, c43, c44, c45, c46, c47, c48, c49, c50, c51, c52, c53, c54, c55, c56, c57, c58, c59, c60, c61, c62, c63, c64, c65, c66, c67, c68, c69)
  }
  let (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33, c34, c35, c36, c37, c38, c39, c40, c41, c42, c43, c44, c45, c46, c47, c48, c49, c50, c51, c52, c53, c54, c55, c56, c57, c58, c59, c60, c61, c62, c63, c64, c65, c66, c67, c68, c69) = last(carried)
  return (c0, c69)
}
eval look on d.train batch 4 {
  let (first, final) = turns(x[0])
  report mean(first) as first
  report mean(final) as final
}

// fact: first == 7245
// fact: final == 69
