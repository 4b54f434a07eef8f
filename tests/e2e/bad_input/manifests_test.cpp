// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

namespace keelson::e2e {
namespace {

using testing::HasSubstr;

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::string pod(std::string_view what = "", std::string_view with = "")
{
    return replaced(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n  containers:\n  - {name: c, image: busybox}\n", what,
        with);
}

std::string deployment(std::string_view what = "", std::string_view with = "")
{
    return replaced("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 0\n"
                    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
                    "    spec: {containers: [{name: c, image: busybox}]}\n",
                    what, with);
}

std::string service(std::string_view what = "", std::string_view with = "")
{
    return replaced("apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  type: NodePort\n"
                    "  selector: {app: web}\n  ports: [{port: 80, nodePort: 30081}]\n",
                    what, with);
}

const std::vector<std::string> apply{"apply", "-f", "-"};
const std::vector<std::string> create{"create", "-f", "-"};
const std::vector<std::string> replace{"replace", "-f", "-"};

/// What a user does wrong, and what kubectl must say then.
struct Row {
    std::string what;
    std::vector<std::string> arguments;
    std::string manifest;
    std::string says;
    std::optional<std::string> oldSays{}; ///< Where kubectl 1.20 finds it by itself, or says it in other words.
};

class BadManifest : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_cluster = std::make_unique<ControlPlane>();
        ASSERT_TRUE(s_cluster
                        ->kubectl(create, deployment() + "---\n" +
                                              replaced(replaced(service(), "bad", "taken"), "30081", "30080"))
                        .ok());
        ASSERT_TRUE(s_cluster->kubectl({"create", "configmap", "fixed", "--from-literal=a=b"}).ok());
        ASSERT_TRUE(s_cluster->kubectl({"patch", "configmap", "fixed", "-p", R"({"immutable":true})"}).ok());
        ASSERT_TRUE(s_cluster->kubectl({"create", "rolebinding", "bound", "--clusterrole=view", "--user=a"}).ok());
    }
    static void TearDownTestSuite() { s_cluster.reset(); }

    /// Everything that could have been changed.
    static std::string contents()
    {
        auto all =
            s_cluster->kubectl({"get", "namespaces,pods,deployments,services,configmaps,rolebindings", "-A", "-o",
                                "jsonpath={range .items[*]}{.kind}/{.metadata.name}/{.metadata.generation} {end}"});
        EXPECT_TRUE(all.ok()) << all.error;
        return all.output;
    }

    static void check(const std::vector<Row>& rows)
    {
        const auto before = contents();
        for (const auto& kubectl : kubectls()) {
            for (const auto& row : rows) {
                const auto outcome = s_cluster->kubectl(row.arguments, row.manifest, kubectl.program);
                const auto what = row.what + " with " + kubectl.program;
                EXPECT_EQ(outcome.exitCode, 1) << what << "\n" << outcome.output;
                EXPECT_THAT(outcome.error, HasSubstr(kubectl.old ? row.oldSays.value_or(row.says) : row.says)) << what;
            }
        }
        EXPECT_EQ(contents(), before) << "nothing is half done";
    }

    static std::unique_ptr<ControlPlane> s_cluster;
};

std::unique_ptr<ControlPlane> BadManifest::s_cluster;

TEST_F(BadManifest, isNoManifest)
{
    check({
        {"malformed YAML", apply, "kind: Pod\n  metadata: [",
         "error: error parsing STDIN: error converting YAML to JSON"},
        {"a cut off document", apply, R"({"kind":"Pod",)", "error: error parsing STDIN: unexpected EOF"},
        {"no kind", apply, "apiVersion: v1\nmetadata: {name: x}\n", "error validating data: kind not set"},
        {"an unknown kind", apply, pod("kind: Pod", "kind: Pood"), "no matches for kind \"Pood\" in version \"v1\""},
        {"an unknown group", apply, pod("v1", "no.such/v1"), "no matches for kind \"Pod\" in version \"no.such/v1\""},
    });
}

