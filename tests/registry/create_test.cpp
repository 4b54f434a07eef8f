// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

namespace keelson::registry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Create, setsWhatTheServerDecides)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Deployment", R"(
metadata: {name: web, uid: mine, generation: 7, creationTimestamp: "2001-01-01T00:00:00Z", deletionTimestamp: "2001-01-01T00:00:00Z"}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: nginx}]}}
status: {replicas: 9}
)")),
              "ok");
    const auto web = cluster.get("Deployment", "web");
    EXPECT_EQ(at(web, {"kind"}), "Deployment");
    EXPECT_EQ(at(web, {"apiVersion"}), "apps/v1");
    EXPECT_EQ(at(web, {"metadata", "namespace"}), "default");
    EXPECT_EQ(at(web, {"metadata", "uid"}).size(), 36U);
    EXPECT_EQ(at(web, {"metadata", "generation"}), "1");
    EXPECT_EQ(at(web, {"metadata", "creationTimestamp"}), "2023-11-14T22:13:20Z");
    EXPECT_EQ(at(web, {"metadata", "deletionTimestamp"}), "");
    EXPECT_EQ(at(web, {"metadata", "resourceVersion"}), std::to_string(cluster.store.revision()));
    EXPECT_EQ(at(web, {"spec", "replicas"}), "1");
    EXPECT_EQ(at(web, {"status", "replicas"}), "") << "the status is not the client's to begin with";
}

/// Typed clients refuse an answer that lacks them.
TEST(Create, writesTheStatusMembersThatEveryAnswerHas)
{
    Cluster cluster;
    const std::string pods = "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
                             "{containers: [{name: c, image: i}]}}";
    struct Row {
        const char* kind;
        std::string spec;
        const char* status;
    };
    for (const auto& [kind, spec, status] : {
             Row{"ReplicaSet", pods, R"({"replicas":0})"},
             Row{"StatefulSet", "serviceName: s, " + pods, R"({"replicas":0,"availableReplicas":0})"},
             Row{"DaemonSet", pods,
                 R"({"currentNumberScheduled":0,"numberMisscheduled":0,"desiredNumberScheduled":0,"numberReady":0})"},
             Row{"PodDisruptionBudget", "minAvailable: 1, selector: {matchLabels: {a: b}}",
                 R"({"disruptionsAllowed":0,"currentHealthy":0,"desiredHealthy":0,"expectedPods":0})"},
             Row{"Service", "ports: [{port: 80}]", R"({"loadBalancer":{}})"},
             Row{"Deployment", pods, "{}"},
         }) {
        ASSERT_EQ(outcome(cluster.create(kind, fmt::format("{{metadata: {{name: web}}, spec: {{{}}}, status: "
                                                           "{{replicas: 9}}}}",
                                                           spec))),
                  "ok");
        EXPECT_EQ(at(cluster.get(kind, "web"), {"status"}), status) << kind;
    }
}

