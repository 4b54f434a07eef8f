// SPDX-License-Identifier: Apache-2.0
// Who may do what, asked over the wire: a matrix of all that is served, impersonation, and what nodes may write.
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

/// A line of discovery: "pods/log" of "" with its verbs.
struct Served {
    std::string group;
    std::string version;
    std::string resource;
    std::string subresource;
    bool namespaced = false;
    std::vector<std::string> verbs;
};

class Access : public ServedCluster {
protected:
    std::vector<Served> everythingServed()
    {
        std::vector<Served> all;
        std::vector<std::string> paths{"/api/v1"};
        const auto groups = json(admin().ask("GET", "/apis").body);
        for (const auto& group : groups.at("groups").as_array()) {
            for (const auto& version : group.at("versions").as_array())
                paths.push_back("/apis/" + std::string(api::stringAt(version, {"groupVersion"})));
        }
        for (const auto& path : paths) {
            const auto list = json(admin().ask("GET", path).body);
            const auto groupVersion = api::GroupVersion::parse(api::stringAt(list, {"groupVersion"}));
            for (const auto& item : list.at("resources").as_array()) {
                const std::string name(api::stringAt(item, {"name"}));
                const auto slash = name.find('/');
                Served served{groupVersion.group,
                              groupVersion.version,
                              name.substr(0, slash),
                              slash == std::string::npos ? "" : name.substr(slash + 1),
                              api::boolAt(item, {"namespaced"}),
                              {}};
                for (const auto& verb : item.at("verbs").as_array())
                    served.verbs.emplace_back(verb.as_string());
                all.push_back(std::move(served));
            }
        }
        return all;
    }

    /// Asks for something that cannot succeed, so that only the question of access is answered.
    HttpsClient::Reply askAs(HttpsClient& client, const Served& what, const std::string& verb)
    {
        static const std::map<std::string, const char*> methods{
            {"get", "GET"},    {"list", "GET"},    {"watch", "GET"},     {"create", "POST"},
            {"update", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}, {"deletecollection", "DELETE"}};
        auto path = what.group.empty() ? "/api/v1" : fmt::format("/apis/{}/{}", what.group, what.version);
        if (what.namespaced)
            path += "/namespaces/default";
        path += "/" + what.resource;
        const bool many = verb == "list" || verb == "watch" || verb == "deletecollection" ||
                          (verb == "create" && what.subresource.empty());
        if (!many)
            path += "/none";
        if (!what.subresource.empty())
            path += "/" + what.subresource;
        if (verb == "watch")
            path += "?watch=1&resourceVersion=unreadable";
        if (verb == "deletecollection")
            path += "?labelSelector=no=such";
        const bool body = verb == "create" || verb == "update" || verb == "patch";
        return client.ask(
            methods.at(verb), path, body ? "{}" : "",
            {verb == "patch" ? "Content-Type: application/merge-patch+json" : "Content-Type: application/json"});
    }

    /// Gives jane one rule in all namespaces, and nothing else.
    void giveJane(const std::string& verbs, const std::string& group, const std::string& resource)
    {
        m_authorizer.apply(json(fmt::format(R"({{"kind":"ClusterRole","metadata":{{"name":"one"}},"rules":[
            {{"verbs":[{}],"apiGroups":["{}"],"resources":["{}"]}}]}})",
                                            verbs, group, resource)));
        m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
            "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
    }
};

TEST_F(Access, ofEachResourceAndVerbNeedsJustThatRight)
{
    constexpr int forbidden = 403;
    const std::vector<std::string> all{"get",    "list",  "watch",  "create",
                                       "update", "patch", "delete", "deletecollection"};
    m_authorizer.replace(std::vector<api::Value>{}); // no rights that everybody has
    std::size_t asked = 0;
    const auto served = everythingServed();
    for (const auto& what : served) {
        const auto resource = what.resource + (what.subresource.empty() ? "" : "/" + what.subresource);
        for (const auto& verb : what.verbs) {
            std::string others;
            for (const auto& other : all) {
                if (other != verb)
                    others += fmt::format("{}\"{}\"", others.empty() ? "" : ",", other);
            }
            giveJane(others, what.group, resource);
            const auto refused = askAs(jane(), what, verb);
            EXPECT_EQ(refused.status, forbidden) << verb << " " << resource << ": " << refused.body;
            EXPECT_THAT(message(refused),
                        HasSubstr(fmt::format("User \"jane\" cannot {} resource \"{}\" in API group \"{}\"", verb,
                                              resource, what.group)));
            giveJane(fmt::format("\"{}\"", verb), what.group, resource);
            const auto allowed = askAs(jane(), what, verb);
            // An update that would make the object needs the right to that besides.
            const bool makes =
                verb == "update" && message(allowed).find("User \"jane\" cannot create") != std::string::npos;
            EXPECT_TRUE(allowed.status != forbidden || makes) << verb << " " << resource << ": " << allowed.body;
            EXPECT_NE(allowed.status, 0) << verb << " " << resource;
            ++asked;
        }
    }
    EXPECT_GT(asked, 150U);
}

