// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

namespace keelson::registry {
namespace {

const Kind& kindOf(const char* groupVersion, const char* kind)
{
    return *api::Catalog::builtIn().find(api::GroupVersion::parse(groupVersion), kind);
}

Value read(Cluster& cluster, const Kind& kind, const ObjectKey& key)
{
    const auto object = cluster.registry->get(kind, key);
    return object ? *api::parseJson((*object)->json) : Value{};
}

TEST(Conversion, showsAnEventInBothGroups)
{
    Cluster cluster;
    const auto& newer = kindOf("events.k8s.io/v1", "Event");
    const ObjectKey key{"default", "x"};
    const auto created = cluster.registry->create(
        cluster.context, newer, "default",
        Cluster::document(
            "{metadata: {name: x}, eventTime: '2026-01-31T12:00:00.000000Z', regarding: {kind: Pod, name: web, "
            "namespace: default}, note: it fell over, reason: Fell, type: Warning, reportingController: "
            "example.org/watch, reportingInstance: w1, action: Watch}"));
    ASSERT_EQ(outcome(created), "ok");
    EXPECT_EQ(at(*api::parseJson((*created)->json), {"note"}), "it fell over");

    const auto core = cluster.get("Event", "x");
    EXPECT_EQ(at(core, {"apiVersion"}), "v1");
    EXPECT_EQ(at(core, {"message"}), "it fell over");
    EXPECT_EQ(at(core, {"involvedObject", "name"}), "web");
    EXPECT_EQ(at(core, {"reportingComponent"}), "example.org/watch");
    const auto back = read(cluster, newer, key);
    EXPECT_EQ(at(back, {"apiVersion"}), "events.k8s.io/v1");
    EXPECT_EQ(at(back, {"regarding", "kind"}), "Pod");

    ListOptions pods;
    pods.fields = *api::FieldSelector::parse("regarding.kind=Pod,reason=Fell");
    EXPECT_EQ(cluster.registry->list(newer, pods)->objects.size(), 1U);
    pods.fields = *api::FieldSelector::parse("regarding.kind=Node");
    EXPECT_EQ(cluster.registry->list(newer, pods)->objects.size(), 0U);

    const auto heard = std::make_shared<Heard>();
    const auto watch = cluster.registry->watch(newer, {.nameSpace = "default"}, heard);
    ASSERT_TRUE(watch);
    ASSERT_EQ(outcome(cluster.merge("Event", "x", "{message: it got up}")), "ok");
    EXPECT_EQ(heard->text(), "+x *x");
    ASSERT_EQ(outcome(cluster.registry->patch(cluster.context, newer, key, {}, api::PatchType::Merge,
                                              Cluster::document("{metadata: {labels: {state: well}}}"))),
              "ok");
    EXPECT_EQ(at(cluster.get("Event", "x"), {"metadata", "labels"}), R"({"state":"well"})");
    ASSERT_EQ(outcome(cluster.registry->remove(cluster.context, newer, key, {})), "ok");
    EXPECT_EQ(cluster.names("Event"), "");
}

TEST(Conversion, asksMoreOfNewEvents)
{
    constexpr auto good =
        "metadata: {name: x}, eventTime: '2026-01-31T12:00:00.000000Z', regarding: {kind: Pod, "
        "namespace: default}, reportingController: e.org/c, reportingInstance: i, action: A, reason: R";
    struct Row {
        const char* more;
        const char* refusal;
    };
    for (const auto& [more, refusal] : {
             Row{"type: Normal", "ok"},
             Row{"type: Odd", "Invalid: Event \"x\" is invalid: type: Invalid value: \"\": has invalid value: Odd"},
             Row{"type: Normal, deprecatedCount: 1, deprecatedSource: {host: h}",
                 "Invalid: Event \"x\" is invalid: [count: Invalid value: \"\": needs to be unset, source: Invalid "
                 "value: \"\": needs to be unset]"},
             Row{"type: Normal, series: {count: 1, lastObservedTime: '2026-01-31T12:00:00.000000Z'}",
                 "Invalid: Event \"x\" is invalid: series.count: Invalid value: should be at least 2"},
             Row{"type: Normal, reportingController: 'a b'", "Invalid: Event \"x\" is invalid: reportingController: "
                                                             "Invalid value: \"a b\": name part must consist"},
             Row{"type: Normal, action: ''", "Invalid: Event \"x\" is invalid: action: Required value"},
             Row{"type: Normal, message: m", "BadRequest: Event in version \"v1\" cannot be handled as a Event: strict "
                                             "decoding error: unknown field \"message\""},
         }) {
        Cluster cluster;
        auto context = cluster.context;
        context.fieldValidation = FieldValidation::Strict;
        auto event = api::applyMergePatch(Cluster::document(fmt::format("{{{}}}", good)),
                                          Cluster::document(fmt::format("{{{}}}", more)));
        EXPECT_THAT(outcome(cluster.registry->create(context, kindOf("events.k8s.io/v1", "Event"), "default", event)),
                    testing::StartsWith(refusal));
    }
    Cluster cluster;
    const auto& newer = kindOf("events.k8s.io/v1", "Event");
    ASSERT_EQ(outcome(cluster.registry->create(cluster.context, newer, "default",
                                               Cluster::document(fmt::format("{{{}, type: Normal}}", good)))),
              "ok");
    const auto merge = [&](const char* patch) {
        return outcome(cluster.registry->patch(cluster.context, newer, {"default", "x"}, {}, api::PatchType::Merge,
                                               Cluster::document(patch)));
    };
    EXPECT_EQ(merge("{note: other}"),
              "Invalid: Event \"x\" is invalid: message: Invalid value: \"other\": field is immutable");
    EXPECT_EQ(merge("{series: {count: 2, lastObservedTime: '2026-01-31T12:00:00.000000Z'}}"), "ok");
}

Value autoscaler(const char* version, const std::string& spec)
{
    return Cluster::document(
        fmt::format("{{apiVersion: {}, kind: HorizontalPodAutoscaler, metadata: {{name: web}}, "
                    "spec: {{scaleTargetRef: {{kind: Deployment, name: web, apiVersion: apps/v1}}, "
                    "maxReplicas: 3{}}}}}",
                    version, spec));
}

class AutoscalerVersions : public testing::Test {
protected:
    Value get(const Kind& kind) { return read(m_cluster, kind, m_key); }
    std::string apply(const Kind& kind, const std::string& manager, const Value& configuration)
    {
        auto context = m_cluster.context;
        context.fieldManager = manager;
        return outcome(m_cluster.registry->patch(context, kind, m_key, {}, api::PatchType::Apply, configuration));
    }