TEST(Create, keepsTheStoredBytesFreeOfTheVersion)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a, resourceVersion: ''}, data: {k: v}}"));
    const auto record = cluster.store.get("/registry/core/configmaps/default/a");
    ASSERT_TRUE(record);
    EXPECT_THAT(record->value, StartsWith(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{)"));
    EXPECT_THAT(record->value, Not(HasSubstr("resourceVersion")));
    EXPECT_THAT((*cluster.registry->get(Cluster::kind("ConfigMap"), {"default", "a"}))->json,
                StartsWith(fmt::format(R"({{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"resourceVersion":"{}",)",
                                       record->modRevision)));
}

/// "MOUNTS VOLUMES" of a pod: what its containers mount, "CONTAINER:VOLUME@PATH", and the names of its volumes; the
/// random end of names as '*'.
std::string accessOf(const Value& pod)
{
    const auto plain = [](std::string name) {
        constexpr std::string_view prefix = "kube-api-access-";
        return name.starts_with(prefix) && name.size() == prefix.size() + 5 ? std::string(prefix) + "*" : name;
    };
    std::string text;
    for (const auto* const list : {"initContainers", "containers"}) {
        const auto* const containers = api::find(pod, {"spec", list});
        for (const auto& container : containers ? containers->as_array() : api::Array{}) {
            const auto* const mounts = api::find(container, {"volumeMounts"});
            for (const auto& mount : mounts ? mounts->as_array() : api::Array{})
                text += fmt::format("{}:{}@{} ", at(container, {"name"}), plain(at(mount, {"name"})),
                                    at(mount, {"mountPath"}));
        }
    }
    const auto* const volumes = api::find(pod, {"spec", "volumes"});
    for (const auto& volume : volumes ? volumes->as_array() : api::Array{})
        text += plain(at(volume, {"name"})) + " ";
    return text;
}

TEST(Create, givesPodsTheTokenOfTheirAccount)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("ServiceAccount", "{metadata: {name: shy}, automountServiceAccountToken: false, "
                                                       "imagePullSecrets: [{name: pull}]}")),
              "ok");
    const std::string path = "/var/run/secrets/kubernetes.io/serviceaccount";
    const auto mounted = "kube-api-access-*@" + path + " ";
    struct Row {
        const char* spec;
        std::string access;
    };
    for (const auto& [spec, access] : {
             Row{"containers: [{name: a, image: i}]", "a:" + mounted + "kube-api-access-* "},
             Row{"initContainers: [{name: x, image: i}], containers: [{name: a, image: i}, {name: b, image: i}]",
                 "x:" + mounted + "a:" + mounted + "b:" + mounted + "kube-api-access-* "},
             Row{"automountServiceAccountToken: false, containers: [{name: a, image: i}]", ""},
             Row{"serviceAccountName: shy, containers: [{name: a, image: i}]", ""},
             Row{"serviceAccountName: shy, automountServiceAccountToken: true, containers: [{name: a, image: i}]",
                 "a:" + mounted + "kube-api-access-* "},
             Row{"volumes: [{name: own, emptyDir: {}}], containers: [{name: a, image: i, volumeMounts: [{name: own, "
                 "mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}]",
                 "a:own@" + path + " own "},
             Row{"volumes: [{name: kube-api-access-mine, emptyDir: {}}], containers: [{name: a, image: i}]",
                 "a:kube-api-access-mine@" + path + " kube-api-access-mine "},
         }) {
        const auto created =
            cluster.create("Pod", fmt::format("{{metadata: {{generateName: p-}}, spec: {{{}}}}}", spec));
        ASSERT_EQ(outcome(created), "ok");
        EXPECT_EQ(accessOf(cluster.get("Pod", (*created)->key.name)), access) << spec;
    }

    ASSERT_EQ(outcome(cluster.create(
                  "Pod", "{metadata: {name: web}, spec: {serviceAccountName: shy, automountServiceAccountToken: true, "
                         "containers: [{name: a, image: i}]}}")),
              "ok");
    const auto web = cluster.get("Pod", "web");
    EXPECT_EQ(at(web, {"spec", "imagePullSecrets"}), R"([{"name":"pull"}])");
    ASSERT_EQ(outcome(cluster.create("Pod", "{metadata: {name: own}, spec: {serviceAccountName: shy, imagePullSecrets: "
                                            "[{name: own}], containers: [{name: a, image: i}]}}")),
              "ok");
    EXPECT_EQ(at(cluster.get("Pod", "own"), {"spec", "imagePullSecrets"}), R"([{"name":"own"}])");
    EXPECT_THAT(
        outcome(cluster.create("Pod", "{metadata: {name: mirror, annotations: {kubernetes.io/config.mirror: x}}, "
                                      "spec: {serviceAccountName: shy, nodeName: n1, containers: [{name: a, "
                                      "image: i}]}}")),
        HasSubstr("a mirror pod may not reference service accounts"));
    EXPECT_EQ(web.at("spec").at("volumes").at(0).at("projected"), *api::parseYaml(R"(
        defaultMode: 420
        sources:
        - serviceAccountToken: {path: token, expirationSeconds: 3607}
        - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
        - downwardAPI: {items: [{path: namespace, fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}]})"));
}

