use super::*;
use crate::runtime::data::batches::{Batch, gather};
use crate::runtime::data::fixtures::{field, load_in};
use crate::runtime::data::{Dataset, FieldSpec};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs;

fn spec(channels: u16, bits: u16, format: SampleFormat) -> WavSpec {
    WavSpec { channels, sample_rate: 8000, bits_per_sample: bits, sample_format: format }
}

/// A file with these samples, in 16 bits.
fn sound(path: &Path, samples: &[i16]) {
    let mut writer = WavWriter::create(path, spec(1, 16, SampleFormat::Int)).unwrap();
    samples.iter().for_each(|x| writer.write_sample(*x).unwrap());
    writer.finalize().unwrap();
}

/// Three speakers with four takes each; sample t of take k of speaker s is 1000 s + 100 k + t.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("r")).unwrap();
    for (s, name) in ["ann", "bob", "cy"].iter().enumerate() {
        for k in 0..4 {
            let samples: Vec<i16> = (0..10 + k).map(|t| (1000 * s + 100 * k + t) as i16).collect();
            sound(&folder.path().join(format!("r/{name}_{k}.wav")), &samples);
        }
    }
    fs::write(folder.path().join("r/notes.txt"), "no sound").unwrap();
    folder
}

fn load(folder: &Path, call: &str, fields: &[FieldSpec]) -> Result<Dataset, Diagnostic> {
    load_in(folder, call, fields, &[])
}

fn reals(set: &Dataset, at: usize, rows: &[u32]) -> Vec<f32> {
    match gather(&set.columns[at], rows, 0, 0) {
        Batch::F32(values) => values,
        Batch::I32(values) => values.iter().map(|x| *x as f32).collect(),
    }
}

fn rows(set: &Dataset, split: &str) -> Vec<u32> {
    set.split(split).map(|rows| rows.iter().collect()).unwrap_or_default()
}

#[test]
fn windows_stand_where_they_should() {
    let folder = folder();
    let fields = [
        field("sound", Support::Real, &[4]),
        field("who", Support::Index(3), &[]),
        field("take", Support::Index(4), &[]),
    ];
    for (pad, stride) in
        [(false, 4), (true, 4), (false, 3), (true, 3), (true, 7), (false, 1), (true, 50)]
    {
        let call = format!("wav:r,names=who_take,stride={stride},pad={pad},split=1");
        let set = load(folder.path(), &call, &fields).unwrap();
        let mut expected = Vec::new();
        for s in 0..3 {
            for k in 0..4 {
                let len = 10 + k;
                let mut at = 0usize;
                while at + 4 <= len {
                    expected.push((s, k, at));
                    at += stride;
                }
                // What no window shows, and the next one would.
                let shown = if at == 0 { 0 } else { at - stride + 4 };
                if pad && shown < len && at < len {
                    expected.push((s, k, at));
                }
            }
        }
        assert_eq!(set.rows, expected.len(), "{call}");
        for (row, (s, k, at)) in expected.iter().enumerate() {
            let value =
                |t: usize| if t < 10 + k { (1000 * s + 100 * k + t) as f32 / 32768.0 } else { 0.0 };
            let window: Vec<f32> = (*at..at + 4).map(value).collect();
            assert_eq!(reals(&set, 0, &[row as u32]), window, "{call} {row}");
            assert_eq!(reals(&set, 1, &[row as u32]), [*s as f32]);
            assert_eq!(reals(&set, 2, &[row as u32]), [*k as f32]);
        }
    }
}

