#!/bin/sh
# `policies.sh test` tests the sample policies and their format; `policies.sh build` compiles them to
# policies/soma.tar.gz and notes what it was compiled from, which a unit test compares.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
opa=$("$root/tools/opa/build.sh")
cd "$root/policies"
case "${1:-test}" in
  test)
    "$opa" fmt --fail --list soma.rego soma_test.rego
    "$opa" check --strict soma.rego soma_test.rego
    "$opa" test soma.rego soma_test.rego data.json
    ;;
  build)
    "$opa" build -t wasm -e soma/allow -o soma.tar.gz soma.rego data.json
    cat soma.rego data.json | sha256sum | cut -d' ' -f1 > soma.sources.sha256
    ;;
esac
