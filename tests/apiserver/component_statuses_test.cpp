// SPDX-License-Identifier: Apache-2.0
// The parts of the control plane as componentstatuses tell of them.
#include "apiserver/served_cluster.h"

#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

class ComponentStatuses : public ServedCluster {};

TEST_F(ComponentStatuses, areAskedForWhenTheyAreRead)
{
    const std::string path = "/api/v1/componentstatuses";
    const std::string etcd = R"({"kind":"ComponentStatus","apiVersion":"v1","metadata":{"name":"etcd-0"},"conditions":)"
                             R"([{"type":"Healthy","status":"True","message":"ok"}]})";
    const std::string scheduler =
        R"({"kind":"ComponentStatus","apiVersion":"v1","metadata":{"name":"scheduler"},"conditions":)"
        R"([{"type":"Healthy","status":"False","error":"it stands still"}]})";
    const auto listOf = [](const std::string& items) {
        return R"({"kind":"ComponentStatusList","apiVersion":"v1","metadata":{},"items":[)" + items + "]}\n";
    };
    m_scheduler = fail(Reason::ServiceUnavailable, "it stands still");
    struct Row {
        const char* method;
        std::string path;
        int status;
        std::string body; ///< Or how it begins.
    };
    for (
        const auto& [method, asked, status, body] : {
            Row{"GET", path, 200, listOf(etcd + "," + scheduler)},
            Row{"GET", path + "?fieldSelector=metadata.name%3Dscheduler", 200, listOf(scheduler)},
            Row{"GET", path + "?labelSelector=a", 200, listOf("")},
            Row{"GET", path + "/etcd-0", 200, etcd},
            Row{"GET", path + "/scheduler", 200, scheduler},
            Row{"GET", path + "/controller-manager", 404,
                R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"componentstatuses \"controller-manager\" )"
                R"(not found","reason":"NotFound","details":{"name":"controller-manager","kind":"componentstatuses"},"code":404})"},
            Row{"POST", path, 405, "{"},
            Row{"DELETE", path, 405, "{"},
            Row{"DELETE", path + "/etcd-0", 405, "{"},
            Row{"GET", path + "?watch=true", 405, "{"},
        }) {
        const auto reply = admin().ask(method, asked, *method == 'P' ? R"({"metadata":{"name":"x"}})" : "");
        EXPECT_EQ(reply.status, status) << method << " " << asked;
        EXPECT_THAT(reply.body, testing::StartsWith(body)) << method << " " << asked;
    }
    m_scheduler = Done{};
    EXPECT_THAT(admin().ask("GET", path + "/scheduler").body, testing::HasSubstr(R"("status":"True","message":"ok")"));
}

TEST_F(ComponentStatuses, areShownAsATableAndDiscovered)
{
    m_scheduler = fail(Reason::ServiceUnavailable, "it stands still");
    const auto reply =
        admin().ask("GET", "/api/v1/componentstatuses", "", {"Accept: application/json;as=Table;g=meta.k8s.io;v=v1"});
    EXPECT_EQ(reply.headers.get("Warning"), R"(299 - "v1 ComponentStatus is deprecated in v1.19+")");
    std::string rows;
    for (const auto& row : json(reply.body).at("rows").as_array())
        rows += api::writeJson(row.at("cells"));
    EXPECT_EQ(rows, R"(["etcd-0","Healthy","ok",""]["scheduler","Unhealthy","","it stands still"])");
    EXPECT_THAT(admin().ask("GET", "/api/v1").body,
                testing::HasSubstr(R"({"name":"componentstatuses","singularName":"componentstatus","namespaced":false,)"
                                   R"("kind":"ComponentStatus","verbs":["get","list"],"shortNames":["cs"]})"));
    EXPECT_EQ(jane().ask("GET", "/api/v1/componentstatuses").status, 403);
}

} // namespace
} // namespace keelson::apiserver
