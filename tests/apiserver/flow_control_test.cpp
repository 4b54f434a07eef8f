// SPDX-License-Identifier: Apache-2.0
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <condition_variable>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

constexpr auto maps = "/api/v1/namespaces/default/configmaps";

/// Keeps what it is to run until it is told to go on.
class Gate : public Executor {
public:
    explicit Gate(Executor& executor) : m_executor(executor) {}
    void run(Task work) override
    {
        const std::scoped_lock lock(m_mutex);
        ++m_come;
        m_changed.notify_all();
        if (m_open)
            m_executor.run(std::move(work));
        else
            m_kept.push_back(std::move(work));
    }
    void waitFor(std::size_t count)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_come >= count; });
    }
    void open()
    {
        const std::scoped_lock lock(m_mutex);
        m_open = true;
        for (auto& work : m_kept)
            m_executor.run(std::move(work));
        m_kept.clear();
    }

private:
    Executor& m_executor;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Task> m_kept;
    std::size_t m_come = 0;
    bool m_open = false;
};

class FlowControl : public ServedCluster {
protected:
    static std::string post(const std::string& name)
    {
        return HttpsClient::requestText("POST", maps, fmt::format(R"({{"metadata":{{"name":"{}"}}}})", name), {});
    }
};

TEST_F(FlowControl, answers429ToTheFlowThatFloodsAlone)
{
    auto objects = auth::defaultRoles();
    objects.push_back(
        json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"j"},"roleRef":{"kind":"ClusterRole","name":"admin"},
                               "subjects":[{"kind":"User","name":"jane"}]})"));
    m_authorizer.replace(objects);
    Gate gate(m_executor);
    auto limited = options();
    limited.executor = &gate;
    limited.flows.levels = {{"exempt", "level-1", true, 0, 0, 0, 1, 0}, {"few", "level-2", false, 1, 0, 1, 1, 2}};
    auto schema = limited.flows.schemas.back();
    schema.level = "few";
    schema.uid = "schema-2";
    limited.flows.schemas = {limited.flows.schemas.front(), schema};
    m_server->stop();
    m_server = *ApiServer::create(std::move(limited));

    // The level has all 48 seats: as many work, two wait, and one more finds no place.
    std::vector<std::unique_ptr<HttpsClient>> clients;
    for (std::size_t i = 0; i < 48; ++i) {
        clients.push_back(connect(&m_jane));
        clients.back()->send(post("c" + std::to_string(i)));
    }
    gate.waitFor(48);
    std::vector<std::unique_ptr<HttpsClient>> crowd;
    for (std::size_t i = 0; i < 3; ++i) {
        crowd.push_back(connect(&m_jane));
        crowd.back()->send(post("w" + std::to_string(i)));
        while (i < 2 && connect(&m_admin)
                                ->ask("GET", "/metrics")
                                .body.find(fmt::format("current_inqueue_requests{{priority_level=\"few\"}} {}",
                                                       i + 1)) == std::string::npos) {
        }
    }
    const auto refused = crowd.back()->readReply();
    EXPECT_EQ(refused.status, 429) << refused.body;
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    EXPECT_EQ(refused.headers.get("X-Kubernetes-PF-FlowSchema-UID"), "schema-2");
    EXPECT_EQ(refused.headers.get("X-Kubernetes-PF-PriorityLevel-UID"), "level-2");
    EXPECT_EQ(api::stringAt(json(refused.body), {"reason"}), "TooManyRequests");
    EXPECT_EQ(json(refused.body).at("details").at("retryAfterSeconds"), 1);

    const auto admin = connect(&m_admin);
    admin->send(post("admin"));
    gate.waitFor(49); // The exempt do not wait for a seat.
    gate.open();
    EXPECT_EQ(admin->readReply().status, 201);
    for (const auto& client : clients)
        EXPECT_EQ(client->readReply().status, 201);
    EXPECT_EQ(crowd[0]->readReply().status, 201);
    EXPECT_EQ(crowd[1]->readReply().status, 201);
}

} // namespace
} // namespace keelson::apiserver
