// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

#include <thread>

namespace keelson::registry {
namespace {

using testing::HasSubstr;

TEST(Update, changesTheSpecAndKeepsTheRest)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto before = cluster.get("Deployment", "web");
    auto object = before;
    api::objectAt(object, {"spec"})["replicas"] = 5;
    api::objectAt(object, {"status"})["replicas"] = 5;
    api::objectAt(object, {"metadata"})["creationTimestamp"] = "2001-01-01T00:00:00Z";
    api::objectAt(object, {"metadata"})["labels"] = {{"a", "b"}};
    ASSERT_EQ(outcome(cluster.update("Deployment", "web", object)), "ok");
    const auto after = cluster.get("Deployment", "web");
    EXPECT_EQ(at(after, {"spec", "replicas"}), "5");
    EXPECT_EQ(at(after, {"status", "replicas"}), "");
    EXPECT_EQ(at(after, {"metadata", "generation"}), "2");
    EXPECT_EQ(at(after, {"metadata", "labels", "a"}), "b");
    for (const auto* const name : {"uid", "creationTimestamp"})
        EXPECT_EQ(at(after, {"metadata", name}), at(before, {"metadata", name}));
}

TEST(Update, ofTheStatusChangesNothingElse)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    auto object = cluster.get("Deployment", "web");
    api::objectAt(object, {"spec"})["replicas"] = 9;
    api::objectAt(object, {"metadata"})["labels"] = {{"a", "b"}};
    api::objectAt(object, {"status"})["replicas"] = 2;
    ASSERT_EQ(outcome(cluster.update("Deployment", "web", object, "status")), "ok");
    const auto after = cluster.get("Deployment", "web");
    EXPECT_EQ(at(after, {"spec", "replicas"}), "2");
    EXPECT_EQ(at(after, {"status", "replicas"}), "2");
    EXPECT_EQ(at(after, {"metadata", "generation"}), "1");
    EXPECT_EQ(at(after, {"metadata", "labels"}), "");
}

TEST(Update, ofTheStatusMayChangeMetadataOfBuiltInKinds)
{
    struct Row {
        const char* kind;
        std::string object;
        const char* changed; ///< Of the labels, annotations, finalizers and owners that the write gives.
    };
    const std::string change = "{metadata: {labels: {a: b}, annotations: {a: b}, finalizers: [example.org/x], "
                               "ownerReferences: [{apiVersion: v1, kind: Node, name: one, uid: u}]}}";
    for (const auto& [kind, object, changed] : {
             Row{"Node", "{metadata: {name: x}}", "labels annotations finalizers ownerReferences "},
             Row{"Pod", "{metadata: {name: x}, spec: {containers: [{name: c, image: i}]}}",
                 "labels annotations finalizers "},
             Row{"Service", "{metadata: {name: x}, spec: {ports: [{port: 80}]}}",
                 "labels annotations finalizers ownerReferences "},
             Row{"Deployment",
                 "{metadata: {name: x}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
                 "spec: {containers: [{name: c, image: i}]}}}}",
                 "annotations finalizers ownerReferences "},
             Row{"VolumeAttachment",
                 "{metadata: {name: x}, spec: {attacher: a, nodeName: one, source: {persistentVolumeName: v}}}", ""},
         }) {
        Cluster cluster;
        ASSERT_EQ(outcome(cluster.create(kind, object)), "ok") << kind;
        ASSERT_EQ(outcome(cluster.update(kind, "x", Cluster::document(change), "status")), "ok") << kind;
        EXPECT_EQ(at(cluster.get(kind, "x"), {"metadata", "labels"}), "")
            << "a write that names no version has not seen them";
        ASSERT_EQ(outcome(cluster.merge(kind, "x", change, "status")), "ok") << kind;
        std::string found;
        for (const auto* const member : {"labels", "annotations", "finalizers", "ownerReferences"})
            found += at(cluster.get(kind, "x"), {"metadata", member}).empty() ? "" : std::string(member) + " ";
        EXPECT_EQ(found, changed) << kind;
    }
}