#[test]
fn recordings_stay_in_one_split() {
    let folder = folder();
    let fields = [field("sound", Support::Real, &[2]), field("who", Support::Index(3), &[])];
    let recording = |set: &Dataset, row: u32| {
        let first = reals(set, 0, &[row])[0] * 32768.0;
        (first / 100.0) as u32
    };
    for options in [
        "split=(0.5,0.25,0.25)",
        "split=0.5,seed=3",
        "folds=3,fold=1",
        "valid=0.3",
        "test_files=*_[01].wav,valid_files=bob_2*",
        "valid=0.5,test_files=cy*",
    ] {
        let call = format!("wav:r,names=who_take,{options}");
        let set = load(folder.path(), &call, &fields).unwrap();
        let mut seen: std::collections::BTreeMap<u32, String> = Default::default();
        let mut count = 0;
        for (name, part) in &set.splits {
            assert!(!part.is_empty(), "{call}: {name}");
            for row in part.iter() {
                count += 1;
                let first = seen.entry(recording(&set, row)).or_insert(name.clone());
                assert_eq!(first, name, "{call}");
            }
        }
        assert_eq!((count, seen.len()), (set.rows, 12), "{call}");
    }
    let set = load(
        folder.path(),
        "wav:r,names=who_take,test_files=*_[01].wav,valid_files=bob_2*",
        &fields,
    )
    .unwrap();
    let of = |split: &str| {
        let mut all: Vec<u32> = rows(&set, split).iter().map(|row| recording(&set, *row)).collect();
        all.dedup();
        all
    };
    assert_eq!(of("test"), [0, 1, 10, 11, 20, 21]);
    assert_eq!((of("valid"), of("train")), (vec![12], vec![2, 3, 13, 22, 23]));
}

/// Levels of the law that ITU-T G.711 states, for its own 256 and for others.
#[test]
fn levels_are_those_of_the_law() {
    for levels in [2, 16, 256, 1000] {
        let mu = (levels - 1) as f64;
        for (level, step) in (0..levels).zip(0..) {
            let bent = 2.0 * f64::from(step) / mu - 1.0;
            let x = bent.signum() * ((1.0 + mu).powf(bent.abs()) - 1.0) / mu;
            assert_eq!(mu_law(x as f32, levels), level, "{levels}");
        }
        assert_eq!((mu_law(-9.0, levels), mu_law(9.0, levels)), (0, levels - 1));
    }
    let bent = (0.0255f64).ln_1p() / 256f64.ln();
    let near = (127.5 + 127.5 * bent).round() as usize;
    assert_eq!((mu_law(0.0, 256), mu_law(1e-4, 256)), (128, near));
    let folder = folder();
    let set = load(folder.path(), "wav:r,split=1", &[field("sound", Support::Index(256), &[10])])
        .unwrap();
    let expected: Vec<f32> = (0..10).map(|t| mu_law(t as f32 / 32768.0, 256) as f32).collect();
    assert_eq!(reals(&set, 0, &[0]), expected);
}

/// What is written is read again, to the step of 16 bits; levels have the amplitudes whose levels they are.
#[test]
fn what_is_written_is_read() {
    let rows = [0.0, 0.5, -1.0, 1.0, 3.0, f32::NAN, -0.25, 1e-3];
    let bytes = write(&rows, 4, None, 8).unwrap();
    let found = read(&bytes, "a").unwrap();
    let wanted = [0.0, 0.5, -1.0, 1.0, 0.0, 0.0, 1.0, 0.0, -0.25, 1e-3];
    assert_eq!((found.rate, found.samples.len()), (8, wanted.len()));
    for (found, wanted) in found.samples.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-4, "{found} {wanted}");
    }
    for levels in [2, 16, 256, 1000] {
        let all: Vec<f32> = (0..levels).map(|level| level as f32).collect();
        for level in 0..levels {
            assert_eq!(mu_law(amplitude(level as f32, levels), levels), level);
        }
        if levels <= 256 {
            let found = read(&write(&all, levels, Some(levels), 8000).unwrap(), "a").unwrap();
            let again: Vec<usize> = found.samples.iter().map(|x| mu_law(*x, levels)).collect();
            assert_eq!(again, (0..levels).collect::<Vec<_>>());
        }
    }
}

