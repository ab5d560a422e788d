#!/usr/bin/env bash
# Measures the production build, which scripts/package.sh makes too, and writes the tables of end2end/bench/README.md: what a
# phone loads, Lighthouse's scores, pages per second compared to a minimal server, an event storm, start and memory, 1,000 and
# 5,000 relayed connections, and the local backend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh production
scripts/test-programs.sh release
cargo build --release -p page-bench
cargo bench --no-run --quiet -p local-appwrite --bench figures
started=$SECONDS
rm -f target/bench.json
node end2end/bench/wasm.js
node end2end/bench/first-load.js
# Prints all scores first, then fails if one other than the speed is below 100.
scores=0
node end2end/lighthouse/scores.js || scores=$?
node end2end/bench/pages.js
node end2end/bench.js
node end2end/bench/storm.js
node end2end/bench/run.js
cargo bench --quiet -p local-appwrite --bench figures
node -e "import('./end2end/bench/results.js').then(({ writeReadme }) => writeReadme())"
echo "Measured in $((SECONDS - started)) s. The tables are in end2end/bench/README.md."
exit "$scores"
