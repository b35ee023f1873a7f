#!/bin/sh
# Builds the opa program of the version in go.mod, once: later calls only print where it is.
# Go keeps what it downloads and compiles in its own caches (GOMODCACHE, GOCACHE).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*open-policy-agent\/opa v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/opa-$version
if [ ! -x "$out/opa" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath -ldflags '-s -w' \
    -o "$out/opa.new" github.com/open-policy-agent/opa)
  mv "$out/opa.new" "$out/opa"
fi
echo "$out/opa"
