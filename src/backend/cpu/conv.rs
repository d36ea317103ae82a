//! Convolutions by windows written out as columns, one image at a time, and a product. In: a
//! convolution of the plan. Out: its result. Only the columns of one image exist at a time.

use super::gemm::{Part, multiply};
use super::{Team, slice_of};
use crate::plan::{Conv, ConvKind};

/// A run of taps along the last spatial dim that lies inside the image.
struct Span {
    /// First place among the columns of one channel: `tap * outputs + output`.
    column: usize,
    /// First place in the channel.
    pixel: usize,
    /// Number of outputs.
    count: usize,
}

/// A convolution with its window's runs found.
pub struct Ready {
    conv: Conv,
    spans: Vec<Span>,
    /// Pixels of a channel, sums of a filter, taps of a window.
    pixels: usize,
    sums: usize,
    taps: usize,
    /// Step between neighbouring outputs in a channel.
    step: usize,
    /// The columns of an image are the image.
    plain: bool,
}

impl Ready {
    /// Finds the runs.
    pub fn new(conv: &Conv) -> Ready {
        let taps = conv.size.iter().product();
        let plain = taps == 1
            && conv.stride.iter().all(|s| *s == 1)
            && conv.pad.iter().all(|p| *p == 0)
            && conv.input == conv.output;
        Ready {
            spans: spans(conv),
            pixels: conv.input.iter().product(),
            sums: conv.output.iter().product(),
            taps,
            step: *conv.stride.last().unwrap_or(&1),
            plain,
            conv: conv.clone(),
        }
    }

    /// Runs this thread's share.
    pub fn run(&self, team: &Team, places: &[*mut f32]) {
        let c = &self.conv;
        let (a, b, to) = (places[c.a], places[c.b], places[c.to]);
        match c.kind {
            ConvKind::Forward => self.forward(team, a, b, to),
            ConvKind::Input => self.input(team, a, b, to),
            ConvKind::Filter => self.filter(team, a, b, to, c.parts.map(|p| places[p])),
            ConvKind::Unfold => {
                for plane in team.share(c.n * c.c) {
                    let size = self.taps * self.sums;
                    unsafe { self.gather(a.add(plane * self.pixels), to.add(plane * size), 1) };
                }
            }
            ConvKind::Fold => {
                for plane in team.share(c.n * c.c) {
                    let size = self.taps * self.sums;
                    unsafe {
                        slice_of(to.add(plane * self.pixels), self.pixels).fill(0.0);
                        self.scatter(a.add(plane * size), to.add(plane * self.pixels), 1);
                    }
                }
            }
        }
    }

    /// Channels and filters of one group.
    fn group(&self) -> (usize, usize) {
        (self.conv.c / self.conv.groups, self.conv.o / self.conv.groups)
    }

    fn forward(&self, team: &Team, x: *mut f32, w: *mut f32, to: *mut f32) {
        let (c, o) = self.group();
        let depth = c * self.taps;
        for task in team.share(self.conv.n * self.conv.groups) {
            let group = task % self.conv.groups;
            unsafe {
                let image = x.add(task * c * self.pixels);
                let columns = self.columns(team, image, c);
                let w = matrix(w.add(group * o * depth), depth);
                let to = matrix(to.add(task * o * self.sums), self.sums);
                multiply((o, self.sums, depth), to, w, matrix(columns, self.sums), false);
            }
        }
    }

    fn input(&self, team: &Team, g: *mut f32, w: *mut f32, to: *mut f32) {
        let (c, o) = self.group();
        let depth = c * self.taps;
        for task in team.share(self.conv.n * self.conv.groups) {
            let group = task % self.conv.groups;
            unsafe {
                let image = to.add(task * c * self.pixels);
                let columns = if self.plain { image } else { team.block(depth * self.sums) };
                let w = Part { at: w.add(group * o * depth), row: 1, col: depth as isize };
                let g = matrix(g.add(task * o * self.sums), self.sums);
                multiply((depth, self.sums, o), matrix(columns, self.sums), w, g, false);
                if !self.plain {
                    slice_of(image, c * self.pixels).fill(0.0);
                    self.scatter(columns, image, c);
                }
            }
        }
    }