/// jane, who may impersonate some.
class Impersonation : public Access {
protected:
    Impersonation()
    {
        m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
            "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
        m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"all"},
            "roleRef":{"kind":"ClusterRole","name":"system:basic-user"},
            "subjects":[{"kind":"Group","name":"system:unauthenticated"}]})"));
    }

    /// `headers` without "Impersonate-".
    HttpsClient::Reply ask(const std::string& rules, std::vector<std::string> headers)
    {
        m_authorizer.apply(
            json(fmt::format(R"({{"kind":"ClusterRole","metadata":{{"name":"one"}},"rules":[{}]}})", rules)));
        for (auto& header : headers)
            header.insert(0, "Impersonate-");
        return jane().ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", headers);
    }

    static constexpr auto onlyBob =
        R"({"verbs":["impersonate"],"apiGroups":[""],"resources":["users"],"resourceNames":["bob"]})";
    static constexpr auto most =
        R"({"verbs":["impersonate"],"apiGroups":[""],"resources":["users","groups","serviceaccounts"]},
           {"verbs":["impersonate"],"apiGroups":["authentication.k8s.io"],"resources":["uids","userextras/scopes"],
            "resourceNames":["7","view"]})";
};

TEST_F(Impersonation, makesTheUserThatIsNamed)
{
    struct Row {
        const char* rules;
        std::vector<std::string> headers;
        const char* user; // a part of the answer
    };
    const std::string account = "User: system:serviceaccount:default:web";
    for (const auto& [rules, headers, user] : {
             Row{onlyBob, {"User: bob"}, R"("username":"bob","groups":["system:authenticated"])"},
             Row{most, {"User: bob", "Group: dev", "Group: ops"}, R"("groups":["dev","ops","system:authenticated"])"},
             Row{most, {"User: bob", "Group: system:unauthenticated"}, R"("groups":["system:unauthenticated"])"},
             Row{most, {"User: system:anonymous"}, R"("groups":["system:unauthenticated"])"},
             Row{most, {"User: bob", "Uid: 7"}, R"("uid":"7")"},
             Row{most, {"User: bob", "Extra-Scopes: view"}, R"("extra":{"scopes":["view"]})"},
             Row{most,
                 {account},
                 R"("groups":["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"])"},
             Row{most, {account, "Group: dev"}, R"("groups":["dev","system:authenticated"])"},
         }) {
        const auto reply = ask(rules, headers);
        EXPECT_EQ(reply.status, 201) << headers.front() << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(user));
    }
}

TEST_F(Impersonation, needsTheRightToEachPart)
{
    struct Row {
        const char* rules;
        std::vector<std::string> headers;
        int status;
        const char* words;
    };
    constexpr auto noUser = "impersonation needs the header Impersonate-User";
    for (const auto& [rules, headers, status, words] : {
             Row{"",
                 {"User: bob"},
                 403,
                 R"(users "bob" is forbidden: User "jane" cannot impersonate resource "users" )"},
             Row{onlyBob, {"User: eve"}, 403, R"(users "eve" is forbidden)"},
             Row{onlyBob, {"User: bob", "Group: dev"}, 403, R"(cannot impersonate resource "groups" in API group "")"},
             Row{most, {"User: bob", "Uid: 8"}, 403, R"("uids" in API group "authentication.k8s.io")"},
             Row{most, {"User: bob", "Extra-Scopes: view", "Extra-Scopes: edit"}, 403, R"("userextras/scopes" in API)"},
             Row{most, {"User: bob", "Extra-acme.com%2Fproject: p"}, 403, "userextras/acme.com/project"},
             Row{onlyBob,
                 {"User: system:serviceaccount:default:web"},
                 403,
                 R"("serviceaccounts" in API group "" in the namespace "default")"},
             Row{onlyBob, {"User: system:serviceaccount:odd"}, 403, R"(cannot impersonate resource "users")"},
             Row{most, {"Group: dev"}, 400, noUser},
             Row{most, {"Uid: 7"}, 400, noUser},
             Row{most, {"Extra-scopes: view"}, 400, noUser},
         }) {
        const auto reply = ask(rules, headers);
        EXPECT_EQ(reply.status, status) << headers.front() << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words));
    }
}

