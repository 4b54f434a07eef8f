// SPDX-License-Identifier: Apache-2.0
#include "controlplane/default_objects_keeper.h"

#include "base/log.h"
#include "controlplane/bootstrap.h"

#include <utility>

namespace keelson::controlplane {

DefaultObjectsKeeper::DefaultObjectsKeeper(registry::Registry& registry, registry::WriteContext context,
                                           std::vector<api::Value> objects, Loop& loop, Executor& executor)
    : m_registry(registry),
      m_context(std::move(context)),
      m_objects(std::move(objects)),
      m_loop(loop),
      m_executor(executor)
{
}

void DefaultObjectsKeeper::start()
{
    m_loop.after(period, [this] {
        if (m_stopped)
            return;
        m_executor.run([this] { look(); });
        start();
    });
}

void DefaultObjectsKeeper::look()
{
    if (m_stopped)
        return;
    if (const auto made = createMissing(m_registry, m_context, m_objects); !made)
        log::warning("controlplane", "a default object could not be made again: {}", made.error().message);
}

} // namespace keelson::controlplane
