//! The same values in every container give the same field: csv, npy of every element type and order,
//! npz, idx and svmlight, read as every type that a field can have. Nothing here is read by the program's own
//! writers: the bytes are made by hand, and what is expected is computed from the values.

#[path = "containers/mod.rs"]
mod written;

use rlc::base::Diagnostic;
use rlc::graph::DType;
use rlc::model::ir::{Source, Static, Support, Type};
use rlc::runtime::data::open::Root;
use rlc::runtime::data::{Dataset, FieldSpec, Values, convert, source};
use std::path::Path;
use written::{DTYPES, csv, idx, npy, svmlight};

/// A container: its name as a source, and the file that holds some values, if it can.
struct Container {
    source: String,
    name: String,
    bytes: Vec<u8>,
}

/// Every container that holds these values exactly.
fn containers(rows: &[Vec<f64>]) -> Vec<Container> {
    let all = || rows.iter().flatten();
    let whole = all().all(|x| x.fract() == 0.0);
    let missing = all().any(|x| x.is_nan());
    let mut list = Vec::new();
    let mut add = |source: &str, name: String, bytes: Vec<u8>| {
        list.push(Container { source: source.into(), name, bytes });
    };
    for (dtype, low, high) in DTYPES {
        let fits = match dtype.chars().next() {
            Some('f') => all().all(|x| {
                x.is_nan()
                    || (x * 4.0).fract() == 0.0
                        && (*low..=*high).contains(&(x * if whole { 1.0 } else { 4.0 }))
            }),
            _ => whole && !missing && all().all(|x| (*low..=*high).contains(x)),
        };
        if !fits || (missing && *dtype == "f2") {
            continue;
        }
        for (big, fortran) in [(false, false), (true, false), (false, true), (true, true)] {
            if big && dtype.ends_with('1') {
                continue;
            }
            add("npy", format!("{dtype}-{big}-{fortran}.npy"), npy(dtype, big, fortran, rows));
        }
        let kinds = [("u1", 8), ("i1", 9), ("i2", 11), ("i4", 12), ("f4", 13), ("f8", 14)];
        if let Some((_, kind)) = kinds.iter().find(|(d, _)| d == dtype) {
            add("idx", format!("{dtype}.idx"), idx(*kind, dtype, rows));
        }
    }
    for (sep, decimal, header) in
        [(",", ".", false), (",", ".", true), (";", ",", true), ("\t", ".", false)]
    {
        let name = format!("{}-{}-{header}.csv", sep.as_bytes()[0], decimal.as_bytes()[0]);
        if decimal == "," && whole {
            continue;
        }
        add("csv", name, csv(rows, sep, decimal, header));
    }
    // A field of one number is the label of such a file.
    if rows[0].len() > 1 {
        add("svmlight", "rows.txt".into(), svmlight(rows, 1));
    }
    list
}

fn field(support: Support, width: usize) -> FieldSpec {
    let dtype = match support {
        Support::Index(_) | Support::Integer => DType::I32,
        _ => DType::F32,
    };
    let shape = if width == 1 { vec![] } else { vec![width] };
    FieldSpec { name: "x".into(), ty: Type { dtype, shape, support, varies: true, ends: false } }
}

fn load(
    folder: &Path,
    container: &Container,
    field: &FieldSpec,
    options: &[(&str, Static)],
) -> Result<Dataset, Diagnostic> {
    std::fs::write(folder.join(&container.name), &container.bytes).unwrap();
    let mut args = vec![(None, Static::Str(container.name.clone()))];
    args.extend(options.iter().map(|(name, value)| (Some((*name).to_string()), value.clone())));
    let source = Source { name: container.source.clone(), args, ..Source::default() };
    let root = Root { folder: folder.into(), may_leave: false };
    convert::load("d", &source, &root, std::slice::from_ref(field), &[])
}

