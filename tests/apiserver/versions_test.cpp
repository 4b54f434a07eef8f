// SPDX-License-Identifier: Apache-2.0
// Built-in kinds that are served in more than the version that they are stored in.
#include "api/protobuf.h"
#include "apiserver/served_cluster.h"

namespace keelson::apiserver {
namespace {

constexpr std::string_view autoscaler = R"({"metadata": {"name": "web"}, "spec": {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
    "maxReplicas": 3, "targetCPUUtilizationPercentage": 50}})";

class Versions : public ServedCluster {
protected:
    static std::string autoscalers(std::string_view version)
    {
        return fmt::format("/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers", version);
    }
    api::Value get(const std::string& path) { return json(admin().ask("GET", path).body); }
    void createEvent(std::string_view name, std::string_view regarding)
    {
        const auto made = admin().ask(
            "POST", "/apis/events.k8s.io/v1/namespaces/default/events",
            fmt::format(R"({{"metadata": {{"name": "{}"}}, "eventTime": "2026-01-31T12:00:00.000000Z", "note": "n",
                "regarding": {{"kind": "Pod", "name": "{}", "namespace": "default"}}, "reason": "R", "action": "A",
                "type": "Normal", "reportingController": "e.org/c", "reportingInstance": "i"}})",
                        name, regarding));
        ASSERT_EQ(made.status, 201) << made.body;
    }
};

TEST_F(Versions, areDiscovered)
{
    const auto group = get("/apis/autoscaling");
    EXPECT_EQ(api::writeJson(group.at("versions")), R"([{"groupVersion":"autoscaling/v2","version":"v2"},)"
                                                    R"({"groupVersion":"autoscaling/v1","version":"v1"}])");
    EXPECT_EQ(api::stringAt(group, {"preferredVersion", "version"}), "v2");
    const auto hash = [&](const char* path) {
        const auto list = get(path); // the kind itself comes first
        return std::string(api::stringAt(list.at("resources").at(0), {"storageVersionHash"}));
    };
    EXPECT_EQ(hash("/apis/autoscaling/v1"), hash("/apis/autoscaling/v2"));
    const auto all = json(
        admin()
            .ask("GET", "/apis", {}, {"Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"})
            .body);
    std::string versions;
    for (const auto& item : all.at("items").as_array()) {
        const auto name = api::stringAt(item, {"metadata", "name"});
        if (name != "autoscaling" && name != "events.k8s.io")
            continue;
        for (const auto& version : item.at("versions").as_array())
            versions += fmt::format("{}/{} ", name, api::stringAt(version, {"version"}));
    }
    EXPECT_EQ(versions, "events.k8s.io/v1 autoscaling/v2 autoscaling/v1 ");
    for (const auto* const path : {"/openapi/v3/apis/autoscaling/v1", "/openapi/v3/apis/events.k8s.io/v1"})
        EXPECT_EQ(admin().ask("GET", path).status, 200) << path;
}

TEST_F(Versions, showTheSameObject)
{
    ASSERT_EQ(admin().ask("POST", autoscalers("v1"), std::string(autoscaler)).status, 201);
    EXPECT_EQ(api::stringAt(get(autoscalers("v2")), {"apiVersion"}), "autoscaling/v2");
    const auto older = get(autoscalers("v1"));
    EXPECT_EQ(api::stringAt(older, {"apiVersion"}), "autoscaling/v1");
    EXPECT_EQ(api::stringAt(older.at("items").at(0), {"apiVersion"}), "autoscaling/v1");
    EXPECT_EQ(api::integerAt(older.at("items").at(0), {"spec", "targetCPUUtilizationPercentage"}), 50);
    EXPECT_EQ(api::writeJson(older.at("items").at(0).at("status")), R"({"currentReplicas":0,"desiredReplicas":0})");
    const auto patched = admin().ask("PATCH", autoscalers("v1") + "/web", R"({"spec":{"maxReplicas":4}})",
                                     {"Content-Type: application/strategic-merge-patch+json"});
    EXPECT_EQ(patched.status, 200) << patched.body;
    EXPECT_EQ(api::integerAt(get(autoscalers("v2") + "/web"), {"spec", "maxReplicas"}), 4);
    EXPECT_EQ(admin().ask("GET", autoscalers("v1") + "/other").status, 404);

    const auto table =
        json(admin().ask("GET", autoscalers("v1"), {}, {"Accept: application/json;as=Table;v=v1;g=meta.k8s.io"}).body);
    EXPECT_EQ(api::writeJson(table.at("rows").at(0).at("cells").at(2)), R"("cpu: <unknown>/50%")");
    const auto bytes =
        admin().ask("GET", autoscalers("v1") + "/web", {}, {"Accept: application/vnd.kubernetes.protobuf"}).body;
    const auto decoded = api::decodeProtobuf(api::Catalog::builtIn(), bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(api::stringAt(*decoded, {"apiVersion"}), "autoscaling/v1");
    EXPECT_EQ(api::integerAt(*decoded, {"spec", "targetCPUUtilizationPercentage"}), 50);
}

TEST_F(Versions, removeWhatFieldsOfTheirOwnSelect)
{
    createEvent("a", "web");
    createEvent("b", "api");
    const auto removed =
        admin().ask("DELETE", "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name%3Dweb");
    EXPECT_EQ(removed.status, 200) << removed.body;
    EXPECT_EQ(admin().ask("GET", "/api/v1/namespaces/default/events/a").status, 404);
    EXPECT_EQ(admin().ask("GET", "/api/v1/namespaces/default/events/b").status, 200);
    EXPECT_EQ(admin().ask("DELETE", "/apis/events.k8s.io/v1/namespaces/default/events").status, 200);
    EXPECT_TRUE(get("/api/v1/events").at("items").as_array().empty());
}

} // namespace
} // namespace keelson::apiserver