    const Kind& m_older = kindOf("autoscaling/v1", "HorizontalPodAutoscaler");
    const Kind& m_newer = kindOf("autoscaling/v2", "HorizontalPodAutoscaler");
    const ObjectKey m_key{"default", "web"};
    Cluster m_cluster;
};

TEST_F(AutoscalerVersions, annotationsKeepWhatTheOlderDoesNotKnow)
{
    const auto spec = R"(, "behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}},
        "metrics": [{"type": "Resource", "resource": {"name": "memory",
                        "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
                    {"type": "Resource", "resource": {"name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": 50}}},
                    {"type": "Object", "object": {"describedObject": {"kind": "Ingress", "name": "i"},
                        "target": {"type": "Value", "value": "10"}, "metric": {"name": "requests"}}}])";
    ASSERT_EQ(
        outcome(m_cluster.registry->create(m_cluster.context, m_newer, "default", autoscaler("autoscaling/v2", spec))),
        "ok");
    const auto stored = get(m_newer);
    auto seen = get(m_older);
    EXPECT_EQ(at(seen, {"apiVersion"}), "autoscaling/v1");
    EXPECT_EQ(at(seen, {"spec"}), R"({"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},)"
                                  R"("minReplicas":1,"maxReplicas":3,"targetCPUUtilizationPercentage":50})");
    EXPECT_EQ(at(seen, {"metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics"}),
              R"([{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}},)"
              R"({"type":"Object","object":{"target":{"kind":"Ingress","name":"i"},"metricName":"requests",)"
              R"("targetValue":"10"}}])");
    const auto behavior = at(seen, {"metadata", "annotations", "autoscaling.alpha.kubernetes.io/behavior"});
    EXPECT_NE(behavior.find(R"("Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}])"), behavior.npos) << behavior;

    api::objectAt(seen, {"spec"})["targetCPUUtilizationPercentage"] = 70;
    ASSERT_EQ(outcome(m_cluster.registry->update(m_cluster.context, m_older, m_key, {}, seen)), "ok");
    const auto changed = get(m_newer);
    EXPECT_EQ(at(changed, {"metadata", "annotations"}), "");
    EXPECT_EQ(at(changed, {"spec", "behavior"}), at(stored, {"spec", "behavior"}));
    EXPECT_EQ(
        at(changed, {"spec", "metrics"}),
        R"([{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}},)"
        R"({"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}},)"
        R"({"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"i"},)"
        R"("target":{"type":"Value","value":"10"},"metric":{"name":"requests"}}}])");
}

TEST_F(AutoscalerVersions, rulesAreThoseOfTheStoredOne)
{
    auto wrong = autoscaler("autoscaling/v1", ", targetCPUUtilizationPercentage: 0");
    EXPECT_EQ(outcome(m_cluster.registry->create(m_cluster.context, m_older, "default", wrong)),
              "Invalid: HorizontalPodAutoscaler.autoscaling \"web\" is invalid: "
              "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0");
}

TEST_F(AutoscalerVersions, managersKeepFieldsInTheVersionTheyWriteIn)
{
    EXPECT_EQ(apply(m_older, "old", autoscaler("autoscaling/v1", ", targetCPUUtilizationPercentage: 50")), "ok");
    const auto fields = at(get(m_newer), {"metadata", "managedFields"});
    EXPECT_NE(fields.find("f:targetCPUUtilizationPercentage"), fields.npos) << fields;
    EXPECT_NE(fields.find("autoscaling/v1"), fields.npos) << fields;
    EXPECT_EQ(apply(m_newer, "new",
                    autoscaler("autoscaling/v2", ", metrics: [{type: Resource, resource: {name: cpu, target: {type: "
                                                 "Utilization, averageUtilization: 80}}}]")),
              "Conflict: Apply failed with 1 conflict: conflict with \"old\": .spec.targetCPUUtilizationPercentage");

    // What it no longer says goes, in whichever version it says the rest.
    EXPECT_EQ(apply(m_newer, "old", autoscaler("autoscaling/v2", ", minReplicas: 2")), "ok");
    EXPECT_EQ(at(get(m_newer), {"spec", "minReplicas"}), "2");
    EXPECT_EQ(at(get(m_older), {"spec", "targetCPUUtilizationPercentage"}), "80") << "the default";
    EXPECT_EQ(apply(m_older, "old", autoscaler("autoscaling/v2", "")),
              "BadRequest: Incorrect version specified in apply patch. Specified patch version: autoscaling/v2, "
              "expected: autoscaling/v1");
}

} // namespace
} // namespace keelson::registry