TEST(Create, beginsAPod)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", podYaml)), "ok");
    const auto pod = cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"status", "phase"}), "Pending");
    EXPECT_EQ(at(pod, {"status", "qosClass"}), "BestEffort");
    EXPECT_EQ(at(pod, {"spec", "serviceAccountName"}), "default");
    const auto tolerations = at(pod, {"spec", "tolerations"});
    EXPECT_THAT(tolerations, HasSubstr(R"("key":"node.kubernetes.io/not-ready")"));
    EXPECT_THAT(tolerations, HasSubstr(R"("key":"node.kubernetes.io/unreachable")"));

    struct Row {
        const char* resources;
        const char* expected;
    };
    for (const auto& [resources, expected] : {
             Row{"{requests: {cpu: 1}}", "Burstable"},
             Row{"{limits: {cpu: 1, memory: 1Gi}}", "Guaranteed"},
             Row{"{limits: {cpu: 1}}", "Burstable"},
             Row{"{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}", "Burstable"},
         }) {
        const auto created = cluster.create(
            "Pod",
            fmt::format(
                "{{metadata: {{generateName: q-}}, spec: {{containers: [{{name: a, image: b, resources: {}}}]}}}}",
                resources));
        ASSERT_EQ(outcome(created), "ok");
        EXPECT_EQ(at(cluster.get("Pod", (*created)->key.name), {"status", "qosClass"}), expected) << resources;
    }
}

TEST(Create, putsLabelsOfThePodIntoItsAffinity)
{
    Cluster cluster;
    const auto term = "{topologyKey: zone, labelSelector: {matchLabels: {app: x}}, matchLabelKeys: [v, none], "
                      "mismatchLabelKeys: [team]}";
    ASSERT_EQ(
        outcome(cluster.create(
            "Pod", fmt::format("{{metadata: {{name: web, labels: {{v: '1', team: a}}}}, spec: {{containers: [{{name: "
                               "c, image: i}}], affinity: {{podAffinity: "
                               "{{requiredDuringSchedulingIgnoredDuringExecution: [{0}, {{topologyKey: zone}}]}}, "
                               "podAntiAffinity: {{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, "
                               "podAffinityTerm: {0}}}]}}}}}}}}",
                               term))),
        "ok");
    const auto affinity = cluster.get("Pod", "web").at("spec").at("affinity");
    const auto& required = affinity.at("podAffinity").at("requiredDuringSchedulingIgnoredDuringExecution");
    const auto& preferred = affinity.at("podAntiAffinity").at("preferredDuringSchedulingIgnoredDuringExecution");
    constexpr auto expressions =
        R"([{"key":"v","operator":"In","values":["1"]},{"key":"team","operator":"NotIn","values":["a"]}])";
    EXPECT_EQ(at(required.at(0), {"labelSelector", "matchExpressions"}), expressions);
    EXPECT_EQ(at(required.at(1), {"labelSelector"}), "");
    EXPECT_EQ(at(preferred.at(0), {"podAffinityTerm", "labelSelector", "matchExpressions"}), expressions);
}

TEST(Create, saysThatGatesHoldAPodBack)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", "{metadata: {name: web}, spec: {schedulingGates: [{name: a}], containers: "
                                            "[{name: c, image: i}]}}")),
              "ok");
    EXPECT_EQ(at(cluster.get("Pod", "web"), {"status", "conditions"}),
              R"([{"type":"PodScheduled","status":"False","reason":"SchedulingGated",)"
              R"("message":"Scheduling is blocked due to non-empty scheduling gates"}])");
}

