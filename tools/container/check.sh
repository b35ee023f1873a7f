#!/bin/sh
# Has others judge what containers are made of: hadolint the Dockerfile, and the reader of Docker
# Compose docker-compose.yml, by its schema and for what it names, and for its refusal where a secret is missing. Prints a
# line for each; what fails is printed whole, and the exit code is then 1. Needs Go and Python with venv, once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
services=${SOMA_SERVICES_DIR:-$root/.services}
compose=$("$root/tools/compose/build.sh")
venv=$services/container-checks
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "${SOMA_PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi
said=$(mktemp)
trap 'rm -f "$said"' EXIT
failed=0

# judge NAME COMMAND...
judge() {
  name=$1
  shift
  if "$@" >"$said" 2>&1; then
    echo "$name: passed"
  else
    echo "$name: FAILED"
    cat "$said"
    failed=1
  fi
}

cd "$root"
secrets=$(grep -oE '\$\{[A-Z_]+:\?' docker-compose.yml | tr -d '${:?' | sort -u | sed 's/$/=given/')
with_secrets() { env $secrets "$compose" docker-compose.yml; }
without_secrets() { ! env -i "$compose" docker-compose.yml; }

judge 'Dockerfile, hadolint' "$venv/bin/hadolint" --failure-threshold style Dockerfile
judge 'docker-compose.yml, the Compose specification' with_secrets
judge 'docker-compose.yml without its secrets is refused' without_secrets
exit "$failed"