/// The values of a field as bits, or the code of the error.
fn outcome(set: Result<Dataset, Diagnostic>) -> String {
    match set.map(|set| set.columns[0].values.clone()) {
        Ok(Values::F32(x)) => format!("{:?}", x.iter().map(|x| x + 0.0).collect::<Vec<f32>>()),
        Ok(Values::I32(x)) => format!("{x:?}"),
        Ok(Values::Chance(x)) => format!("chance {x:?}"),
        Ok(Values::Made(_)) => panic!("rows of a table are not made"),
        Err(error) => error.code.name().to_string(),
    }
}

fn f32s(rows: &[Vec<f64>], change: impl Fn(f64) -> f64) -> String {
    format!("{:?}", rows.iter().flatten().map(|x| change(*x) as f32).collect::<Vec<f32>>())
}

fn i32s(rows: &[Vec<f64>]) -> String {
    format!("{:?}", rows.iter().flatten().map(|x| *x as i32).collect::<Vec<i32>>())
}

/// What each type makes of values, by the rules of docs/reference/sources.md.
fn expected(rows: &[Vec<f64>], support: &Support) -> String {
    let all = || rows.iter().flatten().copied();
    let (low, high) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let whole = all().all(|x| x.fract() == 0.0);
    if all().any(f64::is_nan) {
        return "RL2023".into();
    }
    match *support {
        Support::Real => f32s(rows, |x| x),
        Support::Interval(a, b) if a <= low && high <= b => f32s(rows, |x| x),
        Support::Interval(..) if low == high => "RL2065".into(),
        Support::Interval(a, b) => f32s(rows, |x| a + (b - a) * ((x - low) / (high - low))),
        Support::Bit if all().all(|x| x == 0.0 || x == 1.0) => f32s(rows, |x| x),
        Support::Bit => "RL2062".into(),
        Support::Index(n) if whole && low >= 0.0 && high < n as f64 => i32s(rows),
        Support::Index(_) => "RL2005".into(),
        Support::Integer if whole && low >= f64::from(i32::MIN) && high <= f64::from(i32::MAX) => {
            i32s(rows)
        }
        Support::Integer => "RL2065".into(),
        _ => panic!("no rule for {support:?}"),
    }
}

/// Tables of values: bits, grey levels, small and large whole numbers, fractions, gaps.
fn tables() -> Vec<Vec<Vec<f64>>> {
    let row = |list: &[f64]| list.to_vec();
    vec![
        vec![row(&[0.0, 1.0]), row(&[1.0, 1.0]), row(&[0.0, 0.0])],
        vec![row(&[0.0]), row(&[1.0]), row(&[0.0]), row(&[1.0])],
        vec![row(&[0.0, 16.0]), row(&[255.0, 128.0]), row(&[3.0, 77.0])],
        vec![row(&[0.0]), row(&[2.0]), row(&[1.0])],
        vec![row(&[5.0, 5.0]), row(&[5.0, 5.0])],
        vec![row(&[-3.0, 100.0]), row(&[7.0, -128.0])],
        vec![row(&[40000.0]), row(&[3.0]), row(&[65535.0])],
        vec![row(&[16777217.0]), row(&[16777219.0]), row(&[2.0])],
        vec![row(&[2147483647.0, 0.0]), row(&[33554433.0, 1.0])],
        vec![row(&[3000000000.0]), row(&[4294967295.0])],
        vec![row(&[9007199254740991.0]), row(&[-1.0])],
        vec![row(&[0.25, 0.5]), row(&[0.75, 1.0]), row(&[0.0, 0.25])],
        vec![row(&[0.5, -1.25]), row(&[100.75, 3.0])],
        vec![row(&[0.5, f64::NAN]), row(&[1.0, 2.0])],
    ]
}

