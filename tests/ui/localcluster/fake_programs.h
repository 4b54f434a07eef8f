// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keelson::localcluster::test {

/// Stands in for the control plane: an HTTPS server of files, addresses.json, a kubeconfig and a token.
constexpr auto fakeServer = R"(#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --data-dir) dir=$2;; --listen) listen=$2;; esac; shift 2; done
[ -e "$dir/../refuse" ] && { echo "fake server: told to fail" >&2; exit 1; }
mkdir -p "$dir/www/api/v1"; cd "$dir/www"
[ -e ../key.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ../key.pem \
    -out ../cert.pem -subj /CN=fake -addext subjectAltName=IP:127.0.0.1 -days 2 2>/dev/null
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' > readyz
printf 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"items":[]}' > api/v1/nodes
echo secret-token > ../agent.token
openssl s_server -accept "$listen" -HTTP -cert ../cert.pem -key ../key.pem > ../out 2>&1 &
child=$!
trap 'kill $child; exit 0' TERM
until grep -q ^ACCEPT ../out; do sleep 0.05; done
port=$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' ../out) # It names the port only when it has chosen it.
port=${port:-${listen##*:}}
cat > ../admin.kubeconfig <<END
apiVersion: v1
kind: Config
clusters: [{name: k, cluster: {server: "https://127.0.0.1:$port", certificate-authority-data: $(base64 -w0 ../cert.pem)}}]
users: [{name: admin, user: {token: t}}]
contexts: [{name: admin@k, context: {cluster: k, user: admin}}]
current-context: admin@k
END
echo "{\"api\": \"127.0.0.1:$port\", \"agents\": \"127.0.0.1:1\", \"pid\": $$}" > ../addresses.new
mv ../addresses.new ../addresses.json
wait
)";

/// Stands in for an agent: says in the server's list that its node is Ready, and stays.
constexpr auto fakeAgent = R"(#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --node) node=$2;; --token-file) token=$2;; esac; shift 2; done
www=$(dirname "$token")/www
touch "$www/$node.joined"
trap 'exit 0' TERM
while :; do # Again and again: of several agents that write at once the last may know the fewest.
    items=$(cd "$www"; for n in *.joined; do printf '{"metadata":{"name":"%s"},"status":{"conditions":[{"type":"Ready","status":"True"}]}},' "${n%.joined}"; done)
    body="{\"items\":[${items%,}]}"
    printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" > "$www/$node.new"
    mv "$www/$node.new" "$www/api/v1/nodes"
    sleep 0.1
done
)";

} // namespace keelson::localcluster::test
