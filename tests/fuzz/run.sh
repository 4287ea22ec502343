#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs one fuzz target over its corpus and then over what libFuzzer makes of it, the same every time.
#
#   run.sh PROGRAM MAX-LENGTH CORPUS [DICTIONARY]
#
# POSTSEAL_FUZZ_RUNS (100000) bounds the inputs; POSTSEAL_FUZZ_SECONDS, if set, the time instead;
# POSTSEAL_FUZZ_SEED (1) starts elsewhere. What is found stays in the current directory (crash-...);
# new interesting inputs are thrown away. libFuzzer's own exit status for a finding, 77, would be a
# skipped test to meson.
set -eu
program=$1 max_length=$2 corpus=$3
dictionary=${4:+-dict=$4}
bound=-runs=${POSTSEAL_FUZZ_RUNS:-100000}
if [ -n "${POSTSEAL_FUZZ_SECONDS:-}" ]; then
  bound=-max_total_time=$POSTSEAL_FUZZ_SECONDS
fi

export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
export G_DEBUG="${G_DEBUG:-gc-friendly,fatal-criticals}" G_SLICE="${G_SLICE:-always-malloc}"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
"$program" "$bound" "-seed=${POSTSEAL_FUZZ_SEED:-1}" "-max_len=$max_length" -timeout=10 -rss_limit_mb=1024 \
  -error_exitcode=1 -timeout_exitcode=1 -print_final_stats=1 $dictionary "$fresh" "$corpus"
