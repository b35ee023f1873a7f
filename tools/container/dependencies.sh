#!/bin/sh
# dependencies.sh OUT: what the programs need at run time goes into OUT/node_modules, and what that is
# into OUT/sbom.cdx.json (CycloneDX).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: dependencies.sh OUT}
mkdir -p "$out"
cp "$root/package.json" "$root/package-lock.json" "$out/"
cd "$out"
# Peers that only generate or compile (prisma, typescript) would be half of the image.
npm ci --omit=dev --omit=peer --omit=optional --ignore-scripts --no-audit --no-fund --prefer-offline
# The list is of what is there: with the lock file, npm leaves out some of it. The programs read the
# version in package.json, and nobody what it was built with.
rm package-lock.json
npm pkg delete devDependencies scripts
npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.new
mv sbom.new sbom.cdx.json