TEST(Update, countsGenerationsOfKindsThatHaveThem)
{
    struct Row {
        const char* kind;
        const char* object;
        const char* change;
        const char* generations; ///< When new, with a label, and after the change.
    };
    for (const auto& [kind, object, change, generations] : {
             Row{"ReplicationController",
                 "{metadata: {name: x}, spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, "
                 "image: i}]}}}}",
                 "{spec: {replicas: 0}}", "1 1 2"},
             Row{"IngressClass", "{metadata: {name: x}, spec: {controller: example.org/c}}",
                 "{spec: {parameters: {kind: A, name: a, scope: Cluster}}}", "1 1 2"},
             Row{"EndpointSlice", "{metadata: {name: x}, addressType: IPv4, endpoints: [], ports: []}",
                 "{endpoints: [{addresses: [10.0.0.1]}]}", "1 1 2"},
             Row{"ValidatingWebhookConfiguration", "{metadata: {name: x}}",
                 "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: "
                 "'https://a/b'}}]}",
                 "1 1 2"},
             Row{"PriorityClass", "{metadata: {name: x}, value: 3}", "{description: three}", "1 1 2"},
             Row{"HorizontalPodAutoscaler",
                 "{metadata: {name: x}, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d, apiVersion: "
                 "apps/v1}}}",
                 "{spec: {maxReplicas: 4}}", "  "},
             Row{"ConfigMap", "{metadata: {name: x}}", "{data: {a: b}}", "  "},
         }) {
        Cluster cluster;
        ASSERT_EQ(outcome(cluster.create(kind, object)), "ok") << kind;
        const auto generation = [&] { return at(cluster.get(kind, "x"), {"metadata", "generation"}); };
        auto found = generation();
        for (const auto* const patch : {"{metadata: {labels: {a: b}}}", change}) {
            ASSERT_EQ(outcome(cluster.merge(kind, "x", patch)), "ok") << kind;
            found += " " + generation();
        }
        EXPECT_EQ(found, generations) << kind;
    }
}

TEST(Update, writesNothingWhenNothingChanges)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto before = cluster.store.revision();
    const auto same = cluster.update("Deployment", "web", cluster.get("Deployment", "web"));
    ASSERT_EQ(outcome(same), "ok");
    EXPECT_EQ((*same)->revision, before);
    EXPECT_EQ(outcome(cluster.merge("Deployment", "web", "{spec: {replicas: 2}}")), "ok");
    EXPECT_EQ(cluster.store.revision(), before);
}

TEST(Update, refusesInKubernetesWords)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto old = cluster.get("Deployment", "web");
    ASSERT_TRUE(cluster.merge("Deployment", "web", "{spec: {replicas: 3}}"));
    EXPECT_EQ(
        outcome(cluster.update("Deployment", "web", old)),
        R"(Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again)");
    EXPECT_EQ(outcome(cluster.update("Deployment", "gone", Cluster::document("{metadata: {name: gone}}"))),
              R"(NotFound: deployments.apps "gone" not found)");
    EXPECT_EQ(outcome(cluster.update("Deployment", "web", Cluster::document("{metadata: {name: other}}"))),
              "BadRequest: the name of the object (other) does not match the name on the URL (web)");
    auto other = cluster.get("Deployment", "web");
    api::objectAt(other, {"metadata"})["uid"] = "another";
    EXPECT_THAT(outcome(cluster.update("Deployment", "web", other)),
                HasSubstr("Precondition failed: UID in precondition: another"));
    EXPECT_THAT(outcome(cluster.update("Deployment", "web", cluster.get("Deployment", "web"), "color")),
                HasSubstr("NotFound: "));
    EXPECT_EQ(outcome(cluster.merge("Deployment", "web", "{metadata: {resourceVersion: '1'}}")).substr(0, 9),
              "Conflict:");
    const auto error = cluster.update("Deployment", "web", old).error();
    EXPECT_EQ(error.group + "/" + error.resource + "/" + error.name, "apps/deployments/web");
}

TEST(Update, warnsOfWhatItBrings)
{
    Cluster cluster;
    std::vector<std::string> warnings;
    cluster.context.warnings = &warnings;
    const auto pods =
        "{metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
        "{nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: c, image: i}]}}}}";
    const auto warning = "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "
                         "\"kubernetes.io/os\" instead";
    ASSERT_EQ(outcome(cluster.create("Deployment", pods)), "ok");
    EXPECT_THAT(warnings, testing::ElementsAre(warning));
    warnings.clear();
    ASSERT_EQ(outcome(cluster.merge("Deployment", "a", "{spec: {replicas: 2}}")), "ok");
    EXPECT_THAT(warnings, testing::IsEmpty());
}

TEST(Update, withoutAVersionWinsOverWhatIsThere)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}, data: {k: '1'}}"));
    ASSERT_TRUE(cluster.merge("ConfigMap", "a", "{data: {k: '2'}}"));
    EXPECT_EQ(outcome(cluster.update("ConfigMap", "a", Cluster::document("{metadata: {name: a}, data: {k: '3'}}"))),
              "ok");
    EXPECT_EQ(at(cluster.get("ConfigMap", "a"), {"data", "k"}), "3");
}

