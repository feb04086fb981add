#!/bin/sh
# Checks and times DeepSEM on the GPU of this machine (minutes, no network); writes the table it is given.
#   scripts/gpu_check.sh data/results/gpu.csv
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" -m deepsem_book.speed.gpu --device cuda --out "$1"
