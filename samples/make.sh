#!/bin/sh
# Remakes everything in samples/ with the program itself: the data of three dynamical systems by
# `generate`, the networks by `train`. Data are the same bytes everywhere; networks are the same bits
# on the same processor and BLAS. Takes a few minutes.
#
#     samples/make.sh build/lumpscope
set -eu
program=$(realpath "$1")
cd "$(dirname "$0")"

# The seven-variable model of yeast glycolysis: one data set, two networks.
"$program" generate glycolysis --rows 4000 --seed 1 -o glycolysis.csv
"$program" train --data glycolysis.csv --target last:7 --layers 64:square,4:linear,64:square \
  -o glycolysis.json
"$program" train --data glycolysis.csv --target last:7 --layers 64:tanh,64:tanh \
  -o glycolysis-tanh.json

# A clock tree of 15 nodes, a linear system: its exact equivalence has one class per level.
"$program" generate htree --depth 4 --rows 1500 --seed 1 -o htree-4.csv
"$program" train --data htree-4.csv --target last:15 --layers 32:linear,32:square -o htree-4.json

# Two reaction networks whose species lump by symmetry.
"$program" generate rn --rows 2000 --seed 1 -o rn.csv
"$program" train --data rn.csv --target last:5 --layers 48:square -o rn.json
"$program" generate polymer --rows 2000 --seed 1 -o polymer.csv
"$program" train --data polymer.csv --target last:9 --layers 64:square -o polymer.json