    fn filter(&self, team: &Team, x: *mut f32, g: *mut f32, to: *mut f32, parts: Option<*mut f32>) {
        let (c, o) = self.group();
        let (depth, groups, n) = (c * self.taps, self.conv.groups, self.conv.n);
        let size = groups * o * depth;
        let count = if parts.is_some() { n.min(crate::plan::PARTS) } else { 1 };
        let base = parts.unwrap_or(to);
        for task in team.share(count * groups) {
            let (part, group) = (task / groups, task % groups);
            let sum = unsafe { base.add(part * size + group * o * depth) };
            if n == 0 {
                unsafe { slice_of(sum, o * depth).fill(0.0) };
            }
            let images = part * n / count..(part + 1) * n / count;
            for image in images.clone() {
                let place = image * groups + group;
                unsafe {
                    let columns = self.columns(team, x.add(place * c * self.pixels), c);
                    let columns = Part { at: columns, row: 1, col: self.sums as isize };
                    let g = matrix(g.add(place * o * self.sums), self.sums);
                    let add = image > images.start;
                    multiply((o, depth, self.sums), matrix(sum, depth), g, columns, add);
                }
            }
        }
        if parts.is_some() {
            team.barrier();
            for i in team.share(size) {
                let value = |part: usize| unsafe { *base.add(part * size + i) };
                unsafe { *to.add(i) = (0..count).map(value).sum() };
            }
        }
    }

    /// The columns of `channels` planes.
    unsafe fn columns(&self, team: &Team, image: *mut f32, channels: usize) -> *mut f32 {
        if self.plain {
            return image;
        }
        let to = team.block(channels * self.taps * self.sums);
        unsafe { self.gather(image, to, channels) };
        to
    }

    unsafe fn gather(&self, image: *const f32, to: *mut f32, channels: usize) {
        let size = self.taps * self.sums;
        unsafe {
            slice_of(to, channels * size).fill(0.0);
            for channel in 0..channels {
                let (image, to) = (image.add(channel * self.pixels), to.add(channel * size));
                for span in &self.spans {
                    let (from, to) = (image.add(span.pixel), to.add(span.column));
                    for i in 0..span.count {
                        *to.add(i) = *from.add(i * self.step);
                    }
                }
            }
        }
    }

    unsafe fn scatter(&self, columns: *const f32, image: *mut f32, channels: usize) {
        let size = self.taps * self.sums;
        unsafe {
            for channel in 0..channels {
                let (image, columns) =
                    (image.add(channel * self.pixels), columns.add(channel * size));
                for span in &self.spans {
                    let (to, from) = (image.add(span.pixel), columns.add(span.column));
                    for i in 0..span.count {
                        *to.add(i * self.step) += *from.add(i);
                    }
                }
            }
        }
    }
}

fn matrix(at: *mut f32, cols: usize) -> Part {
    Part { at, row: cols as isize, col: 1 }
}

/// Outputs along one dim whose tap lies inside: first and one past the last.
fn valid(conv: &Conv, dim: usize, tap: usize) -> (usize, usize) {
    let shift = (tap * conv.dilation[dim]) as isize - conv.pad[dim] as isize;
    let stride = conv.stride[dim] as isize;
    let first = (-shift).max(0).div_euclid(stride) + isize::from((-shift).max(0) % stride != 0);
    let past = (conv.input[dim] as isize - 1 - shift).div_euclid(stride) + 1;
    let past = past.clamp(0, conv.output[dim] as isize);
    (first.min(past) as usize, past as usize)
}

fn spans(conv: &Conv) -> Vec<Span> {
    let dims = conv.size.len();
    let mut found = vec![];
    let taps: usize = conv.size.iter().product();
    let sums: usize = conv.output.iter().product();
    if dims == 0 || sums == 0 {
        return found;
    }
    let lines = sums / conv.output[dims - 1];
    for tap in 0..taps {
        let at = digits(tap, &conv.size);
        let (first, past) = valid(conv, dims - 1, at[dims - 1]);
        for line in 0..lines {
            let out = digits(line, &conv.output[..dims - 1]);
            let inside = (0..dims - 1).all(|d| {
                let (first, past) = valid(conv, d, at[d]);
                (first..past).contains(&out[d])
            });
            if !inside || first >= past {
                continue;
            }
            let pixel = (0..dims).fold(0, |place, d| {
                let o = if d + 1 == dims { first } else { out[d] };
                let i = o * conv.stride[d] + at[d] * conv.dilation[d] - conv.pad[d];
                place * conv.input[d] + i
            });
            let column = tap * sums + line * conv.output[dims - 1] + first;
            found.push(Span { column, pixel, count: past - first });
        }
    }
    found
}

/// A row-major number as an index.
fn digits(mut n: usize, shape: &[usize]) -> Vec<usize> {
    let mut out = vec![0; shape.len()];
    for d in (0..shape.len()).rev() {
        out[d] = n % shape[d];
        n /= shape[d];
    }
    out
}