TEST_F(Access, rolesOfAnyKindOfWriteAreHeldToTheRightsOfTheWriter)
{
    const std::string roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    const std::string small = R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}])";
    const std::string large = R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}])";
    m_authorizer.apply(json(R"({"kind":"ClusterRole","metadata":{"name":"one"},"rules":[
        {"verbs":["get"],"apiGroups":[""],"resources":["pods"]},
        {"verbs":["create","update","patch","get"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["*"]}]})"));
    m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
        "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
    const auto words = "attempting to grant RBAC permissions not currently held:\n"
                       "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}";
    const auto refused = [&](const HttpsClient::Reply& reply) {
        EXPECT_EQ(reply.status, 403) << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words));
    };
    refused(jane().ask("POST", roles, R"({"metadata":{"name":"r"},)" + large + "}"));
    EXPECT_EQ(jane().ask("POST", roles, R"({"metadata":{"name":"r"},)" + small + "}").status, 201);
    refused(jane().ask("PUT", roles + "/r", R"({"metadata":{"name":"r"},)" + large + "}"));
    refused(jane().ask("PATCH", roles + "/r", "{" + large + "}", {"Content-Type: application/merge-patch+json"}));
    refused(jane().ask("PATCH", roles + "/r", R"([{"op":"replace","path":"/rules/0/resources/0","value":"secrets"}])",
                       {"Content-Type: application/json-patch+json"}));
    refused(jane().ask("PATCH", roles + "/r?fieldManager=jane&force=true",
                       R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"},)" +
                           large + "}",
                       {"Content-Type: application/apply-patch+yaml"}));
    EXPECT_EQ(jane()
                  .ask("PATCH", roles + "/r", R"({"metadata":{"labels":{"a":"b"}}})",
                       {"Content-Type: application/merge-patch+json"})
                  .status,
              200);
    const std::string bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    const auto binding = jane().ask("POST", bindings, R"({"metadata":{"name":"b"},
        "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}})");
    EXPECT_EQ(binding.status, 403) << binding.body;
    EXPECT_THAT(message(binding), HasSubstr("clusterrolebindings.rbac.authorization.k8s.io \"b\" is forbidden"));
}

/// jane may write roles and bindings, and holds no right that she could give.
class Grants : public Access {
protected:
    static constexpr auto group = "/apis/rbac.authorization.k8s.io/v1/";

    Grants()
    {
        m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
            "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
        for (const auto* const resource : {"clusterroles", "namespaces/default/roles"})
            EXPECT_EQ(admin().ask("POST", std::string(group) + resource, role("there")).status, 201);
        m_authorizer.apply(json(R"({"kind":"ClusterRole","metadata":{"name":"there"},)" + rules + "}"));
        m_authorizer.apply(json(R"({"kind":"Role","metadata":{"name":"there","namespace":"default"},)" + rules + "}"));
    }

