#!/bin/sh
# assemble.sh OUT DIST: all that runs, and nothing else, beside the node_modules that dependencies.sh
# has put into OUT: the programs of DIST, the migrations, the health check, the wait for the database, the licence.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: assemble.sh OUT DIST}
dist=${2:?usage: assemble.sh OUT DIST}
mkdir -p "$out/prisma"
rm -rf "$out/dist" "$out/prisma/migrations"
cp -R "$dist" "$out/dist"
# Maps point at sources that are not there.
find "$out/dist" -name '*.map' -delete
cp -R "$root/prisma/migrations" "$out/prisma/migrations"
cp "$root/tools/container/healthcheck.js" "$root/tools/container/wait-for-database.js" "$root/LICENSE" \
  "$out/"
