#!/usr/bin/env python3
"""Makes src/runtime/data/digits.bin.gz from the UCI optical digits (8x8, 1,797 rows).

In: a csv file with 64 grey levels 0..16 and the label in each row (scikit-learn's digits.csv).
Out: a gzip file with 1,797 x 64 bytes of grey levels, then 1,797 bytes of labels. The time stamp
in the gzip header is 0, so that the same input gives the same bytes.

    python3 tools/make_digits.py digits.csv src/runtime/data/digits.bin.gz

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0.
"""

import csv
import gzip
import sys

ROWS, PIXELS, LEVELS, CLASSES = 1797, 64, 17, 10


def main(source, target):
    with open(source, newline="") as file:
        rows = [[int(float(cell)) for cell in row] for row in csv.reader(file)]
    assert len(rows) == ROWS and all(len(row) == PIXELS + 1 for row in rows)
    images = bytes(value for row in rows for value in row[:PIXELS])
    labels = bytes(row[PIXELS] for row in rows)
    assert max(images) < LEVELS and max(labels) < CLASSES
    with open(target, "wb") as file:
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(images + labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
