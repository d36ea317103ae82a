const hs = scan(h = h0, x in xs, t in 0..n, y in f(ys)) { return cell(h, x, y, t) }
