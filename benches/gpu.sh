#!/usr/bin/env bash
# Measures rlc on a graphics device, against PyTorch on the same device where there is PyTorch.
#
#     benches/gpu.sh [PATH-TO-rlc] > table.md
#
# In: a built rlc (target/release/rlc by default) and python3; no network. Out: a report in Markdown
# on stdout, progress and reasons on stderr; `-` is what could not be measured. Leaves no files.
# Ends with 1 if rlc or a graphics device is missing.
#
# Settings, from the environment:
#   DEVICE=gpu             the device of rlc: gpu or gpu:N
#   SECONDS_EACH=2         length of a turn
#   REPEATS=5              turns of each program
#   WORKLOADS="vae ..."    names from benches/workloads; all by default
#   SIZES="256 1024 4096"  of the square products; "" leaves them out
#   OPERATIONS=20000000000000  of the products of one size
#   TINY="1 1024 1048576"  numbers of weights of the tiny model; "" leaves it out
#   PROFILE=NAME           the workload whose kernels are shown; the first by default
#   PROFILE_STEPS=1000     its steps
#   TUNE=1                 0 measures without `rlc tune`
#   SOFTWARE=0             1 allows a device that is a program: to try this script, not to measure
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
rlc=${1:-$here/../target/release/rlc}
device=${DEVICE:-gpu}
seconds=${SECONDS_EACH:-2}
repeats=${REPEATS:-5}
sizes=${SIZES-256 1024 4096}
operations=${OPERATIONS:-20000000000000}
tiny=${TINY-1 1024 1048576}
workloads=${WORKLOADS:-$(cd "$here/workloads" && printf '%s ' *.rl | sed 's/\.rl / /g')}
profiled=${PROFILE:-${workloads%% *}}
profile_steps=${PROFILE_STEPS:-1000}

say() { echo "gpu.sh: $*" >&2; }
fail() { say "$*"; exit 1; }

command -v "$rlc" >/dev/null || fail "no program at $rlc; make it with 'cargo build --release', or give its path"
command -v python3 >/dev/null || fail "python3 is missing: the report is made with it"
for name in $workloads $profiled; do
    [ -f "$here/workloads/$name.rl" ] || fail "there is no workload $name"
done
rlc=$(cd "$(dirname "$(command -v "$rlc")")" && pwd)/$(basename "$rlc")
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp" # all that is measured lies here, NAME.json

# The first line of what a program complained.
why() { grep . log | head -1 || true; }

# Cells of a row, from NAME:PATH: the entry of NAME.json at a path of names joined by dots.
# A:B/C:D is a ratio. Of rates it shows the median, the least and the most.
cells() {
    python3 - "$@" <<'PY'
import json, sys

def value(wanted):
    file, path = wanted.split(":")
    try:
        data = json.load(open(file + ".json"))
    except (OSError, ValueError):
        return None
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data

def number(x):
    return f"{x:.0f}" if x >= 1000 else f"{x:.4g}" if x >= 1 else f"{x:.3g}"

def show(x):
    if isinstance(x, dict):
        return f"{number(x['median'])} ({number(x['least'])}-{number(x['most'])})"
    return "-" if x is None else number(x) if isinstance(x, (int, float)) else str(x)

def cell(wanted):
    values = [value(part) for part in wanted.split("/")]
    if len(values) == 2:
        return "-" if None in values or not values[1] else f"{values[0] / values[1]:.2f}"
    return show(values[0])

print("".join(f" {cell(wanted)} |" for wanted in sys.argv[1:]))
PY
}

# Runs peers.py, its line into NAME.json; says what is missing from it.
peers() {
    local name=$1
    shift
    python3 "$here/gpu/peers.py" "$@" >"$name.json" 2>log ||
        python3 -c 'import json, sys; print(json.dumps({"missing": {"torch": sys.argv[1]}}))' \
            "peers.py failed: $(tail -1 log)" >"$name.json"
    python3 - "$name.json" <<'PY' >&2
import json, sys
for name, why in json.load(open(sys.argv[1]))["missing"].items():
    print(f"gpu.sh: no {name}: {why}")
PY
}

# Writes NAME-tiles.json for a model; fails if it cannot.
tune() {
    [ "${TUNE:-1}" = 1 ] || return 1
    "$rlc" tune "${@:2}" --device "$device" -o "$1-tiles.json" >/dev/null 2>log && return
    say "rlc tune: $(why)"
    return 1
}

