#!/bin/sh
# Builds the kube-score program of the version in go.mod, once: later calls only print where it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*zegl\/kube-score v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/kube-score-$version
if [ ! -x "$out/kube-score" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath -ldflags '-s -w' \
    -o "$out/kube-score.new" github.com/zegl/kube-score/cmd/kube-score)
  mv "$out/kube-score.new" "$out/kube-score"
fi
echo "$out/kube-score"