#[test]
fn the_same_values_give_the_same_field() {
    let folder = tempfile::tempdir().unwrap();
    let supports = [
        Support::Real,
        Support::Interval(0.0, 1.0),
        Support::Interval(-1.0, 1.0),
        Support::Interval(-10.0, 10.0),
        Support::Bit,
        Support::Index(3),
        Support::Index(70_000),
        Support::Index(2_147_483_647),
        Support::Integer,
    ];
    let mut compared = 0;
    for rows in tables() {
        let holding = containers(&rows);
        assert!(holding.len() >= 4, "{rows:?}");
        for support in &supports {
            let wanted = expected(&rows, support);
            for container in &holding {
                let field = field(*support, rows[0].len());
                let found = outcome(load(
                    folder.path(),
                    container,
                    &field,
                    &[("split", Static::Float(1.0))],
                ));
                assert_eq!(found, wanted, "{} as {support:?}: {rows:?}", container.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 1500, "{compared}");
}

/// Options about gaps do the same in every container that has gaps.
#[test]
fn the_same_gaps_are_filled_alike() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![vec![0.5, f64::NAN], vec![1.5, 2.0], vec![f64::NAN, 4.0], vec![4.0, 6.0]];
    let text = |text: &str| Static::Str(text.into());
    for (options, wanted) in [
        (vec![("nan", text("allow"))], "[0.5, NaN, 1.5, 2.0, NaN, 4.0, 4.0, 6.0]"),
        (vec![("missing", text("drop"))], "[1.5, 2.0, 4.0, 6.0]"),
        (vec![("missing", text("mean"))], "[0.5, 4.0, 1.5, 2.0, 2.0, 4.0, 4.0, 6.0]"),
        (vec![("missing", Static::Int(-1))], "[0.5, -1.0, 1.5, 2.0, -1.0, 4.0, 4.0, 6.0]"),
        (
            vec![("missing", text("drop")), ("standardize", Static::Bool(true))],
            "[-1.0, -1.0, 1.0, 1.0]",
        ),
        (
            vec![("missing", Static::Int(-1)), ("scale", Static::Int(2))],
            "[0.25, -0.5, 0.75, 1.0, -0.5, 2.0, 2.0, 3.0]",
        ),
        (vec![("missing", text(""))], "RL2023"),
    ] {
        for container in containers(&rows) {
            let mut options = options.clone();
            options.push(("split", Static::Float(1.0)));
            let found =
                outcome(load(folder.path(), &container, &field(Support::Real, 2), &options));
            assert_eq!(found, wanted, "{} {options:?}", container.name);
        }
    }
}

/// Whole numbers beyond 2^53 are told apart, and f32 that does not hold a number is said.
#[test]
fn large_numbers_are_not_rounded_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = npy("i8", false, false, &[vec![0.0], vec![0.0]]);
    let at = bytes.len() - 16;
    bytes[at..at + 8].copy_from_slice(&i64::MAX.to_le_bytes());
    let npy = Container { source: "npy".into(), name: "big.npy".into(), bytes };
    let text = Container {
        source: "csv".into(),
        name: "big.csv".into(),
        bytes: b"9223372036854775807\n0\n".to_vec(),
    };
    for container in [npy, text] {
        let one = [("split", Static::Float(1.0))];
        let set = load(folder.path(), &container, &field(Support::Real, 1), &one).unwrap();
        let warning = set.warnings().remove(0);
        assert!(warning.message.contains("9223372036854775807"), "{}", warning.message);
        let error = load(folder.path(), &container, &field(Support::Integer, 1), &one).unwrap_err();
        assert!(error.message.contains("9223372036854775807"), "{}", error.message);
    }
    let ids = Container {
        source: "csv".into(),
        name: "ids.csv".into(),
        bytes: b"16777217\n3\n".to_vec(),
    };
    let set = load(folder.path(), &ids, &field(Support::Real, 1), &[]).unwrap();
    assert_eq!(set.warnings().len(), 1);
    let set = load(folder.path(), &ids, &field(Support::Integer, 1), &[]).unwrap();
    assert_eq!(
        (set.warnings().len(), &set.columns[0].values),
        (0, &Values::I32(vec![16777217, 3]))
    );
}

fn table(
    folder: &Path,
    text: &str,
    source: &str,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    std::fs::write(folder.join("t.csv"), text).unwrap();
    let root = Root { folder: folder.into(), may_leave: false };
    convert::load("d", &source::parse(source).unwrap(), &root, fields, &[])
}

fn named(name: &str, support: Support) -> FieldSpec {
    FieldSpec { name: name.into(), ..field(support, 1) }
}

#[test]
fn words_are_sorted_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let text = "w,kind\n1,pear\n2,apple\n3,pear\n4,fig\n";
    let fields = [named("w", Support::Real), named("kind", Support::Index(3))];
    let set = table(folder.path(), text, "csv:t.csv,split=1", &fields).unwrap();
    assert_eq!(set.columns[1].values, Values::I32(vec![2, 0, 2, 1]));
    assert_eq!(set.kept[0].words, ["apple", "fig", "pear"]);
    // Other data is read by the words that were kept.
    let root = Root { folder: folder.path().into(), may_leave: false };
    let again = |text: &str| {
        std::fs::write(folder.path().join("u.csv"), text).unwrap();
        convert::load("d", &source::parse("csv:u.csv,split=1").unwrap(), &root, &fields, &set.kept)
    };
    assert_eq!(again("w,kind\n9,pear\n").unwrap().columns[1].values, Values::I32(vec![2]));
    let error = again("w,kind\n9,pear\n8,plum\n").unwrap_err();
    assert_eq!(error.code.name(), "RL2076");
    assert!(
        error.message.contains("line 3, column `kind`") && error.message.contains("plum"),
        "{}",
        error.message
    );
    let few = [named("w", Support::Real), named("kind", Support::Index(2))];
    assert_eq!(table(folder.path(), text, "csv:t.csv", &few).unwrap_err().code.name(), "RL2005");
    let real = [named("kind", Support::Real)];
    let error = table(folder.path(), text, "csv:t.csv", &real).unwrap_err();
    assert_eq!(error.code.name(), "RL2022");
    assert!(error.message.contains("line 2, column `kind`"), "{}", error.message);
}

