// SPDX-License-Identifier: Apache-2.0
#include "auth/default_roles.h"
#include "base/random.h"
#include "controlplane/bootstrap.h"
#include "controlplane/default_objects.h"
#include "controlplane/default_objects_keeper.h"
#include "registry/make_registry.h"
#include "store/memory_store.h"

#include <gtest/gtest.h>

namespace keelson::controlplane {
namespace {

registry::WriteContext masters()
{
    registry::WriteContext context;
    context.user = {"root", {}, {"system:masters"}, {}};
    return context;
}

TEST(DefaultObjectsKeeper, makesAgainWhatSomeoneDeletes)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    InlineExecutor executor;
    SeededRandom random{1};
    store::MemoryStore store;
    const auto registry = std::move(*registry::makeRegistry(store, api::Catalog::builtIn(), clock, random));
    const auto objects = defaultObjects("10.96.0.0/16", "192.0.2.1:6443");
    ASSERT_TRUE(reconcileDefaults(*registry, masters(), objects, auth::defaultRoles()));
    DefaultObjectsKeeper keeper(*registry, masters(), objects, loop, executor);
    keeper.start();

    const auto& service = *api::Catalog::builtIn().find({"", "v1"}, "Service");
    const api::ObjectKey key{"default", "kubernetes"};
    const auto quiet = store.revision();
    loop.runFor(2 * DefaultObjectsKeeper::period);
    EXPECT_EQ(store.revision(), quiet) << "what is there is left alone";

    ASSERT_TRUE(registry->remove(masters(), service, key, {}));
    loop.runFor(DefaultObjectsKeeper::period / 2);
    EXPECT_FALSE(registry->get(service, key));
    loop.runFor(DefaultObjectsKeeper::period);
    const auto again = registry->get(service, key);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_NE((*again)->json.find("10.96.0.1"), std::string::npos) << "at its own address";

    ASSERT_TRUE(registry->remove(masters(), service, key, {}));
    keeper.stop();
    loop.runFor(2 * DefaultObjectsKeeper::period);
    EXPECT_FALSE(registry->get(service, key));
}

} // namespace
} // namespace keelson::controlplane