TEST(Create, namesTheSourceOfAClaimTwice)
{
    struct Row {
        const char* source;
        const char* older;
        const char* newer;
    };
    constexpr auto claim = R"({"kind":"PersistentVolumeClaim","name":"b"})";
    for (const auto& [source, older, newer] : {
             Row{"dataSource: {kind: PersistentVolumeClaim, name: b}", claim, claim},
             Row{"dataSourceRef: {kind: PersistentVolumeClaim, name: b}", claim, claim},
             Row{"volumeMode: Block", "", ""},
         }) {
        Cluster cluster;
        ASSERT_EQ(outcome(cluster.create(
                      "PersistentVolumeClaim",
                      fmt::format("{{metadata: {{name: a}}, spec: {{accessModes: [ReadWriteOnce], {}, resources: "
                                  "{{requests: {{storage: 1Gi}}}}}}}}",
                                  source))),
                  "ok")
            << source;
        const auto made = cluster.get("PersistentVolumeClaim", "a");
        EXPECT_EQ(at(made, {"spec", "dataSource"}), older) << source;
        EXPECT_EQ(at(made, {"spec", "dataSourceRef"}), newer) << source;
    }
}

TEST(Create, addsItsFinalizerToThoseOfANamespace)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Namespace", "{metadata: {name: a}, spec: {finalizers: [example.org/x]}}")), "ok");
    EXPECT_EQ(at(cluster.get("Namespace", "a"), {"spec", "finalizers"}), R"(["example.org/x","kubernetes"])");
    EXPECT_THAT(outcome(cluster.create("Namespace", "{metadata: {name: b}, spec: {finalizers: [x]}}")),
                HasSubstr("spec.finalizers[0]: Invalid value: \"x\": name is neither a standard finalizer name"));
}

TEST(Create, generatesNames)
{
    Cluster cluster;
    std::set<std::string> names;
    for (int i = 0; i < 100; ++i) {
        const auto created = cluster.create("ConfigMap", "{metadata: {generateName: web-}}");
        ASSERT_EQ(outcome(created), "ok");
        EXPECT_THAT((*created)->key.name, StartsWith("web-"));
        EXPECT_EQ((*created)->key.name.size(), 9U);
        names.insert((*created)->key.name);
    }
    EXPECT_EQ(names.size(), 100U);
}

TEST(Create, generatesAnotherNameWhenOneIsTaken)
{
    Cluster cluster;
    const auto make = [&](std::string_view metadata) {
        SeededRandom again(7); // whose names are those of the last time
        auto registry = makeRegistry(cluster.store, api::Catalog::builtIn(), cluster.clock, again);
        const auto made = (*registry)->create(cluster.context, Cluster::kind("ConfigMap"), "default",
                                              Cluster::document(fmt::format("{{metadata: {{{}}}}}", metadata)));
        return made ? (*made)->key.name : outcome(made);
    };
    const auto first = make("generateName: web-");
    const auto second = make("generateName: web-");
    EXPECT_THAT(second, StartsWith("web-"));
    EXPECT_NE(first, second);
    EXPECT_EQ(make("name: " + first), "AlreadyExists: configmaps \"" + first + "\" already exists");
}

TEST(Create, nothingGetsIntoANamespaceThatEnds)
{
    Cluster cluster;
    constexpr int rounds = 20;
    constexpr int writers = 4;
    for (int round = 0; round < rounds; ++round) {
        const auto space = fmt::format("ending{}", round);
        ASSERT_TRUE(cluster.create("Namespace", fmt::format("{{metadata: {{name: {}}}}}", space)));
        std::atomic<int> made = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < writers; ++i) {
            threads.emplace_back([&] {
                const auto object = Cluster::document("{metadata: {generateName: a-}}");
                while (cluster.registry->create(cluster.context, Cluster::kind("ConfigMap"), space, object))
                    ++made;
            });
        }
        while (made < writers)
            std::this_thread::yield();
        const auto ended = cluster.remove("Namespace", space);
        ASSERT_EQ(outcome(ended), "ok");
        threads.clear();
        const auto list = cluster.registry->list(Cluster::kind("ConfigMap"), {.nameSpace = space});
        for (const auto& object : list->objects)
            EXPECT_LT(object->revision, ended->object->revision) << "written when its namespace was ending";
    }
}