/// Ranges, means and deviations of the training run hold for other data.
#[test]
fn what_the_data_decided_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root { folder: folder.path().into(), may_leave: false };
    let both = |first: &str, second: &str, options: &str, support: Support| {
        let fields = [named("x", support)];
        let set =
            table(folder.path(), first, &format!("csv:t.csv,split=1{options}"), &fields).unwrap();
        std::fs::write(folder.path().join("u.csv"), second).unwrap();
        let source = source::parse(&format!("csv:u.csv,split=1{options}")).unwrap();
        outcome(convert::load("d", &source, &root, &fields, &set.kept))
    };
    let grey = Support::Interval(0.0, 1.0);
    assert_eq!(both("x\n0\n200\n", "x\n50\n100\n", "", grey), "[0.25, 0.5]");
    assert_eq!(both("x\n0\n200\n", "x\n50\n300\n", "", grey), "RL2065");
    assert_eq!(both("x\n0\n1\n", "x\n50\n100\n", "", grey), "RL2065");
    assert_eq!(both("x\n1\n3\n", "x\n5\n2\n", ",standardize=true", Support::Real), "[3.0, 0.0]");
    assert_eq!(both("x\n1\n3\n", "x\nNA\n7\n", ",missing=mean", Support::Real), "[2.0, 7.0]");
    assert_eq!(both("x\n2\n2\n", "x\n5\n2\n", ",standardize=true", Support::Real), "[0.0, 0.0]");
}