    /// "" or the right to that verb on that resource, for the names (JSON strings) alone.
    void allow(const std::string& verb, const std::string& resource, const std::string& names = "")
    {
        const auto right = fmt::format(
            R"(,{{"verbs":["{}"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["{}"],"resourceNames":[{}]}})",
            verb, resource, names);
        m_authorizer.apply(json(R"({"kind":"ClusterRole","metadata":{"name":"one"},"rules":[{"verbs":["create","patch"],
            "apiGroups":["rbac.authorization.k8s.io"],
            "resources":["roles","clusterroles","rolebindings","clusterrolebindings"]})" +
                                (verb.empty() ? "" : right) + "]}"));
    }

    static std::string role(const std::string& name)
    {
        return R"({"metadata":{"name":")" + name + "\"}," + rules + "}";
    }
    /// In a dry run: each is asked many times.
    int create(const std::string& resource, const std::string& body)
    {
        return jane().ask("POST", group + resource + "?dryRun=All", body).status;
    }
    int changeRole(const std::string& resource)
    {
        return jane()
            .ask("PATCH", group + resource + "/there?dryRun=All",
                 R"({"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})",
                 {"Content-Type: application/merge-patch+json"})
            .status;
    }
    int bind(const std::string& resource, const std::string& kind)
    {
        return create(resource, fmt::format(R"({{"metadata":{{"name":"b"}},"roleRef":{{"kind":"{}","name":"there",
            "apiGroup":"rbac.authorization.k8s.io"}},"subjects":[{{"kind":"User","name":"jane",
            "apiGroup":"rbac.authorization.k8s.io"}}]}})",
                                            kind));
    }

    static inline const std::string rules = R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}])";
    static inline const std::string spaced = "namespaces/default/";
};

TEST_F(Grants, beyondOnesOwnRightsNeedTheVerbThatSaysSo)
{
    struct Row {
        const char* verb;
        const char* resource;
        const char* names;
        std::vector<int> codes; ///< Of a new role, of a change, of bindings to a role; each in a namespace and of all.
    };
    for (const auto& [verb, resource, names, codes] : {
             Row{"", "", "", {403, 403, 403, 403, 403, 403, 403}},
             Row{"escalate", "roles", "", {201, 403, 200, 403, 403, 403, 403}},
             Row{"escalate", "roles", R"("there")", {403, 403, 200, 403, 403, 403, 403}},
             Row{"escalate", "roles", R"("new")", {403, 403, 403, 403, 403, 403, 403}},
             Row{"escalate", "clusterroles", "", {403, 201, 403, 200, 403, 403, 403}},
             Row{"bind", "roles", "", {403, 403, 403, 403, 201, 403, 403}},
             Row{"bind", "roles", R"("there")", {403, 403, 403, 403, 201, 403, 403}},
             Row{"bind", "roles", R"("other")", {403, 403, 403, 403, 403, 403, 403}},
             Row{"bind", "clusterroles", R"("there")", {403, 403, 403, 403, 403, 201, 201}},
             Row{"bind", "clusterroles", R"("other")", {403, 403, 403, 403, 403, 403, 403}},
             Row{"bind", "clusterrolebindings", "", {403, 403, 403, 403, 403, 403, 403}},
             Row{"*", "clusterroles", "", {403, 201, 403, 200, 403, 201, 201}},
         }) {
        allow(verb, resource, names);
        const std::vector<int> seen{create(spaced + "roles", role("new")),
                                    create("clusterroles", role("new")),
                                    changeRole(spaced + "roles"),
                                    changeRole("clusterroles"),
                                    bind(spaced + "rolebindings", "Role"),
                                    bind(spaced + "rolebindings", "ClusterRole"),
                                    bind("clusterrolebindings", "ClusterRole")};
        EXPECT_EQ(seen, codes) << verb << " " << resource << " " << names;
    }
}

/// What the node n1 itself asks for and writes.
class NodeAccess : public Access {
protected:
    NodeAccess()
    {
        m_identity = *m_authority->issueClient("system:node:n1", {"system:nodes"});
        m_node = connect(&m_identity);
        admin().ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"kube-node-lease"}})");
        for (const auto* name : {"default", "web", "other"})
            admin().ask("POST", "/api/v1/namespaces/default/serviceaccounts",
                        fmt::format(R"({{"metadata":{{"name":"{}"}}}})", name));
        pod("own", "n1", "web");
        pod("foreign", "n2", "other");
    }

    void pod(const std::string& name, const std::string& node, const std::string& account)
    {
        const auto body =
            fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"nodeName":"{}","serviceAccountName":"{}",
            "containers":[{{"name":"c","image":"i"}}]}}}})",
                        name, node, account);
        const auto reply = admin().ask("POST", "/api/v1/namespaces/default/pods", body);
        EXPECT_EQ(reply.status, 201) << reply.body;
        const auto document = json(reply.body);
        m_uids[name] = api::stringAt(document, {"metadata", "uid"});
        m_nodeGraph.setPod(*api::fromJson<api::Pod>(document));
    }

    auth::KeyPair m_identity;
    std::unique_ptr<HttpsClient> m_node;
    std::map<std::string, std::string> m_uids;
};