TEST_F(BadManifest, hasFieldsThatAreNone)
{
    check({
        {"an unknown field", apply, pod("image: busybox", "image: busybox, imagePullpolicy: Always"),
         "Error from server (BadRequest): error when creating \"STDIN\": Pod in version \"v1\" cannot be handled as a "
         "Pod: strict "
         "decoding error: unknown field \"spec.containers[0].imagePullpolicy\"",
         "ValidationError(Pod.spec.containers[0]): unknown field \"imagePullpolicy\" in io.k8s.api.core.v1.Container"},
        {"a wrong type", create, deployment("replicas: 0", "replicas: three"),
         "Deployment in version \"v1\" cannot be handled as a Deployment: spec.replicas: an integer is wanted, not a "
         "string",
         "ValidationError(Deployment.spec.replicas): invalid type for io.k8s.api.apps.v1.DeploymentSpec.replicas: got "
         "\"string\", "
         "expected \"integer\""},
        {"a number for a text", create, pod("image: busybox", "image: busybox, env: [{name: A, value: 5}]"),
         "spec.containers[0].env[0].value: a string is wanted, not a number"},
        {"no quantity", create, pod("image: busybox", "image: busybox, resources: {requests: {cpu: 2x}}"),
         "spec.containers[0].resources.requests.cpu: quantities must match the regular expression"},
        {"no base64", create, "apiVersion: v1\nkind: Secret\nmetadata: {name: bad}\ndata: {a: '%%%'}\n",
         "data.a: illegal base64 data"},
    });
}

