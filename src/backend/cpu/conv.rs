//! Convolutions by windows written out as columns, a few lines of an image at a time, and a product.
//! In: a convolution of the plan. Out: its result.

use super::gemm::{Part, multiply};
use super::memory::Memory;
use super::{Team, slice_of};
use crate::plan::{Conv, ConvKind};
use std::ops::Range;

/// Words of the columns that exist at a time: they stay in the second cache.
const COLUMNS: usize = 1 << 16;

/// A run of taps along the last spatial dim that lies inside the image.
struct Span {
    /// The tap.
    tap: usize,
    /// First output of the line.
    first: usize,
    /// First place in the channel.
    pixel: usize,
    /// Number of outputs.
    count: usize,
}

/// A convolution with its window's runs found.
pub struct ReadyConv {
    conv: Conv,
    /// For each line of outputs: the runs of all taps.
    spans: Vec<Vec<Span>>,
    /// Outputs of a line.
    width: usize,
    /// Lines whose columns exist at a time.
    lines: usize,
    /// Pixels of a channel, sums of a filter, taps of a window.
    pixels: usize,
    sums: usize,
    taps: usize,
    /// Step between neighbouring outputs in a channel.
    step: usize,
    /// The columns of an image are the image.
    plain: bool,
    /// Some taps lie outside the image.
    padded: bool,
}

impl ReadyConv {
    /// Finds the runs.
    pub fn new(conv: &Conv) -> ReadyConv {
        let taps: usize = conv.size.iter().product();
        let plain = taps == 1
            && conv.stride.iter().all(|s| *s == 1)
            && conv.pad.iter().all(|p| *p == 0)
            && conv.input == conv.output;
        let width: usize = *conv.output.last().unwrap_or(&1);
        let depth = (conv.c / conv.groups) * taps;
        let spans = spans(conv);
        let inside: usize = spans.iter().flatten().map(|s| s.count).sum();
        ReadyConv {
            padded: inside < taps * conv.output.iter().product::<usize>(),
            spans,
            width,
            lines: if plain { usize::MAX } else { (COLUMNS / (depth * width).max(1)).max(1) },
            pixels: conv.input.iter().product(),
            sums: conv.output.iter().product(),
            taps,
            step: *conv.stride.last().unwrap_or(&1),
            plain,
            conv: conv.clone(),
        }
    }

    /// Runs this thread's share.
    pub fn run(&self, team: &Team, places: &[Memory]) {
        let c = &self.conv;
        let (a, b, to) = self.lens();
        let (a, b, to) = (places[c.a].all(a), places[c.b].all(b), places[c.to].all(to));
        match c.kind {
            ConvKind::Forward => self.forward(team, a, b, to),
            ConvKind::Input => self.input(team, a, b, to),
            ConvKind::Filter => {
                self.filter(team, a, b, to, c.parts.map(|p| places[p].all(self.parts_len())))
            }
            ConvKind::Unfold => {
                for plane in team.tasks(c.n * c.c) {
                    let size = self.taps * self.sums;
                    // Safety: `run` asked for all words of both; `plane` is one of `n * c` planes.
                    let (from, to) = unsafe { (a.add(plane * self.pixels), to.add(plane * size)) };
                    // Safety: both reach over their plane, and no other thread writes it.
                    unsafe { self.gather(from, to, 1, 0..self.spans.len()) };
                }
            }
            ConvKind::Fold => {
                for plane in team.tasks(c.n * c.c) {
                    let size = self.taps * self.sums;
                    // Safety: `run` asked for all words of both; a plane belongs to one thread.
                    unsafe {
                        slice_of(to.add(plane * self.pixels), self.pixels).fill(0.0);
                        let (from, to) = (a.add(plane * size), to.add(plane * self.pixels));
                        self.scatter(from, to, 1, 0..self.spans.len());
                    }
                }
            }
        }
    }

    /// Words of the first and the second operand and of the result.
    fn lens(&self) -> (usize, usize, usize) {
        let c = &self.conv;
        let (x, g) = (c.n * c.c * self.pixels, c.n * c.o * self.sums);
        let w = c.o * (c.c / c.groups) * self.taps;
        let columns = c.n * c.c * self.taps * self.sums;
        match c.kind {
            ConvKind::Forward => (x, w, g),
            ConvKind::Input => (g, w, x),
            ConvKind::Filter => (x, g, w),
            ConvKind::Unfold => (x, 0, columns),
            ConvKind::Fold => (columns, 0, x),
        }
    }