TEST_F(NodeAccess, writesAreHeldToItsOwnObjects)
{
    struct Row {
        const char* method;
        const char* path;
        const char* body;
        int status;
        const char* words;
    };
    constexpr auto nodes = "/api/v1/nodes";
    constexpr auto leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    constexpr auto pods = "/api/v1/namespaces/default/pods";
    for (
        const auto& [method, path, body, status, words] : {
            Row{"POST", nodes, R"({"metadata":{"name":"n2"}})", 403,
                R"(nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2")"},
            Row{"POST", nodes, R"({"metadata":{"name":"n1","labels":{"node-restriction.kubernetes.io/a":"b"}}})", 403,
                R"(nodes "n1" is forbidden: is not allowed to set the following labels: node-restriction.kubernetes.io/a)"},
            Row{"POST", nodes, R"({"metadata":{"name":"n1","labels":{"kubernetes.io/os":"linux","zone":"a"}}})", 201,
                ""},
            Row{"PATCH", "/api/v1/nodes/n1", R"({"metadata":{"labels":{"node-role.kubernetes.io/control-plane":""}}})",
                403, "is not allowed to modify labels: node-role.kubernetes.io/control-plane"},
            Row{"PATCH", "/api/v1/nodes/n1", R"({"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]}})", 403,
                R"(node "n1" is not allowed to modify taints)"},
            Row{"PATCH", "/api/v1/nodes/n1",
                R"({"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"x","uid":"u"}]}})", 403,
                R"(node "n1" is not allowed to modify ownerReferences)"},
            Row{"PATCH", "/api/v1/nodes/n1", R"({"metadata":{"labels":{"zone":"b"}}})", 200, ""},
            Row{"DELETE", "/api/v1/nodes/n1", "", 403, R"(cannot delete resource "nodes")"},
            Row{"POST", leases, R"({"metadata":{"name":"n2"}})", 403,
                "can only access node lease with the same name as the requesting node"},
            Row{"POST", leases, R"({"metadata":{"name":"n1"}})", 201, ""},
            Row{"POST", pods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})", 403,
                R"(pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods)"},
            Row{"PATCH", "/api/v1/namespaces/default/pods/own/status", R"({"status":{"phase":"Running"}})", 200, ""},
            Row{"PATCH", "/api/v1/namespaces/default/pods/own/status", R"({"metadata":{"labels":{"a":"b"}}})", 403,
                R"(node "n1" cannot update labels through pod status)"},
            Row{"PATCH", "/api/v1/namespaces/default/pods/own/status",
                R"({"status":{"resourceClaimStatuses":[{"name":"a"}]}})", 403,
                R"(node "n1" cannot update resource claim statuses)"},
            Row{"PATCH", "/api/v1/namespaces/default/pods/foreign/status", R"({"status":{"phase":"Running"}})", 403,
                R"(node "n1" can only update pod status for pods with spec.nodeName set to itself)"},
            Row{"PATCH", "/api/v1/namespaces/default/pods/own", R"({"metadata":{"labels":{"a":"b"}}})", 403,
                R"(cannot patch resource "pods")"},
            Row{"DELETE", "/api/v1/namespaces/default/pods/foreign", "", 403,
                R"(node "n1" can only delete pods with spec.nodeName set to itself)"},
            Row{"DELETE", "/api/v1/namespaces/default/pods/own?gracePeriodSeconds=0", "", 200, ""},
        }) {
        const auto reply = m_node->ask(method, path, body,
                                       {std::string(method) == "PATCH" ? "Content-Type: application/merge-patch+json"
                                                                       : "Content-Type: application/json"});
        EXPECT_EQ(reply.status, status) << method << " " << path << body << reply.body;
        EXPECT_THAT(reply.status < 300 ? "" : message(reply), HasSubstr(words));
    }
}