/// A field of columns with other names is made of the same ones in other data, wherever they stand.
#[test]
fn columns_of_a_field_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root { folder: folder.path().into(), may_leave: false };
    let vector = |name: &str, n: usize| {
        let mut field = named(name, Support::Real);
        field.ty.shape = vec![n];
        field
    };
    let both = |fields: &[FieldSpec], first: &str, second: &str, options: &str| {
        let set =
            table(folder.path(), first, &format!("csv:t.csv,split=1{options}"), fields).unwrap();
        std::fs::write(folder.path().join("u.csv"), second).unwrap();
        let source = source::parse(&format!("csv:u.csv,split=1{options}")).unwrap();
        outcome(convert::load("d", &source, &root, fields, &set.kept))
    };
    let x = [vector("x", 2)];
    let xy = [vector("x", 2), named("y", Support::Real)];
    let table = "x0,x1\n1,10\n3,30\n";
    assert_eq!(both(&x, table, "x0,x1\n5,50\n", ""), "[5.0, 50.0]");
    assert_eq!(both(&x, table, "x1,x0\n50,5\n", ""), "[5.0, 50.0]");
    assert_eq!(both(&x, table, "x1,z,x0\n50,7,5\n", ""), "[5.0, 50.0]");
    // The deviations of each go with it.
    assert_eq!(both(&x, table, "x1,x0\n40,5\n", ",standardize=true"), "[3.0, 2.0]");
    // Where all have other names, or none, they are taken in order.
    assert_eq!(both(&x, table, "a,b\n5,50\n", ""), "[5.0, 50.0]");
    assert_eq!(both(&x, table, "5,50\n", ""), "[5.0, 50.0]");
    assert_eq!(both(&x, table, "x1,z\n50,5\n", ""), "RL2063");
    // Beside a field that is called like its column.
    assert_eq!(both(&xy, "x0,x1,y\n1,2,3\n", "y,x1,x0\n6,5,4\n", ""), "[4.0, 5.0]");
    assert_eq!(both(&xy, "x0,y,x1\n1,3,2\n", "y,x1,x0\n6,5,4\n", ""), "[4.0, 5.0]");
    // Single columns in order.
    let uv = [named("u", Support::Real), named("v", Support::Real)];
    assert_eq!(both(&uv, "a,b\n1,2\n", "b,a\n5,4\n", ""), "[4.0]");
}

/// Options that choose rows act on what is left after rows with gaps are gone.
#[test]
fn rows_are_chosen_after_gaps_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("x,y\n");
    for row in 0..100 {
        let gap = if row % 5 == 0 { "NA".into() } else { format!("{row}.5") };
        text += &format!("{gap},{}\n", if row % 2 == 0 { "even" } else { "odd" });
    }
    let fields = [named("x", Support::Real), named("y", Support::Index(2))];
    let sizes = |options: &str| {
        let set = table(folder.path(), &text, &format!("csv:t.csv,missing=drop{options}"), &fields)
            .unwrap();
        assert_eq!((set.rows, set.facts.dropped), (80, 20), "{options}");
        let Values::F32(x) = &set.columns[0].values else { panic!("reals") };
        assert!(x.len() == 80 && x.iter().all(|x| x.fract() == 0.5));
        let each = set.splits.iter().map(|(name, rows)| {
            assert!(rows.iter().all(|row| row < 80));
            format!("{name} {}", rows.len())
        });
        each.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(sizes(""), "train 64 valid 8 test 8");
    assert_eq!(sizes(",folds=5,fold=4"), "train 64 test 16");
    // No folds: which one is said for nothing, as where a call takes back what a file says.
    assert_eq!(sizes(",folds=0,fold=4"), "train 64 valid 8 test 8");
    assert_eq!(sizes(",split=0.5,rows=7"), "train 7 test 40");
    assert_eq!(sizes(",split=1,class=1"), "train 40 test 0");
    assert_eq!(sizes(",folds=4,per_class=3,valid=0.25"), "train 6 valid 15 test 20");
    let shuffled = table(folder.path(), &text, "csv:t.csv,missing=drop,labels=shuffled", &fields);
    assert_eq!(shuffled.unwrap().rows, 80);
}