TEST(Patch, comesInThreeForms)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto patch = [&](api::PatchType type, const char* text) {
        return outcome(cluster.registry->patch(cluster.context, Cluster::kind("Deployment"), {"default", "web"}, {},
                                               type, Cluster::document(text)));
    };
    const auto containers = [&] {
        return at(cluster.get("Deployment", "web"), {"spec", "template", "spec", "containers"});
    };
    EXPECT_EQ(patch(api::PatchType::Json, "[{op: replace, path: /spec/replicas, value: 7}]"), "ok");
    EXPECT_EQ(at(cluster.get("Deployment", "web"), {"spec", "replicas"}), "7");
    EXPECT_EQ(
        patch(api::PatchType::Strategic, "{spec: {template: {spec: {containers: [{name: side, image: busybox}]}}}}"),
        "ok");
    EXPECT_THAT(containers(), AllOf(HasSubstr("nginx"), HasSubstr("busybox")));
    EXPECT_EQ(patch(api::PatchType::Merge, "{spec: {template: {spec: {containers: [{name: only, image: busybox}]}}}}"),
              "ok");
    EXPECT_THAT(containers(), Not(HasSubstr("nginx")));
    EXPECT_THAT(patch(api::PatchType::Merge, "[]"), HasSubstr("BadRequest"));
}

TEST(Patch, ofManyThreadsLosesNothing)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: counter}, data: {}}"));
    constexpr int threads = 8;
    constexpr int writes = 20;
    {
        std::vector<std::jthread> workers;
        workers.reserve(threads);
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&cluster, t] {
                for (int i = 0; i < writes; ++i)
                    EXPECT_EQ(
                        outcome(cluster.merge("ConfigMap", "counter", fmt::format("{{data: {{k{}-{}: x}}}}", t, i))),
                        "ok");
            });
        }
    }
    EXPECT_EQ(cluster.get("ConfigMap", "counter").at("data").as_object().size(),
              static_cast<std::size_t>(threads * writes));
}

TEST(Update, ofManyThreadsByVersionLosesNoIncrement)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: counter}, data: {count: '0'}}"));
    constexpr int threads = 6;
    constexpr int increments = 20;
    {
        std::vector<std::jthread> workers;
        workers.reserve(threads);
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&cluster] {
                for (int done = 0; done < increments;) {
                    auto object = cluster.get("ConfigMap", "counter");
                    auto& data = api::objectAt(object, {"data"});
                    data["count"] = std::to_string(std::stoi(at(object, {"data", "count"})) + 1);
                    const auto result = cluster.update("ConfigMap", "counter", object);
                    if (result)
                        ++done;
                    else
                        EXPECT_EQ(result.error().reason, Reason::Conflict);
                }
            });
        }
    }
    EXPECT_EQ(at(cluster.get("ConfigMap", "counter"), {"data", "count"}), std::to_string(threads * increments));
}

TEST(Scale, isReadAndWrittenAsADocumentOfItsOwn)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto& deployments = Cluster::kind("Deployment");
    const ObjectKey key{"default", "web"};
    auto scale = *cluster.registry->scale(deployments, key);
    EXPECT_EQ(at(scale, {"kind"}) + " " + at(scale, {"apiVersion"}), "Scale autoscaling/v1");
    EXPECT_EQ(at(scale, {"spec", "replicas"}), "2");
    EXPECT_EQ(at(scale, {"status", "selector"}), "app=web");
    api::objectAt(scale, {"spec"})["replicas"] = 4;
    ASSERT_EQ(outcome(cluster.registry->updateScale(cluster.context, deployments, key, scale)), "ok");
    EXPECT_EQ(at(cluster.get("Deployment", "web"), {"spec", "replicas"}), "4");
    EXPECT_EQ(at(cluster.get("Deployment", "web"), {"metadata", "generation"}), "2");
    EXPECT_THAT(outcome(cluster.registry->updateScale(cluster.context, deployments, key, scale)),
                HasSubstr("Conflict: "))
        << "the Scale names the version it was read at";
    ASSERT_EQ(outcome(cluster.registry->patchScale(cluster.context, deployments, key, api::PatchType::Merge,
                                                   Cluster::document("{spec: {replicas: 0}}"))),
              "ok");
    EXPECT_EQ(at(cluster.get("Deployment", "web"), {"spec", "replicas"}), "0");
    EXPECT_THAT(outcome(cluster.registry->patchScale(cluster.context, deployments, key, api::PatchType::Merge,
                                                     Cluster::document("{spec: {replicas: -1}}"))),
                HasSubstr("spec.replicas: Invalid value: -1: must be greater than or equal to 0"));
    EXPECT_THAT(outcome(cluster.registry->scale(Cluster::kind("ConfigMap"), key)), HasSubstr("NotFound"));
}

