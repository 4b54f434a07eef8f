// SPDX-License-Identifier: Apache-2.0
#include "api/apps_v1.h"
#include "api/core_v1.h"
#include "api/defaulters.h"
#include "api/json_path.h"
#include "api/schema.h"
#include "api/validation.h"
#include "support/tree.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace keelson::api {
namespace {

Value readFile(const std::filesystem::path& path)
{
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return parseJson(text.str()).value();
}

const Kind& kindOfObject(const Value& object)
{
    return *Catalog::builtIn().find(GroupVersion::parse(stringAt(object, {"apiVersion"})), stringAt(object, {"kind"}));
}

/// Each file of tests/golden/defaults: a manifest as a user gives it, and what defaulting makes of it.
TEST(Defaults, areThoseOfTheGoldenPairs)
{
    int pairs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(support::sourceFolder() + "/tests/golden/defaults")) {
        const auto pair = readFile(entry.path());
        auto object = *find(pair, {"given"});
        const auto& kind = kindOfObject(object);
        applyDefaults(kind, object);
        normalize(kind, object);
        auto expected = *find(pair, {"defaulted"});
        normalize(kind, expected);
        EXPECT_EQ(writeYaml(object), writeYaml(expected)) << entry.path();
        auto again = object;
        applyDefaults(kind, again);
        EXPECT_EQ(again, object) << "defaulting twice changes " << entry.path();
        EXPECT_TRUE(checkTypes(kind, object).has_value()) << entry.path();
        EXPECT_TRUE(prune(kind, object).empty()) << entry.path();
        ++pairs;
    }
    EXPECT_GE(pairs, 44);
}

TEST(Defaults, readNullInListsAndMapsAsNothingOfItsType)
{
    struct Row {
        const char* object;
        const char* path;
        const char* expected;
    };
    for (const auto& [text, path, expected] : {
             Row{"{apiVersion: v1, kind: ConfigMap, data: {a: null, b: x}, binaryData: {c: null}}", ".data",
                 R"({"a":"","b":"x"})"},
             Row{"{apiVersion: v1, kind: ConfigMap, binaryData: {c: null}}", ".binaryData", R"({"c":""})"},
             Row{"{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: null}}}", ".metadata.labels", R"({"a":""})"},
             Row{"{apiVersion: v1, kind: Pod, spec: {containers: [{args: [a, null]}]}}", ".spec.containers[0].args",
                 R"(["a",""])"},
             Row{"{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: {cpu: null}}}]}}",
                 ".spec.containers[0].resources", R"({"limits":{"cpu":"0"},"requests":{"cpu":"0"}})"},
             Row{"{apiVersion: v1, kind: Pod, spec: {containers: [null]}}", ".spec.containers[0].imagePullPolicy",
                 "\"Always\""},
             Row{"{apiVersion: v1, kind: Pod, spec: {securityContext: {supplementalGroups: [null]}, containers: []}}",
                 ".spec.securityContext.supplementalGroups", "[0]"},
         }) {
        auto object = parseYaml(text).value();
        applyDefaults(kindOfObject(object), object);
        const auto found = evaluateJsonPath(object, path);
        ASSERT_EQ(found.size(), 1) << text;
        EXPECT_EQ(writeJson(*found.front()), expected) << text;
    }
}

TEST(Defaults, dependOnOtherFields)
{
    struct Row {
        std::string kind;
        std::string given;
        std::string path;
        std::string value;
    };
    const Row rows[] = {
        {"v1/Pod", "{spec: {serviceAccount: a}}", "spec.serviceAccountName", "\"a\""},
        {"v1/Pod", "{spec: {serviceAccountName: a}}", "spec.serviceAccount", "\"a\""},
        {"v1/Pod", "{spec: {volumes: [{name: v}]}}", "spec.volumes", R"([{"name":"v","emptyDir":{}}])"},
        {"v1/Pod", "{spec: {terminationGracePeriodSeconds: 0}}", "spec.terminationGracePeriodSeconds", "0"},
        {"v1/Pod", "{spec: {restartPolicy: ''}}", "spec.restartPolicy", "\"Always\""},
        {"v1/Node", "{status: {capacity: {cpu: 2}}}", "status.allocatable", R"({"cpu":"2"})"},
        {"v1/Secret", "{data: {a: eA==, b: eA==}, stringData: {b: yes it is}}", "data",
         R"({"a":"eA==","b":"eWVzIGl0IGlz"})"},
        {"v1/Secret", "{stringData: {b: x}}", "stringData", ""},
        {"v1/Service", "{spec: {type: ClusterIP, externalIPs: [1.2.3.4]}}", "spec.externalTrafficPolicy",
         "\"Cluster\""},
        {"v1/Service", "{spec: {clusterIP: 'fd00::1'}}", "spec.ipFamilies", R"(["IPv6"])"},
        {"apps/v1/Deployment", "{spec: {strategy: {type: Recreate}}}", "spec.strategy", R"({"type":"Recreate"})"},
        {"apps/v1/Deployment", "{spec: {replicas: 0}}", "spec.replicas", "0"},
    };
    for (const auto& row : rows) {
        const auto slash = row.kind.rfind('/');
        const auto& kind =
            *Catalog::builtIn().find(GroupVersion::parse(row.kind.substr(0, slash)), row.kind.substr(slash + 1));
        auto object = parseYaml(row.given).value();
        applyDefaults(kind, object);
        normalize(kind, object);
        const auto dot = row.path.find('.');
        const auto* value = dot == row.path.npos ? find(object, {row.path})
                                                 : find(object, {row.path.substr(0, dot), row.path.substr(dot + 1)});
        EXPECT_EQ(value ? writeJson(*value) : "", row.value) << row.given;
    }
}

