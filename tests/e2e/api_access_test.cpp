// SPDX-License-Identifier: Apache-2.0
// A pod that calls the API with what is mounted in it, as clients inside a cluster do.
#include "e2e/cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

using testing::HasSubstr;

/// An image with a shell and curl: this machine's programs with the libraries that they load.
std::string pushCurlImage(const support::DockerEngine& engine, const support::ImageRegistry& registry)
{
    const auto image = registry.address() + "/curl:1";
    constexpr auto script = R"sh(set -e
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh cat sleep stat; do ln -s busybox "$root/bin/$applet"; done
curl=$(command -v curl)
for file in "$curl" $(ldd "$curl" | grep -o '/[^ ]*'); do mkdir -p "$root${file%/*}"; cp -L "$file" "$root$file"; done
tar -C "$root" -c . | docker import --change 'ENV PATH=/bin:/usr/bin' - "$1" >/dev/null
docker push -q "$1"; docker rmi "$1")sh";
    const auto made = support::run({"bash", "-c", script, "image", image},
                                   {.input = {}, .environment = {{"DOCKER_HOST", engine.address()}}});
    if (!made.ok())
        throw std::runtime_error("the image with curl could not be made: " + made.error);
    return image;
}

TEST(ApiAccess, aPodCallsTheApiWithItsToken)
{
    const support::DockerEngine engine;
    const support::ImageRegistry registry;
    const auto image = pushCurlImage(engine, registry);
    auto gateway = engine.docker({"network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}"}).output;
    gateway.erase(gateway.find_last_not_of('\n') + 1);
    Cluster cluster(engine, {.nodes = 1, .serverArguments = {"--listen", gateway + ":0"}});
    cluster.out({"create", "serviceaccount", "caller"});
    cluster.out({"apply", "-f", "-"}, fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: caller}}
spec:
  serviceAccountName: caller
  terminationGracePeriodSeconds: 0
  securityContext: {{runAsUser: 1000, fsGroup: 2000}}
  containers:
  - {{name: main, image: "{}", command: [sleep, "3600"]}}
)",
                                                  image));
    cluster.shows({"get", "pod", "caller", "-o", "jsonpath={.status.phase}"}, "Running");

    const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    const auto inPod = [&](const std::string& script) {
        return cluster.out({"exec", "caller", "--", "sh", "-c", script});
    };
    const auto call = [&](const std::string& host) {
        return inPod(fmt::format("d={}; curl -s --cacert $d/ca.crt -H \"Authorization: Bearer $(cat $d/token)\" "
                                 "https://{}/api/v1/namespaces/$(cat $d/namespace)/pods/caller",
                                 folder, host));
    };
    EXPECT_EQ(inPod("cat " + folder + "/namespace"), "default");
    EXPECT_EQ(inPod("stat -L -c '%a %u %g' " + folder + "/token"), "640 1000 2000");
    const std::string address = "$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT";
    EXPECT_THAT(call(address), HasSubstr("User \\\"system:serviceaccount:default:caller\\\" cannot get resource"));
    cluster.out({"create", "rolebinding", "callers", "--clusterrole=view", "--serviceaccount=default:caller"});
    EXPECT_THAT(call(address), HasSubstr("\"kind\":\"Pod\""));
    EXPECT_THAT(call("kubernetes.default.svc"), HasSubstr("\"kind\":\"Pod\""));

    // The token ends with its pod.
    const auto token = inPod("cat " + folder + "/token");
    cluster.out({"delete", "pod", "caller", "--now"});
    EXPECT_TRUE(support::eventually(std::chrono::seconds{30}, [&] {
        const auto reply = support::run(
            {"curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer " + token,
             cluster.out({"config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"}) +
                 "/api/v1/namespaces/default/pods"});
        return reply.output == "401";
    }));
}

} // namespace
} // namespace keelson::e2e
