// SPDX-License-Identifier: Apache-2.0
#include "controllers/api_service_plan.h"
#include "support/simulated_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace keelson::test {
namespace {

using std::chrono::seconds;

TEST(ApiServicePlan, namesWhatThisServerServes)
{
    const auto& catalog = api::Catalog::builtIn();
    const auto names = controllers::localApiServiceNames(catalog);
    const std::set<std::string> all(names.begin(), names.end());
    EXPECT_EQ(all.size(), names.size());
    for (const auto* name : {"v1.", "v1.apps", "v2.autoscaling", "v1.authorization.k8s.io", "v1.apiextensions.k8s.io"})
        EXPECT_TRUE(all.contains(name)) << name;
    EXPECT_FALSE(all.contains("v1.apiregistration.k8s.io")) << "what APIServices are in needs none";
    EXPECT_EQ(api::writeJson(*controllers::localApiService(catalog, "v1.apps")),
              R"({"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1.apps","labels":)"
              R"({"kube-aggregator.kubernetes.io/automanaged":"onstart"}},"spec":{"group":"apps","version":"v1",)"
              R"("groupPriorityMinimum":17800,"versionPriority":15}})");
    EXPECT_FALSE(controllers::localApiService(catalog, "v1beta1.metrics.k8s.io"));
}

TEST(ApiServicePlan, keepsTheTimeOfTheLastChange)
{
    const WallTime start{seconds{1'000'000}};
    auto status = controllers::withAvailability({}, {false, "FailedDiscoveryCheck", "why"}, start);
    const auto shown = [&] {
        const auto& one = status.conditions.front();
        return fmt::format("{} {} {} {} {}", one.type, one.status, one.reason, one.message,
                           std::chrono::duration_cast<seconds>(*one.lastTransitionTime - start).count());
    };
    EXPECT_EQ(shown(), "Available False FailedDiscoveryCheck why 0");
    status = controllers::withAvailability(status, {false, "MissingEndpoints", "none"}, start + seconds{5});
    EXPECT_EQ(shown(), "Available False MissingEndpoints none 0");
    status = controllers::withAvailability(status, {true, "Passed", "all checks passed"}, start + seconds{9});
    EXPECT_EQ(shown(), "Available True Passed all checks passed 9");
    EXPECT_EQ(status.conditions.size(), 1U);
}

TEST(ClusterStory, apiServicesSayWhoIsThere)
{
    client::ApiAvailability found{false, "ServiceNotFound", "not present"};
    int asked = 0;
    SimulatedCluster::Options options;
    options.controllers.probeApi = [&](const api::APIService& service) {
        EXPECT_EQ(service.metadata.name, "v1beta1.metrics.k8s.io");
        ++asked;
        return found;
    };
    SimulatedCluster cluster(options);
    const auto seen = [&](const std::string& name) -> std::string {
        for (const auto& service : cluster.all<api::APIService>()) {
            if (service.metadata.name == name && !service.status.conditions.empty())
                return service.status.conditions.front().status + " " + service.status.conditions.front().reason;
        }
        return "";
    };
    EXPECT_TRUE(
        cluster.runUntil([&] { return seen("v1.") == "True Local" && seen("v1.apps") == "True Local"; }, seconds{5}));
    EXPECT_EQ(cluster.all<api::APIService>().size(), controllers::localApiServiceNames(api::Catalog::builtIn()).size());

    cluster.create(R"(
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100,
       service: {namespace: kube-system, name: metrics}}
)");
    const std::string remote = "v1beta1.metrics.k8s.io";
    EXPECT_TRUE(cluster.runUntil([&] { return seen(remote) == "False ServiceNotFound"; }, seconds{1}));
    found = {true, "Passed", "all checks passed"};
    EXPECT_TRUE(cluster.runUntil([&] { return seen(remote) == "True Passed"; }, seconds{5})) << "it is asked again";
    const int before = asked;
    cluster.runFor(seconds{100});
    EXPECT_EQ(asked - before, 10) << "once in ten seconds while all is well";

    const auto& kind = api::kindOf<api::APIService>();
    EXPECT_TRUE(cluster.client.remove(kind, {{}, "v1.apps"}, {}));
    EXPECT_TRUE(cluster.client.remove(kind, {{}, remote}, {}));
    EXPECT_TRUE(cluster.runUntil([&] { return seen("v1.apps") == "True Local"; }, seconds{1})) << "ours comes back";
    cluster.create(R"(
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.gone.example.com, labels: {kube-aggregator.kubernetes.io/automanaged: "true"}}
spec: {group: gone.example.com, version: v1, groupPriorityMinimum: 1000, versionPriority: 100}
)");
    cluster.runFor(seconds{1});
    EXPECT_EQ(seen("v1.gone.example.com") + seen(remote), "") << "of custom kinds that are no more nothing is left";
}

} // namespace
} // namespace keelson::test