#[test]
fn samples_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for (bits, most) in [(8, 127), (16, 32767), (24, 8_388_607), (32, i32::MAX)] {
        let mut writer = WavWriter::create(&path, spec(2, bits, SampleFormat::Int)).unwrap();
        for x in [0, most, most / 2, most / 2, -most, -most] {
            writer.write_sample(x).unwrap();
        }
        writer.finalize().unwrap();
        let found = read(&fs::read(&path).unwrap(), "a").unwrap();
        assert_eq!((found.rate, found.samples.len()), (8000, 3));
        for (found, wanted) in found.samples.iter().zip([0.5, 0.5, -1.0]) {
            assert!((found - wanted).abs() < 0.02, "{bits}: {found}");
        }
    }
    let mut writer = WavWriter::create(&path, spec(1, 32, SampleFormat::Float)).unwrap();
    for x in [0.25f32, -0.5, f32::NAN] {
        writer.write_sample(x).unwrap();
    }
    writer.finalize().unwrap();
    assert_eq!(read(&fs::read(&path).unwrap(), "a").unwrap().samples, [0.25, -0.5, 0.0]);
}

/// A rate of billions would make pauses of gigabytes.
#[test]
fn rates_and_sizes_have_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for (rate, fine) in [(1, true), (1_000_000, true), (1_000_001, false), (2_000_000_000, false)] {
        let spec = WavSpec { sample_rate: rate, ..spec(1, 16, SampleFormat::Int) };
        let mut writer = WavWriter::create(&path, spec).unwrap();
        (0..9).for_each(|x| writer.write_sample(x as i16).unwrap());
        writer.finalize().unwrap();
        let found = read(&fs::read(&path).unwrap(), "a");
        assert_eq!(found.is_ok(), fine, "{rate}");
        assert!(fine || found.unwrap_err().code == codes::RL2017);
    }
    assert!(write(&[0.0; 5000], 1, None, 1_000_000).is_err());
    // The first of so many levels that they have no number: as low as can be.
    let bytes = write(&[1.0], 1, Some(usize::MAX), 8000).unwrap();
    assert!(bytes.ends_with(&(-32767i16).to_le_bytes()), "{bytes:?}");
}

#[test]
fn what_is_no_recording_is_told() {
    let folder = folder();
    let path = folder.path();
    let real = [field("sound", Support::Real, &[4])];
    let code = |call: &str, fields: &[FieldSpec]| load(path, call, fields).unwrap_err().code;
    assert_eq!(code("wav:no", &real), codes::RL2073);
    assert_eq!(code("wav:../r", &real), codes::RL2072);
    assert_eq!(code("wav:.", &real), codes::RL2073);
    assert_eq!(code("wav:r,names=a_b_c", &real), codes::RL2063);
    assert_eq!(code("wav:r,names=a_a", &real), codes::RL2066);
    assert_eq!(code("wav:r,names=sound_a", &real), codes::RL2066);
    assert_eq!(code("wav:r,test_files=[", &real), codes::RL2066);
    assert_eq!(code("wav:r", &[field("sound", Support::Real, &[99])]), codes::RL2064);
    assert_eq!(
        code("wav:r,names=who_take", &[real[0].clone(), field("age", Support::Real, &[])]),
        codes::RL2063
    );
    let mut writer = WavWriter::create(
        path.join("r/dee_0.wav"),
        WavSpec { sample_rate: 9000, ..spec(1, 16, SampleFormat::Int) },
    )
    .unwrap();
    (0..9).for_each(|x| writer.write_sample(x as i16).unwrap());
    writer.finalize().unwrap();
    assert_eq!(code("wav:r", &real), codes::RL2064);
    let bytes = fs::read(path.join("r/ann_0.wav")).unwrap();
    for (how, damaged) in crate::runtime::damage::cuts(&bytes).enumerate() {
        fs::write(path.join("r/dee_0.wav"), damaged).unwrap();
        let found = load(path, "wav:r,split=1", &real);
        assert!(found.is_ok() || found.unwrap_err().code == codes::RL2017, "{how}");
    }
}