    /// Words of the partial sums of a gradient.
    fn parts_len(&self) -> usize {
        self.conv.n.min(crate::plan::PARTS) * self.lens().2
    }

    /// Channels and filters of one group.
    fn group(&self) -> (usize, usize) {
        (self.conv.c / self.conv.groups, self.conv.o / self.conv.groups)
    }

    /// Lines of each part whose columns exist at a time.
    fn parts(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + use<> {
        let (all, step) = (self.spans.len().max(1), self.lines.min(self.spans.len()).max(1));
        (0..all.div_ceil(step)).map(move |i| i * step..((i + 1) * step).min(all))
    }

    fn forward(&self, team: &Team, x: *mut f32, w: *mut f32, to: *mut f32) {
        let (c, o) = self.group();
        let depth = c * self.taps;
        let parts: Vec<Range<usize>> = self.parts().collect();
        for task in team.tasks(self.conv.n * self.conv.groups * parts.len()) {
            let (task, lines) = (task / parts.len(), parts[task % parts.len()].clone());
            let group = task % self.conv.groups;
            // Safety: `run` asked for all words; a task has sums of its own, which lie apart from
            // the operands (guard, 3).
            unsafe {
                let image = x.add(task * c * self.pixels);
                let (columns, cols) = self.columns(team, image, c, lines.clone());
                let w = matrix(w.add(group * o * depth), depth);
                let to = matrix(to.add(task * o * self.sums + lines.start * self.width), self.sums);
                multiply((o, cols, depth), to, w, columns, false);
            }
        }
    }

    fn input(&self, team: &Team, g: *mut f32, w: *mut f32, to: *mut f32) {
        let (c, o) = self.group();
        let depth = c * self.taps;
        for task in team.tasks(self.conv.n * self.conv.groups) {
            let group = task % self.conv.groups;
            // Safety: `run` asked for all words; a task has an image of its own, which lies apart
            // from the operands.
            unsafe {
                let image = to.add(task * c * self.pixels);
                let w = Part { at: w.add(group * o * depth), row: 1, col: depth as isize };
                let g = g.add(task * o * self.sums);
                if self.plain {
                    let (image, g) = (matrix(image, self.sums), matrix(g, self.sums));
                    multiply((depth, self.sums, o), image, w, g, false);
                    continue;
                }
                slice_of(image, c * self.pixels).fill(0.0);
                for lines in self.parts() {
                    let cols = lines.len() * self.width;
                    let columns = team.block(depth * cols);
                    let g = matrix(g.add(lines.start * self.width), self.sums);
                    multiply((depth, cols, o), matrix(columns, cols), w, g, false);
                    self.scatter(columns, image, c, lines);
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
        for task in team.tasks(count * groups) {
            let (part, group) = (task / groups, task % groups);
            // Safety: parts are as many as were asked for, and a task has its own.
            let sum = unsafe { base.add(part * size + group * o * depth) };
            // Safety: the same; it holds `o * depth` words.
            unsafe { slice_of(sum, o * depth).fill(0.0) };
            for image in part * n / count..(part + 1) * n / count {
                let place = image * groups + group;
                for lines in self.parts() {
                    // Safety: `run` asked for all words of the operands; the sum belongs to this
                    // task.
                    unsafe {
                        let image = x.add(place * c * self.pixels);
                        let (columns, cols) = self.columns(team, image, c, lines.clone());
                        let columns = Part { row: columns.col, col: columns.row, ..columns };
                        let g = g.add(place * o * self.sums + lines.start * self.width);
                        let (sum, g) = (matrix(sum, depth), matrix(g, self.sums));
                        multiply((o, depth, cols), sum, g, columns, true);
                    }
                }
            }
        }
        if parts.is_some() {
            for i in team.tasks(size) {
                // Safety: all parts are written before this stage.
                let value = |part: usize| unsafe { *base.add(part * size + i) };
                // Safety: `i` is below `size`, and this thread's.
                unsafe { *to.add(i) = (0..count).map(value).sum() };
            }
        }
    }

    /// The columns of some lines of `channels` planes, and their number.
    ///
    /// # Safety
    /// The image has `channels` planes.
    unsafe fn columns(
        &self,
        team: &Team,
        image: *mut f32,
        channels: usize,
        lines: Range<usize>,
    ) -> (Part, usize) {
        if self.plain {
            return (matrix(image, self.sums), self.sums);
        }
        let cols = lines.len() * self.width;
        let to = team.block(channels * self.taps * cols);
        // Safety: `block` has room for these columns, and the image is one of the operand's.
        unsafe { self.gather(image, to, channels, lines) };
        (matrix(to, cols), cols)
    }

    /// Planes to columns.
    ///
    /// # Safety
    /// The image has `channels` planes, and there is room for the columns of these lines.
    unsafe fn gather(&self, image: *const f32, to: *mut f32, channels: usize, lines: Range<usize>) {
        let cols = lines.len() * self.width;
        let size = self.taps * cols;
        // Safety: the caller's image and columns; spans lie inside of a plane.
        unsafe {
            if self.padded {
                slice_of(to, channels * size).fill(0.0);
            }
            for channel in 0..channels {
                let (image, to) = (image.add(channel * self.pixels), to.add(channel * size));
                for line in lines.clone() {
                    let to = to.add((line - lines.start) * self.width);
                    for span in &self.spans[line] {
                        let (from, to) =
                            (image.add(span.pixel), to.add(span.tap * cols + span.first));
                        if self.step == 1 {
                            std::ptr::copy_nonoverlapping(from, to, span.count);
                            continue;
                        }
                        for i in 0..span.count {
                            *to.add(i) = *from.add(i * self.step);
                        }
                    }
                }
            }
        }
    }

    /// Columns added back into planes.
    ///
    /// # Safety
    /// As for `gather`.
    unsafe fn scatter(
        &self,
        columns: *const f32,
        image: *mut f32,
        channels: usize,
        lines: Range<usize>,
    ) {
        let cols = lines.len() * self.width;
        let size = self.taps * cols;
        // Safety: the caller's image and columns; spans lie inside of a plane.
        unsafe {
            for channel in 0..channels {
                let (image, columns) =
                    (image.add(channel * self.pixels), columns.add(channel * size));
                for line in lines.clone() {
                    let columns = columns.add((line - lines.start) * self.width);
                    for span in &self.spans[line] {
                        let (to, from) =
                            (image.add(span.pixel), columns.add(span.tap * cols + span.first));
                        if self.step == 1 {
                            add(to, from, span.count);
                            continue;
                        }
                        for i in 0..span.count {
                            *to.add(i * self.step) += *from.add(i);
                        }
                    }
                }
            }
        }
    }
}

/// `to += from`.
///
/// # Safety
/// Both reach over `n` elements and lie apart.
unsafe fn add(to: *mut f32, from: *const f32, n: usize) {
    // Safety: the caller's runs, which lie apart.
    let (to, from) = unsafe { (slice_of(to, n), std::slice::from_raw_parts(from, n)) };
    to.iter_mut().zip(from).for_each(|(x, y)| *x += y);
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

/// The runs of every line of outputs.
fn spans(conv: &Conv) -> Vec<Vec<Span>> {
    let dims = conv.size.len();
    let taps: usize = conv.size.iter().product();
    let Some(last) = dims.checked_sub(1) else { return vec![] };
    let lines: usize = conv.output[..last].iter().product();
    let line_spans = |line: usize| {
        let out = digits(line, &conv.output[..last]);
        let run = |tap: usize| {
            let at = digits(tap, &conv.size);
            let (first, past) = valid(conv, last, at[last]);
            let inside = (0..last).all(|d| {
                let (first, past) = valid(conv, d, at[d]);
                (first..past).contains(&out[d])
            });
            let pixel = || {
                (0..dims).fold(0, |place, d| {
                    let o = if d == last { first } else { out[d] };
                    let i = o * conv.stride[d] + at[d] * conv.dilation[d] - conv.pad[d];
                    place * conv.input[d] + i
                })
            };
            let real = inside && first < past;
            real.then(|| Span { tap, first, pixel: pixel(), count: past - first })
        };
        (0..taps).filter_map(run).collect()
    };
    (0..lines).map(line_spans).collect()
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