TEST(Update, ofTheScaleMeetsOtherWritesWithoutConflicts)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    const auto& deployments = Cluster::kind("Deployment");
    constexpr int writes = 200;
    const std::jthread labels([&cluster] {
        for (int i = 0; i < writes; ++i)
            EXPECT_EQ(
                outcome(cluster.merge("Deployment", "web", fmt::format("{{metadata: {{labels: {{n: 'i{}'}}}}}}", i))),
                "ok");
    });
    for (int i = 0; i < writes; ++i)
        ASSERT_EQ(outcome(cluster.registry->patchScale(
                      cluster.context, deployments, {"default", "web"}, api::PatchType::Merge,
                      Cluster::document(fmt::format("{{spec: {{replicas: {}}}}}", i % 5)))),
                  "ok");
}

/// Each time that the write has been planned another one comes first, `others` in all.
Result<StoredObjectPtr> patchOvertaken(Cluster& cluster, const Kind& kind, int others, Duration each)
{
    const ObjectKey key{"default", "a"};
    const auto label = [&](const WriteContext& context, std::string_view name, int value) {
        return cluster.registry->patch(
            context, kind, key, {}, api::PatchType::Merge,
            Cluster::document(fmt::format("{{metadata: {{labels: {{{}: 'v{}'}}}}}}", name, value)));
    };
    auto overtaken = cluster.context;
    overtaken.approve = [&](const Value&, const Value*) -> Result<Done> {
        if (others-- > 0) {
            cluster.clock.advance(each);
            EXPECT_EQ(outcome(label(cluster.context, "other", others)), "ok");
        }
        return Done{};
    };
    return label(overtaken, "own", 1);
}

TEST(Update, isPlannedAnewAsOftenAsOthersComeFirstUntilItsTimeIsOver)
{
    const auto& maps = Cluster::kind("ConfigMap");
    const auto& scalers =
        *api::Catalog::builtIn().find({"autoscaling", "v1"}, "HorizontalPodAutoscaler"); // stored in another version
    struct Row {
        const Kind& kind;
        const char* document;
        int others;
        Duration each;
        const char* expected;
    };
    constexpr auto map = "{metadata: {name: a}}";
    constexpr auto scaler =
        "{metadata: {name: a}, spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: web}}}";
    constexpr auto late =
        "Timeout: Timeout: request did not complete within requested timeout - context deadline exceeded";
    using std::chrono::seconds;
    for (const auto& [kind, document, others, each, expected] : {
             Row{maps, map, 200, Duration{0}, "ok"},
             Row{maps, map, 33, seconds{1}, "ok"},
             Row{maps, map, 34, seconds{1}, late},
             Row{scalers, scaler, 200, Duration{0}, "ok"},
             Row{scalers, scaler, 33, seconds{1}, "ok"},
             Row{scalers, scaler, 34, seconds{1}, late},
         }) {
        Cluster cluster;
        ASSERT_EQ(outcome(cluster.registry->create(cluster.context, kind, "default", Cluster::document(document))),
                  "ok");
        EXPECT_EQ(outcome(patchOvertaken(cluster, kind, others, each)), expected) << kind.kind << " " << others;
        const auto after = *api::parseJson((*cluster.registry->get(kind, {"default", "a"}))->json);
        EXPECT_EQ(at(after, {"metadata", "labels", "own"}), expected == std::string_view("ok") ? "v1" : "");
        EXPECT_EQ(at(after, {"metadata", "labels", "other"}), "v0");
    }
}

TEST(Binding, givesAPodItsNodeOnce)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    const auto uid = at(cluster.get("Pod", "web"), {"metadata", "uid"});
    const auto bind = [&](const std::string& itsUid, const char* name = "web") {
        return outcome(cluster.registry->bindEach(cluster.context, {{{"default", name}, itsUid, "n1"}}).front());
    };
    EXPECT_THAT(bind("another"), HasSubstr("Conflict: "));
    EXPECT_EQ(bind("", "gone"), R"(NotFound: pods "gone" not found)");
    EXPECT_EQ(bind(uid), "ok");
    const auto pod = cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"spec", "nodeName"}), "n1");
    EXPECT_THAT(at(pod, {"status", "conditions"}), HasSubstr(R"("type":"PodScheduled","status":"True")"));
    EXPECT_THAT(
        bind(uid),
        HasSubstr(
            R"(Conflict: Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1")"));
}

