//! Pictures. In: rows of values. Out: the bytes of a PNG file: a sheet of small images, or a cloud
//! of points.

use png::{BitDepth, ColorType, Encoder};

/// Pixels between two images.
const GAP: usize = 2;
/// Images smaller than this are enlarged by whole factors.
const LEAST_SIDE: usize = 32;
/// Side of a picture of points.
const POINTS_SIDE: usize = 512;

/// A picture in memory.
struct Canvas {
    width: usize,
    height: usize,
    channels: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize, channels: usize, level: u8) -> Canvas {
        Canvas { width, height, channels, pixels: vec![level; width * height * channels] }
    }

    fn set(&mut self, x: usize, y: usize, channel: usize, level: u8) {
        self.pixels[(y * self.width + x) * self.channels + channel] = level;
    }

    fn png(self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(if self.channels == 3 { ColorType::Rgb } else { ColorType::Grayscale });
        encoder.set_depth(BitDepth::Eight);
        let write = |mut writer: png::Writer<&mut Vec<u8>>| {
            writer.write_image_data(&self.pixels)?;
            writer.finish()
        };
        encoder.write_header().and_then(write).map_err(|why| why.to_string())?;
        Ok(bytes)
    }
}

/// Channels, height and width of one image: `[.., C, H, W]` with 1 or 3 channels, `[.., H, W]`, or a
/// row of values that is cut into the squarest rectangle. Dims before make several images.
fn dims(shape: &[usize]) -> (usize, usize, usize) {
    match shape {
        [.., channels @ (1 | 3), height, width] => (*channels, *height, *width),
        [.., height, width] => (1, *height, *width),
        other => {
            let n: usize = other.iter().product();
            let root = n.isqrt().max(1);
            let height = (1..=root).rev().find(|h| n.is_multiple_of(*h)).unwrap_or(1);
            (1, height, n / height)
        }
    }
}

/// A sheet of images, one or more per row. Without a range, the smallest value is black and the largest
/// white.
pub fn images(
    values: &[f32],
    shape: &[usize],
    range: Option<(f64, f64)>,
) -> Result<Vec<u8>, String> {
    let (channels, height, width) = dims(shape);
    let size = channels * height * width;
    let count = values.len().checked_div(size).unwrap_or(0);
    if count == 0 {
        return Err("there is nothing to draw".into());
    }
    let (low, high) = range.unwrap_or_else(|| extent(values.iter().copied()));
    let factor = LEAST_SIDE.div_ceil(height.max(width)).max(1);
    // Several images of each row stand side by side; else the sheet is about square.
    let each = shape.iter().product::<usize>() / size;
    let square = count.isqrt() + usize::from(count.isqrt().pow(2) < count);
    let columns = if each > 1 && each < count { each } else { square };
    let rows = count.div_ceil(columns);
    let (tile_w, tile_h) = (width * factor + GAP, height * factor + GAP);
    let (total_w, total_h) = (columns * tile_w + GAP, rows * tile_h + GAP);
    if total_w.saturating_mul(total_h) > MOST_PIXELS {
        return Err(format!("a sheet of {total_w}x{total_h} pixels is too large"));
    }
    let mut canvas = Canvas::new(total_w, total_h, channels, 96);
    for at in 0..count {
        let (left, top) = (GAP + at % columns * tile_w, GAP + at / columns * tile_h);
        let image = &values[at * size..(at + 1) * size];
        for y in 0..height * factor {
            for x in 0..width * factor {
                for channel in 0..channels {
                    let from = (channel * height + y / factor) * width + x / factor;
                    canvas.set(left + x, top + y, channel, level(image[from], low, high));
                }
            }
        }
    }
    canvas.png()
}

const MOST_PIXELS: usize = 1 << 28;

/// Points of the plane, with equal scales on both axes.
pub fn points(values: &[f32]) -> Result<Vec<u8>, String> {
    let mut canvas = Canvas::new(POINTS_SIDE, POINTS_SIDE, 1, 255);
    let (xs, ys) = (values.iter().copied().step_by(2), values.iter().copied().skip(1).step_by(2));
    let (x_range, y_range) = (extent(xs), extent(ys));
    let half = (x_range.1 - x_range.0).max(y_range.1 - y_range.0).max(1e-6) * 0.525;
    let middle = |range: (f64, f64)| (range.0 + range.1) / 2.0;
    for point in values.as_chunks::<2>().0 {
        if !point.iter().all(|v| v.is_finite()) {
            continue;
        }
        let place = |v: f32, range| {
            let unit = (f64::from(v) - middle(range) + half) / (2.0 * half);
            (unit * (POINTS_SIDE - 1) as f64) as usize
        };
        let (x, y) = (place(point[0], x_range), POINTS_SIDE - 1 - place(point[1], y_range));
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            canvas.set((x + dx).min(POINTS_SIDE - 1), (y + dy).min(POINTS_SIDE - 1), 0, 0);
        }
    }
    canvas.png()
}

/// The smallest and the largest finite value.
fn extent(values: impl Iterator<Item = f32>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite()).map(f64::from);
    let range =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if range.0 <= range.1 { range } else { (0.0, 1.0) }
}

fn level(value: f32, low: f64, high: f64) -> u8 {
    let unit = (f64::from(value) - low) / (high - low).max(1e-12);
    // NaN becomes black.
    (unit.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn a_sheet_has_every_image_in_its_place() {
        let mut values = vec![0.0f32; 5 * 64];
        values[64..128].fill(1.0);
        let (width, height, pixels) = decode(&images(&values, &[64], Some((0.0, 1.0))).unwrap());
        // Five images in a 3x2 grid, each 8x8 enlarged four times.
        assert_eq!((width, height), (3 * 34 + 2, 2 * 34 + 2));
        let at = |x: u32, y: u32| pixels[(y * width + x) as usize];
        assert_eq!((at(0, 0), at(5, 5), at(40, 5), at(5, 40)), (96, 0, 255, 0));
    }

    #[test]
    fn shapes() {
        assert_eq!(dims(&[784]), (1, 28, 28));
        assert_eq!(dims(&[12]), (1, 3, 4));
        assert_eq!(dims(&[7]), (1, 1, 7));
        assert_eq!(dims(&[3, 4, 5]), (3, 4, 5));
        assert_eq!(dims(&[2, 4, 5]), (1, 4, 5));
        // Two rows of four images of 8x8, enlarged four times.
        let (width, height, _) = decode(&images(&[0.5; 2 * 4 * 64], &[4, 8, 8], None).unwrap());
        assert_eq!((width, height), (4 * 34 + 2, 2 * 34 + 2));
        let rgb = images(&[0.5; 2 * 3 * 4], &[3, 2, 2], None).unwrap();
        assert!(rgb.starts_with(b"\x89PNG"));
        assert!(images(&[], &[4], None).is_err());
    }

    #[test]
    fn points_with_odd_values() {
        let bytes = points(&[0.0, 0.0, 1.0, 2.0, f32::NAN, 1.0, f32::INFINITY, 0.0]).unwrap();
        let (width, height, pixels) = decode(&bytes);
        assert_eq!((width, height), (512, 512));
        assert_eq!(pixels.iter().filter(|p| **p == 0).count(), 8);
    }
}
