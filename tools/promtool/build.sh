#!/bin/sh
# Builds the promtool program of the version in go.mod, once: later calls only print where it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*prometheus\/prometheus v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/promtool-$version
if [ ! -x "$out/promtool" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  # Rules need none of the ways to find what Prometheus asks.
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath -tags remove_all_sd -ldflags '-s -w' \
    -o "$out/promtool.new" github.com/prometheus/prometheus/cmd/promtool)
  mv "$out/promtool.new" "$out/promtool"
fi
echo "$out/promtool"
