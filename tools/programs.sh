#!/bin/sh
# Builds every program of Go that checks ask, one after the other, and prints where each is: once, with
# nothing of Go's caches there, some twenty minutes of one processor. Later calls take a second.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
failed=0
for program in compose promtool kube-score helm opa cluster; do
  "$here/$program/build.sh" || failed=1
done
"$here/helm/build.sh" 4 || failed=1
exit "$failed"