#[test]
fn tables_beside_are_splits() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("v.csv"), "x,y\n5,b\n").unwrap();
    std::fs::write(folder.path().join("e.csv"), "x,y\n6,c\nNA,a\n").unwrap();
    let fields = [named("x", Support::Real), named("y", Support::Index(3))];
    let source = "csv:t.csv,valid=v.csv,test=e.csv";
    let set = table(folder.path(), "x,y\n1,a\n2,b\n", &format!("{source},missing=mean"), &fields)
        .unwrap();
    assert_eq!(set.columns[0].values, Values::F32(vec![1.0, 2.0, 5.0, 6.0, 1.5]));
    assert_eq!(set.columns[1].values, Values::I32(vec![0, 1, 1, 2, 0]));
    let rows = |name: &str| set.split(name).unwrap().iter().collect::<Vec<u32>>();
    assert_eq!((rows("train"), rows("valid"), rows("test")), (vec![0, 1], vec![2], vec![3, 4]));
    let error = table(folder.path(), "x,y\n1,a\n2,b\n", source, &fields).unwrap_err();
    assert!(error.message.contains("line 3 of `test`"), "{}", error.message);
}

/// A table of one column `y`, a cell a line.
fn column(cells: &str) -> String {
    cells.split(' ').fold("y\n".to_string(), |text, cell| text + cell + "\n")
}

/// Words and values of the field `y`: `01 x : 0 1`, or the code of the error.
fn classes(set: Result<Dataset, Diagnostic>) -> String {
    match set.map(|set| (set.facts.fields[0].words.join(" "), set.columns[0].values.clone())) {
        Ok((words, values)) => {
            let values = match values {
                Values::I32(values) => values.iter().map(i32::to_string).collect::<Vec<_>>(),
                Values::F32(values) | Values::Chance(values) => {
                    values.iter().map(f32::to_string).collect()
                }
                Values::Made(_) => panic!("rows of a table are not made"),
            };
            format!("{words} : {}", values.join(" "))
        }
        Err(error) => format!("{} {}", error.code.name(), error.message),
    }
}

/// A column is of one kind in all tables of a source, and a word is the text of its cell.
#[test]
fn a_column_is_of_one_kind_in_every_table() {
    let folder = tempfile::tempdir().unwrap();
    for (train, test, n, expected) in [
        ("01 02 x1", "01 02", 3, "01 02 x1 : 0 1 2 0 1"),
        ("01 02", "01 02 x1", 3, "01 02 x1 : 0 1 0 1 2"),
        ("true false unknown", "true false", 3, "false true unknown : 1 0 2 1 0"),
        ("1.0 2.0 >5", "1.0 2.0", 3, "1.0 2.0 >5 : 0 1 2 0 1"),
        ("1e0 +1 1 one", "1 +1", 4, "+1 1 1e0 one : 2 0 1 3 1 0"),
        ("01 2", "1.0 2e0", 3, " : 1 2 1 2"),
        ("true 0", "1 false", 2, " : 1 0 1 0"),
    ] {
        std::fs::write(folder.path().join("u.csv"), column(test)).unwrap();
        let fields = [named("y", Support::Index(n))];
        let set = table(folder.path(), &column(train), "csv:t.csv,test=u.csv", &fields);
        assert_eq!(classes(set), expected, "{train} | {test}");
    }
    let mixed = |support| {
        let fields = [named("y", support)];
        classes(table(folder.path(), &column("1 false TRUE 0"), "csv:t.csv,split=1", &fields))
    };
    for support in [Support::Real, Support::Integer, Support::Bit, Support::Index(2)] {
        assert_eq!(mixed(support), " : 1 0 1 0");
    }
    // Several columns of one field are of one kind too.
    let pair = [FieldSpec { name: "p".into(), ..field(Support::Index(3), 2) }];
    let set = table(folder.path(), "a,b\n01,x\n02,01\n", "csv:t.csv,split=1", &pair);
    assert_eq!(classes(set), "01 02 x : 0 2 1 0");
}

