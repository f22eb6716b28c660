"""What the interoperability tests share: the program, comparisons, and cases printed as cmocka does.

Environment: LUMPSCOPE_PROGRAM, the program; LUMPSCOPE_SOURCE, the source directory;
LUMPSCOPE_RESULTS, where the table of differences is written.
"""
import json
import os
import subprocess
import sys
import tempfile
import traceback

import numpy

PROGRAM = os.environ["LUMPSCOPE_PROGRAM"]
SOURCE = os.environ["LUMPSCOPE_SOURCE"]
ROWS = 1000
# Largest difference of outputs, relative to the largest output.
TOLERANCE = {"f64": 1e-12, "f32": 1e-5, "f16": 1e-12, "bf16": 1e-12}

cases, differences = [], []


class Skip(Exception):
    """Why a case cannot run here."""


def case(function):
    """One test, named after what it protects."""
    cases.append(function)
    return function


def lumpscope(*arguments):
    """Runs the program; its standard output."""
    run = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(f"lumpscope {' '.join(map(str, arguments))}: status "
                             f"{run.returncode}: {run.stderr.strip()}")
    return run.stdout


def predict(model, data, *options, outputs):
    """What the program computes on every row of a data file, [rows x outputs]."""
    rows = json.loads(lumpscope("predict", model, "--data", data, "--json", *options))["rows"]
    return numpy.array([row[:outputs] for row in rows], dtype=float)


def random_rows(inputs, seed=7):
    return numpy.random.default_rng(seed).normal(size=(ROWS, inputs))


def compare(what, dtype, got, expected, tolerance=None):
    """Notes the largest difference, and fails where it is above what the type allows."""
    got, expected = numpy.asarray(got, float), numpy.asarray(expected, float)
    assert got.shape == expected.shape, f"{what} {dtype}: {got.shape} instead of {expected.shape}"
    difference = float(abs(got - expected).max() / abs(expected).max())
    limit = tolerance or TOLERANCE[dtype]
    differences.append((what, dtype, difference, limit))
    assert difference <= limit, f"{what} {dtype}: differs by {difference:.3g}, above {limit:g}"


def same_bits(what, got, expected):
    assert got.keys() == expected.keys(), f"{what}: {sorted(got)} instead of {sorted(expected)}"
    for name in expected:
        a, b = numpy.asarray(got[name]), numpy.asarray(expected[name])
        assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), \
            f"{what}: {name} is not the same to the bit"


def write_table(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("| outputs compared on 1000 rows | type | largest difference | allowed |\n"
                   "|---|---|---|---|\n")
        for what, dtype, difference, limit in differences:
            file.write(f"| {what} | {dtype} | {difference:.2g} | {limit:g} |\n")


def run_case(function):
    name = function.__name__
    print(f"[ RUN      ] {name}", flush=True)
    try:
        function()
    except Skip as reason:
        print(f"    {reason}\n[  SKIPPED ] {name}")
    except Exception:  # a failing case must not hide the others
        traceback.print_exc(file=sys.stdout)
        print(f"[  FAILED  ] {name}")
        return False
    else:
        print(f"[       OK ] {name}")
    return True


def main():
    table = os.path.join(os.environ["LUMPSCOPE_RESULTS"],
                         os.path.splitext(os.path.basename(sys.argv[0]))[0] + ".md")
    with tempfile.TemporaryDirectory(prefix="lumpscope-interop-") as directory:
        os.chdir(directory)
        passed = [run_case(function) for function in cases]
        os.chdir("/")
    write_table(table)
    print(f"{len(differences)} comparisons, in {table}; the largest differences:")
    for dtype in TOLERANCE:
        of_type = [row for row in differences if row[1] == dtype]
        if of_type:
            worst = max(of_type, key=lambda row: row[2])
            print(f"    {dtype}: {worst[2]:.2g} ({worst[0]})")
    sys.exit(0 if all(passed) and passed else 1)