TEST_F(NodeAccess, mirrorPodsAreTheNodesAndNeedNothingOfTheCluster)
{
    const auto node = json(m_node->ask("POST", "/api/v1/nodes", R"({"metadata":{"name":"n1"}})").body);
    const auto uid = std::string(api::stringAt(node, {"metadata", "uid"}));
    const auto owner = [&](const char* more) {
        return fmt::format(R"({{"apiVersion":"v1","kind":"Node","name":"n1","uid":"{}"{}}})", uid, more);
    };
    const auto own = owner(R"(,"controller":true)");
    struct Row {
        std::string owners;
        const char* spec;
        const char* words;
    };
    for (const auto& [owners, spec, words] : {
             Row{"", "", "can only create pods with an owner reference set to itself"},
             Row{owner(""), "", "can only create pods with a controller owner reference set to itself"},
             Row{owner(R"(,"controller":true,"blockOwnerDeletion":true)"), "",
                 "must not set blockOwnerDeletion on an owner reference"},
             Row{own, R"(,"resourceClaims":[{"name":"a","resourceClaimName":"b"}])",
                 "can not create pods that reference a resource claim"},
             Row{own, R"(,"volumes":[{"name":"v","secret":{"secretName":"s"}}])",
                 "a mirror pod may not reference secrets"},
             Row{own, R"(,"volumes":[{"name":"v","configMap":{"name":"s"}}])",
                 "can not create pods that reference a config map"},
             Row{own, R"(,"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}])",
                 "a mirror pod may not use ServiceAccountToken volume projections"},
             Row{own, "", ""},
         }) {
        const auto reply = m_node->ask(
            "POST", "/api/v1/namespaces/default/pods",
            fmt::format(
                R"({{"metadata":{{"name":"mirror","annotations":{{"kubernetes.io/config.mirror":"x"}},)"
                R"("ownerReferences":[{}]}},"spec":{{"nodeName":"n1","containers":[{{"name":"c","image":"i"}}]{}}}}})",
                owners, spec));
        EXPECT_EQ(reply.status, *words == '\0' ? 201 : 403) << reply.body;
        EXPECT_THAT(reply.status < 300 ? "" : message(reply), HasSubstr(words));
    }
}

TEST_F(NodeAccess, ofAClaimItTellsHowItGrows)
{
    const std::string claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    const auto made = admin().ask(
        "POST", claims,
        R"({"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})");
    ASSERT_EQ(made.status, 201) << made.body;
    api::Pod pod;
    pod.metadata.namespace_ = "default";
    pod.metadata.name = "user";
    pod.spec.nodeName = "n1";
    pod.spec.volumes.emplace_back().persistentVolumeClaim.emplace().claimName = "data";
    m_nodeGraph.setPod(pod);
    const auto patch = [&](const char* body) {
        return m_node->ask("PATCH", claims + "/data/status", body, {"Content-Type: application/merge-patch+json"});
    };
    EXPECT_EQ(
        patch(R"({"status":{"capacity":{"storage":"1Gi"},"conditions":[{"type":"Resizing","status":"True"}]}})").status,
        200);
    const auto refused = patch(R"({"status":{"phase":"Lost"}})");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(message(refused), HasSubstr("node \"n1\" is not allowed to update fields other than status.capacity"));
}

TEST_F(NodeAccess, tokensAreForItsPodsAlone)
{
    const auto ask = [&](const std::string& account, const std::string& bound) {
        return m_node->ask("POST", "/api/v1/namespaces/default/serviceaccounts/" + account + "/token",
                           R"({"spec":{)" + bound + "}}");
    };
    const auto boundTo = [&](const std::string& pod, const std::string& uid) {
        return fmt::format(R"("boundObjectRef":{{"apiVersion":"v1","kind":"Pod","name":"{}","uid":"{}"}})", pod, uid);
    };
    EXPECT_EQ(ask("web", boundTo("own", m_uids["own"])).status, 201);
    struct Row {
        const char* account;
        std::string bound;
        const char* words;
    };
    for (const auto& [account, bound, words] : {
             Row{"web", "", "node requested token not bound to a pod"},
             Row{"web", R"("boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"own"})",
                 "node requested token with a pod binding without a uid"},
             Row{"web", boundTo("own", "another"), "does not match the UID in record"},
             Row{"web", boundTo("foreign", m_uids["foreign"]),
                 "node requested token bound to a pod scheduled on a different node"},
             Row{"other", boundTo("foreign", m_uids["foreign"]),
                 "no relationship found between node 'n1' and this object"},
         }) {
        const auto reply = ask(account, bound);
        EXPECT_EQ(reply.status, 403) << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words));
    }
}

} // namespace
} // namespace keelson::apiserver