TEST(Binding, waitsForTheGatesOfAPod)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", "{metadata: {name: web}, spec: {schedulingGates: [{name: a}], containers: "
                                            "[{name: c, image: i}]}}")),
              "ok");
    const auto bind = [&] {
        return outcome(cluster.registry->bindEach(cluster.context, {{{"default", "web"}, "", "n1"}}).front());
    };
    EXPECT_THAT(bind(),
                HasSubstr("Conflict: Operation cannot be fulfilled on pods/binding \"web\": pod web has non-empty "
                          ".spec.schedulingGates"));
    ASSERT_EQ(outcome(cluster.merge("Pod", "web", "{spec: {schedulingGates: null}}")), "ok");
    EXPECT_EQ(bind(), "ok");
}

TEST(Binding, isNotForAPodThatEnds)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", "{metadata: {name: web, finalizers: [example.org/x]}, spec: {containers: [{name: "
                                      "c, image: i}]}}"));
    ASSERT_TRUE(cluster.remove("Pod", "web"));
    EXPECT_THAT(outcome(cluster.registry->bindEach(cluster.context, {{{"default", "web"}, "", "n1"}}).front()),
                HasSubstr("pod web is being deleted, cannot be assigned to a host"));
}

TEST(UpdateStatusEach, takesWholeObjectsAndWritesTheirStatus)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    auto pod = Cluster::document("{metadata: {name: web, namespace: default}, status: {phase: Running}}");
    auto gone = Cluster::document("{metadata: {name: gone, namespace: default}, status: {phase: Running}}");
    const auto results = cluster.registry->updateStatusEach(cluster.context, Cluster::kind("Pod"), {pod, gone});
    EXPECT_EQ(outcome(results[0]), "ok");
    EXPECT_EQ(outcome(results[1]), R"(NotFound: pods "gone" not found)");
    EXPECT_EQ(at(cluster.get("Pod", "web"), {"status", "phase"}), "Running");
    EXPECT_THAT(at(cluster.get("Pod", "web"), {"spec", "containers"}), HasSubstr("nginx"));
}

TEST(Update, ephemeralContainersComeByTheirSubresourceAndStay)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", "{metadata: {name: web}, spec: {containers: [{name: c, image: i}]}}")),
              "ok");
    const auto patch = [&](const std::string& containers, std::string_view subresource = "ephemeralcontainers") {
        auto text = outcome(cluster.registry->patch(
            cluster.context, Cluster::kind("Pod"), {"default", "web"}, subresource, api::PatchType::Strategic,
            Cluster::document(
                fmt::format("{{metadata: {{labels: {{a: b}}}}, spec: {{ephemeralContainers: [{}]}}}}", containers))));
        return text.substr(0, text.find_first_of("(\n"));
    };
    const std::string refused = "Invalid: Pod \"web\" is invalid: spec.ephemeralContainers";
    EXPECT_EQ(outcome(cluster.create("Pod", "{metadata: {name: x}, spec: {containers: [{name: c, image: i}], "
                                            "ephemeralContainers: [{name: e, image: i}]}}")),
              "Invalid: Pod \"x\" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create");
    EXPECT_THAT(patch("{name: e, image: i}", ""), HasSubstr("pod updates may not change fields other than"));
    EXPECT_EQ(patch("{name: e, image: i, targetContainerName: none}"),
              refused + "[0].targetContainerName: Not found: \"none\"");
    EXPECT_EQ(patch("{name: e, image: i, ports: [{containerPort: 1}]}"),
              refused + "[0].ports: Forbidden: cannot be set for an Ephemeral Container");
    EXPECT_EQ(patch("{name: e, image: i, targetContainerName: c}"), "ok");
    EXPECT_EQ(patch("{name: f, image: i}"), "ok");
    EXPECT_EQ(patch("{name: e, image: other}"),
              refused + ": Forbidden: existing ephemeral containers \"e\" may not be changed");
    EXPECT_EQ(patch("{name: e, $patch: delete}"),
              refused + ": Forbidden: existing ephemeral containers \"e\" may not be removed");
    const auto pod = cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"metadata", "labels"}), "") << "nothing but the containers is written";
    EXPECT_THAT(at(pod, {"spec", "ephemeralContainers"}), HasSubstr(R"("imagePullPolicy":"Always")"));
    EXPECT_THAT(at(pod, {"metadata", "managedFields"}), HasSubstr(R"("subresource":"ephemeralcontainers")"));
    EXPECT_EQ(outcome(cluster.merge("Pod", "web", "{metadata: {labels: {a: b}}}")), "ok");
}

} // namespace
} // namespace keelson::registry
