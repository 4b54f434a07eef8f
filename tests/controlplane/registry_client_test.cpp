// SPDX-License-Identifier: Apache-2.0
#include "controlplane/registry_client.h"

#include "auth/default_roles.h"
#include "base/clock.h"
#include "base/random.h"
#include "controlplane/bootstrap.h"
#include "controlplane/default_objects.h"
#include "controlplane/rbac_feed.h"
#include "registry/make_registry.h"
#include "store/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::controlplane {
namespace {

using api::Object;
using api::Value;

/// A registry with everything that a new cluster holds, and RBAC over it.
class RegistryClientTest : public testing::Test {
protected:
    RegistryClientTest()
    {
        const auto done = reconcileDefaults(*m_registry, masters(), defaultObjects("10.96.0.0/16", "192.0.2.1:6443"),
                                            auth::defaultRoles());
        EXPECT_TRUE(done) << done.error().message;
        EXPECT_TRUE(m_feed.start());
    }

    static registry::WriteContext masters()
    {
        registry::WriteContext context;
        context.user = {"root", {}, {"system:masters"}, {}};
        return context;
    }

    RegistryClient clientFor(std::string user)
    {
        return {*m_registry, m_authorizer, auth::User::system(std::move(user))};
    }

    static const api::Kind& kind(std::string_view name) { return *api::Catalog::builtIn().find({"", "v1"}, name); }
    static const api::Kind& rbac(std::string_view name)
    {
        return *api::Catalog::builtIn().find({"rbac.authorization.k8s.io", "v1"}, name);
    }

    static Value configMap(std::string_view name)
    {
        return Object{{"apiVersion", "v1"},
                      {"kind", "ConfigMap"},
                      {"metadata", Object{{"namespace", "default"}, {"name", name}}}};
    }

    SimulatedClock m_clock;
    SeededRandom m_random{1};
    store::MemoryStore m_store;
    std::unique_ptr<registry::Registry> m_registry =
        std::move(*registry::makeRegistry(m_store, api::Catalog::builtIn(), m_clock, m_random));
    auth::RbacAuthorizer m_authorizer;
    RbacFeed m_feed{*m_registry, m_authorizer};
};

TEST_F(RegistryClientTest, holdsOurOwnPartsToTheirRoles)
{
    auto scheduler = clientFor("system:kube-scheduler");
    EXPECT_TRUE(scheduler.list(kind("Pod"), {}));
    const auto secrets = scheduler.list(kind("Secret"), {});
    ASSERT_FALSE(secrets);
    EXPECT_EQ(secrets.error().reason, Reason::Forbidden);
    EXPECT_THAT(secrets.error().message,
                testing::HasSubstr("User \"system:kube-scheduler\" cannot list resource \"secrets\""));
    EXPECT_EQ(scheduler.create(kind("ConfigMap"), configMap("a")).error().reason, Reason::Forbidden);
    EXPECT_EQ(scheduler.remove(kind("Node"), {"", "n1"}, {}).error().reason, Reason::Forbidden);
}

TEST_F(RegistryClientTest, rolesCountFromTheMomentInWhichTheyAreStored)
{
    auto jane = clientFor("jane");
    EXPECT_FALSE(jane.create(kind("ConfigMap"), configMap("a")));
    const Value binding = Object{
        {"apiVersion", "rbac.authorization.k8s.io/v1"},
        {"kind", "RoleBinding"},
        {"metadata", Object{{"namespace", "default"}, {"name", "jane-edits"}}},
        {"roleRef", Object{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", "edit"}}},
        {"subjects",
         api::Array{Object{{"kind", "User"}, {"apiGroup", "rbac.authorization.k8s.io"}, {"name", "jane"}}}}};
    ASSERT_TRUE(m_registry->create(masters(), rbac("RoleBinding"), "default", binding));
    EXPECT_TRUE(jane.create(kind("ConfigMap"), configMap("a")));
    ASSERT_TRUE(m_registry->remove(masters(), rbac("RoleBinding"), {"default", "jane-edits"}, {}));
    EXPECT_FALSE(jane.create(kind("ConfigMap"), configMap("b")));
}

TEST_F(RegistryClientTest, eachOfManyHasItsOwnResult)
{
    RegistryClient root(*m_registry, m_authorizer, masters().user);
    ASSERT_TRUE(root.create(kind("ConfigMap"), configMap("b")));
    const auto results = root.createEach(kind("ConfigMap"), {configMap("a"), configMap("b"), configMap("c")});
    ASSERT_EQ(results.size(), 3);
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().reason, Reason::AlreadyExists);
    EXPECT_TRUE(results[2]);
}

TEST_F(RegistryClientTest, listAndWatchJoinWithoutAGap)
{
    RegistryClient root(*m_registry, m_authorizer, masters().user);
    ASSERT_TRUE(root.create(kind("ConfigMap"), configMap("before")));
    const auto list = root.list(kind("ConfigMap"), {.nameSpace = "default", .labelSelector = {}, .fieldSelector = {}});
    ASSERT_TRUE(list);
    EXPECT_EQ(list->objects.size(), 1);
    ASSERT_TRUE(root.create(kind("ConfigMap"), configMap("between")));
    std::mutex mutex;
    std::vector<std::string> seen;
    const auto watch = root.watch(
        kind("ConfigMap"), {}, list->resourceVersion,
        [&](client::WatchEvent event) {
            const std::scoped_lock lock(mutex);
            seen.push_back(std::string(api::stringAt(*api::parseJson(*event.object), {"metadata", "name"})));
        },
        [](const Error&) {});
    ASSERT_TRUE(watch);
    ASSERT_TRUE(root.create(kind("ConfigMap"), configMap("after")));
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(seen, (std::vector<std::string>{"between", "after"}));
}

TEST_F(RegistryClientTest, defaultRolesComeBackUnlessSomeoneOptsOut)
{
    const auto emptied = [&](std::string_view name, std::string_view autoupdate) {
        auto role = *api::parseJson((*m_registry->get(rbac("ClusterRole"), {"", std::string(name)}))->json);
        role.as_object()["rules"] = api::Array{};
        api::objectAt(role, {"metadata", "annotations"})["rbac.authorization.kubernetes.io/autoupdate"] = autoupdate;
        EXPECT_TRUE(m_registry->update(masters(), rbac("ClusterRole"), {"", std::string(name)}, {}, role));
    };
    const auto rules = [&](std::string_view name) {
        const auto role = *api::parseJson((*m_registry->get(rbac("ClusterRole"), {"", std::string(name)}))->json);
        const auto* const list = api::find(role, {"rules"});
        return list != nullptr && list->is_array() ? list->as_array().size() : 0;
    };
    emptied("system:discovery", "true");
    emptied("system:basic-user", "false");
    ASSERT_TRUE(reconcileDefaults(*m_registry, masters(), {}, auth::defaultRoles()));
    EXPECT_GT(rules("system:discovery"), 0);
    EXPECT_EQ(rules("system:basic-user"), 0);
}

TEST(DefaultObjects, addressesCountFromTheRange)
{
    EXPECT_EQ(addressInRange("10.96.0.0/16", 1), "10.96.0.1");
    EXPECT_EQ(addressInRange("10.96.0.0/16", 10), "10.96.0.10");
    EXPECT_EQ(addressInRange("192.168.3.0/24", 255), "192.168.3.255");
}

} // namespace
} // namespace keelson::controlplane