TEST(Create, refusesInKubernetesWords)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
    ASSERT_TRUE(cluster.create("Namespace", "{metadata: {name: ending}}"));
    ASSERT_TRUE(cluster.remove("Namespace", "ending"));
    cluster.context.fieldValidation = FieldValidation::Strict;
    struct Row {
        const char* kind;
        const char* object;
        const char* refusal;
    };
    for (
        const auto& [kind, object, refusal] : {
            Row{"Deployment", "{metadata: {name: web}}", R"(AlreadyExists: deployments.apps "web" already exists)"},
            Row{"Deployment", "{metadata: {name: x}, spec: {replica: 1}}",
                R"(BadRequest: Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica")"},
            Row{"ConfigMap", "{metadata: {}}", R"(Required value: name or generateName is required)"},
            Row{"ConfigMap", "{metadata: {name: a/b}}", R"(Invalid value: "a/b")"},
            Row{"ConfigMap", "{metadata: {name: a, namespace: other}}",
                "the namespace of the provided object does not match"},
            Row{"ConfigMap", "{kind: Secret, metadata: {name: a}}", "BadRequest: "},
            Row{"ConfigMap", "[]", "BadRequest: "},
            Row{"ConfigMap", "{metadata: 7}", "BadRequest: "},
            Row{"ConfigMap", "{metadata: {name: a, resourceVersion: '5'}}",
                "BadRequest: resourceVersion should not be set"},
            Row{"Node", "{metadata: {name: a, namespace: default}}", "BadRequest: nodes are not namespaced"},
            Row{"Pod", "{metadata: {name: a}, spec: {serviceAccountName: robot, containers: [{name: a, image: b}]}}",
                R"(Forbidden: pods "a" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found)"},
        }) {
        EXPECT_THAT(outcome(cluster.create(kind, object)), HasSubstr(refusal)) << kind << " " << object;
    }
    const auto into = [&](const char* nameSpace) {
        return outcome(cluster.registry->create(cluster.context, Cluster::kind("ConfigMap"), nameSpace,
                                                Cluster::document("{metadata: {name: a}}")));
    };
    EXPECT_EQ(into("nowhere"), R"(NotFound: namespaces "nowhere" not found)");
    EXPECT_EQ(
        into("ending"),
        R"(Forbidden: configmaps "a" is forbidden: unable to create new content in namespace ending because it is being terminated)");
    const auto ending = cluster.registry->create(cluster.context, Cluster::kind("ConfigMap"), "ending",
                                                 Cluster::document("{metadata: {name: a}}"));
    EXPECT_THAT(ending.error().causes,
                testing::ElementsAre(
                    Cause{"NamespaceTerminating", "namespace ending is being terminated", "metadata.namespace"}));
}

