// SPDX-License-Identifier: Apache-2.0
// The subresources of Kubernetes 1.32: what discovery says of them, and that they answer to these verbs alone.
#include "apiserver/served_cluster.h"

#include "api/base64.h"
#include "auth/request_maker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

constexpr auto noRoute = "the server could not find the requested resource";

/// As 1.32 serves them with its feature gates as they come; pods/resize is alpha there and off.
constexpr std::string_view expected = R"(
admissionregistration.k8s.io/v1 validatingadmissionpolicies/status ValidatingAdmissionPolicy get,patch,update
apiextensions.k8s.io/v1 customresourcedefinitions/status CustomResourceDefinition get,patch,update
apiregistration.k8s.io/v1 apiservices/status APIService get,patch,update
apps/v1 daemonsets/status DaemonSet get,patch,update
apps/v1 deployments/scale autoscaling/v1/Scale get,patch,update
apps/v1 deployments/status Deployment get,patch,update
apps/v1 replicasets/scale autoscaling/v1/Scale get,patch,update
apps/v1 replicasets/status ReplicaSet get,patch,update
apps/v1 statefulsets/scale autoscaling/v1/Scale get,patch,update
apps/v1 statefulsets/status StatefulSet get,patch,update
autoscaling/v1 horizontalpodautoscalers/status HorizontalPodAutoscaler get,patch,update
autoscaling/v2 horizontalpodautoscalers/status HorizontalPodAutoscaler get,patch,update
batch/v1 cronjobs/status CronJob get,patch,update
batch/v1 jobs/status Job get,patch,update
certificates.k8s.io/v1 certificatesigningrequests/approval CertificateSigningRequest get,patch,update
certificates.k8s.io/v1 certificatesigningrequests/status CertificateSigningRequest get,patch,update
flowcontrol.apiserver.k8s.io/v1 flowschemas/status FlowSchema get,patch,update
flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations/status PriorityLevelConfiguration get,patch,update
networking.k8s.io/v1 ingresses/status Ingress get,patch,update
policy/v1 poddisruptionbudgets/status PodDisruptionBudget get,patch,update
storage.k8s.io/v1 volumeattachments/status VolumeAttachment get,patch,update
v1 namespaces/finalize Namespace update
v1 namespaces/status Namespace get,patch,update
v1 nodes/proxy NodeProxyOptions create,delete,get,patch,update
v1 nodes/status Node get,patch,update
v1 persistentvolumeclaims/status PersistentVolumeClaim get,patch,update
v1 persistentvolumes/status PersistentVolume get,patch,update
v1 pods/attach PodAttachOptions create,get
v1 pods/binding Binding create
v1 pods/ephemeralcontainers Pod get,patch,update
v1 pods/eviction policy/v1/Eviction create
v1 pods/exec PodExecOptions create,get
v1 pods/log Pod get
v1 pods/portforward PodPortForwardOptions create,get
v1 pods/proxy PodProxyOptions create,delete,get,patch,update
v1 pods/status Pod get,patch,update
v1 replicationcontrollers/scale autoscaling/v1/Scale get,patch,update
v1 replicationcontrollers/status ReplicationController get,patch,update
v1 resourcequotas/status ResourceQuota get,patch,update
v1 serviceaccounts/token authentication.k8s.io/v1/TokenRequest create
v1 services/proxy ServiceProxyOptions create,delete,get,patch,update
v1 services/status Service get,patch,update
)";

/// One line of the table, and where the subresource of an object that is not there would be.
struct Found {
    std::string line;
    std::string path;
    std::vector<std::string> verbs;
};

class Subresources : public ServedCluster {
protected:
    std::vector<Found> discovered()
    {
        std::vector<std::string> versions{"v1"};
        for (const auto& group : json(admin().ask("GET", "/apis").body).at("groups").as_array()) {
            for (const auto& version : group.at("versions").as_array())
                versions.emplace_back(api::stringAt(version, {"groupVersion"}));
        }
        std::vector<Found> found;
        for (const auto& version : versions)
            addThoseOf(version, found);
        std::ranges::sort(found, {}, &Found::line);
        return found;
    }

