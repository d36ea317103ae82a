data d from iris() { x: f32[4], y: idx(3) }
eval e on d.test { report mutual_information(int(y) + 16777216, y) as same }
