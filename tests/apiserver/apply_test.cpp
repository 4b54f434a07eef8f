// SPDX-License-Identifier: Apache-2.0
// Server-side apply as clients see it: media type, codes, causes, and the rights that it needs.
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

const std::string maps = "/api/v1/namespaces/default/configmaps";
const std::string roleKinds = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/";

class ServedApply : public ServedCluster {
protected:
    static HttpsClient::Reply apply(HttpsClient& client, const std::string& target, const std::string& yaml,
                                    const std::string& query = "fieldManager=test")
    {
        return client.ask("PATCH", target + "?" + query, yaml, {"Content-Type: application/apply-patch+yaml"});
    }
    /// Gives jane, besides nothing, these rules.
    void allowJane(const std::string& rules)
    {
        auto objects = auth::defaultRoles();
        objects.push_back(json(fmt::format(
            R"({{"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{{"name":"jane"}},"rules":{}}})",
            rules)));
        objects.push_back(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
                                   "roleRef":{"kind":"ClusterRole","name":"jane"},
                                   "subjects":[{"kind":"User","name":"jane"}]})"));
        m_authorizer.replace(objects);
    }
};

TEST_F(ServedApply, createsThenChanges)
{
    const auto created = apply(admin(), maps + "/a", "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: '1'\n");
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_THAT(created.body,
                HasSubstr(R"("managedFields":[{"manager":"test","operation":"Apply","apiVersion":"v1",)"));
    EXPECT_THAT(created.body, HasSubstr(R"("fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:x":{}}}}]})"));
    EXPECT_EQ(apply(admin(), maps + "/a", "{apiVersion: v1, kind: ConfigMap, data: {x: '2'}}").status, 200);
    const auto before = json(admin().ask("GET", maps + "/a").body);
    EXPECT_EQ(apply(admin(), maps + "/a", "{apiVersion: v1, kind: ConfigMap, data: {x: '2'}}").status, 200);
    EXPECT_EQ(json(admin().ask("GET", maps + "/a").body), before);
    EXPECT_EQ(apply(admin(), maps + "/b", "{apiVersion: v1, kind: ConfigMap}", "fieldManager=test&dryRun=All").status,
              201);
    EXPECT_EQ(admin().ask("GET", maps + "/b").status, 404);
}

TEST_F(ServedApply, tellsConflictsAsCauses)
{
    ASSERT_EQ(
        admin().ask("POST", maps, R"({"metadata":{"name":"a"},"data":{"x":"1"}})", {"User-Agent: tool/1.0"}).status,
        201);
    const auto refused = apply(admin(), maps + "/a", "{apiVersion: v1, kind: ConfigMap, data: {x: '2'}}");
    EXPECT_EQ(refused.status, 409);
    const auto status = json(refused.body);
    EXPECT_EQ(status.at("reason"), "Conflict");
    EXPECT_EQ(status.at("message"), R"(Apply failed with 1 conflict: conflict with "tool" using v1: .data.x)");
    EXPECT_EQ(
        status.at("details").at("causes"),
        json(R"([{"reason":"FieldManagerConflict","message":"conflict with \"tool\" using v1","field":".data.x"}])"));
    EXPECT_EQ(
        apply(admin(), maps + "/a", "{apiVersion: v1, kind: ConfigMap, data: {x: '2'}}", "fieldManager=test&force=true")
            .status,
        200);
}

TEST_F(ServedApply, ofWhatIsNotThereNeedsTheRightToCreate)
{
    const std::string map = "{apiVersion: v1, kind: ConfigMap, data: {x: '1'}}";
    allowJane(R"([{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}])");
    const auto refused = apply(jane(), maps + "/a", map);
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_THAT(message(refused), HasSubstr(R"(configmaps "a" is forbidden: User "jane" cannot create resource)"));
    EXPECT_EQ(apply(admin(), maps + "/a", map).status, 201);
    EXPECT_EQ(apply(jane(), maps + "/a", map).status, 200);
}

/// A configuration may leave out the role that the live binding gives: what counts is what comes of it.
TEST_F(ServedApply, grantsNothingThatTheCallerDoesNotHold)
{
    allowJane(R"([{"apiGroups":["rbac.authorization.k8s.io"],"resources":["*"],"verbs":["get","create","patch"]}])");
    const auto binding = [](const std::string& rest) {
        return "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, " + rest + "}";
    };
    const auto admins =
        binding("roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}");
    const auto withJane = binding("subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]");
    EXPECT_EQ(apply(jane(), roleKinds + "rolebindings/b", admins).status, 403);
    EXPECT_EQ(apply(admin(), roleKinds + "rolebindings/b", admins).status, 201);
    const auto refused = apply(jane(), roleKinds + "rolebindings/b", withJane, "fieldManager=jane");
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_THAT(message(refused), HasSubstr("attempting to grant RBAC permissions not currently held"));
    EXPECT_EQ(admin().ask("GET", roleKinds + "rolebindings/b").body.find("jane"), std::string::npos);
}

TEST_F(ServedApply, tellsManagersByTheUserAgent)
{
    ASSERT_EQ(admin().ask("POST", maps, R"({"metadata":{"name":"a"},"data":{"x":"1"}})").status, 201);
    const auto unknown = admin().ask("GET", maps + "/a").body;
    EXPECT_THAT(unknown, HasSubstr(R"({"manager":"unknown","operation":"Update","apiVersion":"v1")"));
    ASSERT_EQ(admin()
                  .ask("PATCH", maps + "/a", R"({"data":{"x":"2"}})",
                       {"Content-Type: application/merge-patch+json", "User-Agent: kubectl-patch/v1.32 (linux)"})
                  .status,
              200);
    EXPECT_THAT(admin().ask("GET", maps + "/a").body, HasSubstr(R"({"manager":"kubectl-patch","operation":"Update")"));
}

} // namespace
} // namespace keelson::apiserver
