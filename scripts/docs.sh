#!/usr/bin/env bash
# Checks the documentation against the repository: each relative link leads to a file, each path in backticks exists (from the
# root or from the page), and each test that docs/threats.md names exists.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pages=(README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md docs/*.md docs/decisions/*.md crates/*/README.md examples/*/README.md end2end/bench/README.md)
failures=0
fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# Expands a short file name of docs/threats.md.
long() {
  case "$1" in
    app/*) echo "tests/$1" ;;
    client/*) echo "crates/appwrite-client/tests/client/${1#client/}" ;;
    e2e/*) echo "end2end/tests/${1#e2e/}" ;;
    backend/*) echo "crates/local-appwrite/tests/$1" ;;
    *) echo "$1" ;;
  esac
}

for page in "${pages[@]}"; do
  folder=$(dirname "$page")
  while read -r target; do
    [ -e "$folder/$target" ] || fail "$page: the link to $target leads nowhere"
  done < <(grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//; s/#.*$//' | grep -vE '^(https?:|$)' || true)
  while read -r path; do
    [ -e "$(long "$path")" ] || [ -e "$folder/$path" ] || fail "$page: there is no $path"
  done < <(grep -oE '`[A-Za-z0-9_./-]+/[A-Za-z0-9_.-]+\.(rs|js|mjs|sh|md|json|toml|sql|css)`' "$page" | tr -d '`' |
    grep -E '^(src|tests|end2end|crates|examples|frontend|scripts|docs|style|public|app|client|e2e|backend)/' | sort -u || true)
done

# Each row names files, followed by functions or titles that must be in one of the row's files.
while read -r row; do
  files=()
  while read -r file; do files+=("$(long "$file")"); done < <(grep -oE '`[a-z0-9_/-]+\.(rs|spec\.js)`' <<<"$row" | tr -d '`')
  [ ${#files[@]} -gt 0 ] || continue
  while read -r name; do
    grep -qE "fn $name\b" "${files[@]}" || fail "docs/threats.md: no test $name in ${files[*]}"
  done < <(grep -oE '`[a-z0-9]+(_[a-z0-9]+){2,}`' <<<"$row" | tr -d '`')
  while read -r title; do
    grep -qF -- "$title" "${files[@]}" || fail "docs/threats.md: no test '$title' in ${files[*]}"
  done < <(grep -oE '"[^"]+"' <<<"$row" | tr -d '"')
done < <(grep -E '^\| [0-9]+[a-z]? \|' docs/threats.md)

[ "$failures" = 0 ] || exit 1