TEST(Create, refusesWhatGrowsTooLargeByDefaults)
{
    Cluster cluster;
    std::string containers;
    for (int i = 0; i < 30'000; ++i)
        containers += "{},";
    EXPECT_EQ(outcome(cluster.create(
                  "Pod", fmt::format("{{metadata: {{name: web}}, spec: {{containers: [{}]}}}}", containers))),
              "RequestEntityTooLarge: pods \"web\" is too large: more than 100000 defaults are added");
}

TEST(Create, holdsPodsToTheSecretsOfTheirAccount)
{
    Cluster cluster;
    const std::string annotation = "annotations: {kubernetes.io/enforce-mountable-secrets: ";
    for (const auto& [name, enforces] : {std::pair{"strict", "'true'"}, std::pair{"lax", "'no'"}})
        ASSERT_EQ(outcome(cluster.create("ServiceAccount",
                                         fmt::format("{{metadata: {{name: {}, {}{}}}}}, secrets: [{{name: own}}], "
                                                     "imagePullSecrets: [{{name: pull}}]}}",
                                                     name, annotation, enforces))),
                  "ok");
    struct Row {
        const char* spec;
        const char* refusal;
    };
    for (
        const auto& [spec, refusal] : {
            Row{"containers: [{name: c, image: i}]", ""},
            Row{"volumes: [{name: v, secret: {secretName: own}}], containers: [{name: c, image: i}]", ""},
            Row{"volumes: [{name: v, secret: {secretName: other}}], containers: [{name: c, image: i}]",
                R"(volume with secret.secretName="other")"},
            Row{"containers: [{name: c, image: i, env: [{name: E, valueFrom: {secretKeyRef: {name: other, key: k}}}]}]",
                R"(container c with envVar E referencing secret.secretName="other")"},
            Row{"initContainers: [{name: first, image: i, envFrom: [{secretRef: {name: other}}]}], containers: [{name: "
                "c, "
                "image: i}]",
                R"(init container first with envFrom referencing secret.secretName="other")"},
            Row{"imagePullSecrets: [{name: pull}, {name: other}], containers: [{name: c, image: i}]",
                R"(imagePullSecrets[1].name="other" is not allowed because service account strict does not reference that imagePullSecret)"},
        }) {
        const auto create = [&](const char* account) {
            return outcome(cluster.create(
                "Pod", fmt::format("{{metadata: {{generateName: p-}}, spec: {{serviceAccountName: {}, {}}}}}", account,
                                   spec)));
        };
        EXPECT_EQ(create("lax"), "ok") << spec;
        if (*refusal == '\0')
            EXPECT_EQ(create("strict"), "ok") << spec;
        else
            EXPECT_THAT(create("strict"), testing::AllOf(testing::StartsWith("Forbidden: "), HasSubstr(refusal)));
    }
}

TEST(Create, warnsOfUnknownFieldsOrPassesThemOver)
{
    Cluster cluster;
    std::vector<std::string> warnings;
    cluster.context.warnings = &warnings;
    cluster.context.fieldValidation = FieldValidation::Warn;
    cluster.context.duplicateFields = {"data.k"};
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: a}, date: {k: v}}")), "ok");
    EXPECT_THAT(warnings, testing::ElementsAre(R"(duplicate field "data.k")", R"(unknown field "date")"));
    warnings.clear();
    cluster.context.fieldValidation = FieldValidation::Ignore;
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: b}, date: {k: v}}")), "ok");
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ(at(cluster.get("ConfigMap", "b"), {"date"}), "");
}

TEST(Create, writesNothingInADryRun)
{
    Cluster cluster;
    const auto before = cluster.store.revision();
    cluster.context.dryRun = true;
    const auto made = cluster.create("Pod", podYaml);
    ASSERT_EQ(outcome(made), "ok");
    EXPECT_THAT((*made)->json, HasSubstr(R"("phase":"Pending")"));
    EXPECT_THAT((*made)->json, Not(HasSubstr("resourceVersion")));
    EXPECT_EQ(cluster.store.revision(), before);
    EXPECT_EQ(cluster.names("Pod"), "");
    EXPECT_EQ(outcome(cluster.create("ServiceAccount", "{metadata: {name: default}}")),
              R"(AlreadyExists: serviceaccounts "default" already exists)");
}

TEST(Create, makesEachOfMany)
{
    Cluster cluster;
    std::vector<Value> objects;
    for (const auto* name : {"a", "b", "a", "c"})
        objects.push_back(Cluster::document(fmt::format("{{metadata: {{name: {}, namespace: default}}}}", name)));
    const auto results =
        cluster.registry->createEach(cluster.context, Cluster::kind("ConfigMap"), {}, std::move(objects));
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(outcome(results[2]), R"(AlreadyExists: configmaps "a" already exists)");
    EXPECT_EQ((*results[3])->key.name, "c");
    EXPECT_EQ(cluster.names("ConfigMap"), "a b c");
}

} // namespace
} // namespace keelson::registry
