#!/usr/bin/env bash
# Makes dist/leptos-birthdays-VERSION-ARCH.tar.gz: what a server needs to run the app, without cargo. Makes the production build
# first; with --built, packages the last build, which may have the server of a development build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=leptos-birthdays
program=target/release/$name
case "${1:-}" in
  "") scripts/build.sh production ;;
  # Other builds delete the release's program (scripts/build.sh).
  --built) [ -e $program ] || program=target/debug/$name ;;
  *)
    echo "usage: scripts/package.sh [--built]" >&2
    exit 2
    ;;
esac
for file in $program target/release/hash.txt target/site/pkg; do
  [ -e "$file" ] || { echo "$file is missing: run scripts/package.sh without --built." >&2; exit 1; }
done
if [ -e target/site/pkg/$name.js ]; then
  echo "target/site is a development build: run scripts/package.sh without --built." >&2
  exit 1
fi
if [ ! -e "target/site/pkg/$name.$(sed -n 's/^js: //p' target/release/hash.txt).js" ]; then
  echo "target/site is not the build of target/release/hash.txt: run scripts/package.sh without --built." >&2
  exit 1
fi
# The local backend's database.
if grep -q 'SQLite format 3' $program; then
  echo "This build contains the local backend, which LEPTOS_ENV=PROD never starts. scripts/package.sh without --built leaves it out." >&2
fi

version=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
package=$name-$version-$(uname -m)
# Also removes the packages of earlier versions.
rm -rf dist
mkdir -p "dist/$package"
cp -L $program target/release/hash.txt deploy/start deploy/$name.service LICENSE "dist/$package"
cp .env.example "dist/$package/settings.example"
# Scanners for known vulnerabilities read it.
cp Cargo.lock "dist/$package"
cp -RL target/site "dist/$package"
# Changes only what differs on a server.
sed -e 's#^site-root = .*#site-root = "site"#' -e 's#^hash-files = .*#hash-files = true#' Leptos.toml >"dist/$package/Leptos.toml"
chmod -R u+rwX,go+rX,go-w "dist/$package"

# The same files make the same archive.
date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
tar --create --sort=name --mtime="@$date" --owner=0 --group=0 --numeric-owner -C dist "$package" | gzip -n >"dist/$package.tar.gz"
echo "dist/$package.tar.gz ($(du -h "dist/$package.tar.gz" | cut -f 1))"