/// Other data is read by the kind that the classes of a run are of.
#[test]
fn classes_stay_words_or_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root { folder: folder.path().into(), may_leave: false };
    let ten = "0 1 2 3 4 5 6 7 8 9 10";
    let unknown = |line: usize, word: &str| {
        format!(
            "RL2076 csv(\"u.csv\", split = 1): line {line}, column `y`: the run does not know the \
             word `{word}` of field `y`"
        )
    };
    for (first, other, expected) in [
        ("01 1 x1", "01 1", "01 1 x1 : 0 1".to_string()),
        ("01 02 x1", "01 02", "01 02 x1 : 0 1".into()),
        ("true false unknown", "true false", "false true unknown : 1 0".into()),
        ("01 02 x1", "1", unknown(2, "1")),
        (ten, "1 2 10 oops", unknown(5, "oops")),
        (ten, "01 2 10.0 true", " : 1 2 10 1".into()),
    ] {
        let fields = [named("y", Support::Index(12))];
        let set = table(folder.path(), &column(first), "csv:t.csv,split=1", &fields).unwrap();
        assert_eq!(set.kept[0].numbers, set.kept[0].words.is_empty());
        std::fs::write(folder.path().join("u.csv"), column(other)).unwrap();
        let source = source::parse("csv:u.csv,split=1").unwrap();
        let again = convert::load("d", &source, &root, &fields, &set.kept);
        assert_eq!(classes(again), expected, "{first} | {other}");
    }
}

/// Columns are found by name, whatever their order and number.
#[test]
fn columns_have_names_in_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let two = [named("x", Support::Real), named("y", Support::Index(5))];
    let beside = |first: &str, second: &str| {
        std::fs::write(folder.path().join("u.csv"), second).unwrap();
        match table(folder.path(), first, "csv:t.csv,test=u.csv", &two) {
            Ok(set) => format!("{:?} {:?}", set.columns[0].values, set.columns[1].values),
            Err(error) => format!("{} {}", error.code.name(), error.message),
        }
    };
    let right = "F32([1.0, 2.0, 3.0]) I32([0, 1, 0])";
    assert_eq!(beside("x,y\n1,a\n2,b\n", "y,x\na,3\n"), right);
    assert_eq!(beside("x,z,y\n1,7,a\n2,8,b\n", "y,x\na,3\n"), right);
    assert_eq!(beside("x,y\n1,a\n2,b\n", "w,y,x\n0,a,3\n"), right);
    let text = beside("x,y\n1,a\n2,b\n", "x,Y\n3,a\n");
    assert_eq!(text, "RL2063 `u.csv`: no column is called `y`");
    let text = beside("x,y\n1,a\n2,b\n", "3,a\n");
    assert_eq!(text, "RL2026 `u.csv` has no header, `t.csv` has one");
    // A field of one value is found by name where another one is; else all are in order.
    let read = |text: &str, fields: &[FieldSpec]| {
        let set = table(folder.path(), text, "csv:t.csv,split=1", fields);
        set.map(|set| format!("{:?}", set.columns.last().unwrap().values))
            .unwrap_or_else(|error| error.code.name().into())
    };
    let fields = [named("a", Support::Real), named("c", Support::Real)];
    assert_eq!(read("a,b,e\n1,5,8\n", &fields), "RL2063");
    assert_eq!(read("a,b,e,f\n1,5,8,9\n", &fields), "RL2063");
    let flowers = [
        FieldSpec { name: "p".into(), ..field(Support::Real, 2) },
        named("kind", Support::Index(3)),
    ];
    assert_eq!(read("length,width,species\n1,2,0\n3,4,2\n", &flowers), "I32([0, 2])");
    assert_eq!(read("length,width,more,species\n1,2,1,0\n", &flowers), "I32([1])");
    // A first line with the name of a field is a header, whatever stands beside it.
    let years = [
        named("name", Support::Index(2)),
        FieldSpec { name: "v".into(), ..field(Support::Real, 2) },
    ];
    assert_eq!(read("name,2019,2020\na,1,2\nb,3,4\n", &years), "F32([1.0, 2.0, 3.0, 4.0])");
    assert_eq!(read("x,inf\n1,2\n", &two[..1]), "F32([1.0])");
}