TEST_F(BadManifest, hasValuesThatAreInvalid)
{
    const std::string podIs = "The Pod \"bad\" is invalid: ";
    const std::string webIs = "The Deployment \"web\" is invalid: ";
    check({
        {"no image", apply, pod(", image: busybox", ""), podIs + "spec.containers[0].image: Required value"},
        {"no containers", apply, pod("\n  - {name: c, image: busybox}", " []"),
         podIs + "spec.containers: Required value"},
        {"a container twice", apply, pod("busybox}", "busybox}\n  - {name: c, image: b}"),
         podIs + "spec.containers[1].name: Duplicate value: \"c\""},
        {"an unknown word", apply, pod("spec:", "spec:\n  restartPolicy: Perhaps"),
         podIs + "spec.restartPolicy: Unsupported value: \"Perhaps\": supported values: \"Always\", \"Never\", "
                 "\"OnFailure\""},
        {"a port out of range", apply, pod("image: busybox", "image: busybox, ports: [{containerPort: 70000}]"),
         podIs +
             "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"},
        {"a host port out of range", apply,
         pod("image: busybox", "image: busybox, ports: [{containerPort: 80, hostPort: 70000}]"),
         podIs + "spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive"},
        {"requests above limits", apply,
         pod("image: busybox", "image: busybox, resources: {requests: {cpu: 2}, limits: {cpu: 1}}"),
         podIs + "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu "
                 "limit of 1"},
        {"a mount of no volume", apply,
         pod("image: busybox", "image: busybox, volumeMounts: [{name: none, mountPath: /x}]"),
         podIs + "spec.containers[0].volumeMounts[0].name: Not found: \"none\""},
        {"a selector that does not match", create,
         replaced(deployment("matchLabels: {app: web}", "matchLabels: {app: other}"), "name: web", "name: other"),
         "The Deployment \"other\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: "
         "`selector` does not match template `labels`"},
        {"fewer than no replicas", apply, deployment("replicas: 0", "replicas: -1"),
         webIs + "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
        {"a service's port out of range", apply, service("port: 80", "port: 99999"),
         "spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive"},
        {"a node port out of range", apply, service("30081", "80"),
         "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports "
         "is 30000-32767"},
        {"a node port that is taken", apply, service("30081", "30080"),
         "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"},
        {"an address out of range", apply, service("spec:", "spec:\n  clusterIP: 1.2.3.4"),
         "failed to allocate IP 1.2.3.4"},
        {"a key of no form", create, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {a/b: c}\n",
         "The ConfigMap \"bad\" is invalid: data[a/b]: Invalid value: \"a/b\": a valid config key"},
    });
}

TEST_F(BadManifest, hasANameThatIsNone)
{
    const std::string longName(254, 'a');
    check({
        {"no name", create, pod("{name: bad}", "{labels: {a: b}}"),
         "metadata.name: Required value: name or generateName is required"},
        {"bad characters", apply, pod("name: bad", "name: Bad_"),
         "The Pod \"Bad_\" is invalid: metadata.name: Invalid value: \"Bad_\""},
        {"too long", apply, pod("name: bad", "name: " + longName), "must be no more than 253 characters"},
        {"too long for a service", apply, service("name: bad", "name: " + longName.substr(0, 64)),
         "must be no more than 63 characters"},
        {"a label of no form", apply, pod("name: bad", "name: bad, labels: {a b: c}"),
         "metadata.labels: Invalid value: \"a b\""},
        {"a namespace that is missing",
         {"apply", "-n", "nope", "-f", "-"},
         pod(),
         "Error from server (NotFound): error when creating \"STDIN\": namespaces \"nope\" not found"},
    });
}

TEST_F(BadManifest, changesWhatCannotBeChanged)
{
    const std::string conflict =
        "Error from server (Conflict): error when replacing \"STDIN\": Operation cannot be fulfilled on "
        "deployments.apps \"web\": the object has been modified; please apply your changes to the latest "
        "version and try again";
    check({
        {"a selector", replace,
         deployment("matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}",
                    "matchLabels: {app: b}}\n  template:\n    metadata: {labels: {app: b}}"),
         "The Deployment \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is "
         "immutable"},
        {"a fixed ConfigMap",
         {"patch", "configmap", "fixed", "-p", R"({"data":{"a":"c"}})"},
         "",
         "The ConfigMap \"fixed\" is invalid: data: Forbidden: field is immutable when `immutable` is set"},
        {"a role's binding",
         {"patch", "rolebinding", "bound", "-p", R"({"roleRef":{"name":"edit"}})"},
         "",
         "cannot change roleRef"},
        {"a service's address",
         {"patch", "service", "taken", "-p", R"({"spec":{"clusterIP":"10.96.7.7"}})"},
         "",
         "may not change once set"},
        {"an old version", replace, deployment("name: web", "name: web, resourceVersion: '1'"), conflict},
        {"a version of no form", replace, deployment("name: web", "name: web, resourceVersion: abc"), conflict},
        {"what exists", create, deployment(),
         "Error from server (AlreadyExists): error when creating \"STDIN\": deployments.apps \"web\" already exists"},
        {"what does not", replace, deployment("name: web", "name: gone"),
         "Error from server (NotFound): error when replacing \"STDIN\": deployments.apps \"gone\" not found"},
        {"a path of a patch",
         {"patch", "deployment", "web", "--type=json", "-p", R"([{"op":"remove","path":"/spec/no"}])"},
         "",
         "The Deployment \"web\" is invalid: /spec/no: the remove operation of the patch finds nothing to remove"},
        {"a cut off patch",
         {"patch", "deployment", "web", "-p", R"({"spec":)"},
         "",
         "invalid JSON at line 1, column 9: incomplete JSON"},
        {"replicas below zero",
         {"scale", "deployment/web", "--replicas=-1"},
         "",
         "COUNT must be greater than or equal to 0"},
    });
}

TEST_F(BadManifest, asksForWhatIsNotThere)
{
    std::vector<Row> rows{
        {"a pod", {"get", "pod", "gone"}, "", "Error from server (NotFound): pods \"gone\" not found"},
        {"a resource", {"get", "gone"}, "", "error: the server doesn't have a resource type \"gone\""},
        {"to delete it", {"delete", "pod", "gone"}, "", "Error from server (NotFound): pods \"gone\" not found"},
        {"its log", {"logs", "gone"}, "", "pods \"gone\" not found"},
        {"a field selector",
         {"get", "pods", "--field-selector", "spec.foo=bar"},
         "",
         "field label not supported: spec.foo"},
        {"a label selector", {"get", "pods", "-l", "a in b"}, "", "unable to parse requirement"},
    };
    for (const auto* const name : {"default", "kube-system", "kube-public", "kube-node-lease"})
        rows.push_back(
            {"protected namespaces",
             {"delete", "namespace", name, "--wait=false"},
             "",
             fmt::format(
                 "Error from server (Forbidden): namespaces \"{}\" is forbidden: this namespace may not be deleted",
                 name)});
    check(rows);
}

TEST_F(BadManifest, isOneOfSeveral)
{
    const auto good = [](const char* name) {
        return replaced(deployment(), "name: web", fmt::format("name: {}", name));
    };
    const auto outcome =
        s_cluster->kubectl(apply, good("one") + "---\n" + pod("name: bad", "name: Bad_") + "---\n" + good("two"));
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_EQ(outcome.output, "deployment.apps/one created\ndeployment.apps/two created\n");
    EXPECT_THAT(outcome.error, HasSubstr("The Pod \"Bad_\" is invalid: metadata.name"));
    EXPECT_TRUE(s_cluster->kubectl({"delete", "deployment", "one", "two"}).ok());
}

} // namespace
} // namespace keelson::e2e
