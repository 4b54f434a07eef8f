// SPDX-License-Identifier: Apache-2.0
#include "controlplane/token_use_marks.h"

#include "base/clock.h"
#include "base/random.h"
#include "controlplane/registry_client.h"
#include "registry/make_registry.h"
#include "store/memory_store.h"

#include <gtest/gtest.h>

#include <vector>

namespace keelson::controlplane {
namespace {

using api::Object;

/// Keeps what it is given until it is told to run.
class HeldWork : public Executor {
public:
    void run(Task work) override { m_work.push_back(std::move(work)); }
    std::size_t runAll()
    {
        auto work = std::exchange(m_work, {});
        for (auto& each : work)
            each();
        return work.size();
    }

private:
    std::vector<Task> m_work;
};

const api::Kind& kind(std::string_view name)
{
    return *api::Catalog::builtIn().find({"", "v1"}, name);
}

TEST(TokenUseMarks, areWrittenOnTheSecretOneAtATime)
{
    SimulatedClock clock;
    SeededRandom random{1};
    store::MemoryStore store;
    auth::RbacAuthorizer roles;
    const auto registry = *registry::makeRegistry(store, api::Catalog::builtIn(), clock, random, {});
    RegistryClient client{*registry, roles, {"root", {}, {"system:masters"}, {}}};
    ASSERT_TRUE(client.create(kind("Namespace"), Object{{"metadata", Object{{"name", "shop"}}}}));
    const auto secret =
        client.create(kind("Secret"), Object{{"metadata", Object{{"namespace", "shop"}, {"name", "token"}}}});
    ASSERT_TRUE(secret) << secret.error().message;
    const std::string uid(api::stringAt(*secret, {"metadata", "uid"}));

    HeldWork work;
    TokenUseMarks marks(client, work);
    const auto used = [&](const std::string& whose, const char* day) { marks.mark({{"shop", "token"}, whose, day}); };
    const auto label = [&] {
        const auto now = client.get(kind("Secret"), {"shop", "token"});
        return std::string(api::stringAt(*now, {"metadata", "labels", "kubernetes.io/legacy-token-last-used"}));
    };
    used(uid, "2026-11-29");
    used(uid, "2026-11-29");
    EXPECT_EQ(work.runAll(), 1U) << "the second came while the first was being written";
    EXPECT_EQ(label(), "2026-11-29");
    used("another", "2026-12-24");
    EXPECT_EQ(work.runAll(), 1U);
    EXPECT_EQ(label(), "2026-11-29") << "that was of another Secret of the name";
    used(uid, "2026-11-30");
    EXPECT_EQ(work.runAll(), 1U);
    EXPECT_EQ(label(), "2026-11-30");
}

} // namespace
} // namespace keelson::controlplane