/// Values land where the dims of the file have them.
#[test]
fn dims_may_be_grouped_but_not_exchanged() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root { folder: folder.path().into(), may_leave: false };
    let mut bytes = npy("f4", false, false, &[(0..12).map(f64::from).collect()]);
    let (from, to) = (b"(1, 12), }     ", b"(1, 2, 3, 2), }");
    let at = bytes.windows(from.len()).position(|part| part == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
    std::fs::write(folder.path().join("a.npy"), &bytes).unwrap();
    for (shape, fits) in [
        (vec![2, 3, 2], true),
        (vec![12], true),
        (vec![6, 2], true),
        (vec![2, 6], true),
        (vec![1, 2, 3, 2], true),
        (vec![3, 2, 2], false),
        (vec![2, 2, 3], false),
        (vec![4, 3], false),
    ] {
        let mut field = named("x", Support::Real);
        field.ty.shape.clone_from(&shape);
        let source = source::parse("npy:a.npy,split=1").unwrap();
        let set = convert::load("d", &source, &root, &[field], &[]);
        let found = set.map(|set| set.columns[0].values.clone());
        match found {
            Ok(values) => {
                assert!(fits, "{shape:?}");
                assert_eq!(values, Values::F32((0..12).map(|x| x as f32).collect()));
            }
            Err(error) => assert_eq!((fits, error.code.name()), (false, "RL2064"), "{shape:?}"),
        }
    }
}

/// Means and deviations of numbers whose squares are no reals; constant columns keep their gaps.
#[test]
fn numbers_of_any_size_are_standardized() {
    let folder = tempfile::tempdir().unwrap();
    let fields = [named("y", Support::Real)];
    let read = |cells: &str, options: &str| {
        let source = format!("csv:t.csv,split=1{options}");
        classes(table(folder.path(), &column(cells), &source, &fields))
    };
    // numpy: (x - x.mean()) / x.std() of [1, -1, 0], which no factor changes.
    for size in ["e200", "e-200", "e300", "e0"] {
        let cells = format!("1{size} -1{size} 0");
        assert_eq!(read(&cells, ",standardize=true"), " : 1.2247449 -1.2247449 0", "{size}");
    }
    assert_eq!(
        read("1.7e308 1.7e308 NA", ",missing=mean,scale=1e300"),
        " : 170000000 170000000 170000000"
    );
    assert_eq!(read("NA 3 3", ",nan=allow,standardize=true"), " : NaN 0 0");
    assert_eq!(read("inf 3 3", ",nan=allow,standardize=true"), " : inf 0 0");
    assert!(read("1e400 1", ",nan=allow").starts_with("RL2025"));
    // numpy: np.int64(1152921573326323713).astype("f4"), which is not that of its double.
    assert_eq!(read("1152921573326323713 0", ""), " : 1152921600000000000 0");
}

/// The cell that is no number is named, and what would make it one.
#[test]
fn the_first_word_of_a_column_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let fields = [named("x", Support::Real), named("y", Support::Real)];
    let text = format!("x;y\n{}1,5;2\n", "7;2\n".repeat(250));
    let error = table(folder.path(), &text, "csv:t.csv,split=1", &fields).unwrap_err();
    let place = "line 252, column `x`: expected a number, found `1,5`";
    assert!(error.message.ends_with(place), "{}", error.message);
    assert!(error.help[0].contains("`decimal = \",\"`"), "{:?}", error.help);
    let quoted = "x,y\n\"1,5\",2\n3,\"4,25\"\n";
    let error = table(folder.path(), quoted, "csv:t.csv,split=1", &fields).unwrap_err();
    assert!(error.help[0].contains("`sep = \",\"`"), "{:?}", error.help);
    for said in ["decimal=,,", "sep=,,,decimal=,,"] {
        let source = format!("csv:t.csv,split=1,{said}");
        let set = table(folder.path(), quoted, &source, &fields).unwrap();
        let x = |at: usize| set.columns[at].values.clone();
        assert_eq!((x(0), x(1)), (Values::F32(vec![1.5, 3.0]), Values::F32(vec![2.0, 4.25])));
    }
}