TEST(Defaults, haveAFunctionForEachNameAndANameForEachFunction)
{
    std::set<std::string, std::less<>> used;
    for (const auto& [name, schema] : Catalog::builtIn().definitions())
        for (const auto& defaulter : schema->defaulters) {
            EXPECT_NE(findDefaulter(defaulter), nullptr) << name << " calls " << defaulter;
            used.insert(defaulter);
        }
    for (const auto group : {generalDefaulters(), workloadDefaulters()})
        for (const auto& defaulter : group)
            EXPECT_TRUE(used.contains(defaulter.name)) << defaulter.name << " is called by no kind";
}

TEST(Prune, removesWhatTheSchemaDoesNotKnow)
{
    auto object = parseYaml("{apiVersion: apps/v1, kind: Deployment, spec: {replica: 3, template: {spec: {containers: "
                            "[{name: a}, {name: b, imag: x}]}}}, colour: red, metadata: {labels: {any: x}}}")
                      .value();
    EXPECT_EQ(prune(kindOf<Deployment>(), object),
              (std::vector<std::string>{"spec.template.spec.containers[1].imag", "spec.replica", "colour"}));
    EXPECT_EQ(writeJson(object),
              R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":)"
              R"([{"name":"a"},{"name":"b"}]}}},"metadata":{"labels":{"any":"x"}}})");
}

TEST(Normalize, makesEqualObjectsEqualBytes)
{
    auto object = parseYaml(R"(
spec:
  hostNetwork: false
  nodeName: ""
  terminationGracePeriodSeconds: 0
  tolerations: []
  nodeSelector: {}
  volumes: null
  containers:
  - resources: {limits: {memory: 1024Mi, cpu: 0.5}}
    securityContext: {}
    name: ""
metadata:
  labels: {b: "", a: x}
  creationTimestamp: 2026-01-31T13:00:00.5+01:00
kind: Pod
)")
                      .value();
    normalize(kindOf<Pod>(), object);
    EXPECT_EQ(
        writeJson(object),
        R"({"kind":"Pod","metadata":{"creationTimestamp":"2026-01-31T12:00:00Z","labels":{"a":"x","b":""}},)"
        R"("spec":{"containers":[{"name":"","resources":{"limits":{"cpu":"500m","memory":"1Gi"}},"securityContext":{}}],)"
        R"("terminationGracePeriodSeconds":0}})");
}

TEST(Normalize, keepsTimesThatAreFarAway)
{
    auto object = parseJson(R"({"metadata":{"creationTimestamp":"9999-12-31T23:59:59.5+00:00"}})").value();
    normalize(kindOf<Pod>(), object);
    EXPECT_EQ(writeJson(object), R"({"metadata":{"creationTimestamp":"9999-12-31T23:59:59Z"}})");
}

TEST(TypeCheck, saysWhatDoesNotFit)
{
    const std::pair<std::string, std::string> rows[] = {
        {"{spec: {replicas: '3'}}", "spec.replicas: an integer is wanted, not a string"},
        {"{spec: {replicas: 1.5}}", "spec.replicas: an integer is wanted, not a fraction"},
        {"{spec: {replicas: 3000000000}}", "spec.replicas: 3000000000 is out of range"},
        {"{spec: [1]}", "spec: an object is wanted, not an array"},
        {"{spec: {template: {spec: {containers: {}}}}}",
         "spec.template.spec.containers: an array is wanted, not an object"},
        {"{spec: {strategy: {rollingUpdate: {maxSurge: true}}}}",
         "spec.strategy.rollingUpdate.maxSurge: an integer or a string is wanted, not a boolean"},
        {"{spec: {paused: 'yes'}}", "spec.paused: a boolean is wanted, not a string"},
        {"{metadata: {labels: {a: 1}}}", "metadata.labels.a: a string is wanted, not a number"},
        {"{metadata: {creationTimestamp: noon}}", "metadata.creationTimestamp: \"noon\" is not an RFC 3339 time"},
        {"[]", "an object is wanted, not an array"},
    };
    for (const auto& [text, message] : rows) {
        const auto checked = checkTypes(kindOf<Deployment>(), parseYaml(text).value());
        ASSERT_FALSE(checked.has_value()) << text;
        EXPECT_EQ(checked.error().reason, Reason::BadRequest);
        EXPECT_EQ(checked.error().message,
                  "Deployment in version \"v1\" cannot be handled as a Deployment: " + message);
    }
}

} // namespace
} // namespace keelson::api