    void makePod()
    {
        const auto made =
            admin().ask("POST", "/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"default"}})");
        EXPECT_EQ(made.status, 201) << made.body;
        const auto pod = admin().ask("POST", "/api/v1/namespaces/default/pods",
                                     R"({"metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
        EXPECT_EQ(pod.status, 201) << pod.body;
    }

private:
    void addThoseOf(const std::string& version, std::vector<Found>& found)
    {
        const auto root = (version == "v1" ? "/api/" : "/apis/") + version;
        const auto list = json(admin().ask("GET", root).body);
        for (const auto& resource : list.at("resources").as_array()) {
            const std::string name(api::stringAt(resource, {"name"}));
            const auto slash = name.find('/');
            if (slash == std::string::npos)
                continue;
            std::string kind(api::stringAt(resource, {"kind"}));
            if (const auto other = api::stringAt(resource, {"version"}); !other.empty())
                kind = fmt::format("{}/{}/{}", api::stringAt(resource, {"group"}), other, kind);
            std::vector<std::string> verbs;
            for (const auto& verb : resource.at("verbs").as_array())
                verbs.emplace_back(verb.as_string());
            const auto* const scope = resource.at("namespaced").as_bool() ? "/namespaces/default" : "";
            found.push_back({fmt::format("{} {} {} {}", version, name, kind, fmt::join(verbs, ",")),
                             fmt::format("{}{}/{}/nobody{}", root, scope, name.substr(0, slash), name.substr(slash)),
                             verbs});
        }
    }
};

TEST_F(Subresources, areDiscoveredAsInKubernetes)
{
    std::string lines = "\n";
    for (const auto& each : discovered())
        lines += each.line + "\n";
    EXPECT_EQ(lines, expected);
}

TEST_F(Subresources, answerToTheirVerbsAlone)
{
    constexpr std::array<std::pair<const char*, const char*>, 5> methods{
        {{"get", "GET"}, {"create", "POST"}, {"update", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}}};
    for (const auto& each : discovered()) {
        for (const auto& [verb, method] : methods) {
            const auto reply = admin().ask(method, each.path, *verb == 'g' || *verb == 'd' ? "" : "{}",
                                           {"Content-Type: application/json"});
            const auto has = std::ranges::find(each.verbs, verb) != each.verbs.end();
            EXPECT_EQ(reply.status != 405, has) << method << " " << each.path << ": " << reply.body;
            EXPECT_NE(message(reply), noRoute) << method << " " << each.path;
        }
    }
}

/// A write of a subresource, with a member that is not known and one that is there twice.
struct Write {
    const char* method;
    std::string path;
    std::string body;
    std::string kind; ///< As the refusal says it, with its version.
    const char* type = "application/json";
    const char* query = "";
};

TEST_F(Subresources, holdTheirBodiesToTheirSchemas)
{
    makePod();
    const std::string space = "/api/v1/namespaces/default";
    const std::string deployments = "/apis/apps/v1/namespaces/default/deployments";
    const std::string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    const auto deployed =
        admin().ask("POST", deployments, R"({"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":
        {"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
    ASSERT_EQ(deployed.status, 201) << deployed.body;
    const auto asked = admin().ask("POST", requests,
                                   fmt::format(R"({{"metadata":{{"name":"web"}},"spec":{{"request":"{}",
        "signerName":"example.org/own","usages":["client auth"]}}}})",
                                               api::encodeBase64(auth::makeRequest("bob", {}).certificate)));
    ASSERT_EQ(asked.status, 201) << asked.body;

    const auto wrong = [](const std::string& members) {
        return R"({"naem":1,"metadata":{},"metadata":{"name":"web"},)" + members + "}";
    };
    const auto whole = [&](const std::string& path) {
        return R"({"naem":1,"metadata":{},)" + admin().ask("GET", path).body.substr(1);
    };
    const auto merge = "application/merge-patch+json";
    const auto strategic = "application/strategic-merge-patch+json";
    const auto apply = "application/apply-patch+yaml";
    for (const auto& write : {
             Write{"PUT", deployments + "/web/scale", wrong(R"("spec":{"replicas":2})"), "v1 Scale"},
             Write{"PATCH", deployments + "/web/scale", wrong(R"("spec":{"replicas":2})"), "v1 Scale", merge},
             Write{"PATCH", deployments + "/web/scale", wrong(R"("spec":{"replicas":2})"), "v1 Scale", strategic},
             Write{"PATCH", deployments + "/web/scale",
                   wrong(R"("apiVersion":"autoscaling/v1","kind":"Scale","spec":{"replicas":2})"), "v1 Scale", apply,
                   "&fieldManager=me&force=true"},
             Write{"POST", space + "/pods/web/eviction", wrong(R"("deleteOptions":{"gracePeriodSeconds":1})"),
                   "v1 Eviction"},
             Write{"POST", space + "/pods/web/eviction", wrong(R"("apiVersion":"policy/v1beta1","kind":"Eviction")"),
                   "v1 Eviction"},
             Write{"POST", space + "/pods/web/binding", wrong(R"("target":{"kind":"Node","name":"n1"})"), "v1 Binding"},
             Write{"PUT", space + "/pods/web/ephemeralcontainers", whole(space + "/pods/web"), "v1 Pod"},
             Write{"PATCH", space + "/pods/web/ephemeralcontainers",
                   wrong(R"("spec":{"ephemeralContainers":[{"name":"e","image":"i"}]})"), "v1 Pod", strategic},
             Write{"PUT", space + "/pods/web/status", whole(space + "/pods/web"), "v1 Pod"},
             Write{"POST", space + "/serviceaccounts/default/token",
                   R"({"naem":1,"metadata":{},"metadata":{},"spec":{"audiences":["a"]}})", "v1 TokenRequest"},
             Write{"PUT", requests + "/web/approval", whole(requests + "/web"), "v1 CertificateSigningRequest"},
             Write{"PATCH", requests + "/web/approval", wrong(R"("status":{"conditions":[]})"),
                   "v1 CertificateSigningRequest", merge},
             Write{"PUT", "/api/v1/namespaces/default/finalize", whole(space), "v1 Namespace"},
         }) {
        const auto ask = [&](const char* validation) {
            return admin().ask(write.method,
                               fmt::format("{}?dryRun=All&fieldValidation={}{}", write.path, validation, write.query),
                               write.body, {std::string("Content-Type: ") + write.type});
        };
        const auto at = fmt::format("{} {} as {}", write.method, write.path, write.type);
        const auto version = write.kind.substr(0, write.kind.find(' '));
        const auto kind = write.kind.substr(write.kind.find(' ') + 1);
        const auto strict = ask("Strict");
        EXPECT_EQ(strict.status, 400) << at << strict.body;
        EXPECT_EQ(message(strict),
                  fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: strict decoding error: "
                              "duplicate field \"metadata\", unknown field \"naem\"",
                              kind, version))
            << at;
        const auto warned = ask("Warn");
        EXPECT_LT(warned.status, 300) << at << warned.body;
        EXPECT_THAT(warned.headers.all("Warning"), testing::ElementsAre(R"(299 - "duplicate field \"metadata\"")",
                                                                        R"(299 - "unknown field \"naem\"")"))
            << at;
        const auto ignored = ask("Ignore");
        EXPECT_LT(ignored.status, 300) << at << ignored.body;
        EXPECT_FALSE(ignored.headers.has("Warning")) << at;
    }
}

TEST_F(Subresources, leaveOutTheResizeThatIsOffIn132)
{
    makePod();
    const auto* const body = R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}})";
    for (const auto* const method : {"GET", "PUT", "PATCH"}) { // kubectl patch --subresource resize sends the last
        const auto reply = admin().ask(method, "/api/v1/namespaces/default/pods/web/resize", *method == 'G' ? "" : body,
                                       {"Content-Type: application/strategic-merge-patch+json"});
        EXPECT_EQ(reply.status, 404) << method << reply.body;
        EXPECT_EQ(message(reply), noRoute) << method;
    }
    const auto direct = admin().ask("PATCH", "/api/v1/namespaces/default/pods/web", body,
                                    {"Content-Type: application/strategic-merge-patch+json"});
    EXPECT_EQ(direct.status, 422) << direct.body;
    EXPECT_NE(message(direct).find("pod updates may not change fields other than"), std::string::npos);
}

} // namespace
} // namespace keelson::apiserver