# Runs a model, the seconds of its kernels into NAME.json, with `product_gflops` added.
profile() {
    rm -rf run
    if ! "$rlc" run "${@:2}" --device "$device" --profile --out run >/dev/null 2>log; then
        say "rlc run: $(why)"
        return
    fi
    python3 - <<'PY' >"$1.json"
import json
data = json.load(open("run/profile.json"))
rows = [row for row in data["kernels"] if row["kind"] == "product" and row["seconds"] > 0]
if rows:
    flops = sum(row["flops"] * row["calls"] for row in rows)
    data["product_gflops"] = flops / sum(row["seconds"] for row in rows) / 1e9
print(json.dumps(data))
PY
}

# --- the machine

"$rlc" devices --no-test >/dev/null 2>log || fail "rlc finds no graphics device: $(why)"
"$rlc" devices --no-test --json >list
# Its kind, and whether products can be made with cooperative matrices of 16-bit reals.
read -r kind matrices < <(python3 - "$device" <<'PY'
import json, sys
named = "gpu:0" if sys.argv[1] == "gpu" else sys.argv[1]
for row in map(json.loads, open("list")):
    if row["device"] == named:
        print(row["kind"], "1" if row["cooperative"]["f16"] else "")
PY
) || fail "there is no device $device; '$rlc devices' lists what there is"
if [ "$kind" = software ] && [ "${SOFTWARE:-0}" != 1 ]; then
    fail "there is no graphics device: $device is a program that stands in for one; is a driver missing? SOFTWARE=1 goes on with it"
fi
[ -n "$matrices" ] || say "$device has no cooperative matrices of 16-bit reals: their columns stay empty"
say "what the device reaches in PyTorch"
peers limits limits --sizes "$(echo "${sizes:-4096}" | tr ' ' ',')"

echo "# rlc on a graphics device"
echo
if [ "$kind" = software ]; then
    echo "**The device is a program, not hardware: nothing here says how fast rlc is on hardware.**"
    echo
fi
echo "| | |"
echo "|---|---|"
card=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -1) || card=
echo "| nvidia-smi | ${card:--} |"
echo "| rlc | $("$rlc" --version), device $device |"
echo "| PyTorch |$(cells limits:torch)"
echo "| its CUDA |$(cells limits:cuda)"
echo "| its device |$(cells limits:device)"
echo "| missing |$(cells limits:missing.torch)"
echo "| a turn | $seconds s, the median of $repeats |"
echo
echo '```text'
"$rlc" devices 2>log || say "rlc devices: $(why)"
echo '```'

# --- steps a second

heading() { # title, a sentence, heads of columns
    printf '\n## %s\n\n%s\n\n%s\n' "$1" "$2" "$3"
    echo "$3" | sed 's/[^|]//g; s/|/|---/g; s/---$//'
}

heading "Train steps a second" \
    "Median (least-most). f32. For reference: with TF32, PyTorch rounds the factors of products to 10 bits; with matrices (--half --cooperative), rlc does." \
    "| workload | rlc | rlc, tuned | eager | compiled | CUDA graphs | rlc / eager | tuned / eager | rlc, matrices | eager, TF32 | compiled, TF32 | CUDA graphs, TF32 |"
for name in $workloads; do
    say "$name"
    file=$here/workloads/$name.rl
    bench="'$rlc' bench '$file' --quiet --device $device"
    with=(--with "rlc=$bench")
    if tune "$name" "$file"; then
        with+=(--with "tuned=$bench --tiles $name-tiles.json")
    fi
    [ -z "$matrices" ] || with+=(--with "matrices=$bench --half --cooperative")
    peers "$name" turns "$name" --tf32 --seconds "$seconds" --repeats "$repeats" "${with[@]}"
    r=$name:rates
    echo "| $name |$(cells "$r.rlc" "$r.tuned" "$r.eager" "$r.compiled" "$r.graphs" \
        "$r.rlc.median/$r.eager.median" "$r.tuned.median/$r.eager.median" \
        "$r.matrices" "$r.eager_tf32" "$r.compiled_tf32" "$r.graphs_tf32")"
done

heading "Loss after 20 steps" \
    "Tells whether all train the same model, each from weights of its own. The CUDA graph begins 3 steps later." \
    "| workload | rlc | rlc, tuned | rlc, matrices | eager | compiled | CUDA graphs |"
