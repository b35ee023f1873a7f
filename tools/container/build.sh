#!/bin/sh
# build.sh OUT: builds every program, with the generated database client, into OUT/dist. Needs the
# packages of a whole `npm ci` in the source folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: build.sh OUT}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$root"
rm -rf dist
npm run -s build
rm -rf "$out/dist"
cp -R dist "$out/dist"