for name in $workloads; do
    r=$name:rates
    echo "| $name |$(cells "$r.rlc.loss_20" "$r.tuned.loss_20" "$r.matrices.loss_20" \
        "$r.eager.loss_20" "$r.compiled.loss_20" "$r.graphs.loss_20")"
done

# --- products

[ -z "$sizes" ] || heading "Products of two n x n matrices, GFLOP/s" \
    "rlc: time stamps of the device around the kernel, mean of all calls. torch.mm: 20 calls in a CUDA graph, median." \
    "| n | rlc | rlc, tuned | torch.mm | rlc / torch.mm | tuned / torch.mm | rlc, matrices | torch.mm, TF32 |"
for n in $sizes; do
    say "product of $n"
    steps=$((operations / (2 * n * n * n)))
    steps=$((steps < 5 ? 5 : steps > 3000 ? 3000 : steps))
    model=("$here/gpu/matmul.rl" --set "n=$n" --set "steps=$steps")
    profile "plain-$n" "${model[@]}"
    if tune "product-$n" "${model[@]}"; then
        profile "tuned-$n" "${model[@]}" --tiles "product-$n-tiles.json"
    fi
    [ -z "$matrices" ] || profile "matrices-$n" "${model[@]}" --half --cooperative
    plain=plain-$n:product_gflops tuned=tuned-$n:product_gflops torch=limits:torch_mm.$n
    echo "| $n |$(cells "$plain" "$tuned" "$torch" "$plain/$torch" "$tuned/$torch" \
        "matrices-$n:product_gflops" "limits:torch_mm_tf32.$n")"
done

# --- what a step costs besides its arithmetic

[ -z "$tiny" ] || heading "Microseconds of a step that computes next to nothing" \
    "A model of so many weights, one row a batch, plain gradient descent (benches/gpu/tiny.rl)." \
    "| weights | rlc | eager | CUDA graphs |"
for n in $tiny; do
    say "tiny model of $n"
    peers tiny turns tiny --weights "$n" --modes eager,graphs --seconds "$seconds" --repeats "$repeats" \
        --with "rlc='$rlc' bench '$here/gpu/tiny.rl' --quiet --device $device --set n=$n"
    python3 - <<'PY' >micro.json
import json
rates = json.load(open("tiny.json")).get("rates", {})
print(json.dumps({name: 1e6 / rate["median"] for name, rate in rates.items()}))
PY
    echo "| $n |$(cells micro:rlc micro:eager micro:graphs)"
done

# --- kernels

heading "Kernels of $profiled" \
    "The 10 dearest of its train step, tuned where there are tiles. Operations and bytes are the least that each needs; peaks are torch.mm of the largest size above and a copy of 256 MiB." \
    "| kernel | us a call | share of time | GFLOP/s | of peak | GB/s | of peak |"
say "kernels of $profiled"
sed "s/ steps 1000 / steps $profile_steps /" "$here/workloads/$profiled.rl" >model.rl
set -- model.rl
[ -f "$profiled-tiles.json" ] && set -- model.rl --tiles "$profiled-tiles.json"
profile kernels "$@"
python3 - <<'PY'
import json, os
limits = json.load(open("limits.json"))
products = limits.get("torch_mm") or {}
flops = products[max(products, key=int)] if products else None
of = lambda rate, peak: f"{100 * rate / peak:.1f} %" if peak else "-"
if os.path.exists("kernels.json"):
    rows = [row for row in json.load(open("kernels.json"))["kernels"] if row["phase"] != "init"]
    rows.sort(key=lambda row: -row["seconds"])
    total = sum(row["seconds"] for row in rows)
    for row in [row for row in rows if row["seconds"] > 0][:10]:
        each = row["seconds"] / row["calls"]
        rate = (row["flops"] + row["elementwise"]) / each / 1e9
        bandwidth = row["bytes"] / each / 1e9
        print(f"| {row['kind']} {row['label'].replace('|', '/')} | {1e6 * each:.1f} "
              f"| {100 * row['seconds'] / total:.1f} % | {rate:.4g} | {of(rate, flops)} "
              f"| {bandwidth:.4g} | {of(bandwidth, limits.get('copy_gb_per_s'))} |")
else:
    print("| - " * 7 + "|")
PY
